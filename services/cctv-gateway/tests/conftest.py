from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from cctv_gateway.testing.filming import film
from kit.servers.cameras import Cameras


@pytest_asyncio.fixture(scope="session")
async def cameras(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cameras]:
    """Cameras of a third party, one set for the session."""
    those = Cameras(tmp_path_factory.mktemp("cameras") / "cameras.log")
    await those.start()
    yield those
    await those.stop()


@pytest.fixture(scope="session")
def short_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of H.264 with a key picture each second."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    film(path, seconds=4)
    return path
