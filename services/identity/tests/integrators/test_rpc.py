"""Integrators over gRPC: made, listed, revoked; and what their credentials are good for."""

from uuid import uuid4

import grpc
import pytest
from identity.testing import Office, Opened, as_whom, claims_in
from kit.rpc.client import Failure
from spilno.identity.v1 import integrators_pb2 as pb
from spilno.identity.v1 import members_pb2


async def made(office: Office, slug: str = "lighting") -> pb.CreateIntegratorResponse:
    with as_whom(await office.as_head()):
        return await office.identity.integrators.CreateIntegrator(
            pb.CreateIntegratorRequest(
                parent=office.name, integrator_id=slug, display_name="Вуличне освітлення", request_id=str(uuid4())
            )
        )


async def test_an_integrators_token_names_its_hromada_and_no_organization(office: Office) -> None:
    created = await made(office)
    claims = claims_in(await office.identity.client_token(created.integrator.client_id, created.client_secret))
    assert (claims["sub"], claims["tid"]) == (f"int.{office.slug}.lighting", office.slug)
    assert "organization" not in claims


async def test_a_secret_is_told_only_once(office: Office) -> None:
    await made(office)
    with as_whom(await office.as_head()):
        listed = await office.identity.integrators.ListIntegrators(pb.ListIntegratorsRequest(parent=office.name))
    assert [each.client_id for each in listed.integrators] == [f"int.{office.slug}.lighting"]


async def test_a_wrong_secret_gets_no_token(office: Office) -> None:
    created = await made(office)
    answer = await office.identity.post(
        "/token", {"grant_type": "client_credentials"}, (created.integrator.client_id, "not the secret")
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_one_integrators_secret_is_not_anothers(office: Office, opened: Opened) -> None:
    created = await made(office)
    other = await opened()
    theirs = await made(other)
    answer = await office.identity.post(
        "/token", {"grant_type": "client_credentials"}, (theirs.integrator.client_id, created.client_secret)
    )
    assert answer.status_code == 401


async def test_a_revoked_integrator_gets_no_token(office: Office) -> None:
    created = await made(office)
    await revoked(office, created.integrator)
    answer = await office.identity.post(
        "/token", {"grant_type": "client_credentials"}, (created.integrator.client_id, created.client_secret)
    )
    assert answer.status_code == 401


async def test_a_revoked_integrator_stays_in_the_list_with_its_end(office: Office) -> None:
    created = await made(office)
    assert (await revoked(office, created.integrator)).HasField("revoked_at")


async def test_a_name_stays_taken_after_its_revocation(office: Office) -> None:
    await revoked(office, (await made(office)).integrator)
    with pytest.raises(Failure) as failure:
        await made(office)
    assert (failure.value.code, set(failure.value.fields)) == (grpc.StatusCode.ALREADY_EXISTS, {"integrator_id"})


async def test_two_offices_may_have_integrators_of_one_name(office: Office, opened: Opened) -> None:
    other = await opened()
    assert (await made(office)).integrator.client_id != (await made(other)).integrator.client_id


async def test_an_integrator_sees_what_it_may_do(office: Office) -> None:
    created = await made(office)
    with as_whom(await office.identity.client_token(created.integrator.client_id, created.client_secret)):
        own = await office.identity.members.GetOwnMembership(members_pb2.GetOwnMembershipRequest(parent=office.name))
    assert list(own.permissions) == ["appeals.read", "appeals.register", "feed.watch"]


async def test_an_integrator_makes_no_integrators(office: Office) -> None:
    created = await made(office)
    token = await office.identity.client_token(created.integrator.client_id, created.client_secret)
    with as_whom(token), pytest.raises(Failure) as failure:
        await office.identity.integrators.ListIntegrators(pb.ListIntegratorsRequest(parent=office.name))
    assert failure.value.code is grpc.StatusCode.PERMISSION_DENIED


async def test_another_offices_integrator_is_missing(office: Office, opened: Opened) -> None:
    other = await opened()
    theirs = (await made(other)).integrator
    with as_whom(await office.as_head()), pytest.raises(Failure) as failure:
        await office.identity.integrators.RevokeIntegrator(
            pb.RevokeIntegratorRequest(name=theirs.name, etag=theirs.etag)
        )
    assert failure.value.code is grpc.StatusCode.NOT_FOUND


async def revoked(office: Office, integrator: pb.Integrator) -> pb.Integrator:
    with as_whom(await office.as_head()):
        return await office.identity.integrators.RevokeIntegrator(
            pb.RevokeIntegratorRequest(name=integrator.name, etag=integrator.etag)
        )
