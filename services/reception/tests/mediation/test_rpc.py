"""A case of mediation over gRPC, from the proposal to its end, and who never sees it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import grpc
import pytest
from kit.call import Caller
from kit.clock import kyiv_date
from kit.rpc.client import Acting, Failure, acting
from kit.servers.postgres import database_name
from kit.testing.ground import PASSWORD, Ground
from reception.mediation.telling import tell_changed, told_since
from reception.persons import actions as persons
from reception.persons.erasing import erase_expired
from spilno.reception.v1 import appeals_pb2
from spilno.reception.v1 import mediations_pb2 as pb
from spilno.reception.v1.appeals_pb2_grpc import AppealsStub
from spilno.reception.v1.mediations_pb2_grpc import MediationsStub

Opened = Callable[[], Awaitable[str]]
PERMISSIONS = ("mediations.work", "figures.read", "mediations.assign")


class Room:
    """A mediator, their colleague, and a case of two neighbours."""

    def __init__(self, reception: Ground, channel: Any, slug: str) -> None:
        self.parent = f"hromadas/{slug}"
        self.mediations: Any = MediationsStub(channel)
        self.appeals: Any = AppealsStub(channel)
        self.mediator = reception.staff(slug, *PERMISSIONS, "appeals.register", "appeals.take", "appeals.read")
        self.colleague = reception.staff(slug, *PERMISSIONS)
        self.auditor = reception.staff(slug, "figures.read")
        self.case = pb.Mediation()

    @contextmanager
    def as_colleague(self) -> Iterator[None]:
        before = acting.set(Acting(self.colleague[1], "uk"))
        yield
        acting.reset(before)

    async def open(self, **said: Any) -> pb.Mediation:
        asked = pb.OpenMediationRequest(
            parent=self.parent, matter="Паркан на межі", request_id=str(uuid4()), **{"neutral": True, **said}
        )
        self.case = await self.mediations.OpenMediation(asked)
        return self.case

    async def do(self, verb: str, **said: Any) -> pb.Mediation:
        """One step of the case."""
        asked = getattr(pb, f"{verb}Request")(name=self.case.name, etag=self.case.etag, **said)
        self.case = await getattr(self.mediations, verb)(asked)
        return self.case

    async def consent(self, place: int, consent: Any = pb.CONSENT_GIVEN) -> pb.Mediation:
        party = self.case.parties[place].id
        return await self.do(
            "RecordConsent",
            party=party,
            consent=consent,
            consent_on=ahead(0),
            consent_form=pb.CONSENT_FORM_WRITTEN,
        )

    async def under_way(self) -> pb.Mediation:
        await self.open()
        for name in ("Іваненко Петро", "Сидоренко Ганна"):
            await self.do("AddParty", display_name=name)
        await self.consent(0)
        return await self.consent(1)


@pytest.fixture
async def room(reception: Ground, opened: Opened) -> AsyncIterator[Room]:
    slug = await opened()
    async with reception.channel() as channel:
        room = Room(reception, channel, slug)
        before = acting.set(Acting(room.mediator[1], "uk"))
        yield room
        acting.reset(before)


def ahead(days: int) -> str:
    return (kyiv_date(datetime.now(UTC)) + timedelta(days=days)).isoformat()


async def refused(answer: Awaitable[Any]) -> Failure:
    with pytest.raises(Failure) as failure:
        await answer
    return failure.value


async def test_a_case_goes_from_consent_to_an_agreement_that_is_kept(room: Room) -> None:
    assert (await room.under_way()).state == pb.MEDIATION_STATE_UNDER_WAY
    await room.do("SaveMeeting", planned_on=ahead(3))
    meeting = room.case.meetings[0].id
    await room.do("SaveMeeting", meeting=meeting, planned_on=ahead(3), held_on=ahead(0), note="Говорили спокійно")
    await room.do("WriteAgreement", agreement="Паркан переносять на пів метра.")
    await room.do("SignAgreement", party=room.case.parties[0].id, signed_on=ahead(0))
    assert room.case.state == pb.MEDIATION_STATE_UNDER_WAY
    await room.do("SignAgreement", party=room.case.parties[1].id, signed_on=ahead(0))
    assert (room.case.state, room.case.agreed_on) == (pb.MEDIATION_STATE_AGREED, ahead(0))
    await room.do("SaveFollowUp", due_on=ahead(-1), question="Чи перенесли?")
    [row] = (await room.mediations.ListMediations(pb.ListMediationsRequest(parent=room.parent))).mediations
    assert (row.next_on, row.alarm, row.is_mediator) == (ahead(-1), pb.FOLLOW_UP_ALARM_OVERDUE, True)
    follow_up = room.case.follow_ups[0].id
    await room.do("SaveFollowUp", follow_up=follow_up, due_on=ahead(-1), done_on=ahead(0), result="Так")
    await room.do("CloseMediation", outcome=pb.MEDIATION_OUTCOME_KEPT)
    assert (room.case.state, room.case.closed_on) == (pb.MEDIATION_STATE_CLOSED, ahead(0))
    assert (await refused(room.do("AddParty", display_name="Хтось"))).reason == "mediation.closed"


async def test_nobody_sees_a_case_by_their_role_alone(room: Room) -> None:
    await room.open()
    seen = pb.GetMediationRequest(name=room.case.name, purpose=pb.MEDIATION_PURPOSE_MEETING)
    with room.as_colleague():
        assert (await refused(room.mediations.GetMediation(seen))).code is grpc.StatusCode.NOT_FOUND
        assert (await refused(room.do("AddParty", display_name="Хтось"))).code is grpc.StatusCode.NOT_FOUND
        assert not (await room.mediations.ListMediations(pb.ListMediationsRequest(parent=room.parent))).mediations
    colleague = appeals_pb2.Actor(id=room.colleague[0], display_name="Колега")
    await room.do("NameMediationStaff", staff=[colleague])
    with room.as_colleague():
        assert (await room.mediations.GetMediation(seen)).matter == "Паркан на межі"
        own = pb.NameMediationStaffRequest(name=room.case.name, etag=room.case.etag, staff=[])
        assert (await refused(room.mediations.NameMediationStaff(own))).reason == "mediation.mediator-alone"


async def test_the_trail_keeps_what_for_a_case_was_opened(room: Room, reception: Ground) -> None:
    await room.open()
    assert (
        "purpose" in (await refused(room.mediations.GetMediation(pb.GetMediationRequest(name=room.case.name)))).fields
    )
    await room.mediations.GetMediation(
        pb.GetMediationRequest(name=room.case.name, purpose=pb.MEDIATION_PURPOSE_PARTY_ASKS)
    )
    name = database_name("reception")
    database = await asyncpg.connect(reception.postgres.url(f"{name}_migrator", PASSWORD, name))
    kept = await database.fetch("SELECT purpose FROM audit WHERE $1 = ANY (records) ORDER BY id", room.case.name)
    await database.close()
    assert [each["purpose"] for each in kept] == ["", "mediation/party-asks"]


async def test_the_officer_of_an_appeal_does_not_mediate_in_it(room: Room) -> None:
    draft = appeals_pb2.AppealDraft(
        kind=appeals_pb2.APPEAL_KIND_COMPLAINT,
        area=appeals_pb2.SAFETY_AREA_ORDER,
        applicant=appeals_pb2.Applicant(name="Іваненко Петро", residence="Татарбунари", phone="+380971234567"),
        text="Сусід переніс паркан",
    )
    registered = await room.appeals.RegisterAppeal(
        appeals_pb2.RegisterAppealRequest(
            parent=room.parent,
            appeal=draft,
            channel=appeals_pb2.APPEAL_CHANNEL_PHONE,
            request_id=str(uuid4()),
        )
    )
    appeal = registered.appeal
    await room.appeals.TakeAppeal(appeals_pb2.TakeAppealRequest(name=appeal.name, etag=appeal.etag))
    assert "mediator" in (await refused(room.open(appeal=appeal.name))).fields
    other = appeals_pb2.Actor(id=room.colleague[0], display_name="Медіатор")
    assert (await room.open(appeal=appeal.name, mediator=other)).staff


async def test_only_a_colleague_who_mediates_is_named(room: Room) -> None:
    await room.open()
    for id in (room.auditor[0], str(uuid4())):
        actor = appeals_pb2.Actor(id=id, display_name="Медіатор")
        assigned = pb.AssignMediatorRequest(
            parent=room.parent, number=room.case.number, mediator=actor, neutral=True, request_id=str(uuid4())
        )
        assert set((await refused(room.mediations.AssignMediator(assigned))).fields) == {"mediator"}
        assert set((await refused(room.do("NameMediationStaff", staff=[actor]))).fields) == {"staff"}
        assert set((await refused(room.open(mediator=actor))).fields) == {"mediator"}


async def test_without_the_consent_of_all_nothing_is_agreed_and_who_withdraws_stops_it(room: Room) -> None:
    await room.open()
    await room.do("AddParty", display_name="Іваненко Петро")
    await room.do("AddParty", display_name="Сидоренко Ганна")
    await room.consent(0)
    assert (await refused(room.do("SaveMeeting", planned_on=ahead(3)))).reason == "mediation.no-consent"
    await room.consent(1)
    await room.do("WriteAgreement", agreement="Мир")
    await room.do("SignAgreement", party=room.case.parties[0].id, signed_on=ahead(0))
    await room.consent(0, pb.CONSENT_WITHDRAWN)
    assert (room.case.state, room.case.parties[0].signed_on) == (pb.MEDIATION_STATE_PROPOSED, "")
    stranger = refused(room.do("SignAgreement", party=str(uuid4()), signed_on=ahead(0)))
    assert (await stranger).reason == "mediation.no-consent"
    await room.do("CloseMediation", outcome=pb.MEDIATION_OUTCOME_NO_CONSENT)


async def test_a_case_is_given_to_another_mediator_by_its_number_and_small_figures_are_not_told(room: Room) -> None:
    await room.open()
    successor = appeals_pb2.Actor(id=room.colleague[0], display_name="Колега")
    given = await room.mediations.AssignMediator(
        pb.AssignMediatorRequest(
            parent=room.parent, number=room.case.number, mediator=successor, neutral=True, request_id=str(uuid4())
        )
    )
    assert given.name == room.case.name
    with room.as_colleague():
        [row] = (await room.mediations.ListMediations(pb.ListMediationsRequest(parent=room.parent))).mediations
    assert row.is_mediator
    period = pb.GetMediationFiguresRequest(parent=room.parent, from_day=ahead(-1), to_day=ahead(0))
    figures = await room.mediations.GetMediationFigures(period)
    assert (figures.total.count, figures.total.withheld) == (0, True)


async def test_after_its_term_a_case_forgets_its_parties_unless_it_is_held(room: Room, reception: Ground) -> None:
    slug, later = room.parent.removeprefix("hromadas/"), datetime.now(UTC) + timedelta(days=5 * 366)
    seen = []
    for is_held in (True, False):
        await room.open()
        await room.do("AddParty", display_name="Іваненко Петро")
        await room.do("CloseMediation", outcome=pb.MEDIATION_OUTCOME_NO_CONSENT)
        async with reception.call(slug) as call:
            if is_held:
                await persons.hold(call, f"mediations/{room.case.number}", "Суд", "522/1/26")
        seen.append(pb.GetMediationRequest(name=room.case.name, purpose=pb.MEDIATION_PURPOSE_SUPERVISION))
    async with reception.call(slug, now=later) as call:
        await erase_expired(call)
    held, forgotten = [await room.mediations.GetMediation(each) for each in seen]
    assert (held.matter, held.parties[0].display_name) == ("Паркан на межі", "Іваненко Петро")
    assert (forgotten.matter, forgotten.parties[0].display_name) == ("", "")
    assert forgotten.outcome == pb.MEDIATION_OUTCOME_NO_CONSENT


async def test_mediation_tells_once_a_day_that_something_was_done_and_nothing_that_could_be_counted(
    room: Room, reception: Ground
) -> None:
    slug, now = room.parent.removeprefix("hromadas/"), datetime.now(UTC)
    async with reception.call(slug, Caller("job.tell"), now=now + timedelta(days=1)) as call:
        await tell_changed(call)
        assert not call.emitted, "there is no case"
    for _ in range(3):
        await room.under_way()
    told: list[Any] = []
    for days in (0, 1, 1, 2):
        async with reception.call(slug, Caller("job.tell"), now=now + timedelta(days=days)) as call:
            await tell_changed(call)
            told += call.emitted
    assert [each.mediations.name for each in told] == [f"{room.parent}/mediationDays/{ahead(0)}"]
    async with reception.call(slug, Caller("job.history")) as call:
        assert [message for _, message, _ in await told_since(call, None, None, 10)] == told
