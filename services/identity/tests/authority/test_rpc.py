"""What the other services are told about a subject."""

from uuid import UUID

import grpc
import pytest
from identity.testing import Identity, Office, Opened, as_whom, claims_in
from kit.rpc.client import Failure
from kit.testing.ground import PASSWORD
from spilno.identity.v1 import authority_pb2 as pb
from spilno.identity.v1 import hromadas_pb2, members_pb2


async def said(identity: Identity, hromada: str, subject: str = "") -> pb.Authorisation:
    with as_whom(await identity.client_token("svc.reception", PASSWORD)):
        return await identity.authority.GetAuthority(pb.GetAuthorityRequest(hromada=hromada, subject=subject))


async def test_a_member_may_what_their_roles_give(office: Office) -> None:
    person, _ = await office.member(members_pb2.ROLE_DISTRICT_OFFICER)
    subject = claims_in((await office.identity.tokens(person, office.slug))["access_token"])["sub"]
    authorised = await said(office.identity, office.slug, subject)
    assert list(authorised.permissions) == [
        "agreements.read",
        "appeals.answer",
        "appeals.read",
        "appeals.register",
        "appeals.take",
        "calendar.read",
        "cameras.read",
        "duties.read",
        "duties.record",
        "hazards.moderate",
        "hazards.read",
        "mediations.work",
        "notices.read",
        "notices.send",
        "organisations.read",
        "receptions.book",
        "receptions.read",
        "receptions.record",
    ]
    assert authorised.display_name == "Дільничний офіцер"


async def test_a_member_of_one_office_may_nothing_in_another(office: Office, opened: Opened) -> None:
    other = await opened()
    subject = claims_in(await office.as_head())["sub"]
    assert list((await said(office.identity, other.slug, subject)).permissions) == []


async def test_an_operator_may_open_and_suspend_but_sees_no_office_from_inside(office: Office) -> None:
    subject = claims_in(await office.identity.operator())["sub"]
    assert list((await said(office.identity, "", subject)).permissions) == [
        "hromadas.create",
        "hromadas.erase",
        "hromadas.export",
        "hromadas.import",
        "hromadas.list",
        "hromadas.suspend",
        "templates.publish",
        "templates.read",
    ]
    assert list((await said(office.identity, office.slug, subject)).permissions) == []


@pytest.mark.parametrize("subject", ["", "somebody", "int.elsewhere.lighting", "svc.reception", str(UUID(int=7)), "\n"])
async def test_of_an_unknown_subject_only_the_hromada_is_told(office: Office, subject: str) -> None:
    authorised = await said(office.identity, office.slug, subject)
    assert authorised.hromada_id
    assert list(authorised.permissions) == []


async def test_an_unknown_hromada_is_missing(identity: Identity) -> None:
    with pytest.raises(Failure) as failure:
        await said(identity, "nowhere")
    assert failure.value.code is grpc.StatusCode.NOT_FOUND


async def test_a_suspended_hromada_is_said_to_be_so(office: Office) -> None:
    with as_whom(await office.identity.operator()):
        await office.identity.hromadas.SuspendHromada(
            hromadas_pb2.SuspendHromadaRequest(name=office.name, etag=office.etag, reason="договір завершено")
        )
    assert (await said(office.identity, office.slug)).suspended


async def test_people_do_not_ask(office: Office) -> None:
    with as_whom(await office.as_head()), pytest.raises(Failure) as failure:
        await office.identity.authority.GetAuthority(pb.GetAuthorityRequest(hromada=office.slug))
    assert failure.value.code is grpc.StatusCode.PERMISSION_DENIED
