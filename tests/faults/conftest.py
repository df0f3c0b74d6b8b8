from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.world import World, living


@pytest_asyncio.fixture(scope="package")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A house of its own: these tests break things."""
    async with living(tmp_path_factory.mktemp("faults"), durable=True) as world:
        yield world
