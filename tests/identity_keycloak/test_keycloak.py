"""Keycloak in the issuer's place: its token opens the office of the one hromada it names, and nothing else."""

from typing import Any

import grpc.aio
import pytest
import pytest_asyncio
from grpc import StatusCode as Code
from kit.auth.tokens import Verifier
from kit.clock import SystemClock
from kit.errors import Unknown
from kit.rpc.client import Failure
from spilno.reception.v1 import appeals_pb2
from spilno.reception.v1.appeals_pb2_grpc import AppealsStub

from tests.identity_keycloak.server import Keycloak
from tests.isolation.minting import claims_of
from tests.world import OTHER, OWN, World, as_whom


@pytest_asyncio.fixture(scope="package")
async def appeals(channels: dict[str, grpc.aio.Channel]) -> Any:
    return AppealsStub(channels["reception"])


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
    token = await keycloak.token("head", "organization:*")
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
    assert await refused(appeals, await keycloak.token("head", "organization:*")) is Code.PERMISSION_DENIED


async def test_an_organization_without_a_membership_opens_nothing(keycloak: Keycloak, appeals: Any) -> None:
    assert await refused(appeals, await keycloak.token("nobody", f"organization:{OWN}")) is Code.PERMISSION_DENIED


async def test_a_token_of_the_embedded_issuer_opens_nothing_there(world: World, appeals: Any) -> None:
    assert await refused(appeals, world.tokens[f"officer:{OWN}"]) is Code.UNAUTHENTICATED


async def test_a_token_for_another_audience_opens_nothing(keycloak: Keycloak, appeals: Any) -> None:
    token = await keycloak.token("officer", f"organization:{OWN}", "elsewhere")
    assert await refused(appeals, token) is Code.UNAUTHENTICATED
