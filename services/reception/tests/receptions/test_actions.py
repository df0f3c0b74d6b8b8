"""What is done with visits every day, on a real database."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from kit.call import Call
from kit.jobs import queue
from kit.jobs.declared import name_of
from kit.notices.actions import of
from kit.notices.rules import Channel
from kit.notices.rules import State as Sending
from kit.testing.ground import Ground
from reception.receptions import actions, moving, rules, slots
from reception.receptions.actions import Draft
from reception.receptions.model import Visit
from reception.receptions.rules import Reminder
from reception.service import service

Opened = Callable[[], Awaitable[str]]


EMAIL = Reminder(Channel.EMAIL, "olena@example.org", "uk")


async def reminded(call: Call) -> Visit:
    """A visit to the next free slot, with a reminder."""
    start = next(slot for day in await slots.days(call, 12) for slot, is_free in day.slots if is_free)
    visit, _ = await actions.book(call, Draft(start, "Олена", "+380971234567", "Шум уночі", EMAIL), for_caller=True)
    return visit


def reminder_of(visit: Visit) -> tuple[object, ...]:
    return visit.reminder_channel, visit.reminder_email, visit.reminder_language, visit.reminder_agreed_at


async def test_a_reminder_goes_with_the_visitor_when_they_are_forgotten(reception: Ground, opened: Opened) -> None:
    slug = await opened()
    async with reception.call(slug) as call:
        booked, moment = await reminded(call), call.now
    async with reception.call(slug) as call:
        kept = await actions.get(call, booked.id)
        assert reminder_of(kept) == (Channel.EMAIL, "olena@example.org", "uk", moment)
    async with reception.call(slug, now=booked.starts_at + rules.FORGOTTEN_AFTER + timedelta(seconds=1)) as call:
        await actions.forget_visitors(call)
    async with reception.call(slug) as call:
        assert reminder_of(await actions.get(call, booked.id)) == (None, None, None, None)


async def test_whoever_cancels_takes_the_reminder_back(reception: Ground, opened: Opened) -> None:
    slug = await opened()
    async with reception.call(slug) as call:
        booked = await reminded(call)
    async with reception.call(slug) as call:
        await actions.cancel(call, booked.id, booked.etag)
    async with reception.call(slug) as call:
        cancelled = await actions.get(call, booked.id)
    assert reminder_of(cancelled) == (None, None, None, None)
    assert cancelled.phone, "the rest stays for as long as the visitor's"


async def test_who_moves_a_visit_is_told_the_new_hour_in_place_of_the_old_one_and_reminded_of_it(
    reception: Ground, opened: Opened
) -> None:
    slug = await opened()
    async with reception.call(slug) as call:
        booked = await reminded(call)
        later = [slot for day in await slots.days(call, 12) for slot, is_free in day.slots if is_free][-1]
    async with reception.call(slug) as call:
        (before,) = await of(call, f"visits/{booked.id}")
        had_left = before.state is Sending.SENT
        moved = await moving.move(call, booked.id, booked.etag, later)
    async with reception.call(slug) as call:
        told = {each.kind: each.state for each in await of(call, f"visits/{booked.id}")}
        waiting = await queue.due(call.db, [name_of(actions.remind)], rules.remind_at(later), 500)
    assert (moved.starts_at, reminder_of(moved)[0]) == (later, Channel.EMAIL)
    assert told["visit-booked"] is (Sending.SENT if had_left else Sending.WITHDRAWN)
    assert told["visit-moved"] in {Sending.QUEUED, Sending.SENT}
    assert [each["due_at"] for each in waiting if each["said"]["visit"] == str(booked.id)] == [rules.remind_at(later)]


async def test_a_visitor_is_forgotten_thirty_days_after_the_visit_and_not_before(
    reception: Ground, opened: Opened
) -> None:
    slug = await opened()
    async with reception.call(slug) as call:
        came = await actions.add_walk_in(call, "Пані Марія", "+380971234567", "Шум уночі")
        moment = call.now

    async def known(after: timedelta) -> Visit:
        async with reception.call(slug, now=moment + after) as call:
            await actions.forget_visitors(call)
        async with reception.call(slug) as call:
            return await actions.get(call, came.id)

    kept = await known(rules.FORGOTTEN_AFTER)
    assert (kept.visitor, kept.phone, kept.topic) == ("Пані Марія", "+380971234567", "Шум уночі")
    forgotten = await known(rules.FORGOTTEN_AFTER + timedelta(seconds=1))
    assert (forgotten.visitor, forgotten.phone, forgotten.topic) == ("", "", "")
    assert (forgotten.state, forgotten.starts_at) == (came.state, came.starts_at)


def test_forgetting_is_done_every_day() -> None:
    assert actions.forget_visitors in [job.verb for job in service.jobs]
