"""Organisations over gRPC."""

from typing import Any
from uuid import uuid4

import asyncpg
import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from identity.testing import Office, Opened, as_whom
from kit.names import last
from kit.rpc.client import Failure
from kit.servers.postgres import Postgres
from kit.testing.ground import PASSWORD
from spilno.identity.v1 import authority_pb2, members_pb2
from spilno.identity.v1 import organisations_pb2 as pb
from spilno.identity.v1.organisations_pb2_grpc import OrganisationsStub
from sqlalchemy import delete
from sqlalchemy import table as named


def stub(office: Office) -> Any:
    return OrganisationsStub(office.identity.channel)


def draft(**changes: Any) -> pb.OrganisationDraft:
    said: dict[str, Any] = {"title": "Татарбунарська районна рада", "kind": pb.ORGANISATION_KIND_COUNCIL, **changes}
    return pb.OrganisationDraft(**said)


async def create(office: Office, **changes: Any) -> pb.Organisation:
    request = pb.CreateOrganisationRequest(parent=office.name, organisation=draft(**changes), request_id=str(uuid4()))
    with as_whom(await office.as_head()):
        made: pb.Organisation = await stub(office).CreateOrganisation(request)
    return made


async def update(office: Office, one: pb.Organisation, *paths: str, **changes: Any) -> pb.Organisation:
    request = pb.UpdateOrganisationRequest(
        name=one.name,
        etag=one.etag,
        organisation=pb.OrganisationDraft(**changes),
        update_mask=FieldMask(paths=paths),
    )
    with as_whom(await office.as_head()):
        changed: pb.Organisation = await stub(office).UpdateOrganisation(request)
    return changed


async def titles(office: Office, **asked: Any) -> list[str]:
    with as_whom(await office.as_head()):
        listed = await stub(office).ListOrganisations(pb.ListOrganisationsRequest(parent=office.name, **asked))
    return [each.title for each in listed.organisations]


async def test_an_organisation_is_kept_as_it_was_entered(office: Office) -> None:
    made = await create(office, edrpou="00032684", phones=["+380484432124"], existed_until="2020-11-15")
    with as_whom(await office.as_head()):
        found = await stub(office).GetOrganisation(pb.GetOrganisationRequest(name=made.name))
    assert found == made
    assert (found.edrpou, found.existed_until, list(found.phones)) == ("00032684", "2020-11-15", ["+380484432124"])


async def test_a_wrong_digit_is_refused_at_the_code(office: Office) -> None:
    with pytest.raises(Failure) as failure:
        await create(office, edrpou="40108579")
    assert (failure.value.code, set(failure.value.fields)) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        {"organisation.edrpou"},
    )


async def test_an_organisation_is_a_unit_of_another_and_never_of_its_own(office: Office) -> None:
    above = await create(office, title="Головне управління поліції")
    below = await create(office, title="Відділення поліції", parent_organisation=above.name)
    least = await create(office, title="Сектор поліції", parent_organisation=below.name)
    assert least.parent_organisation == below.name
    for parent in (
        least.name,
        above.name,
        f"{office.name}/organisations/{uuid4()}",
        f"hromadas/x/organisations/{uuid4()}",
    ):
        with pytest.raises(Failure) as failure:
            await update(office, above, "parent_organisation", parent_organisation=parent)
        assert set(failure.value.fields) == {"organisation.parent_organisation"}
    with as_whom(await office.identity.client_token("svc.reception", PASSWORD)):
        kin = await office.identity.authority.GetKin(
            authority_pb2.GetKinRequest(hromada=office.slug, organisation=last(below.name))
        )
    assert (kin.parent, list(kin.units)) == (last(above.name), [last(least.name)])
    freed = await update(office, below, "parent_organisation")
    assert freed.parent_organisation == ""


async def test_every_mistake_is_told_at_once_and_in_words(office: Office) -> None:
    with pytest.raises(Failure) as failure:
        await create(office, title="", kind=0, phones=["097"])
    assert set(failure.value.fields) == {"organisation.title", "organisation.kind", "organisation.phones"}
    assert failure.value.fields["organisation.title"].startswith("Title: ")


@pytest.mark.parametrize("field", ["existed_from", "existed_until"])
async def test_a_day_that_does_not_exist_is_refused_at_its_field(office: Office, field: str) -> None:
    with pytest.raises(Failure) as failure:
        await create(office, **{field: "2020-02-30"})
    assert set(failure.value.fields) == {f"organisation.{field}"}


async def test_one_code_is_one_organisations(office: Office, opened: Opened) -> None:
    await create(office, edrpou="40108578")
    with pytest.raises(Failure) as failure:
        await create(office, edrpou="40108578")
    assert (failure.value.code, set(failure.value.fields)) == (
        grpc.StatusCode.ALREADY_EXISTS,
        {"organisation.edrpou"},
    )
    assert (await create(await opened(), edrpou="40108578")).edrpou == "40108578"


