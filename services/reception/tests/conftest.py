from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import pytest
import pytest_asyncio
from kit.servers.letters import Letters
from kit.servers.nats import Nats
from kit.servers.postgres import Postgres
from kit.servers.process import free_port
from kit.testing.ground import Ground, standing
from kit.testing.issuer import Issuer
from reception.service import service
from reception.template import apply, template


@pytest_asyncio.fixture(scope="session")
async def letters(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Letters]:
    """A mail server, and an SMS gateway to which reception is not told the way."""
    folder = tmp_path_factory.mktemp("letters")
    keeper = "kit.testing.mail.Moody"
    one = Letters(folder, free_port(), free_port(), "token", logs=folder, keeper=keeper)
    await one.start()
    yield one
    await one.stop()


@pytest_asyncio.fixture(scope="session")
async def reception(
    postgres: Postgres, nats: Nats, issuer: Issuer, letters: Letters, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Ground]:
    """Reception, served on real PostgreSQL and NATS, with a folder for files."""
    told = {name: value for name, value in letters.settings().items() if "SMS" not in name}
    told["SPILNO_PHOTO_NETWORKS"] = "127.0.0.1/32"
    told["SPILNO_FILES_URL"] = tmp_path_factory.mktemp("files").as_uri()
    async with standing(service, postgres, nats, issuer, told) as ground:
        yield ground


@pytest.fixture(scope="session")
def opened(reception: Ground) -> Callable[[], Awaitable[str]]:
    """Provisions a hromada that is nobody else's, and tells its slug."""

    async def once() -> str:
        slug = f"h-{uuid4().hex[:12]}"
        async with reception.call(slug) as call:
            await apply(call, template.own)
        return slug

    return once
