"""Receptions over gRPC: booking, cancelling, the day's list, the record, and what is refused."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import contextmanager
from datetime import UTC, timedelta
from typing import Any
from uuid import uuid4

import grpc
import grpc.aio
import pytest
import pytest_asyncio
from google.protobuf.timestamp_pb2 import Timestamp
from kit.clock import kyiv_date
from kit.rpc.client import Acting, Failure, acting
from kit.testing.ground import Ground
from reception.template import apply, template
from spilno.feed.v1 import feed_pb2, feed_pb2_grpc
from spilno.reception.v1 import appeals_pb2, events_pb2
from spilno.reception.v1 import receptions_pb2 as pb
from spilno.reception.v1.appeals_pb2_grpc import AppealsStub
from spilno.reception.v1.receptions_pb2_grpc import ReceptionsStub

Opened = Callable[[], Awaitable[str]]
PERMISSIONS = (
    "receptions.read",
    "receptions.book",
    "receptions.record",
    "receptions.manage",
    "appeals.register",
    "feed.watch",
)


@contextmanager
def as_whom(token: str | None, locale: str = "uk") -> Any:
    before = acting.set(Acting(token, locale))
    try:
        yield
    finally:
        acting.reset(before)


class Desk:
    """Staff and residents of one hromada, and what they ask."""

    def __init__(self, reception: Ground, channel: grpc.aio.Channel, slug: str) -> None:
        self.slug = slug
        self.parent = f"hromadas/{slug}"
        self.staff = reception.staff(slug, *PERMISSIONS)[1]
        self.resident = reception.issuer.integrator(slug, "portal")
        self.stub: Any = ReceptionsStub(channel)
        self.appeals: Any = AppealsStub(channel)

    async def slots(self) -> list[pb.Slot]:
        with as_whom(self.resident):
            listed = await self.stub.ListSlots(pb.ListSlotsRequest(parent=self.parent, days=12))
        return [slot for day in listed.days for slot in day.slots]

    async def free(self, at: int = 0) -> Timestamp:
        return [slot.start_time for slot in await self.slots() if slot.free][at]

    async def book(self, start: Timestamp, locale: str = "uk", **changes: Any) -> pb.VisitReceipt:
        phone = f"+38097{uuid4().int % 10_000_000:07}"
        visit = {"start_time": start, "visitor": "Олена", "phone": phone, "topic": "Шум уночі", **changes}
        with as_whom(self.resident, locale):
            receipt: pb.VisitReceipt = await self.stub.BookVisit(
                pb.BookVisitRequest(parent=self.parent, visit=pb.VisitDraft(**visit), request_id=str(uuid4()))
            )
        return receipt

    async def for_caller(self, start: Timestamp) -> pb.BookVisitForCallerResponse:
        visit = pb.VisitDraft(start_time=start, visitor="Петро", phone="+380501112233")
        with as_whom(self.staff):
            booked: pb.BookVisitForCallerResponse = await self.stub.BookVisitForCaller(
                pb.BookVisitForCallerRequest(parent=self.parent, visit=visit, request_id=str(uuid4()))
            )
        return booked

    async def cancel(self, code: str) -> pb.CancelledVisit:
        with as_whom(self.resident):
            cancelled: pb.CancelledVisit = await self.stub.CancelVisit(
                pb.CancelVisitRequest(parent=self.parent, code=code)
            )
        return cancelled

    async def day(self, start: Timestamp) -> list[pb.Visit]:
        date = kyiv_date(start.ToDatetime(UTC)).isoformat()
        with as_whom(self.staff):
            listed = await self.stub.ListVisits(pb.ListVisitsRequest(parent=self.parent, date=date))
        return list(listed.visits)

    async def schedule(self) -> pb.Schedule:
        with as_whom(self.resident):
            found: pb.Schedule = await self.stub.GetSchedule(pb.GetScheduleRequest(parent=self.parent))
        return found

    async def change(self, schedule: pb.ScheduleDraft, etag: str) -> pb.Schedule:
        with as_whom(self.staff):
            changed: pb.Schedule = await self.stub.UpdateSchedule(
                pb.UpdateScheduleRequest(parent=self.parent, schedule=schedule, etag=etag)
            )
        return changed


@pytest_asyncio.fixture
async def channel(reception: Ground) -> AsyncIterator[grpc.aio.Channel]:
    async with reception.channel() as channel:
        yield channel


@pytest_asyncio.fixture
async def desk(reception: Ground, channel: grpc.aio.Channel, opened: Opened) -> Desk:
    return Desk(reception, channel, await opened())


async def refused(call: Any) -> Failure:
    with pytest.raises(Failure) as failure:
        await call
    return failure.value


async def test_a_new_hromada_receives_by_the_template(desk: Desk) -> None:
    schedule = (await desk.schedule()).schedule
    assert [(day.weekday, day.hours.opens, day.hours.closes) for day in schedule.week] == [
        (2, "10:00", "12:00"),
        (5, "10:00", "12:00"),
    ]
    assert schedule.slot_minutes == 20
    assert len(schedule.hosts) == 2


async def test_the_template_applied_again_writes_nothing(desk: Desk, reception: Ground) -> None:
    before = await desk.schedule()
    before.schedule.slot_minutes = 30
    changed = await desk.change(before.schedule, before.etag)
    async with reception.call(desk.slug) as call:
        assert not any((await apply(call, template.own)).values())
    assert await desk.schedule() == changed


async def test_a_hromada_without_a_register_receives_nobody_yet(reception: Ground, channel: Any) -> None:
    closed = Desk(reception, channel, f"h-{uuid4().hex[:12]}")
    failure = await refused(closed.slots())
    assert (failure.code, failure.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "register.not-open")


async def test_a_resident_books_a_slot_and_it_is_taken(desk: Desk) -> None:
    start = await desk.free(2)
    receipt = await desk.book(start)
    assert receipt.start_time == start
    assert len(receipt.code) == 12
    assert [slot.free for slot in await desk.slots() if slot.start_time == start] == [False]


async def test_of_eight_at_one_slot_one_wins_and_the_others_hear_the_next_free_one(desk: Desk) -> None:
    start, following = await desk.free(0), await desk.free(1)
    outcomes = await asyncio.gather(*(desk.book(start) for _ in range(8)), return_exceptions=True)
    losers = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
    assert len(losers) == 7
    for loser in losers:
        assert (loser.code, loser.reason) == (grpc.StatusCode.ALREADY_EXISTS, "slot.taken")
        assert f"{following.ToDatetime(UTC) + timedelta(0):%M}" in loser.fields["visit.start_time"]
    assert len(await desk.day(start)) == 1


async def test_the_same_request_is_one_visit_with_one_code(desk: Desk) -> None:
    visit = pb.VisitDraft(start_time=await desk.free(), visitor="Олена", phone="+380971234567")
    once = pb.BookVisitRequest(parent=desk.parent, visit=visit, request_id=str(uuid4()))
    with as_whom(desk.resident):
        first, second = await desk.stub.BookVisit(once), await desk.stub.BookVisit(once)
    assert first == second


@pytest.mark.parametrize(("moved", "reason"), [(-timedelta(days=70), "slot.past"), (timedelta(minutes=1), "slot.none")])
async def test_a_time_without_a_slot_is_refused_at_its_field(desk: Desk, moved: timedelta, reason: str) -> None:
    start = Timestamp()
    start.FromDatetime((await desk.free()).ToDatetime(UTC) + moved)
    failure = await refused(desk.book(start))
    assert (failure.reason, list(failure.fields)) == (reason, ["visit.start_time"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"visitor": ""}, "visit.visitor"),
        ({"visitor": "..."}, "visit.visitor"),
        ({"phone": ""}, "visit.phone"),
        ({"phone": "097"}, "visit.phone"),
        ({"topic": "я" * 301}, "visit.topic"),
    ],
)
async def test_a_field_that_is_wrong_is_named_and_the_slot_stays_free(
    desk: Desk, changes: dict[str, Any], field: str
) -> None:
    start = await desk.free()
    for locale in ("uk", "en"):
        failure = await refused(desk.book(start, locale, **changes))
        assert list(failure.fields) == [field]
    assert await desk.free() == start


async def test_a_cancelled_slot_is_free_again_and_cannot_be_cancelled_twice(desk: Desk) -> None:
    start = await desk.free()
    receipt = await desk.book(start)
    assert (await desk.cancel(f"{receipt.code[:4]} {receipt.code[4:8]}-{receipt.code[8:]}")).start_time == start
    again = await refused(desk.cancel(receipt.code))
    assert (again.code, again.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "visit.already-cancelled")
    await desk.book(start)


async def test_a_wrong_code_is_missing_and_then_throttled(desk: Desk) -> None:
    codes = [(await refused(desk.cancel("000000000000"))).code for _ in range(11)]
    assert codes[:10] == [grpc.StatusCode.NOT_FOUND] * 10
    assert codes[10] is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_staff_book_and_cancel_for_whoever_calls(desk: Desk) -> None:
    start = await desk.free()
    visit = (await desk.for_caller(start)).visit
    assert visit.booked_by_staff
    with as_whom(desk.staff):
        asked = pb.CancelVisitForCallerRequest(name=visit.name, etag=visit.etag)
        cancelled = await desk.stub.CancelVisitForCaller(asked)
        stale = await refused(desk.stub.CancelVisitForCaller(asked))
    assert cancelled.state == pb.VISIT_STATE_CANCELLED
    assert stale.code is grpc.StatusCode.ABORTED


async def test_a_moved_visit_keeps_its_code_frees_its_slot_and_is_moved_once_however_often_asked(desk: Desk) -> None:
    before, after, taken = [await desk.free(at) for at in range(3)]
    receipt = await desk.book(before)
    await desk.book(taken)
    asked = pb.MoveVisitRequest(parent=desk.parent, code=receipt.code, start_time=after, request_id=str(uuid4()))
    with as_whom(desk.resident):
        moved = await desk.stub.MoveVisit(asked)
        assert await desk.stub.MoveVisit(asked) == moved
        asked.request_id, asked.start_time.seconds = str(uuid4()), taken.seconds
        late = await refused(desk.stub.MoveVisit(asked))
        asked.request_id, asked.start_time.seconds = str(uuid4()), after.seconds + 60
        nowhere = await refused(desk.stub.MoveVisit(asked))
    assert (moved.start_time, moved.moved_from) == (after, before)
    assert (late.code, list(late.fields)) == (grpc.StatusCode.ALREADY_EXISTS, ["start_time"])
    assert (nowhere.reason, list(nowhere.fields)) == ("slot.none", ["start_time"])
    assert await desk.free() == before
    assert (await desk.cancel(receipt.code)).start_time == after


async def test_staff_move_a_visit_that_waits_and_no_other(desk: Desk) -> None:
    visit = (await desk.for_caller(await desk.free())).visit
    after = await desk.free(1)
    with as_whom(desk.staff):
        asked = pb.MoveVisitForCallerRequest(name=visit.name, etag=visit.etag, start_time=after)
        moved = await desk.stub.MoveVisitForCaller(asked)
        stale = await refused(desk.stub.MoveVisitForCaller(asked))
        came = await desk.stub.CheckIn(pb.CheckInRequest(name=visit.name, etag=moved.etag))
        asked.etag = came.etag
        waiting = await refused(desk.stub.MoveVisitForCaller(asked))
    assert (moved.name, moved.start_time, moved.state) == (visit.name, after, pb.VISIT_STATE_BOOKED)
    assert stale.code is grpc.StatusCode.ABORTED
    assert waiting.reason == "visit.already-arrived"


async def test_the_days_list_is_in_waiting_order(desk: Desk) -> None:
    slots = [slot.start_time for slot in await desk.slots()]
    same_day = [slot for slot in slots if kyiv_date(slot.ToDatetime(UTC)) == kyiv_date(slots[-1].ToDatetime(UTC))]
    third, first, second = same_day[4], same_day[0], same_day[2]
    for start in (third, first, second):
        await desk.for_caller(start)
    assert [visit.start_time for visit in await desk.day(first)] == [first, second, third]


async def test_a_changed_schedule_keeps_what_was_booked_and_lists_it(desk: Desk) -> None:
    start = await desk.free()
    receipt = await desk.book(start)
    schedule = await desk.schedule()
    del schedule.schedule.week[:]
    schedule.schedule.week.add(weekday=7, hours=pb.Hours(opens="08:00", closes="09:00"))
    await desk.change(schedule.schedule, schedule.etag)
    visit = (await desk.day(start))[0]
    assert (visit.state, visit.outside_schedule) == (pb.VISIT_STATE_BOOKED, True)
    with as_whom(desk.staff):
        outside = await desk.stub.ListVisits(pb.ListVisitsRequest(parent=desk.parent, outside_schedule=True))
    assert [one.name for one in outside.visits] == [visit.name]
    await desk.cancel(receipt.code)


async def test_a_schedule_that_cannot_be_kept_changes_nothing(desk: Desk) -> None:
    before = await desk.schedule()
    for hours, field in (
        ([pb.WeeklyHours(weekday=2, hours=pb.Hours(opens="12:00", closes="10:00"))], "schedule.week"),
        ([pb.WeeklyHours(weekday=2, hours=pb.Hours(opens="25:00", closes="26:00"))], None),
    ):
        draft = pb.ScheduleDraft(week=hours, slot_minutes=20, hosts=["Офіцер"])
        failure = await refused(desk.change(draft, before.etag))
        assert failure.code is grpc.StatusCode.INVALID_ARGUMENT
        assert field is None or list(failure.fields) == [field]
    no_day = pb.ScheduleDraft(slot_minutes=20, hosts=["Офіцер"], exceptions=[pb.ScheduleException(date="2026-02-30")])
    assert list((await refused(desk.change(no_day, before.etag))).fields) == ["schedule.exceptions"]
    assert await desk.schedule() == before


async def test_a_visit_is_recorded_with_both_hosts_and_becomes_an_appeal(desk: Desk) -> None:
    visit = (await desk.for_caller(await desk.free())).visit
    hosts = (await desk.schedule()).schedule.hosts
    with as_whom(desk.staff):
        arrived = await desk.stub.CheckIn(pb.CheckInRequest(name=visit.name, etag=visit.etag))
        held = await desk.stub.RecordVisit(
            pb.RecordVisitRequest(
                name=visit.name, etag=arrived.etag, hosts=hosts, outcome=pb.VISIT_OUTCOME_APPEAL, note="Шум"
            )
        )
        draft = appeals_pb2.AppealDraft(
            kind=appeals_pb2.APPEAL_KIND_APPLICATION,
            area=appeals_pb2.SAFETY_AREA_ORDER,
            applicant=appeals_pb2.Applicant(name="Мешканець Петро", residence="вул. Нова, 1"),
            text="Щоночі шум біля магазину.",
        )
        asked = appeals_pb2.RegisterAppealRequest(
            parent=desk.parent,
            appeal=draft,
            channel=appeals_pb2.APPEAL_CHANNEL_RECEPTION,
            request_id=str(uuid4()),
            visit=visit.name,
        )
        appeal = (await desk.appeals.RegisterAppeal(asked)).appeal
        linked = await desk.stub.GetVisit(pb.GetVisitRequest(name=visit.name))
        asked.request_id = str(uuid4())
        again = await refused(desk.appeals.RegisterAppeal(asked))
        asked.request_id, asked.visit = str(uuid4()), f"{desk.parent}/visits/{uuid4()}"
        unknown = await refused(desk.appeals.RegisterAppeal(asked))
    assert (held.state, list(held.hosts)) == (pb.VISIT_STATE_HELD, list(hosts))
    assert linked.appeal == appeal.name
    assert again.reason == "visit.has-appeal"
    assert unknown.reason == "visit.unknown"


async def test_another_hromadas_visit_is_missing(
    desk: Desk, reception: Ground, channel: grpc.aio.Channel, opened: Opened
) -> None:
    other = Desk(reception, channel, await opened())
    visit = (await other.for_caller(await other.free())).visit
    with as_whom(desk.staff):
        failure = await refused(
            desk.stub.GetVisit(pb.GetVisitRequest(name=visit.name.replace(other.parent, desk.parent)))
        )
    assert failure.code is grpc.StatusCode.NOT_FOUND
    assert (await refused(desk.cancel((await other.book(await other.free())).code))).code is grpc.StatusCode.NOT_FOUND


async def test_one_phone_does_not_take_all_the_slots(desk: Desk) -> None:
    for at in (0, 0):
        await desk.book(await desk.free(at), phone="+380661112233")
    failure = await refused(desk.book(await desk.free(), phone="+380661112233"))
    assert list(failure.fields) == ["visit.phone"]


async def test_what_happens_is_told_without_a_word_of_who_came(desk: Desk, channel: grpc.aio.Channel) -> None:
    feed: Any = feed_pb2_grpc.FeedStub(channel)
    receipt, after = await desk.book(await desk.free()), await desk.free()
    with as_whom(desk.resident):
        request_id = str(uuid4())
        await desk.stub.MoveVisit(
            pb.MoveVisitRequest(parent=desk.parent, code=receipt.code, start_time=after, request_id=request_id)
        )
    await desk.cancel(receipt.code)
    with as_whom(desk.staff):
        events = [event async for event in feed.Backfill(feed_pb2.BackfillRequest(parent=desk.parent))]
    assert [event.body.TypeName() for event in events] == [
        "spilno.reception.v1.VisitBooked",
        "spilno.reception.v1.VisitMoved",
        "spilno.reception.v1.VisitCancelled",
    ]
    told = events_pb2.VisitBooked.FromString(events[0].body.value)
    moved = events_pb2.VisitMoved.FromString(events[1].body.value)
    assert (told.visit.start_time, moved.visit.start_time) == (receipt.start_time, after)
    assert "Олена" not in str(told)
    assert "Шум" not in str(told)


async def test_backfill_tells_the_same_events_as_the_bus(desk: Desk, channel: grpc.aio.Channel) -> None:
    feed: Any = feed_pb2_grpc.FeedStub(channel)

    async def live() -> list[Any]:
        heard = []
        async for event in feed.Watch(feed_pb2.WatchRequest(parent=desk.parent)):
            heard.append(event)
            if len(heard) == 2:
                break
        return heard

    with as_whom(desk.staff):
        watching = asyncio.create_task(live())
    await asyncio.sleep(0.5)
    visit = (await desk.for_caller(await desk.free())).visit
    with as_whom(desk.staff):
        await desk.stub.RecordVisit(
            pb.RecordVisitRequest(name=visit.name, etag=visit.etag, outcome=pb.VISIT_OUTCOME_ABSENT)
        )
        heard = await asyncio.wait_for(watching, 60)
        again = [event async for event in feed.Backfill(feed_pb2.BackfillRequest(parent=desk.parent))]
    assert [(event.id, event.body) for event in heard] == [(event.id, event.body) for event in again]


async def came(desk: Desk, request_id: str = "", **said: str) -> pb.Visit:
    with as_whom(desk.staff):
        visit: pb.Visit = await desk.stub.AddWalkIn(
            pb.AddWalkInRequest(
                **{"parent": desk.parent, "visitor": "Марія", "request_id": request_id or str(uuid4()), **said}
            )
        )
    return visit


async def test_whoever_simply_came_waits_from_then_on_and_is_recorded(desk: Desk) -> None:
    first, second = await came(desk), await came(desk, visitor="Іван")
    assert (first.state, first.walk_in, first.phone) == (pb.VISIT_STATE_ARRIVED, True, "")
    with as_whom(desk.staff):
        listed = await desk.stub.ListVisits(pb.ListVisitsRequest(parent=desk.parent))
        waiting = [each.name for each in listed.visits if each.walk_in]
        assert waiting == [first.name, second.name]
        assert not any(each.outside_schedule for each in listed.visits if each.walk_in)
        held = await desk.stub.RecordVisit(
            pb.RecordVisitRequest(
                name=first.name,
                etag=first.etag,
                hosts=template.own.schedule.hosts[:1],
                outcome=pb.VISIT_OUTCOME_ADVISED,
            )
        )
    assert held.state == pb.VISIT_STATE_HELD


async def test_a_repeated_walk_in_is_one_person(desk: Desk) -> None:
    request_id = str(uuid4())
    assert (await came(desk, request_id)).name == (await came(desk, request_id)).name


@pytest.mark.parametrize(("said", "field"), [({"visitor": "12"}, "visitor"), ({"phone": "097"}, "phone")])
async def test_a_wrong_walk_in_is_refused_at_its_field(desk: Desk, said: dict[str, str], field: str) -> None:
    with pytest.raises(Failure) as failure:
        await came(desk, **said)
    assert (failure.value.code, set(failure.value.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, {field})


async def test_a_resident_asks_to_be_reminded_and_staff_see_how(desk: Desk) -> None:
    with as_whom(desk.resident):
        listed = await desk.stub.ListSlots(pb.ListSlotsRequest(parent=desk.parent))
    assert list(listed.reminder_channels) == [pb.REMINDER_CHANNEL_EMAIL]
    start = await desk.free()
    wish = pb.ReminderDraft(channel=pb.REMINDER_CHANNEL_EMAIL, email="olena@example.org", language="en")
    receipt = await desk.book(start, reminder=wish)
    (visit,) = await desk.day(start)
    assert (visit.reminder.channel, visit.reminder.email, visit.reminder.language) == (
        pb.REMINDER_CHANNEL_EMAIL,
        "olena@example.org",
        "en",
    )
    assert visit.reminder.HasField("agreed_at")
    await desk.cancel(receipt.code)
    (visit,) = await desk.day(start)
    assert not visit.HasField("reminder")


async def test_who_does_not_ask_is_not_reminded(desk: Desk) -> None:
    start = await desk.free()
    await desk.book(start)
    assert not (await desk.day(start))[0].HasField("reminder")


EMAIL = {"channel": pb.REMINDER_CHANNEL_EMAIL, "email": "olena@example.org", "language": "uk"}


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({**EMAIL, "channel": pb.REMINDER_CHANNEL_SMS}, "visit.reminder.channel"),
        ({**EMAIL, "channel": pb.REMINDER_CHANNEL_UNSPECIFIED}, "visit.reminder.channel"),
        ({**EMAIL, "email": ""}, "visit.reminder.email"),
        ({**EMAIL, "email": "olena"}, "visit.reminder.email"),
        ({**EMAIL, "language": "de"}, "visit.reminder.language"),
    ],
)
@pytest.mark.parametrize("locale", ["uk", "en"])
async def test_a_reminder_that_cannot_be_is_refused_by_its_field(
    desk: Desk, wish: dict[str, Any], field: str, locale: str
) -> None:
    start = await desk.free()
    failure = await refused(desk.book(start, locale, reminder=pb.ReminderDraft(**wish)))
    assert (failure.code, list(failure.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, [field])
