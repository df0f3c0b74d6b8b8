"""A Keycloak that knows the world's people, and services that take its word."""

import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from uuid import uuid4

import grpc.aio
import pytest
import pytest_asyncio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from kit.rpc.client import dial
from kit.servers.process import Child, free_port

from tests.identity_keycloak.server import SECRET, Keycloak, OutOfReach, Person, ensure, realm, serving
from tests.isolation.minting import claims_of
from tests.world import OTHER, OWN, SUSPENDED, World


@pytest_asyncio.fixture(scope="package")
async def keycloak(world: World, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Keycloak]:
    """The server; its users are the persons who work in the hromadas' offices."""
    try:
        await ensure()
    except OutOfReach as why:
        pytest.skip(f"not exercised: Keycloak ({why})")
    subjects = {name: str(claims_of(token)["sub"]) for name, token in world.tokens.items()}
    secrets = {
        "WEB_URL": world.house.web_url,
        "WEB_SECRET": SECRET,
        **{f"SVC_{name.upper()}_SECRET": world.house.client(name)[1] for name in ("identity", "web", "reception")},
    }
    persons = {
        "officer": Person(subjects[f"officer:{OWN}"], (OWN,)),
        "head": Person(subjects[f"head:{OWN}"], (OWN, OTHER)),
        "neighbour": Person(subjects[f"head:{OTHER}"], (OTHER,)),
        "suspended": Person(subjects[f"head:{SUSPENDED}"], (SUSPENDED,)),
        "revoked": Person(subjects[f"revoked:{OWN}"], (OWN,)),
        "operator": Person(subjects["operator"]),
        "nobody": Person(str(uuid4()), (OWN,)),
    }
    integrators = {subjects[f"int:{slug}"]: slug for slug in (OWN, OTHER)}
    began = time.monotonic()
    async with serving(realm(secrets, persons, integrators), tmp_path_factory.mktemp("keycloak")) as server:
        sys.stderr.write(f"\nKeycloak was ready after {time.monotonic() - began:.0f} s\n")
        yield server


@dataclass(frozen=True)
class Served:
    """Reception, and the identity that it asks, both served with Keycloak as their issuer."""

    children: list[Child]
    channels: dict[str, grpc.aio.Channel]


@pytest.fixture(scope="package")
def channels(served: Served) -> dict[str, grpc.aio.Channel]:
    """By service."""
    return served.channels


@pytest.fixture(autouse=True)
def nobody_died(keycloak: Keycloak, served: Served) -> Iterator[None]:
    """What dies under a test says why: nobody starts it again here."""
    yield
    for child in (keycloak.child, *served.children):
        child.check()


@pytest_asyncio.fixture(scope="package")
async def served(world: World, keycloak: Keycloak, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    folder, ports = tmp_path_factory.mktemp("served"), {name: free_port() for name in ("identity", "reception")}
    children = []
    for service in world.house.services:
        if service.name not in ports:
            continue
        told = {
            **world.house.settings(service),
            "SPILNO_ISSUER_URL": keycloak.issuer,
            "SPILNO_ISSUER_ADDRESS": f"127.0.0.1:{free_port()}",
            "SPILNO_GRPC_ADDRESS": f"127.0.0.1:{ports[service.name]}",
            "SPILNO_IDENTITY_ADDRESS": f"127.0.0.1:{ports['identity']}" if service.name != "identity" else "",
        }
        command = [sys.executable, "-m", service.module]
        children.append(
            Child(service.name, command, log=folder / f"{service.name}.log", environment={**os.environ, **told})
        )
    for child in children:
        child.start()
    dialled = {name: dial(f"127.0.0.1:{port}", None) for name, port in ports.items()}

    async def is_ready() -> bool:
        return await _listens(ports["identity"]) and await _listens(ports["reception"])

    try:
        await children[-1].wait_ready(is_ready, within=90)
        yield Served(children, dialled)
    finally:
        for channel in dialled.values():
            await channel.close()
        for child in reversed(children):
            await child.stop()


async def _listens(port: int) -> bool:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        try:
            await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=1)
        except grpc.aio.AioRpcError:
            return False
    return True
