"""The memorandum over gRPC: who was a party on which day."""

import asyncio
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from identity.testing import Office, Opened, as_whom
from kit.names import last
from kit.rpc.client import Failure
from kit.testing.ground import PASSWORD
from spilno.identity.v1 import agreements_pb2 as pb
from spilno.identity.v1 import authority_pb2, organisations_pb2
from spilno.identity.v1.agreements_pb2_grpc import AgreementsStub
from spilno.identity.v1.organisations_pb2_grpc import OrganisationsStub


def stub(office: Office) -> Any:
    return AgreementsStub(office.identity.channel)


async def memorandum(office: Office, **changes: Any) -> pb.Agreement:
    said: dict[str, Any] = {
        "title": "Меморандум про співпрацю",
        "kind": pb.AGREEMENT_KIND_MEMORANDUM,
        "concluded_on": "2017-02-01",
        **changes,
    }
    with as_whom(await office.as_head()):
        made: pb.Agreement = await stub(office).CreateAgreement(
            pb.CreateAgreementRequest(parent=office.name, agreement=pb.AgreementDraft(**said), request_id=str(uuid4()))
        )
    return made


async def organisation(office: Office, title: str = "Поліція", **changes: Any) -> str:
    stub: Any = OrganisationsStub(office.identity.channel)
    with as_whom(await office.as_head()):
        made = await stub.CreateOrganisation(
            organisations_pb2.CreateOrganisationRequest(
                parent=office.name,
                organisation=organisations_pb2.OrganisationDraft(
                    title=title, kind=organisations_pb2.ORGANISATION_KIND_POLICE, **changes
                ),
                request_id=str(uuid4()),
            )
        )
    return str(made.name)


async def join(
    office: Office, agreement: pb.Agreement, organisation: str, joined_on: str = "2017-02-01", **more: Any
) -> pb.Signatory:
    request = pb.AddSignatoryRequest(
        parent=agreement.name, organisation=organisation, joined_on=joined_on, request_id=str(uuid4()), **more
    )
    with as_whom(await office.as_head()):
        joined: pb.Signatory = await stub(office).AddSignatory(request)
    return joined


async def leave(office: Office, signatory: pb.Signatory, left_on: str) -> pb.Signatory:
    request = pb.EndSignatoryRequest(name=signatory.name, etag=signatory.etag, left_on=left_on)
    with as_whom(await office.as_head()):
        left: pb.Signatory = await stub(office).EndSignatory(request)
    return left


async def count(office: Office, agreement: pb.Agreement, as_of: str) -> int:
    """What GetAgreement counts, which is what ListSignatories lists."""
    with as_whom(await office.as_head()):
        found = await stub(office).GetAgreement(pb.GetAgreementRequest(name=agreement.name, as_of=as_of))
        listed = await stub(office).ListSignatories(pb.ListSignatoriesRequest(parent=agreement.name, as_of=as_of))
    assert found.as_of == listed.as_of == as_of
    assert found.signatory_count == len(listed.signatories)
    return int(found.signatory_count)


async def test_an_agreement_is_kept_as_it_was_entered(office: Office) -> None:
    made = await memorandum(office, number="1", decision_number="131", decided_on="2017-01-30", basis="Статут")
    with as_whom(await office.as_head()):
        listed = await stub(office).ListAgreements(pb.ListAgreementsRequest(parent=office.name))
    assert list(listed.agreements) == [made]
    assert (made.decided_on, made.signatory_count) == ("2017-01-30", 0)


async def test_an_agreement_is_counted_as_of_any_day(office: Office) -> None:
    agreement = await memorandum(office)
    first = await join(office, agreement, await organisation(office, "Міська рада"))
    await join(office, agreement, await organisation(office, "Школа"), "2018-05-01", post="директор")
    await leave(office, first, "2019-01-01")
    days = ("2017-01-31", "2017-02-01", "2018-05-01", "2018-12-31", "2019-01-01")
    assert [await count(office, agreement, day) for day in days] == [0, 1, 2, 2, 1]


async def test_the_raion_council_is_a_party_until_it_was_abolished(office: Office) -> None:
    agreement = await memorandum(office)
    await join(office, agreement, await organisation(office, "Районна рада", existed_until="2020-11-15"))
    assert [await count(office, agreement, day) for day in ("2020-11-14", "2020-11-15")] == [1, 0]


async def test_everyone_who_ever_was_a_party_is_shown_in_the_order_of_joining(office: Office) -> None:
    agreement = await memorandum(office)
    await join(office, agreement, await organisation(office, "Друга"), "2018-01-01")
    await join(office, agreement, await organisation(office, "Перша"), "2017-02-01", left_on="2017-06-01")
    with as_whom(await office.as_head()):
        listed = await stub(office).ListSignatories(pb.ListSignatoriesRequest(parent=agreement.name, show_all=True))
    assert [each.organisation_title for each in listed.signatories] == ["Перша", "Друга"]


