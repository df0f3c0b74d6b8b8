"""What keeping hromadas apart costs a list: through the kit's own seam, with row-level security and without."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

from kit.database import Database, HromadaRow
from sqlmodel import col, select

from bench.ground import Ground
from bench.measuring import Limit, Result, a_second, compared

HROMADAS = 1469
"""As many as Ukraine has."""
_PAGE = 50
_AT_ONCE = 8


class Walled(HromadaRow, table=True):
    """Rows of many hromadas under forced row-level security."""

    text: str


class Open(HromadaRow, table=True):
    """The same rows under no policy."""

    text: str


class Lone(HromadaRow, table=True):
    """As many rows, all of one hromada, under the same policy."""

    text: str


_FILL = """
INSERT INTO {table} (hromada_id, id, version, text)
SELECT h, gen_random_uuid(), 1, 'note ' || n FROM unnest($1::uuid[]) AS h, generate_series(1, $2::int) AS n
"""


async def _made(ground: Ground, table: str, places: list[UUID], rows: int, *, walled: bool) -> None:
    statements = [
        f"CREATE TABLE {table} (hromada_id uuid NOT NULL, id uuid NOT NULL, version int NOT NULL, text text NOT NULL, "
        "PRIMARY KEY (hromada_id, id))",
        f"GRANT SELECT ON {table} TO kit_app",
    ]
    if walled:
        statements += [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY hromada ON {table} USING (hromada_id = (SELECT current_hromada()))",
        ]
    for statement in statements:
        await ground.as_superuser(statement)
    await ground.as_superuser(_FILL.format(table=table), places, rows // len(places))
    await ground.as_superuser(f"VACUUM ANALYZE {table}")


def _page(database: Database, hromada: UUID, model: Any) -> Callable[[], Awaitable[object]]:
    statement = select(model).where(col(model.hromada_id) == hromada) if model is Open else select(model)
    statement = statement.order_by(col(model.id)).limit(_PAGE)

    async def page() -> object:
        async with database.transaction(hromada) as db:
            return await db.all(statement)

    return page


@asynccontextmanager
async def _database(ground: Ground) -> AsyncIterator[Database]:
    database = Database(ground.database_url())
    await database.open()
    try:
        yield database
    finally:
        await database.close()


async def lists(ground: Ground, rows: int) -> list[Result]:
    """A page of a hromada's rows: under a policy and under none, beside 1,468 others and alone."""
    places, alone = [uuid4() for _ in range(HROMADAS)], uuid4()
    await _made(ground, "walled", places, rows, walled=True)
    await _made(ground, "open", places, rows, walled=False)
    await _made(ground, "lone", [alone], rows, walled=True)
    async with _database(ground) as database:
        walled, plain, lone = (
            _page(database, where, model)
            for where, model in ((places[700], Walled), (places[700], Open), (alone, Lone))
        )
        guarded = await compared(
            "list under a policy",
            lambda: a_second(walled, at_once=_AT_ONCE),
            lambda: a_second(plain, at_once=_AT_ONCE),
            unit="pages/s",
            than="the same rows without row-level security",
            limit=Limit(at_least=0.90),
        )
        many = await compared(
            f"one of {HROMADAS:,} hromadas",
            lambda: a_second(walled, at_once=_AT_ONCE),
            lambda: a_second(lone, at_once=_AT_ONCE),
            unit="pages/s",
            than="as many rows, all of one hromada",
            limit=Limit(at_least=0.95),
        )
        return [guarded, many]
