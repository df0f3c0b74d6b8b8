"""What a hromada that comes costs, and how soon a revocation is felt: identity and reception served in this process."""

import asyncio
import base64
import json
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from uuid import UUID, uuid4

import asyncpg
import identity.service
import pytest
import reception.service
from identity.authority import states
from identity.hromadas import actions as hromadas
from identity.testing import OPERATOR, WEB, Clock, Identity, an_office, as_whom, ready
from kit.auth.authority import Authorisation, Remembered
from kit.auth.replica import Replica, State, key_of
from kit.bus import streams
from kit.bus.connection import Bus
from kit.bus.handlers import handlers_in
from kit.bus.streams import MEMBERSHIPS
from kit.call import Caller, Hromada
from kit.database.migrations import migrate
from kit.errors import Missing
from kit.rpc.client import dial
from kit.servers.postgres import provision
from kit.servers.process import free_port
from kit.service import Service
from kit.testing.ground import PASSWORD, PASSWORDS, environment
from sample.everybody import Everybody
from spilno.identity.v1 import authority_pb2_grpc, hromadas_pb2_grpc, integrators_pb2_grpc, members_pb2_grpc

from bench.ground import Ground
from bench.measuring import Result, compared

_AT_ONCE = 5
"""Hromadas that come together, in one measurement."""
_CHANGES = 100
_CALLER = Caller("svc.identity")
_SECRET = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
"""The same for each measurement: identity's keys stay in its database from one to the next."""


def _an_address() -> str:
    return f"127.0.0.1:{free_port()}"


@asynccontextmanager
async def _served(
    service: Service, ground: Ground, issuer: str, address: str, also: dict[str, str]
) -> AsyncIterator[Identity]:
    """A service, prepared and served, and the ways to it."""
    await provision(ground.postgres, service.name, PASSWORDS)
    await migrate(service.package, ground.postgres.url(f"{service.name}_migrator", PASSWORD, service.name))
    await streams.ensure(ground.nats.url(), service.name, [one.message for one in handlers_in(service.handlers)])
    async with AsyncExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            for key, value in environment(service.name, ground.postgres, ground.nats, issuer, also).items():
                patch.setenv(key, value)
            kit = await service.kit(stack)
        for step in service.after_migration:
            await step(kit)
        await stack.enter_async_context(service.running(kit, address))
        channel = dial(address, None)
        stack.push_async_callback(channel.close)
        yield Identity(
            kit,
            issuer,
            channel,
            Clock(Path()),
            hromadas_pb2_grpc.HromadasStub(channel),
            members_pb2_grpc.MembersStub(channel),
            integrators_pb2_grpc.IntegratorsStub(channel),
            authority_pb2_grpc.AuthorityStub(channel),
        )


@asynccontextmanager
async def _identity(ground: Ground, address: str) -> AsyncIterator[Identity]:
    port = free_port()
    clients = {f"svc.{name}": PASSWORD for name in ("web", "identity", "reception")}
    also = {
        "SPILNO_ISSUER_ADDRESS": f"127.0.0.1:{port}",
        "SPILNO_WEB_URL": WEB,
        "SPILNO_SERVICE_CLIENTS": json.dumps(clients),
        "SPILNO_TEMPLATE_SERVICES": '["reception"]',
        "SPILNO_SECRET": _SECRET,
        "SPILNO_OPERATOR_EMAIL": OPERATOR[0],
        "SPILNO_OPERATOR_PASSWORD": OPERATOR[1],
    }
    async with _served(identity.service.service, ground, f"http://localhost:{port}", address, also) as served:
        yield served


async def provisioning(ground: Ground) -> list[Result]:
    """From CreateHromada until the hromada is ready in both services, beside an INSERT for each row that it left."""
    told = {"SPILNO_IDENTITY_ADDRESS": _an_address()}
    async with (
        _identity(ground, told["SPILNO_IDENTITY_ADDRESS"]) as served,
        _served(reception.service.service, ground, served.issuer, _an_address(), told),
    ):
        operator = await served.operator()
        first = await _come(served, operator)
        async with served.kit.database.transaction() as db:
            one = (await hromadas.find(db, first)).id
        async with AsyncExitStack() as stack:
            bare = [await stack.enter_async_context(_bare(ground, name, one)) for name in ("identity", "reception")]

            async def ours() -> float:
                began = time.perf_counter()
                await asyncio.gather(*(_come(served, operator) for _ in range(_AT_ONCE)))
                return (time.perf_counter() - began) * 1000

            async def reference() -> float:
                return sum([await each.written(_AT_ONCE) for each in bare])

            rows = sum(len(each.rows) for each in bare)
            return [
                await compared(
                    f"{_AT_ONCE} hromadas provisioned",
                    ours,
                    reference,
                    unit="ms",
                    than=f"the {rows} bare INSERTs of each, one transaction a database",
                    limit=None,
                )
            ]