async def test_the_abolished_raion_council_is_there_on_its_days_and_not_after(office: Office) -> None:
    await create(office, existed_until="2020-11-15")
    await create(office, title="Татарбунарська міська рада")
    assert len(await titles(office, as_of="2018-12-31")) == 2
    assert await titles(office, as_of="2020-11-15") == ["Татарбунарська міська рада"]
    assert len(await titles(office)) == 1
    assert len(await titles(office, show_all=True)) == 2


async def test_only_what_the_mask_names_changes(office: Office) -> None:
    made = await create(office, address="вул. Центральна, 1", edrpou="14360570")
    changed = await update(office, made, "existed_until", title="Інша", existed_until="2020-11-15")
    assert (changed.title, changed.address, changed.edrpou) == (made.title, made.address, made.edrpou)
    assert (changed.existed_until, changed.etag) == ("2020-11-15", "2")


async def test_a_change_without_a_mask_says_everything(office: Office) -> None:
    made = await create(office, address="вул. Центральна, 1")
    changed = await update(office, made, title="Нова назва", kind=pb.ORGANISATION_KIND_NGO)
    assert (changed.title, changed.address, changed.kind) == ("Нова назва", "", pb.ORGANISATION_KIND_NGO)


async def test_a_change_is_held_against_the_same_rules(office: Office) -> None:
    made = await create(office)
    for paths, changes, fields in (
        (["title", "kind"], {"title": "", "kind": 0}, {"organisation.title", "organisation.kind"}),
        (["edrpou"], {"edrpou": "40108579"}, {"organisation.edrpou"}),
        (["existed_until", "existed_from"], {"existed_from": "2018-01-01", "existed_until": "2018-01-01"}, None),
        (["hromada"], {}, {"update_mask"}),
    ):
        with pytest.raises(Failure) as failure:
            await update(office, made, *paths, **changes)
        assert failure.value.code is grpc.StatusCode.INVALID_ARGUMENT
        assert set(failure.value.fields) == (fields or {"organisation.existed_until"})


async def test_a_stale_etag_changes_nothing(office: Office) -> None:
    made = await create(office)
    await update(office, made, "short_title", short_title="Райрада")
    with pytest.raises(Failure) as failure:
        await update(office, made, "short_title", short_title="РР")
    assert failure.value.code is grpc.StatusCode.ABORTED


async def test_another_offices_organisation_is_missing(office: Office, opened: Opened) -> None:
    theirs = await create(await opened())
    foreign = f"{office.name}/organisations/{theirs.name.rpartition('/')[2]}"
    with as_whom(await office.as_head()), pytest.raises(Failure) as failure:
        await stub(office).GetOrganisation(pb.GetOrganisationRequest(name=foreign))
    assert failure.value.code is grpc.StatusCode.NOT_FOUND


async def test_organisations_come_page_by_page(office: Office) -> None:
    for number in range(3):
        await create(office, title=f"Організація {number}")
    with as_whom(await office.as_head()):
        first = await stub(office).ListOrganisations(pb.ListOrganisationsRequest(parent=office.name, page_size=2))
        rest = await stub(office).ListOrganisations(
            pb.ListOrganisationsRequest(parent=office.name, page_size=2, page_token=first.next_page_token)
        )
    assert [each.title for each in (*first.organisations, *rest.organisations)] == [
        f"Організація {number}" for number in range(3)
    ]
    assert not rest.next_page_token


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        (members_pb2.ROLE_ADMINISTRATOR, True, True),
        (members_pb2.ROLE_COORDINATOR, True, True),
        (members_pb2.ROLE_AUDITOR, True, False),
        (members_pb2.ROLE_DISTRICT_OFFICER, True, False),
    ],
)
async def test_roles_read_and_write_as_they_should(office: Office, role: Any, reads: bool, writes: bool) -> None:
    person, _ = await office.member(role)
    token = str((await office.identity.tokens(person, office.slug))["access_token"])
    entering = pb.CreateOrganisationRequest(parent=office.name, organisation=draft(), request_id=str(uuid4()))
    with as_whom(token):
        assert await _may(stub(office).ListOrganisations, pb.ListOrganisationsRequest(parent=office.name)) is reads
        assert await _may(stub(office).CreateOrganisation, entering) is writes


async def _may(method: Any, request: Any) -> bool:
    try:
        await method(request)
    except Failure as failure:
        if failure.code is not grpc.StatusCode.PERMISSION_DENIED:
            raise
        return False
    return True


@pytest.mark.parametrize("table", ["organisation", "agreement", "signatory", "venue", "project", "controller"])
async def test_the_service_cannot_delete_a_row(office: Office, postgres: Postgres, table: str) -> None:
    connection = await asyncpg.connect(postgres.url("identity_app", PASSWORD, "identity"))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(str(delete(named(table))))
    finally:
        await connection.close()
