"""Replacing keys while the service runs, under the migrations' login: only it sees the rows of every hromada.

A row that the service writes meanwhile is left to it: a value is replaced only where it is still what was read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, delete, func, literal, null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from kit.database import table_of
from kit.vault.ring import Ring
from kit.vault.vault import DataKey, Sealed, data_key, id_in, made, opened

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did."""

    wrapped_anew: int
    """Data keys that now stand under the newest key-encryption key."""
    new_keys: int
    sealed_anew: int
    """Values that now stand under their hromada's newest data key."""
    removed: int
    """Data keys under which nothing stood any more."""


async def rotate(url: str, ring: Ring, places: Sequence[Sealed], now: datetime) -> Rotated:
    """Gives each hromada a new data key, seals its values anew under it, and drops the keys that nothing needs.

    Stopped half-way it is simply done again. Keys of an earlier rotation are dropped, not those replaced by this one:
    a replica may go on sealing under those for a minute.
    """
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1), isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            wrapped = await _wrap_anew(connection, ring)
            new = await _make_new(connection, ring, now)
            rows = (await connection.execute(select(data_key).order_by(data_key.c.number))).mappings().all()
            keys = {row["id"]: opened(ring, row) for row in rows}
            newest = {key.hromada_id: key for key in keys.values()}
            used = set[UUID]()
            sealed = sum([await _seal_anew(connection, place, keys, newest, used) for place in places])
            return Rotated(wrapped, new, sealed, await _remove(connection, used))
    finally:
        await engine.dispose()


async def _wrap_anew(connection: AsyncConnection, ring: Ring) -> int:
    others = select(data_key).where(data_key.c.wrapped_by != ring.newest)
    rows = (await connection.execute(others)).mappings().all()
    for row in rows:
        wrapped = ring.wrap(opened(ring, row).key, row["id"].bytes)
        await connection.execute(
            update(data_key).where(data_key.c.id == row["id"]).values(wrapped_by=ring.newest, wrapped=wrapped)
        )
    return len(rows)


async def _make_new(connection: AsyncConnection, ring: Ring, now: datetime) -> int:
    last = select(data_key.c.hromada_id, func.max(data_key.c.number)).group_by(data_key.c.hromada_id)
    rows = (await connection.execute(last)).all()
    for hromada, number in rows:
        key = made(ring, hromada, number + 1, now)
        await connection.execute(insert(data_key).values(**key).on_conflict_do_nothing())
    return len(rows)


async def _seal_anew(
    connection: AsyncConnection,
    place: Sealed,
    keys: dict[UUID, DataKey],
    newest: dict[UUID | None, DataKey],
    used: set[UUID],
) -> int:
    table = table_of(place.model)
    column = table.c[place.column]
    hromada = table.c.hromada_id if "hromada_id" in table.c else null().cast(Uuid)
    held = select(table.c.id, hromada, column).where(column.is_not(None)).order_by(table.c.id).limit(_BATCH)
    count, after = 0, UUID(int=0)
    while rows := (await connection.execute(held.where(table.c.id > literal(after)))).all():
        for id, hromada_id, sealed in rows:
            key = keys.get(id_in(sealed))
            if key is None:  # made since the rotation began, so it is the newest
                continue
            used.add(key.id)
            if key is newest[hromada_id]:
                continue
            anew = newest[hromada_id].seal(key.open(sealed, table.name, id), table.name, id)
            is_what_was_read = (table.c.id == id) & (column == sealed)
            count += (await connection.execute(update(table).where(is_what_was_read).values({column: anew}))).rowcount
        after = rows[-1][0]
    return count


async def _remove(connection: AsyncConnection, used: set[UUID]) -> int:
    """Removes what neither is among a hromada's two newest keys nor seals anything."""
    other = data_key.alias()
    newest = (
        select(func.max(other.c.number))
        .where(other.c.hromada_id.is_not_distinct_from(data_key.c.hromada_id))
        .scalar_subquery()
    )
    unneeded = data_key.c.id.not_in(used) & (data_key.c.number + 1 < newest)
    return (await connection.execute(delete(data_key).where(unneeded))).rowcount
