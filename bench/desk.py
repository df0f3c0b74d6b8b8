"""What the rest of Ukraine costs a desk: the first page of one hromada's appeals, among all others' and alone."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from uuid import UUID, uuid4

import asyncpg
import pytest
import reception.service
from kit.call import Caller, Hromada
from kit.database.migrations import migrate
from kit.servers.postgres import provision
from kit.service import Kit
from kit.testing.ground import PASSWORD, PASSWORDS, environment
from reception.appeals import actions

from bench.ground import Ground
from bench.measuring import Limit, Result, a_second, compared
from bench.reading import HROMADAS
from bench.searching import fill

_OWN = 1_000
"""Appeals of the hromada whose desk it is, in both."""
_PAGE = 25
_AT_ONCE = 4
_OFFICER = Caller("officer")
_BY_WORDS = "SELECT indexdef FROM pg_indexes WHERE indexname = 'appeal_by_words'"
_COLUMNS = """
SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
WHERE table_name = 'appeal' AND is_generated = 'NEVER' AND column_name NOT IN ('hromada_id', 'id')
"""
_COPY = """
CREATE TEMP TABLE told AS SELECT {columns} FROM appeal WHERE hromada_id = $1::uuid
"""
_SPREAD = """
INSERT INTO appeal (hromada_id, id, {columns})
SELECT hromada, gen_random_uuid(), {columns} FROM unnest($1::uuid[], $2::integer[]) AS those (hromada, many)
  JOIN told ON split_part(number, '/', 1)::integer <= many
ORDER BY received_at
"""


async def desk(ground: Ground, rows: int) -> list[Result]:
    """The desk's first page among so many appeals of 1,469 hromadas, beside the same with its own 1,000 alone."""
    mine, others = uuid4(), [uuid4() for _ in range(HROMADAS - 1)]
    async with AsyncExitStack() as stack:
        crowd = await stack.enter_async_context(_reception(ground, "crowd"))
        alone = await stack.enter_async_context(_reception(ground, "alone"))
        await _fill(ground, "crowd", mine, others, (rows - _OWN) // len(others))
        await _fill(ground, "alone", mine, [], 0)
        return [
            await compared(
                f"the desk's first page{order}, {rows:,} appeals of {HROMADAS:,} hromadas",
                partial(_milliseconds, crowd, mine, by_deadline=by_deadline),
                partial(_milliseconds, alone, mine, by_deadline=by_deadline),
                unit="ms",
                than=f"the same with {_OWN:,} appeals, all its own",
                limit=Limit(at_most=1.2),
            )
            for order, by_deadline in (("", False), (", what is due first", True))
        ]


@asynccontextmanager
async def _reception(ground: Ground, name: str) -> AsyncIterator[Kit]:
    """What reception's verbs stand on, in a database of that name."""
    await provision(ground.postgres, name, PASSWORDS)
    await migrate("reception", ground.postgres.url(f"{name}_migrator", PASSWORD, name))
    also = {"SPILNO_DATABASE_URL": ground.postgres.url(f"{name}_app", PASSWORD, name)}
    async with AsyncExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            for key, value in environment("reception", ground.postgres, ground.nats, ground.issuer.url, also).items():
                patch.setenv(key, value)
            yield await reception.service.service.kit(stack)


async def _fill(ground: Ground, name: str, mine: UUID, others: list[UUID], many: int) -> None:
    """The desk's own appeals, and so many of each of the others, one after another as they would come, so that no
    hromada's stand together. All say the same: of words, which take the most time to enter, the desk asks nothing."""
    connection = await asyncpg.connect(ground.postgres.url(database=name))
    try:
        await connection.execute("ALTER TABLE appeal DISABLE TRIGGER learn_words")
        by_words = await connection.fetchval(_BY_WORDS)
        await connection.execute("DROP INDEX appeal_by_words")
        first, columns = uuid4(), await connection.fetchval(_COLUMNS)
        await fill(connection, [first], _OWN)
        await connection.execute(_COPY.format(columns=columns).replace("$1", f"'{first}'"))
        await connection.execute("TRUNCATE appeal CASCADE")
        spread = _SPREAD.format(columns=columns)
        await connection.execute(spread, [mine, *others], [_OWN, *[many] * len(others)])
        await connection.execute(by_words)
        await connection.execute("VACUUM ANALYZE appeal")
    finally:
        await connection.close()


async def _milliseconds(kit: Kit, hromada: UUID, *, by_deadline: bool) -> float:
    once = _page(kit, Hromada("tatarbunary", hromada), by_deadline=by_deadline)
    return 1000 * _AT_ONCE / await a_second(once, at_once=_AT_ONCE)


def _page(kit: Kit, hromada: Hromada, *, by_deadline: bool) -> Callable[[], Awaitable[object]]:
    async def once() -> object:
        async with kit.call(_OFFICER, hromada) as call:
            await actions.counts(call, areas=[], mine=False)
            return await actions.page(
                call, states=[], areas=[], mine=False, by_deadline=by_deadline, after=None, size=_PAGE
            )

    return once
