"""Keycloak in the issuer's place: its token opens the office of the one hromada it names, and nothing else."""

import os
import sys
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
import pytest_asyncio
from grpc import StatusCode as Code
from grpc_health.v1 import health_pb2, health_pb2_grpc
from kit.auth.tokens import Verifier
from kit.clock import SystemClock
from kit.errors import Unknown
from kit.rpc.client import Failure, dial
from kit.servers.process import Child, free_port
from spilno.reception.v1 import appeals_pb2
from spilno.reception.v1.appeals_pb2_grpc import AppealsStub

from tests.identity_keycloak.server import SECRET, Keycloak, OutOfReach, ensure, realm, serving
from tests.isolation.minting import claims_of
from tests.world import OTHER, OWN, World, as_whom

pytestmark = pytest.mark.keycloak


@pytest_asyncio.fixture(scope="session")
async def keycloak(world: World, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Keycloak]:
    """The server; its officer is the person who works in the hromada's office."""
    try:
        await ensure()
    except OutOfReach as why:
        pytest.skip(f"not exercised: Keycloak ({why})")
    officer = str(claims_of(world.tokens[f"officer:{OWN}"])["sub"])
    secrets = {
        "WEB_URL": world.house.web_url,
        "WEB_SECRET": SECRET,
        **{f"SVC_{name.upper()}_SECRET": world.house.client(name)[1] for name in ("web", "reception")},
    }
    users = {"officer": (officer, [OWN]), "both": (str(uuid4()), [OWN, OTHER]), "nobody": (str(uuid4()), [OWN])}
    began = time.monotonic()
    async with serving(realm(secrets, users), tmp_path_factory.mktemp("keycloak")) as server:
        sys.stderr.write(f"\nKeycloak was ready after {time.monotonic() - began:.0f} s\n")
        yield server


@pytest_asyncio.fixture(scope="session")
async def appeals(world: World, keycloak: Keycloak, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    """Reception, and the identity that it asks, served with Keycloak as their issuer."""
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
    channel = dial(f"127.0.0.1:{ports['reception']}", None)

    async def is_ready() -> bool:
        return await _listens(ports["identity"]) and await _listens(ports["reception"])

    try:
        await children[-1].wait_ready(is_ready, within=90)
        yield AppealsStub(channel)
    finally:
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


async def listed(appeals: Any, token: str, slug: str = OWN) -> appeals_pb2.ListAppealsResponse:
    with as_whom(token):
        answer: appeals_pb2.ListAppealsResponse = await appeals.ListAppeals(
            appeals_pb2.ListAppealsRequest(parent=f"hromadas/{slug}", page_size=100)
        )
    return answer


async def refused(appeals: Any, token: str, slug: str = OWN) -> Code:
    with pytest.raises(Failure) as failure:
        await listed(appeals, token, slug)
    return failure.value.code


async def test_the_kit_takes_a_token_that_names_one_organization(world: World, keycloak: Keycloak) -> None:
    bearer = await Verifier(keycloak.issuer, SystemClock()).verify(
        await keycloak.token("officer", f"organization:{OWN}")
    )
    assert bearer.subject == claims_of(world.tokens[f"officer:{OWN}"])["sub"]
    assert (bearer.hromada, bearer.service) == (OWN, "")


async def test_a_token_that_names_several_organizations_names_no_hromada(keycloak: Keycloak) -> None:
    token = await keycloak.token("both", "organization:*")
    assert set(claims_of(token)["organization"]) == {OWN, OTHER}
    assert (await Verifier(keycloak.issuer, SystemClock()).verify(token)).hromada == ""


async def test_a_token_for_another_audience_is_refused(keycloak: Keycloak) -> None:
    token = await keycloak.token("officer", f"organization:{OWN}", "elsewhere")
    with pytest.raises(Unknown):
        await Verifier(keycloak.issuer, SystemClock()).verify(token)


async def test_a_token_of_keycloak_opens_the_office(keycloak: Keycloak, appeals: Any) -> None:
    answer = await listed(appeals, await keycloak.token("officer", f"organization:{OWN}"))
    assert any(f"Перше звернення громади {OWN}" in appeal.text for appeal in answer.appeals)


async def test_it_does_not_open_the_neighbours(keycloak: Keycloak, appeals: Any) -> None:
    assert await refused(appeals, await keycloak.token("officer", f"organization:{OWN}"), OTHER) is Code.NOT_FOUND


async def test_several_organizations_open_none(keycloak: Keycloak, appeals: Any) -> None:
    assert await refused(appeals, await keycloak.token("both", "organization:*")) is Code.PERMISSION_DENIED


async def test_an_organization_without_a_membership_opens_nothing(keycloak: Keycloak, appeals: Any) -> None:
    assert await refused(appeals, await keycloak.token("nobody", f"organization:{OWN}")) is Code.PERMISSION_DENIED


async def test_a_token_of_the_embedded_issuer_opens_nothing_there(world: World, appeals: Any) -> None:
    assert await refused(appeals, world.tokens[f"officer:{OWN}"]) is Code.UNAUTHENTICATED


async def test_a_token_for_another_audience_opens_nothing(keycloak: Keycloak, appeals: Any) -> None:
    token = await keycloak.token("officer", f"organization:{OWN}", "elsewhere")
    assert await refused(appeals, token) is Code.UNAUTHENTICATED
