"""Duties over gRPC, and what residents see of them in the directory."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from kit.call import Caller
from kit.clock import kyiv_date
from kit.rpc.client import Acting, Failure, acting
from kit.testing.ground import Ground
from reception.duties.actions import told_since
from spilno.reception.v1 import duties_pb2 as pb
from spilno.reception.v1 import leaflets_pb2, officers_pb2
from spilno.reception.v1.duties_pb2_grpc import DutiesStub
from spilno.reception.v1.leaflets_pb2_grpc import LeafletsStub
from spilno.reception.v1.officers_pb2_grpc import BeatsStub, OfficersStub

Opened = Callable[[], Awaitable[str]]
OFFICE = leaflets_pb2.OfficeLine(
    title="Татарбунарська громада",
    address="вул. Центральна, 50",
    phones=["+380484432124"],
    link="https://spilno.example/tatarbunary",
)
HOSTILE = '#import "x" $ * _ [ ] <a>@b \u202eхитрість'


class Desk:
    """Somebody who keeps beats and duties of one hromada, and two villages with a street of the same name."""

    def __init__(self, channel: Any, slug: str, portal: str) -> None:
        self.portal = portal
        self.parent = f"hromadas/{slug}"
        self.officers: Any = OfficersStub(channel)
        self.beats: Any = BeatsStub(channel)
        self.duties: Any = DutiesStub(channel)
        self.leaflets: Any = LeafletsStub(channel)

    async def officer(self, name: str = HOSTILE, *, public: bool = True) -> officers_pb2.Officer:
        card = officers_pb2.OfficerDraft(
            display_name=name, kind=officers_pb2.OFFICER_KIND_DISTRICT, phone="+380971234567", public=public
        )
        asked = officers_pb2.CreateOfficerRequest(parent=self.parent, officer=card, request_id=str(uuid4()))
        made: officers_pb2.Officer = await self.officers.CreateOfficer(asked)
        return made

    async def beat(self, number: int, settlement: str, officer: str = "") -> officers_pb2.Beat:
        beat = officers_pb2.BeatDraft(
            number=number, streets=["вул. Центральна"], settlements=[settlement], officer=officer
        )
        asked = officers_pb2.CreateBeatRequest(parent=self.parent, beat=beat, request_id=str(uuid4()))
        made: officers_pb2.Beat = await self.beats.CreateBeat(asked)
        return made

    async def create(self, beat: str, kind: Any, **days: str) -> pb.Duty:
        asked = pb.CreateDutyRequest(
            parent=self.parent, beat=beat, kind=kind, duty=pb.DutyDraft(**days), request_id=str(uuid4())
        )
        made: pb.Duty = await self.duties.CreateDuty(asked)
        return made

    @contextmanager
    def resident(self, locale: str = "uk") -> Iterator[None]:
        """Calls inside come from a resident."""
        before = acting.set(Acting(self.portal, locale))
        yield
        acting.reset(before)

    async def directory(self) -> officers_pb2.ServedBeat:
        """The first beat, as residents see it."""
        with self.resident():
            found = await self.beats.GetDirectory(officers_pb2.GetDirectoryRequest(parent=self.parent))
        first: officers_pb2.ServedBeat = found.beats[0]
        return first

    async def standing(self, kind: Any) -> pb.DutyStanding:
        listed = await self.duties.ListDuties(pb.ListDutiesRequest(parent=self.parent))
        found: pb.DutyStanding = next(each for each in listed.standings if each.kind == kind)
        return found


@pytest.fixture
async def desk(reception: Ground, opened: Opened) -> AsyncIterator[Desk]:
    slug = await opened()
    may = ("officers.manage", "beats.manage", "duties.read", "duties.record")
    before = acting.set(Acting(reception.staff(slug, *may)[1], "uk"))
    async with reception.channel() as channel:
        yield Desk(channel, slug, reception.issuer.integrator(slug, "portal"))
    acting.reset(before)


def ahead(days: int) -> str:
    return (kyiv_date(datetime.now(UTC)) + timedelta(days=days)).isoformat()


async def test_the_same_street_of_two_villages_is_two_streets(desk: Desk) -> None:
    await desk.beat(1, "с. Білолісся")
    await desk.beat(2, "с. Струмок")
    with desk.resident():
        found = await desk.beats.FindOfficer(
            officers_pb2.FindOfficerRequest(parent=desk.parent, address="Струмок, Центральна 5")
        )
    assert [beat.number for beat in found.beats] == [2]
    with pytest.raises(Failure) as refused:
        await desk.beat(3, "Білолісся")
    assert refused.value.fields.keys() == {"beat.streets"}


async def test_a_report_is_planned_and_held_and_residents_see_when(desk: Desk) -> None:
    beat = await desk.beat(1, "с. Білолісся", (await desk.officer()).name)
    planned = await desk.create(beat.name, pb.DUTY_KIND_REPORT, planned_on=ahead(20))
    with pytest.raises(Failure) as refused:
        await desk.create(beat.name, pb.DUTY_KIND_REPORT, planned_on=ahead(30))
    assert refused.value.reason == "duty.already-planned"
    told = await desk.directory()
    assert (told.last_report_on, told.next_report_on) == ("", ahead(20))
    held = pb.DutyDraft(planned_on=ahead(20), held_on=ahead(-1), note="у виконкомі")
    await desk.duties.UpdateDuty(pb.UpdateDutyRequest(name=planned.name, duty=held, etag=planned.etag))
    told = await desk.directory()
    assert (told.last_report_on, told.next_report_on) == (ahead(-1), "")
    assert (await desk.standing(pb.DUTY_KIND_REPORT)).last_held_on == ahead(-1)


async def test_a_meeting_that_was_long_ago_alarms_and_stands_first(desk: Desk) -> None:
    beat = await desk.beat(1, "с. Білолісся", (await desk.officer()).name)
    assert (await desk.standing(pb.DUTY_KIND_MEETING)).alarm == pb.DUTY_ALARM_NONE
    await desk.create(beat.name, pb.DUTY_KIND_MEETING, held_on=ahead(-80))
    listed = await desk.duties.ListDuties(pb.ListDutiesRequest(parent=desk.parent))
    assert (listed.standings[0].kind, listed.standings[0].alarm) == (pb.DUTY_KIND_MEETING, pb.DUTY_ALARM_OVERDUE)


async def test_a_beat_without_an_officer_owes_nothing(desk: Desk) -> None:
    beat = await desk.beat(1, "с. Білолісся")
    with pytest.raises(Failure) as refused:
        await desk.create(beat.name, pb.DUTY_KIND_REPORT, planned_on=ahead(20))
    assert refused.value.fields.keys() == {"beat"}
    assert not (await desk.duties.ListDuties(pb.ListDutiesRequest(parent=desk.parent))).standings


async def test_leaflets_are_accessible_pdf_in_both_languages_whatever_people_wrote(desk: Desk) -> None:
    officer = await desk.officer()
    await desk.beat(1, "с. Білолісся", officer.name)
    for locale in ("uk", "en"):
        with desk.resident(locale):
            made = [
                await desk.leaflets.PrintBooklet(leaflets_pb2.PrintBookletRequest(parent=desk.parent, office=OFFICE)),
                await desk.leaflets.PrintCards(leaflets_pb2.PrintCardsRequest(name=officer.name, office=OFFICE)),
                await desk.leaflets.PrintPoster(leaflets_pb2.PrintPosterRequest(parent=desk.parent, office=OFFICE)),
            ]
        assert all(each.content.startswith(b"%PDF-") and b"pdfuaid" in each.content for each in made)


async def test_a_card_that_residents_may_not_see_is_not_printed(desk: Desk) -> None:
    hidden = await desk.officer(public=False)
    with desk.resident(), pytest.raises(Failure) as refused:
        await desk.leaflets.PrintCards(leaflets_pb2.PrintCardsRequest(name=hidden.name, office=OFFICE))
    assert refused.value.code.name == "NOT_FOUND"


async def test_each_change_of_a_duty_is_told_and_never_whose_it_is(desk: Desk, reception: Ground) -> None:
    officer = await desk.officer("Коваленко Андрій")
    beat = await desk.beat(1, "Татарбунари", officer.name)
    today = kyiv_date(datetime.now(UTC)).isoformat()
    planned = await desk.create(beat.name, pb.DUTY_KIND_REPORT, planned_on=today, note="У залі ради")
    held = pb.UpdateDutyRequest(name=planned.name, etag=planned.etag, duty=pb.DutyDraft(held_on=today))
    await desk.duties.UpdateDuty(held)
    async with reception.call(desk.parent.removeprefix("hromadas/"), Caller("job.history")) as call:
        again: list[Any] = [message for _, message, _ in await told_since(call, None, None, 10)]
    assert [type(each).__name__ for each in again] == ["DutyPlanned", "DutyHeld"]
    assert [each.duty.held_on for each in again] == ["", today]
    assert {each.duty.beat for each in again} == {beat.name}
    assert not any(kept_back in str(again) for kept_back in ("Коваленко", "залі", officer.name))
