"""What a service holds of a hromada: told in an open form, taken from it, held against a digest, erased.

A row is a line of JSON as PostgreSQL itself writes it, so that each type comes back as it was. Lines stand in the order
of the key; what the vault seals is open in them, and what the database computes is left out. The digest of a table is
that of its lines: it knows neither the keys nor the place of the rows.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import BigInteger, Text, delete, func, literal, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from kit.call import Call
from kit.database import HromadaRow, Session, table_of
from kit.database.migrations import newest_revision
from kit.errors import AlreadyThere, Away, Refused, WrongState
from kit.files import FILES
from kit.tenancy.blobs import PIECE, Blobs, Opens
from kit.tenancy.tables import Elsewhere, Table, in_order, tables_of
from kit.vault import Sealed

BLOBS = "blobs"
_PAGE = 1000
_PURPOSE = "tenancy.arriving"
_UNFIT = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.InsufficientPrivilegeError)
_BROKEN = (ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class Held:
    """A table, or all files together."""

    name: str
    rows: int
    bytes: int
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Holding:
    """What a service holds of a hromada."""

    schema: str
    tables: Sequence[Held]
    trail: int
    """The number of the newest row of its trail here."""
    leaving: int = 0
    """Rows of the trail and events that have not left for the bus."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole lines of a table, none of which is cut, or a piece of a file."""

    part: str
    number: int
    body: bytes


class Arriving(HromadaRow, table=True):
    """A piece that was laid aside, sealed under the service's own key."""

    part: str
    number: int
    sealed: bytes


