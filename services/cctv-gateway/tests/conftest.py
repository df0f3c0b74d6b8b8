from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from cctv_gateway.service import service
from cctv_gateway.testing.filming import film
from kit.servers.cameras import Cameras
from kit.servers.nats import Nats
from kit.servers.postgres import Postgres
from kit.servers.process import free_port
from kit.testing.ground import Ground, standing
from kit.testing.issuer import Issuer


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


@pytest.fixture(scope="session")
def media_port() -> int:
    return free_port()


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where footage is kept."""
    return tmp_path_factory.mktemp("recordings")


@pytest_asyncio.fixture(scope="session")
async def gateway(
    postgres: Postgres,
    nats: Nats,
    issuer: Issuer,
    short_film: Path,
    media_port: int,
    recordings: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Ground]:
    """The gateway, served on real PostgreSQL and NATS. One hromada may lead it to the loopback, the others may not."""
    also = {
        "SPILNO_HTTP_ADDRESS": f"127.0.0.1:{media_port}",
        "SPILNO_CAMERA_NETWORKS": '{"led-home": ["127.0.0.0/8"]}',
        "SPILNO_FILMS": str(short_film.parent),
        "SPILNO_ENCODED_PER_HROMADA": "1",
        "SPILNO_LOOKED_AT_EACH": "0.5",
        "SPILNO_RECORDINGS": str(recordings),
        "SPILNO_FILES_URL": tmp_path_factory.mktemp("files").as_uri(),
    }
    async with standing(service, postgres, nats, issuer, also) as ground:
        yield ground


@pytest.fixture
def slug() -> str:
    """A hromada that is nobody else's."""
    return f"h-{uuid4().hex[:12]}"
