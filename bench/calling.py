"""What the kit costs a call: against the same handler through the same libraries without it."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import asyncpg
from sample.contract import BatchGetNotesRequest, WriteNoteRequest
from sample.ground import eventually

from bench.ground import Ground
from bench.measuring import Limit, Result, a_second, compared
from bench.served import PACKAGE

_SLUG = "tatarbunary"
_ALL_HAS_LEFT = """
SELECT NOT EXISTS (SELECT FROM outbox WHERE published_at IS NULL)
   AND NOT EXISTS (SELECT FROM audit WHERE published_at IS NULL)
"""
_NOTES, _UNWATCHED = "/spilno.kit.v1.Notes", "/spilno.kit.v1.Unwatched"


def method_of(channel: Any, path: str) -> Callable[..., Awaitable[bytes]]:
    """A method whose messages stay bytes: what is measured is the server."""
    called: Callable[..., Awaitable[bytes]] = channel.unary_unary(path, None, None)
    return called


async def create_with_event(ground: Ground) -> list[Result]:
    metadata = (("authorization", f"Bearer {ground.issuer.person(str(uuid4()), _SLUG)}"),)
    ours, bare = method_of(ground.kit, f"{_NOTES}/WriteNote"), method_of(ground.kit, f"/{PACKAGE}.Bare/WriteNote")

    def request() -> bytes:
        text = f"note {uuid4()}"
        return bytes(
            WriteNoteRequest(parent=f"hromadas/{_SLUG}", text=text, request_id=str(uuid4())).SerializeToString()
        )

    async def all_has_left() -> bool:
        return bool((await ground.as_superuser(_ALL_HAS_LEFT))[0][0])

    async def measured() -> float:
        """What was written leaves before the reference has its turn: it shall not pay for ours."""
        figure = await a_second(lambda: ours(request(), metadata=metadata))
        await eventually(all_has_left)
        return figure

    result = await compared(
        "create with event",
        measured,
        lambda: a_second(lambda: bare(request(), metadata=metadata)),
        unit="calls/s",
        than="the same handler in the same chain with a bare insert: no transaction, event, trail or request_id",
        limit=Limit(at_least=0.80),
    )
    return [result]


async def handler(ground: Ground) -> list[Result]:
    metadata = (("authorization", f"Bearer {ground.issuer.person(str(uuid4()), _SLUG)}"),)
    ours, echo = (
        method_of(ground.kit, f"{_UNWATCHED}/BatchGetNotes"),
        method_of(ground.echo, f"/{PACKAGE}.Echoing/Echo"),
    )
    request = bytes(BatchGetNotesRequest(parent=f"hromadas/{_SLUG}").SerializeToString())
    result = await compared(
        "handler",
        lambda: a_second(lambda: ours(request, metadata=metadata)),
        lambda: a_second(lambda: echo(request, metadata=metadata)),
        unit="calls/s",
        than="a bare echo that is sent the same: no telemetry, nobody asked who calls",
        limit=Limit(at_least=0.85),
    )
    return [result]


async def insert(ground: Ground) -> list[Result]:
    """The floor: what PostgreSQL and its driver give without a server before them."""
    pool = await asyncpg.create_pool(ground.database_url(), min_size=16, max_size=16)
    hromada: UUID = uuid5(NAMESPACE_URL, _SLUG)
    statement = "INSERT INTO plain_note (id, hromada_id, text) VALUES ($1, $2, $3)"

    async def measured() -> float:
        return await a_second(lambda: pool.execute(statement, uuid4(), hromada, "note"))

    try:
        return [await compared("raw insert", measured, measured, unit="rows/s", than="itself", limit=None)]
    finally:
        await pool.close()
