import json
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from identity.service import service
from identity.testing import OPERATOR, WEB, Clock, Identity, Office, Opened, Person, an_office, as_whom, ready
from kit.bus import streams
from kit.bus.handlers import handlers_in
from kit.database.migrations import migrate
from kit.rpc.client import dial
from kit.servers.nats import Nats
from kit.servers.postgres import Postgres, provision
from kit.servers.process import free_port
from kit.testing.ground import PASSWORD, PASSWORDS, environment
from spilno.identity.v1 import authority_pb2_grpc, hromadas_pb2_grpc, integrators_pb2_grpc, members_pb2_grpc


@pytest_asyncio.fixture(scope="session")
async def identity(postgres: Postgres, nats: Nats, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Identity]:
    """Identity, prepared and served."""
    await provision(postgres, "identity", PASSWORDS)
    await migrate("identity", postgres.url("identity_migrator", PASSWORD, "identity"))
    await streams.ensure(nats.url(), "identity", [one.message for one in handlers_in(service.handlers)])
    port = free_port()
    issuer = f"http://localhost:{port}"
    clock = Clock(tmp_path_factory.mktemp("clock") / "moved")
    also = {
        "SPILNO_ISSUER_ADDRESS": f"127.0.0.1:{port}",
        "SPILNO_TRUSTED_PROXIES": "127.0.0.1",
        "SPILNO_WEB_URL": WEB,
        "SPILNO_SERVICE_CLIENTS": json.dumps(
            {"svc.web": PASSWORD, "svc.reception": PASSWORD, "svc.identity": PASSWORD}
        ),
        "SPILNO_OPERATOR_EMAIL": OPERATOR[0],
        "SPILNO_OPERATOR_PASSWORD": OPERATOR[1],
        "SPILNO_CLOCK_FILE": str(clock.file),
    }
    with pytest.MonkeyPatch.context() as patch:
        for key, value in environment("identity", postgres, nats, issuer, also).items():
            patch.setenv(key, value)
        async with AsyncExitStack() as stack:
            kit = await service.kit(stack)
            for step in (*service.after_migration, *service.after_migration):
                await step(kit)
            running = await stack.enter_async_context(service.running(kit, "127.0.0.1:0"))
            channel = dial(f"127.0.0.1:{running.port}", None)
            stack.push_async_callback(channel.close)
            await _answering(issuer)
            yield Identity(
                kit,
                issuer,
                channel,
                clock,
                hromadas_pb2_grpc.HromadasStub(channel),
                members_pb2_grpc.MembersStub(channel),
                integrators_pb2_grpc.IntegratorsStub(channel),
                authority_pb2_grpc.AuthorityStub(channel),
            )


async def _answering(url: str) -> None:
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=10), trust_env=False) as client:
        (await client.get(f"{url}/jwks")).raise_for_status()


@pytest.fixture
def clock(identity: Identity) -> Iterator[Clock]:
    """Identity's clock, which is put right again afterwards."""
    yield identity.clock
    identity.clock.move(timedelta())


@pytest_asyncio.fixture(scope="session")
async def opened(identity: Identity) -> Opened:
    """Opens an office that is nobody else's."""
    token, good_until = "", 0.0

    async def open_one() -> Office:
        nonlocal token, good_until
        if time.monotonic() > good_until:
            token, good_until = await identity.operator(), time.monotonic() + 120
        request = an_office()
        with as_whom(token):
            created = await identity.hromadas.CreateHromada(request)
        head = Person(request.head.email, secrets.token_urlsafe(16))
        (await identity.visitor().accept(created.invitation.url, head.password)).raise_for_status()
        etag = await ready(identity, request.hromada_id, token)
        return Office(request.hromada_id, request.katotth, etag, head, identity)

    return open_one


@pytest_asyncio.fixture
async def office(opened: Opened) -> Office:
    """An office of one's own."""
    return await opened()


@pytest.fixture
def bus(nats: Nats) -> Nats:
    """The bus, under a name that the library of the same name leaves free."""
    return nats
