"""What the measurements stand on: PostgreSQL, NATS, an issuer, and the served process."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import grpc.aio
from kit.bus import streams
from kit.bus.handlers import handlers_in
from kit.database.migrations import migrate
from kit.servers.nats import Nats
from kit.servers.postgres import Postgres, provision
from kit.servers.process import free_port
from kit.testing.ground import PASSWORD, PASSWORDS, environment
from kit.testing.issuer import Issuer, issuing
from sample.service import service

from kit import processes

_PLAIN = """
CREATE TABLE plain_note (id uuid NOT NULL, hromada_id uuid NOT NULL, text text NOT NULL, PRIMARY KEY (hromada_id, id));
GRANT SELECT, INSERT ON plain_note TO kit_app;
"""


@dataclass
class Ground:
    postgres: Postgres
    nats: Nats
    issuer: Issuer
    kit: grpc.aio.Channel
    """To the sample, served by the kit."""
    echo: grpc.aio.Channel
    """To the handler without the kit."""

    def database_url(self, login: str = "app") -> str:
        return self.postgres.url(f"kit_{login}", PASSWORD, "kit")

    async def as_superuser(self, sql: str, *arguments: Any) -> list[Any]:
        connection = await asyncpg.connect(self.postgres.url(database="kit"))
        try:
            return list(await connection.fetch(sql, *arguments))
        finally:
            await connection.close()


@asynccontextmanager
async def standing() -> AsyncIterator[Ground]:
    """Everything started, the sample migrated and served in a process of its own."""
    with TemporaryDirectory() as folder:
        postgres = Postgres(Path(folder), free_port(), PASSWORD)
        users = dict.fromkeys(("provisioner", "kit", "identity", "reception", "cctv"), PASSWORD)
        nats = Nats(Path(folder) / "nats", free_port(), users)
        await asyncio.gather(postgres.start(), nats.start())
        try:
            await provision(postgres, "kit", PASSWORDS)
            await migrate(service.package, postgres.url("kit_migrator", PASSWORD, "kit"))
            await streams.ensure(nats.url(), "kit", [one.message for one in handlers_in(service.handlers)])
            superuser = await asyncpg.connect(postgres.url(database="kit"))
            await superuser.execute(_PLAIN)
            await superuser.close()
            async with issuing() as issuer, _served(postgres, nats, issuer) as (kit, echo):
                yield Ground(postgres, nats, issuer, kit, echo)
        finally:
            await nats.stop()
            await postgres.stop()


@asynccontextmanager
async def _served(
    postgres: Postgres, nats: Nats, issuer: Issuer
) -> AsyncIterator[tuple[grpc.aio.Channel, grpc.aio.Channel]]:
    told = environment("kit", postgres, nats, issuer.url)
    command = [sys.executable, "-m", "bench.served"]
    # its errors are a line of the log for each call
    async with processes.running(command, env={**os.environ, **told}, stdout=PIPE, stderr=DEVNULL) as child:
        if child.stdout is None:
            raise RuntimeError("the served process says nothing")
        ports = (await asyncio.wait_for(asyncio.to_thread(child.stdout.readline), 60)).split()
        async with (
            grpc.aio.insecure_channel(f"127.0.0.1:{int(ports[0])}") as kit,
            grpc.aio.insecure_channel(f"127.0.0.1:{int(ports[1])}") as echo,
        ):
            yield kit, echo