@pytest.mark.parametrize(
    ("joined_on", "more", "field"),
    [
        ("2017-01-31", {}, "joined_on"),
        ("31.01.2017", {}, "joined_on"),
        ("2017-02-30", {}, "joined_on"),
        ("2018-01-01", {"left_on": "2017-12-31"}, "left_on"),
    ],
)
async def test_a_wrong_day_is_refused_at_its_field(
    office: Office, joined_on: str, more: dict[str, str], field: str
) -> None:
    agreement, one = await memorandum(office), await organisation(office)
    with pytest.raises(Failure) as failure:
        await join(office, agreement, one, joined_on, **more)
    assert (failure.value.code, set(failure.value.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, {field})


async def test_nobody_joins_twice_at_once(office: Office) -> None:
    agreement, one = await memorandum(office), await organisation(office)
    await join(office, agreement, one)
    with pytest.raises(Failure) as failure:
        await join(office, agreement, one, "2018-01-01")
    assert set(failure.value.fields) == {"organisation"}


async def test_of_two_who_enter_the_same_party_at_one_moment_one_is_refused(office: Office) -> None:
    agreement, one = await memorandum(office), await organisation(office)
    await office.as_head()
    outcomes = await asyncio.gather(*(join(office, agreement, one) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(each, Failure) for each in outcomes) == 3
    assert await count(office, agreement, "2018-01-01") == 1


async def test_who_has_left_joins_anew(office: Office) -> None:
    agreement, one = await memorandum(office), await organisation(office)
    await leave(office, await join(office, agreement, one), "2018-01-01")
    await join(office, agreement, one, "2019-01-01")
    assert [await count(office, agreement, day) for day in ("2017-12-31", "2018-06-01", "2019-01-01")] == [1, 0, 1]


async def test_nobody_leaves_twice_or_before_joining(office: Office) -> None:
    agreement = await memorandum(office)
    signatory = await join(office, agreement, await organisation(office), "2018-01-01")
    with pytest.raises(Failure) as failure:
        await leave(office, signatory, "2018-01-01")
    assert set(failure.value.fields) == {"left_on"}
    left = await leave(office, signatory, "2018-06-01")
    with pytest.raises(Failure) as failure:
        await leave(office, left, "2018-07-01")
    assert failure.value.code is grpc.StatusCode.FAILED_PRECONDITION


async def test_a_signatory_of_another_agreement_is_missing(office: Office) -> None:
    signatory = await join(office, await memorandum(office), await organisation(office))
    other = await memorandum(office, title="Інший меморандум")
    moved = pb.Signatory(name=f"{other.name}/signatories/{signatory.name.rpartition('/')[2]}", etag=signatory.etag)
    with pytest.raises(Failure) as failure:
        await leave(office, moved, "2018-01-01")
    assert failure.value.code is grpc.StatusCode.NOT_FOUND


async def test_another_offices_organisation_joins_nothing_here(office: Office, opened: Opened) -> None:
    theirs = (await organisation(await opened())).rpartition("/")[2]
    agreement = await memorandum(office)
    with pytest.raises(Failure) as failure:
        await join(office, agreement, f"{office.name}/organisations/{theirs}")
    assert (failure.value.code, set(failure.value.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, {"organisation"})


async def test_another_offices_memorandum_is_missing(office: Office, opened: Opened) -> None:
    theirs = await memorandum(await opened())
    foreign = pb.Agreement(name=f"{office.name}/agreements/{theirs.name.rpartition('/')[2]}")
    with pytest.raises(Failure) as failure:
        await count(office, foreign, "2018-01-01")
    assert failure.value.code is grpc.StatusCode.NOT_FOUND


async def test_the_same_request_makes_one_party(office: Office) -> None:
    agreement, one = await memorandum(office), await organisation(office)
    request = pb.AddSignatoryRequest(
        parent=agreement.name, organisation=one, joined_on="2017-02-01", request_id=str(uuid4())
    )
    with as_whom(await office.as_head()):
        assert await stub(office).AddSignatory(request) == await stub(office).AddSignatory(request)


@pytest.mark.parametrize(
    ("on", "of", "is_party"),
    [
        ("2020-01-01", {}, True),
        ("2017-01-31", {}, False),
        ("2020-07-19", {}, False),
        ("2020-01-01", {"kind": pb.AGREEMENT_KIND_COOPERATION}, False),
    ],
    ids=["while a party", "before it joined", "since it left", "of another agreement"],
)
async def test_services_ask_whether_an_organisation_is_a_party_to_a_memorandum_on_a_day(
    office: Office, on: str, of: dict[str, Any], is_party: bool
) -> None:
    council = await organisation(office, "Районна рада")
    await leave(office, await join(office, await memorandum(office, **of), council), "2020-07-19")
    asked = authority_pb2.GetPartnerRequest(hromada=office.slug, organisation=last(council), as_of=on)
    with as_whom(await office.identity.client_token("svc.reception", PASSWORD)):
        if is_party:
            assert (await office.identity.authority.GetPartner(asked)).title == "Районна рада"
            return
        with pytest.raises(Failure) as failure:
            await office.identity.authority.GetPartner(asked)
    assert failure.value.code is grpc.StatusCode.NOT_FOUND


async def test_an_agreement_changes_by_its_mask_and_not_behind_its_parties(office: Office) -> None:
    agreement = await memorandum(office, number="1")
    await join(office, agreement, await organisation(office))

    async def change(etag: str, *paths: str, **changes: Any) -> pb.Agreement:
        with as_whom(await office.as_head()):
            changed: pb.Agreement = await stub(office).UpdateAgreement(
                pb.UpdateAgreementRequest(
                    name=agreement.name,
                    etag=etag,
                    agreement=pb.AgreementDraft(**changes),
                    update_mask=FieldMask(paths=paths),
                )
            )
        return changed

    changed = await change(agreement.etag, "note", note="Текст у додатку")
    assert (changed.note, changed.number, changed.signatory_count) == ("Текст у додатку", "1", 1)
    for paths, changes, field in (
        ("concluded_on", {"concluded_on": "2017-02-02"}, "agreement.concluded_on"),
        ("title", {"title": ""}, "agreement.title"),
        ("valid_until", {"valid_until": "2017-01-01"}, "agreement.valid_until"),
    ):
        with pytest.raises(Failure) as failure:
            await change(changed.etag, paths, **changes)
        assert set(failure.value.fields) == {field}
