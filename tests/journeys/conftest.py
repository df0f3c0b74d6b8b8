from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.journeys.browser import browsing
from tests.world import World, living


@pytest_asyncio.fixture(scope="package")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A house of the walks' own: what others book and enter in theirs would be in the way of a person."""
    async with living(tmp_path_factory.mktemp("journeys")) as world:
        yield world


@pytest_asyncio.fixture(scope="package")
async def later(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A house whose clock is moved: in the order of `conftest.py` on and on, by days, by weeks, by months."""
    async with living(tmp_path_factory.mktemp("later")) as world:
        yield world


@pytest_asyncio.fixture(scope="package")
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as browser:
        yield browser
