"""A resident's code is found again by its digest, in its own hromada and for its own purpose only."""

import asyncio
from collections.abc import Awaitable, Callable

from kit.testing.ground import Ground
from reception.codes.actions import digest

CODE = "123456789012"


async def test_a_code_has_one_digest_in_a_hromada(reception: Ground, opened: Callable[[], Awaitable[str]]) -> None:
    slug = await opened()

    async def asked(purpose: str) -> bytes:
        async with reception.call(slug) as call:
            return await digest(call, purpose, CODE)

    same = await asyncio.gather(*(asked("appeal") for _ in range(5)))
    assert len(set(same)) == 1
    assert await asked("visit") != same[0]


async def test_the_same_code_elsewhere_has_another(reception: Ground, opened: Callable[[], Awaitable[str]]) -> None:
    found = set()
    for slug in (await opened(), await opened()):
        async with reception.call(slug) as call:
            found.add(await digest(call, "appeal", CODE))
    assert len(found) == 2
