"""Fixtures for the tests of any package: `pytest_plugins = ["kit.testing.fixtures"]`."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from kit.servers.nats import Nats
from kit.servers.postgres import Postgres
from kit.servers.process import free_port
from kit.testing.containers import AnyNats, AnyPostgres, ContainerNats, ContainerPostgres, engine_answers
from kit.testing.ground import PASSWORD
from kit.testing.issuer import Issuer, issuing

SERVICES = ("identity", "reception", "web", "passport", "events", "cctv", "kit")


@pytest_asyncio.fixture(scope="session")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AnyPostgres]:
    """A real PostgreSQL, one for the session: from a container where a Docker engine answers, else from the wheel."""
    folder = tmp_path_factory.mktemp("postgres")
    server = ContainerPostgres(PASSWORD) if engine_answers() else Postgres(folder, free_port(), PASSWORD, durable=False)
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture(scope="session")
async def nats(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AnyNats]:
    """A real NATS with JetStream and a user for each service, from where PostgreSQL is."""
    users = dict.fromkeys(("provisioner", *SERVICES), PASSWORD)
    server = ContainerNats(users) if engine_answers() else Nats(tmp_path_factory.mktemp("nats"), free_port(), users)
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture(scope="session")
async def issuer() -> AsyncIterator[Issuer]:
    """An issuer whose tokens the service under test trusts."""
    async with issuing() as one:
        yield one
