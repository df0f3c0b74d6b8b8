"""What the kit's own tests stand on: the sample's database alone, the sample served, and servers that may be killed."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from kit.bus import streams
from kit.bus.connection import Bus
from kit.database import Database
from kit.servers.nats import Nats
from kit.servers.postgres import Postgres
from kit.servers.process import free_port
from kit.testing.containers import AnyNats, AnyPostgres
from kit.testing.ground import PASSWORD, Ground, standing
from kit.testing.issuer import Issuer
from sample.ground import Bare, made
from sample.service import service
from spilno.identity.v1.events_pb2 import HromadaCreated


@pytest_asyncio.fixture(scope="session")
async def bare(postgres: AnyPostgres) -> Bare:
    return await made(postgres, "kit-bare")


@pytest_asyncio.fixture(scope="session")
async def database(bare: Bare) -> AsyncIterator[Database]:
    """The service's own login to the bare database."""
    database = Database(bare.url("app"), size=4)
    await database.open()
    yield database
    await database.close()


@pytest_asyncio.fixture(scope="session")
async def sample(
    postgres: AnyPostgres, nats: AnyNats, issuer: Issuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Ground]:
    """The sample, served on real PostgreSQL and NATS, with a folder for its files."""
    folder = tmp_path_factory.mktemp("files").as_uri()
    async with standing(service, postgres, nats, issuer, {"SPILNO_FILES_URL": folder}) as ground:
        yield ground


@pytest_asyncio.fixture(scope="session")
async def frail_nats_of_the_session(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Nats]:
    users = dict.fromkeys(("provisioner", "kit", "identity"), PASSWORD)
    server = Nats(tmp_path_factory.mktemp("frail-nats"), free_port(), users)
    await server.start()
    await streams.ensure(server.url(), "kit", [HromadaCreated])
    yield server
    await server.stop()


@pytest_asyncio.fixture
async def frail_nats(frail_nats_of_the_session: Nats) -> AsyncIterator[Nats]:
    """A NATS that a test may freeze and kill; the next test finds it well again."""
    server = frail_nats_of_the_session
    yield server
    server.resume()
    await server.start()


@pytest_asyncio.fixture(scope="session")
async def frail_postgres_of_the_session(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("frail-postgres"), free_port(), PASSWORD)
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture
async def frail_postgres(frail_postgres_of_the_session: Postgres) -> AsyncIterator[Postgres]:
    """A PostgreSQL that a test may kill; the next test finds it well again."""
    yield frail_postgres_of_the_session
    await frail_postgres_of_the_session.start()


@pytest_asyncio.fixture
async def frail_bare(frail_postgres: Postgres) -> Bare:
    """The sample's database on the PostgreSQL that may be killed."""
    return await made(frail_postgres, "kit-bare")


@pytest_asyncio.fixture
async def frail_bus(frail_nats: Nats) -> AsyncIterator[Bus]:
    """The sample's connection to the NATS that may be killed."""
    bus = Bus(frail_nats.url("kit"), "kit")
    await bus.open()
    yield bus
    await bus.close()


@pytest_asyncio.fixture
async def frail(frail_postgres: Postgres, frail_nats: Nats, issuer: Issuer) -> AsyncIterator[Ground]:
    """The sample, served on servers that may be killed."""
    async with standing(service, frail_postgres, frail_nats, issuer) as ground:
        yield ground
