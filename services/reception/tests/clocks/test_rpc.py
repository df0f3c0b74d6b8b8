"""The office's calendar over gRPC."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import pytest
from kit.law import PROVISIONS, Certainty
from kit.rpc.client import Acting, Failure, acting
from kit.testing.ground import Ground
from spilno.reception.v1 import clocks_pb2 as pb
from spilno.reception.v1.clocks_pb2_grpc import ClocksStub

Opened = Callable[[], Awaitable[str]]


@pytest.fixture
async def office(reception: Ground, opened: Opened) -> AsyncIterator[tuple[Any, str]]:
    """The clocks of an office, as its head asks for them, and the office's name."""
    slug = await opened()
    _, token = reception.staff(slug, "calendar.read", "calendar.manage")
    before = acting.set(Acting(token, "uk"))
    async with reception.channel() as channel:
        yield ClocksStub(channel), f"hromadas/{slug}"
    acting.reset(before)


async def test_a_new_office_has_the_laws_own_calendar(office: tuple[Any, str]) -> None:
    clocks, parent = office
    found = (await clocks.GetCalendar(pb.GetCalendarRequest(parent=parent))).calendar
    assert [(each.since, each.until) for each in found.martial_law] == [("2022-02-24", "")]
    assert [(each.forward, each.missing, each.defect, each.simple, each.months, each.most) for each in found.terms] == [
        (5, 5, 10, 15, 1, 45)
    ]


async def test_an_office_writes_down_the_end_of_martial_law_and_a_day_that_it_moved(office: tuple[Any, str]) -> None:
    clocks, parent = office
    found = await clocks.GetCalendar(pb.GetCalendarRequest(parent=parent))
    found.calendar.martial_law[0].until = "2027-05-04"
    found.calendar.moved.add(day="2027-08-23", working=False)
    asked = pb.UpdateCalendarRequest(parent=parent, calendar=found.calendar, etag=found.etag)
    changed = await clocks.UpdateCalendar(asked)
    assert changed.calendar == found.calendar
    assert changed.etag == "2"
    with pytest.raises(Failure) as failure:
        await clocks.UpdateCalendar(asked)
    assert failure.value.code is grpc.StatusCode.ABORTED


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"martial_law": [pb.MartialLaw(since="2026-02-02", until="2026-02-01")]}, "calendar.martial_law"),
        ({"martial_law": [pb.MartialLaw(since="2026-02-30")]}, "calendar.martial_law"),
        ({"moved": [pb.MovedDay(day="учора")]}, "calendar.moved"),
    ],
)
async def test_days_in_the_wrong_order_or_none_are_told_at_their_field(
    office: tuple[Any, str], change: dict[str, Any], field: str
) -> None:
    clocks, parent = office
    found = await clocks.GetCalendar(pb.GetCalendarRequest(parent=parent))
    for name in change:
        found.calendar.ClearField(name)
    found.calendar.MergeFrom(pb.CalendarDraft(**change))
    with pytest.raises(Failure) as failure:
        await clocks.UpdateCalendar(pb.UpdateCalendarRequest(parent=parent, calendar=found.calendar, etag=found.etag))
    assert (failure.value.code, list(failure.value.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, [field])


async def test_who_may_only_read_changes_no_calendar(office: tuple[Any, str], reception: Ground) -> None:
    clocks, parent = office
    found = await clocks.GetCalendar(pb.GetCalendarRequest(parent=parent))
    acting.set(Acting(reception.staff(parent.removeprefix("hromadas/"), "calendar.read")[1], "uk"))
    with pytest.raises(Failure) as failure:
        await clocks.UpdateCalendar(pb.UpdateCalendarRequest(parent=parent, calendar=found.calendar, etag=found.etag))
    assert failure.value.code is grpc.StatusCode.PERMISSION_DENIED


async def test_every_rule_is_told_with_its_law_and_how_sure_it_is(office: tuple[Any, str]) -> None:
    clocks, parent = office
    told = (await clocks.ListProvisions(pb.ListProvisionsRequest(parent=parent))).provisions
    assert len(told) == len(PROVISIONS)
    rolled = next(each for each in told if each.number == "L9")
    assert (rolled.law, rolled.certainty) == ("Цивільний кодекс, ст. 253, 254", pb.CERTAINTY_PARTLY)
    assert {each.certainty is Certainty.SEEN for each in PROVISIONS.values()} == {True, False}