async def _come(served: Identity, operator: str) -> str:
    asked = an_office()
    with as_whom(operator):
        await served.hromadas.CreateHromada(asked)
    await ready(served, asked.hromada_id, operator)
    return str(asked.hromada_id)


@dataclass
class _Bare:
    """The rows of one hromada in one database, and empty tables like those that they stand in."""

    connection: asyncpg.Connection
    rows: list[tuple[str, Sequence[object]]]
    """A statement and its values."""
    tables: list[str]

    async def written(self, times: int) -> float:
        """Milliseconds for so many hromadas' rows."""
        took = 0.0
        for _ in range(times):
            await self.connection.execute(f"TRUNCATE {', '.join(self.tables)}")
            began = time.perf_counter()
            async with self.connection.transaction():
                for statement, values in self.rows:
                    await self.connection.execute(statement, *values)
            took += time.perf_counter() - began
        return took * 1000


_TABLES = """
SELECT c.table_name AS "table", array_agg(c.column_name::text ORDER BY c.ordinal_position)
  FILTER (WHERE c.is_generated = 'NEVER') AS columns
FROM information_schema.columns AS c JOIN information_schema.tables AS t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
GROUP BY c.table_name HAVING bool_or(c.column_name = 'hromada_id') OR c.table_name = 'hromada'
"""
_READ = 'SELECT {names} FROM "{table}" WHERE {whose} = $1'
_WRITE = "INSERT INTO bare_{table} ({names}) OVERRIDING SYSTEM VALUE VALUES ({places})"


@asynccontextmanager
async def _bare(ground: Ground, database: str, hromada: UUID) -> AsyncIterator[_Bare]:
    """The same keys and indexes, no policy, no trigger."""
    connection = await asyncpg.connect(ground.postgres.url(database=database))
    bare = _Bare(connection, [], [])
    try:
        for table, columns in await connection.fetch(_TABLES):
            names = ", ".join(f'"{name}"' for name in columns)
            whose = "id" if table == "hromada" else "hromada_id"
            found = await connection.fetch(_READ.format(names=names, table=table, whose=whose), hromada)
            if found:
                bare.tables.append(f"bare_{table}")
                await connection.execute(f'CREATE TABLE bare_{table} (LIKE "{table}" INCLUDING ALL)')
                places = ", ".join(f"${number + 1}" for number in range(len(columns)))
                statement = _WRITE.format(names=names, table=table, places=places)
                bare.rows += [(statement, list(row)) for row in found]
        yield bare
    finally:
        await connection.close()


class _Nobody(Everybody):
    """Identity is not asked."""

    async def of(self, hromada: str, subject: str) -> Authorisation:
        raise Missing


class _Felt(Remembered):
    """Hears of each state as the replica takes it in."""

    def __init__(self) -> None:
        super().__init__(_Nobody())
        self.who = ""
        self.came = asyncio.Event()

    def forget(self, hromada: str, subject: str) -> None:
        super().forget(hromada, subject)
        if subject == self.who:
            self.came.set()


async def revocation(ground: Ground) -> list[Result]:
    """A member's rights taken in identity's transaction, until another service's replica knows, one after another."""
    async with _identity(ground, _an_address()) as served, AsyncExitStack() as stack:
        hromada, who = Hromada(f"h-{uuid4().hex[:12]}", uuid4()), secrets.token_hex(8)
        felt = _Felt()
        elsewhere = Bus(ground.nats.url("reception"), "reception")
        raw = Bus(ground.nats.url(), "provisioner")
        for bus in (elsewhere, raw):
            await bus.open()
            stack.push_async_callback(bus.close)
        replica = Replica(elsewhere, felt, served.kit.clock)
        running = asyncio.create_task(replica.run())
        stack.callback(running.cancel)
        await asyncio.sleep(1)
        bucket = await raw.jetstream().key_value(MEMBERSHIPS)

        async def ours() -> float:
            took = list[float]()
            for number in range(_CHANGES):
                state = State(permissions=frozenset() if number % 2 else frozenset({"appeals.read"}), pseudonym="p")
                felt.who = who
                felt.came.clear()
                began = time.perf_counter()
                async with served.call(hromada, _CALLER) as call:
                    states.share(call, (key_of(hromada.slug, who), state))
                await asyncio.wait_for(felt.came.wait(), 10)
                took.append((time.perf_counter() - began) * 1000)
            return median(took)

        async def reference() -> float:
            took, key = list[float](), key_of(hromada.slug, "raw")
            for number in range(_CHANGES):
                began = time.perf_counter()
                await bucket.put(key, json.dumps(State(pseudonym=str(number)).written()).encode())
                await bucket.get(key)
                took.append((time.perf_counter() - began) * 1000)
            return median(took)

        than = "a put into the bucket and a get on the same NATS"
        return [await compared("revocation felt", ours, reference, unit="ms", than=than, limit=None)]