@dataclass(frozen=True)
class Holdings:
    """The hold of one service."""

    package: str
    sealed: Sequence[Sealed] = ()
    blobs: Blobs | None = None
    elsewhere: Elsewhere | None = None

    @property
    def schema(self) -> str:
        return newest_revision(self.package)

    async def pieces(self, opens: Opens) -> AsyncIterator[Piece]:
        """Everything, in an order that is always the same. No transaction is open while a piece is on its way: a
        hromada that is written to meanwhile does not have the digest of what was told."""
        async with opens() as call:
            tables = await self._tables(call.db)
        for table in tables:
            number, body = 1, b""
            async for line in self._lines(opens, table):
                if body and len(body) + len(line) > PIECE:
                    yield Piece(table.name, number, body)
                    number, body = number + 1, b""
                body += line
            if body:
                yield Piece(table.name, number, body)
        if self.blobs is not None:
            for name in await self.blobs.names(opens):
                number = 0
                async for body in self.blobs.read(opens, name):
                    number += 1
                    yield Piece(f"{BLOBS}/{name}", number, body)

    async def told(self, opens: Opens) -> Holding:
        """How much there is, and the digests of what it says."""
        async with opens() as call:
            tables, state = await self._tables(call.db), await _trail_state(call.db)
        held = []
        for table in tables:
            digest, rows, size = sha256(), 0, 0
            async for line in self._lines(opens, table):
                digest.update(line)
                rows, size = rows + 1, size + len(line)
            held.append(Held(table.name, rows, size, digest.hexdigest()))
        if self.blobs is not None:
            held.append(await _blobs_held(self.blobs, opens))
        return Holding(self.schema, held, state["last"], state["leaving"])

    async def usage(self, call: Call) -> list[Held]:
        """How much room each table takes on the disk, and all files together."""
        held = []
        for table in await self._tables(call.db):
            found = (await call.db.records(table.room))[0]
            held.append(Held(table.name, int(found["rows"]), int(found["bytes"])))
        if self.blobs is not None:
            held.append(Held(BLOBS, *await self.blobs.room(call.hromada.id)))
        return held

    async def begin(self, call: Call, schema: str) -> None:
        """Makes room for what comes.

        Raises:
            WrongState: it comes from another version of the service.
        """
        if schema != self.schema:
            raise WrongState("archive.other-schema", theirs=schema, ours=self.schema)
        await call.db.records(delete(Arriving))

    async def lay_aside(self, call: Call, piece: Piece) -> None:
        """Keeps a piece until all have come."""
        row = {
            "hromada_id": call.hromada.id,
            "id": uuid7(),
            "version": 1,
            "part": piece.part,
            "number": piece.number,
            "sealed": call.keys.seal(_PURPOSE, piece.body, *_context(call, piece.part, piece.number)),
        }
        await call.db.records(insert(table_of(Arriving)).values(row).on_conflict_do_nothing())

    async def take(self, call: Call, expected: Holding) -> AsyncIterator[str]:
        """Takes what was laid aside into the hromada; all of it is there once the call's transaction is committed.
        Tells each table as it comes to it.

        Raises:
            WrongState: it comes from another version of the service.
            AlreadyThere: the hromada has other rows here.
            Refused: what was laid aside is not what is expected; names the part.
        """
        if expected.schema != self.schema:
            raise WrongState("archive.other-schema", theirs=expected.schema, ours=self.schema)
        tables = await self._tables(call.db)
        is_new = await self._is_empty(call.db, tables)
        if is_new:
            for table in in_order(tables):
                yield table.name
                try:
                    await self._take_table(call, table)
                except _UNFIT as error:
                    raise Refused("part", "archive.unfit", part=table.name) from error
            await call.db.records(select(func.continue_trail(literal(expected.trail, BigInteger))))
            await self._take_blobs(call)
        await call.db.records(delete(Arriving))
        other = await self._other_than(call, expected)
        if other and is_new:
            raise Refused("part", "archive.other-digest", part=other)
        if other:
            raise AlreadyThere("archive.already-there")

    async def erase(self, call: Call, slug: str) -> tuple[int, int]:
        """Erases all that is the hromada's, and tells how many rows and files there were.

        Rows first: a file that comes meanwhile is named by one before that, and goes with the others, or by none, and
        is cleared away by whoever wrote it.

        Raises:
            Away: something of it is on its way to the bus.
        """
        if (await _trail_state(call.db))["leaving"]:
            raise Away("hromada.still-leaving")
        hromada = call.hromada.id
        await call.db.hold(FILES)
        rows = await call.db.records(select(func.erase_hromada(literal(slug, Text)).label("rows")))
        blobs = await self.blobs.erase(hromada) if self.blobs is not None else 0
        call.vault.forget(hromada)
        return int(rows[0]["rows"]), blobs

    async def _tables(self, db: Session) -> list[Table]:
        return await tables_of(db, self.elsewhere.referred if self.elsewhere is not None else "")

    async def _lines(self, opens: Opens, table: Table) -> AsyncIterator[bytes]:
        after: Sequence[Any] = ()
        while True:
            async with opens() as call:
                lines, after = await self._page(call, table, after)
            for line in lines:
                yield line
            if len(lines) < _PAGE:
                return

    async def _page(self, call: Call, table: Table, after: Sequence[Any]) -> tuple[list[bytes], Sequence[Any]]:
        """Some lines after a key, and the last key."""
        closed = self._closed(table.name)
        await call.db.records(text("SET LOCAL timezone = 'UTC'"))
        names = [place.column for place in closed]
        found = await call.db.records(table.page(names, after, _PAGE, self.elsewhere))
        lines = []
        for record in found:
            line = record["line"]
            for place in closed:
                line = f"{line[:-1]}, {await self._opened(call, place, record)}}}"
            lines.append(line.encode() + b"\n")
        return lines, [found[-1][name] for name in table.key] if found else after

    def _closed(self, table: str) -> list[Sealed]:
        return [place for place in self.sealed if table_of(place.model).name == table]

    async def _opened(self, call: Call, place: Sealed, record: Any) -> str:
        sealed = record[f"closed {place.column}"]
        value = None
        if sealed is not None:
            value = b64encode(await call.vault.open(call, sealed, place.model, record["id"])).decode()
        return f"{json.dumps(place.column)}: {json.dumps(value)}"

    async def _is_empty(self, db: Session, tables: Sequence[Table]) -> bool:
        return not any([await db.records(table.any_row) for table in tables])

    async def _take_table(self, call: Call, table: Table) -> None:
        closed = self._closed(table.name)
        async for body in self._laid_aside(call, table.name):
            try:
                lines = [line.decode() for line in body.splitlines()]
                laid_over = [await self._closed_again(call, closed, line) for line in lines]
            except _BROKEN as error:
                raise Refused("part", "archive.unfit", part=table.name) from error
            await call.db.records(table.taking(lines, laid_over, self.elsewhere))

    async def _closed_again(self, call: Call, closed: Sequence[Sealed], line: str) -> str:
        """What is open in the line, sealed under the keys of this installation."""
        if not closed:
            return "{}"
        said, sealed = json.loads(line), dict[str, str | None]()
        for place in closed:
            sealed[place.column] = None
            if (value := said[place.column]) is not None:
                data = b64decode(value, validate=True)
                again = await call.vault.seal(call, data, place.model, UUID(said["id"]))
                sealed[place.column] = f"\\x{again.hex()}"
        return json.dumps(sealed)

    async def _take_blobs(self, call: Call) -> None:
        of_blobs = select(col(Arriving.part)).where(col(Arriving.part).startswith(f"{BLOBS}/")).distinct()
        parts = [record["part"] for record in await call.db.records(of_blobs)]
        if parts and self.blobs is None:
            raise Refused("part", "archive.unfit", part=parts[0])
        for part in parts:
            if self.blobs is not None:
                name = part.removeprefix(f"{BLOBS}/")
                await self.blobs.write(call, name, self._laid_aside(call, part))

    async def _laid_aside(self, call: Call, part: str) -> AsyncIterator[bytes]:
        number = 0
        its = select(Arriving).where(col(Arriving.part) == part)
        while piece := await call.db.one_or_none(its.where(col(Arriving.number) == number + 1)):
            number += 1
            yield call.keys.open(_PURPOSE, piece.sealed, *_context(call, part, number))

    async def _other_than(self, call: Call, expected: Holding) -> str:
        """A table that does not say what is expected; empty if all do."""
        due = {held.name: (held.rows, held.digest) for held in expected.tables}
        found = await self.told(lambda: _Within(call))
        there = {held.name: (held.rows, held.digest) for held in found.tables}
        return next((name for name in sorted(due.keys() | there.keys()) if due.get(name) != there.get(name)), "")


class _Within(AbstractAsyncContextManager[Call]):
    """The call that is open already, where a short one of its own is asked for."""

    def __init__(self, call: Call) -> None:
        self._call = call

    async def __aenter__(self) -> Call:
        return self._call

    async def __aexit__(self, *error: object) -> None:
        pass


async def _blobs_held(blobs: Blobs, opens: Opens) -> Held:
    total, count, size = sha256(), 0, 0
    for name in await blobs.names(opens):
        digest = sha256()
        async for body in blobs.read(opens, name):
            digest.update(body)
            size += len(body)
        total.update(f"{name} {digest.hexdigest()}\n".encode())
        count += 1
    return Held(BLOBS, count, size, total.hexdigest())


async def _trail_state(db: Session) -> Any:
    return (await db.records(text("SELECT last, leaving FROM trail_state()")))[0]


def _context(call: Call, part: str, number: int) -> tuple[str, ...]:
    return str(call.hromada.id), part, str(number)
