"""What tests of the kit do over and over: a database without the sample, waiting, looking at the bus."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import asyncpg
import nats
from kit.database.migrations import migrate
from kit.servers.postgres import database_name, provision
from kit.testing.containers import AnyNats, AnyPostgres
from kit.testing.ground import PASSWORD, PASSWORDS
from nats.aio.client import Client
from nats.aio.msg import Msg

T = TypeVar("T")


@dataclass(frozen=True)
class Bare:
    """The sample's migrated database, without the sample."""

    postgres: AnyPostgres
    name: str

    def url(self, login: str) -> str:
        """Under a login: app, relay or migrator."""
        name = database_name(self.name)
        return self.postgres.url(f"{name}_{login}", PASSWORD, name)

    async def as_migrator(self, sql: str, *arguments: object) -> list[asyncpg.Record]:
        """Runs a statement that sees every row."""
        connection = await asyncpg.connect(self.url("migrator"))
        try:
            return list(await connection.fetch(sql, *arguments))
        finally:
            await connection.close()

    async def postgres_terminates(self, login: str) -> None:
        """The server ends every connection of a login."""
        superuser = await asyncpg.connect(self.postgres.url())
        await superuser.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", login)
        await superuser.close()


async def made(postgres: AnyPostgres, name: str) -> Bare:
    """A database of the sample of its own."""
    await provision(postgres, name, PASSWORDS)
    bare = Bare(postgres, name)
    await migrate("sample", bare.url("migrator"))
    return bare


async def eventually(look: Callable[[], Awaitable[T]], within: float = 30.0) -> T:
    """What `look` finds, as soon as it finds something."""
    async with asyncio.timeout(within):
        found = await look()
        while not found:
            await asyncio.sleep(0.02)
            found = await look()
        return found


async def until(claim: Callable[[], object], within: float = 30.0) -> None:
    """Waits for something to be so."""

    async def look() -> object:
        return claim()

    await eventually(look, within)


@asynccontextmanager
async def as_provisioner(server: AnyNats) -> AsyncIterator[Client]:
    """A connection to the bus that may do everything."""
    client = await nats.connect(server.url())
    try:
        yield client
    finally:
        await client.close()


async def kept(server: AnyNats, stream: str, subject: str) -> list[Msg]:
    """What a stream holds under a subject, oldest first."""
    async with as_provisioner(server) as client:
        about = await client.jetstream().stream_info(stream, subjects_filter=subject)
        count = sum((about.state.subjects or {}).values())
        subscription = await client.jetstream().pull_subscribe(subject, stream=stream)
        found: list[Msg] = []
        while len(found) < count:
            found += await subscription.fetch(min(count - len(found), 500), timeout=20)
        return found
