"""The room itself: which blob belongs to which row, under which key, and which belong to none."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import func
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from kit.database import HromadaRow, Session, table_of
from kit.errors import Missing, TooMany, WrongState
from kit.files import frames
from kit.files.store import Blob, Store
from kit.vault.ring import new_key
from kit.vault.vault import Vault, Within

log = structlog.get_logger("files")

FILES = "files"
"""What a transaction holds that names a new file, or erases the hromada."""
_BATCH = 1000
_PART = re.compile(r"(?P<table>[a-z_]+)/(?P<row>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/(?P<part>[a-z]+)")

GRACE = timedelta(days=1)
"""How long a blob may stand without a row: the call that wrote it may still be on its way to its commit."""


class FileRow(HromadaRow):
    """A row with blobs: what a service's table of files has at least. A service names such tables in `Service.files`,
    and what belongs to each is done for it: its keys are rotated, its orphans collected, its blobs go with a hromada.

    A row that goes with another (a photo with its appeal) has a foreign key `ON DELETE CASCADE`, and its blobs go too.
    """

    sealed_key: bytes | None = None
    """A column that the vault writes. Without it the blobs cannot be read, from no backup of the store either."""
    kept: int = 0
    """How many bytes its blobs hold; what all files of a hromada hold together is limited."""


@dataclass(frozen=True, slots=True)
class Written:
    """A part as it is kept."""

    size: int
    sha256: bytes


class Folder:
    """The blobs of one row: a part by its name, each under a key of its own made of the row's."""

    def __init__(self, store: Store, hromada: UUID, model: Any, row: UUID, key: bytes) -> None:
        self._store = store
        self._model = model
        self._prefix = f"{hromada}/{table_of(model).name}/{row}/"
        self._key = key
        self.row = row
        self.is_named = False
        """Its key was sealed for its row: from then on the row may name it."""

    async def put(self, part: str, chunks: AsyncIterator[bytes]) -> Written:
        """Keeps a part, which is written once.

        Raises:
            Away: the store does not answer, or is full.
        """
        size, digest = 0, sha256()

        async def counted() -> AsyncIterator[bytes]:
            nonlocal size
            async for chunk in chunks:
                size += len(chunk)
                digest.update(chunk)
                yield chunk

        path = self._prefix + part
        await self._store.put(path, frames.sealed(self._key_of(path), counted(), path.encode()))
        return Written(size, digest.digest())

    async def get(self, part: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """A part's bytes from a place to another, or to its end.

        Raises:
            Missing: the store does not have it.
            WrongState: it was altered, or cut.
            Away: the store does not answer.
        """
        path = self._prefix + part
        first, after = frames.around(start, start if stop is None else stop)
        kept, stream = await self._store.get(
            path, frames.place_of(first), None if stop is None else frames.place_of(after)
        )
        count = frames.count_of(kept)
        expected = count if stop is None else min(count, after)
        left = None if stop is None else max(0, stop - start)
        skip, seen = start - first * frames.FRAME, first
        try:
            async for plain in frames.opened(self._key_of(path), stream, path.encode(), first=first, count=count):
                piece = plain[skip:] if left is None else plain[skip : skip + left]
                skip, left, seen = 0, None if left is None else left - len(piece), seen + 1
                if piece:
                    yield piece
        except ValueError as error:
            raise _altered(path) from error
        if seen == 0 or seen < expected:
            raise _altered(path)

    async def sealed_key(self, call: Within, vault: Vault) -> bytes:
        """The key, as its row may hold it."""
        self.is_named = True
        return await vault.seal(call, self._key, self._model, self.row)

    def _key_of(self, path: str) -> bytes:
        return HKDF(SHA256(), 32, None, path.encode()).derive(self._key)


class Files:
    """Files of every hromada, each hromada's under a prefix of its own."""

    def __init__(self, store: Store, vault: Vault, tables: Sequence[type[FileRow]] = (), quota: int = 0) -> None:
        """Opens the room.

        Args:
            store: where blobs lie.
            vault: what seals their keys.
            tables: whose rows have blobs.
            quota: how many bytes all of them may hold of one hromada.
        """
        self._store = store
        self._vault = vault
        self._tables = {table_of(each).name: each for each in tables}
        self._quota = quota

    async def check_room(self, db: Session, coming: int, field: str) -> None:
        """Refuses what the transaction's hromada has no room for.

        Raises:
            TooMany: its files would hold more than they may, at the field.
        """
        held = 0
        for model in self._tables.values():
            [found] = await db.records(select(func.coalesce(func.sum(col(model.kept)), 0).label("held")))
            held += int(found["held"])
        if held + coming > self._quota:
            raise TooMany("files.no-room-left", field=field)

    async def take_room(self, db: Session, coming: int, field: str) -> None:
        """As `check_room`, for a row that the transaction is about to add: of two that do so at once, one waits for the
        other, so that they do not take the same room."""
        await db.hold(FILES)
        await self.check_room(db, coming, field)

    def fresh(self, hromada: UUID, model: type[FileRow], row: UUID | None = None) -> Folder:
        """A folder for a row that is still to be written, or that is there and holds nothing yet."""
        return Folder(self._store, hromada, model, row or uuid7(), new_key())

    @asynccontextmanager
    async def writing(self, hromada: UUID, model: type[FileRow]) -> AsyncIterator[Folder]:
        """A fresh folder. Of one that no row can name in the end nothing is left, whatever came between: the hromada
        may be erased by then, and nobody collects there."""
        folder = self.fresh(hromada, model)
        try:
            yield folder
        finally:
            if not folder.is_named:
                await self.remove(hromada, table_of(model).name, folder.row)

    async def seal(self, call: Within, folder: Folder) -> bytes:
        """The folder's key, as its row may hold it."""
        return await folder.sealed_key(call, self._vault)

    async def folder(self, call: Within, row: FileRow) -> Folder:
        """The folder of a row of the call's hromada.

        Raises:
            Missing: what it held is gone.
        """
        if row.sealed_key is None:
            raise Missing("files.lost")
        key = await self._vault.open(call, row.sealed_key, type(row), row.id)
        return Folder(self._store, row.hromada_id, type(row), row.id, key)

    def of(self, hromada: UUID) -> AsyncIterator[Blob]:
        """Every blob of a hromada; its path is `hromada/table/row/part`."""
        return self._store.blobs(f"{hromada}/")

    async def erase(self, hromada: UUID) -> int:
        """Removes every blob of a hromada, and tells how many. Safe to repeat."""
        return await self._remove([blob.path async for blob in self.of(hromada)], f"{hromada}/")

    async def remove(self, hromada: UUID, table: str, row: UUID) -> int:
        """Removes the blobs of a row, and tells how many. Safe to repeat."""
        prefix = f"{hromada}/{table}/{row}/"
        return await self._remove([blob.path async for blob in self._store.blobs(prefix)], prefix)

    async def collect(self, db: Session, model: type[FileRow], now: datetime) -> int:
        """Removes blobs of the transaction's hromada that have no row, or one that holds none any more; tells how many.

        What was written since a day ago is left to the call that may be writing it.
        """
        prefix = f"{db.hromada}/{table_of(model).name}/"
        old = [blob.path async for blob in self._store.blobs(prefix) if blob.at < now - GRACE]
        known = await self._known(db, model, old)
        return await self._remove([path for path in old if path not in known], prefix, GRACE)

    async def hromadas(self) -> list[UUID]:
        """Whose files lie here, erased ones among them."""
        return [UUID(each) for each in await self._store.folders()]

    async def parts(self, db: Session) -> list[str]:
        """Every part that a row of the transaction's hromada names, such as `photo/<id>/whole`, in order."""
        found = []
        for table, model in self._tables.items():
            prefix = f"{db.hromada}/{table}/"
            known = await self._known(db, model, [blob.path async for blob in self._store.blobs(prefix)])
            found += [path.removeprefix(f"{db.hromada}/") for path in known]
        return sorted(found)

    async def part(self, call: Within, name: str) -> tuple[Folder, str]:
        """The folder in which a part of that name lies, or is to lie, and the part's name there.

        Raises:
            Missing: no row has such a part.
        """
        known = _PART.fullmatch(name)
        model = self._tables.get(known["table"]) if known else None
        if known is None or model is None:
            raise Missing("files.lost")
        return await self.folder(call, await call.db.get(model, UUID(known["row"]))), known["part"]

    async def _known(self, db: Session, model: type[FileRow], paths: list[str]) -> set[str]:
        """Those of some paths that a row of the table names."""
        known = set[str]()
        for some in _batches(sorted({_row_in(path) for path in paths})):
            kept = select(col(model.id)).where(col(model.id).in_(map(UUID, some)), col(model.sealed_key).is_not(None))
            known |= {str(record["id"]) for record in await db.records(kept)}
        return {path for path in paths if _row_in(path) in known}

    async def _remove(self, paths: list[str], prefix: str, staged_since: timedelta = timedelta()) -> int:
        await self._store.delete(paths)
        return len(paths) + await asyncio.to_thread(self._store.sweep_staged, prefix, staged_since)


def _altered(path: str) -> WrongState:
    log.error("files.altered", path=path)
    return WrongState("files.altered")


def _row_in(path: str) -> str:
    return path.split("/")[2]


def _batches(rows: list[str]) -> Iterator[list[str]]:
    return (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH))
