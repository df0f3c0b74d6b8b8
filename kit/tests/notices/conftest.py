from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from kit.servers.letters import Letters
from kit.testing.ground import Ground
from sample.post import Post, moody


@pytest_asyncio.fixture(scope="session")
async def letters(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Letters]:
    """A real mail server and a real SMS gateway, each a process."""
    one = moody(tmp_path_factory.mktemp("letters"))
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
def post(sample: Ground, letters: Letters) -> Post:
    return Post(sample, letters)
