from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.isolation.minting import renew
from tests.world import World, living


@pytest_asyncio.fixture(scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A house with two hromadas and everyone who might try, shared by the tests that break nothing."""
    async with living(tmp_path_factory.mktemp("house")) as world:
        yield world


@pytest_asyncio.fixture(autouse=True)
async def tokens_that_last(world: World) -> None:
    """Each test begins with tokens that outlive it: the world is shared for longer than five minutes."""
    await renew(world)
