"""Seals a value of a row so that it opens in its own place only: this hromada, this table, this row.

What is kept says under which data key it was sealed, so a key can be replaced while the service runs. Without its data
keys nothing of a hromada's secrets can be read any more, from no backup either.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Column, DateTime, Integer, LargeBinary, MetaData, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from kit.database import HromadaRow, PlatformRow, Session, table_of
from kit.seals import seal, unseal
from kit.vault.ring import Ring, new_key

_FORM = b"\x01"
_HEAD = 1 + 16
_NEWEST_FOR_SECONDS = 60.0
"""How long a replica goes on sealing under a data key after another has made a newer one."""
_MOST = 10_000

data_key = Table(
    "data_key",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("hromada_id", Uuid),
    Column("number", Integer),
    Column("wrapped_by", Text),
    Column("wrapped", LargeBinary),
    Column("created_at", DateTime(timezone=True)),
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column that holds sealed values, so that a rotation finds them."""

    model: type[HromadaRow] | type[PlatformRow]
    column: str


class Within(Protocol):
    """What the vault needs of a call."""

    @property
    def db(self) -> Session: ...
    @property
    def now(self) -> datetime: ...
    @property
    def apart(self) -> Callable[[], AbstractAsyncContextManager[Session]]: ...


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key that seals values of one hromada, or, with None, of the platform."""

    id: UUID
    hromada_id: UUID | None
    key: bytes

    def seal(self, data: bytes, table: str, row: UUID) -> bytes:
        return _FORM + self.id.bytes + seal(self.key, data, self._context(table, row))

    def open(self, sealed: bytes, table: str, row: UUID) -> bytes:
        """What `seal` was given.

        Raises:
            ValueError: it was sealed in another place, or altered.
        """
        return unseal(self.key, sealed[_HEAD:], self._context(table, row))

    def _context(self, table: str, row: UUID) -> bytes:
        return f"{self.hromada_id or ''}|{table}|{row}|{self.id}".encode()


class Vault:
    """Seals and opens. Data keys it has unwrapped stay in memory."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._known: OrderedDict[UUID, DataKey] = OrderedDict()
        self._newest: OrderedDict[UUID | None, tuple[float, DataKey]] = OrderedDict()

    async def seal(self, call: Within, data: bytes, model: Any, row: UUID) -> bytes:
        """The data, as it may be kept in that row of the call's hromada."""
        return (await self._to_seal(call)).seal(data, table_of(model).name, row)

    async def open(self, call: Within, sealed: bytes, model: Any, row: UUID) -> bytes:
        """What was sealed for that row of the call's hromada.

        Raises:
            ValueError: it belongs to another row or hromada, was altered, or its data key is gone.
        """
        key = await self._to_open(call, id_in(sealed))
        return key.open(sealed, table_of(model).name, row)

    def forget(self, hromada: UUID) -> None:
        """Drops the keys of a hromada that is no more."""
        self._newest.pop(hromada, None)
        for id in [id for id, key in self._known.items() if key.hromada_id == hromada]:
            del self._known[id]

    async def _to_seal(self, call: Within) -> DataKey:
        hromada = call.db.hromada
        if (known := self._newest.get(hromada)) is not None and time.monotonic() - known[0] < _NEWEST_FOR_SECONDS:
            return known[1]
        newest = select(data_key).order_by(data_key.c.number.desc()).limit(1)
        found = await call.db.records(newest)
        if not found:  # apart: were it made in a transaction that is rolled back, what others sealed under it were lost
            async with call.apart() as aside:
                if hromada is not None and aside.hromada != hromada:
                    await aside.enter(hromada)
                await aside.records(
                    insert(data_key).values(**made(self._ring, hromada, 1, call.now)).on_conflict_do_nothing()
                )
                found = await aside.records(newest)
        key = self._keep(found[0])
        self._newest[hromada] = (time.monotonic(), key)
        _shrink(self._newest)
        return key

    async def _to_open(self, call: Within, id: UUID) -> DataKey:
        known = self._known.get(id)
        if known is None:
            found = await call.db.records(select(data_key).where(data_key.c.id == id))
            if not found:
                raise ValueError("there is no such data key here")
            known = self._keep(found[0])
        if known.hromada_id != call.db.hromada:
            raise ValueError("there is no such data key here")
        return known

    def _keep(self, record: Any) -> DataKey:
        key = self._known[record["id"]] = opened(self._ring, record)
        _shrink(self._known)
        return key


def id_in(sealed: bytes) -> UUID:
    """Under which data key a value stands.

    Raises:
        ValueError: the vault did not write it.
    """
    if sealed[:1] != _FORM or len(sealed) < _HEAD:
        raise ValueError("this is not what the vault writes")
    return UUID(bytes=sealed[1:_HEAD])


def made(ring: Ring, hromada: UUID | None, number: int, now: datetime) -> dict[str, object]:
    """A new data key, as its row."""
    id = uuid7()
    return {
        "id": id,
        "hromada_id": hromada,
        "number": number,
        "wrapped_by": ring.newest,
        "wrapped": ring.wrap(new_key(), id.bytes),
        "created_at": now,
    }


def opened(ring: Ring, record: Any) -> DataKey:
    """A data key of its row."""
    key = ring.unwrap(record["wrapped_by"], record["wrapped"], record["id"].bytes)
    return DataKey(record["id"], record["hromada_id"], key)


def _shrink(kept: OrderedDict[Any, Any]) -> None:
    while len(kept) > _MOST:
        kept.popitem(last=False)
