"""When the reception is open, on ordinary days, on holidays and in the nights when the clock jumps."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.errors import Refused, WrongState
from kit.notices.rules import Channel
from reception.clocks.calendar import days_off
from reception.receptions import rules
from reception.receptions.rules import KYIV, Hours, Outcome, Reminder, Schedule, State
from reception.template import template

TUESDAY = date(2026, 11, 24)
TEMPLATE = template.own.schedule.said()
HOSTS = TEMPLATE.hosts


def wall(moments: list[datetime]) -> list[str]:
    return [f"{moment.astimezone(KYIV):%H:%M}" for moment in moments]


def nightly(day: date) -> Schedule:
    return replace(TEMPLATE, week=((day.isoweekday(), Hours(time(2), time(5))),))


def test_the_template_receives_on_tuesday_and_friday_from_ten_to_twelve() -> None:
    week = [rules.slots_of(TEMPLATE, TUESDAY + timedelta(days=distance)) for distance in range(7)]
    assert [len(day) for day in week] == [6, 0, 0, 6, 0, 0, 0]
    assert wall(week[0]) == ["10:00", "10:20", "10:40", "11:00", "11:20", "11:40"]


def test_ten_in_the_morning_is_ten_on_the_wall_in_winter_and_in_summer() -> None:
    assert rules.slots_of(TEMPLATE, TUESDAY)[0] == datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert rules.slots_of(TEMPLATE, date(2026, 7, 7))[0] == datetime(2026, 7, 7, 7, tzinfo=UTC)


def test_a_time_that_the_clock_skips_has_no_slot() -> None:
    spring = date(2026, 3, 29)
    assert wall(rules.slots_of(nightly(spring), spring)) == ["02:00", "02:20", "02:40", "04:00", "04:20", "04:40"]


def test_a_visit_over_which_the_clock_jumps_keeps_its_length() -> None:
    spring = date(2026, 3, 29)
    assert wall(rules.slots_of(replace(nightly(spring), slot_minutes=60), spring)) == ["02:00", "04:00"]
    assert wall(rules.slots_of(replace(nightly(spring), slot_minutes=90), spring)) == ["02:00"]


def test_a_time_that_the_clock_shows_twice_has_one_slot_the_first() -> None:
    autumn = date(2026, 10, 25)
    slots = rules.slots_of(nightly(autumn), autumn)
    assert wall(slots) == ["02:00", "02:20", "02:40", "03:00", "03:20", "03:40", "04:00", "04:20", "04:40"]
    assert slots[3] == datetime(2026, 10, 25, 0, tzinfo=UTC)


@given(st.dates(date(2024, 1, 1), date(2034, 1, 1)), st.integers(5, 120), st.times(), st.times())
def test_slots_are_in_order_apart_and_inside_the_hours(day: date, minutes: int, one: time, other: time) -> None:
    opens, closes = sorted((one.replace(second=0, microsecond=0), other.replace(second=0, microsecond=0)))
    schedule = replace(TEMPLATE, week=((day.isoweekday(), Hours(opens, closes)),), slot_minutes=minutes)
    slots = rules.slots_of(schedule, day)
    assert all(after - before >= timedelta(minutes=minutes) for before, after in pairwise(slots))
    for slot in slots:
        local = slot.astimezone(KYIV)
        assert local.date() == day
        assert opens <= local.time() < closes
    assert all(rules.is_scheduled(schedule, slot) for slot in slots[:2])


def test_a_date_may_be_closed_or_have_hours_of_its_own() -> None:
    own = replace(
        TEMPLATE,
        exceptions=(
            (TUESDAY, (), "Навчання"),
            (TUESDAY + timedelta(days=1), (Hours(time(14), time(15)),), ""),
        ),
    )
    assert rules.slots_of(own, TUESDAY) == []
    assert wall(rules.slots_of(own, TUESDAY + timedelta(days=1))) == ["14:00", "14:20", "14:40"]


@pytest.mark.parametrize(
    ("holiday", "name"),
    [
        (date(2026, 12, 25), "Christmas, a Friday"),
        (date(2027, 8, 24), "Independence Day, a Tuesday"),
        (date(2027, 6, 29), "the Tuesday is no holiday, though the Monday before is"),
    ],
)
def test_holidays_are_working_days_under_martial_law_alone(holiday: date, name: str) -> None:
    in_peace = replace(TEMPLATE, holidays_are_working=False)
    assert len(rules.slots_of(TEMPLATE, holiday)) == 6, name
    assert len(rules.slots_of(in_peace, holiday)) == (6 if "no holiday" in name else 0), name


@pytest.mark.parametrize(
    ("year", "easter"), [(2024, date(2024, 5, 5)), (2025, date(2025, 4, 20)), (2026, date(2026, 4, 12)),
                         (2027, date(2027, 5, 2))]
)  # fmt: skip
def test_easter_is_by_the_julian_paschalia_and_its_monday_is_off(year: int, easter: date) -> None:
    assert easter in days_off(year)
    assert easter + timedelta(days=1) in days_off(year)


def test_a_holiday_of_a_weekend_moves_to_the_next_working_day() -> None:
    assert date(2026, 3, 8).isoweekday() == 7
    assert date(2026, 3, 9) in days_off(2026)


@pytest.mark.parametrize(
    ("schedule", "field", "reason"),
    [
        (replace(TEMPLATE, week=((2, Hours(time(10), time(12))), (2, Hours(time(11), time(13))))), "schedule.week",
         "schedule.hours-overlap"),
        (replace(TEMPLATE, week=((2, Hours(time(10), time(10, 19))),)), "schedule.week", "schedule.hours-too-short"),
        (replace(TEMPLATE, exceptions=((TUESDAY, (), ""), (TUESDAY, (), ""))), "schedule.exceptions",
         "schedule.date-twice"),
    ],
)  # fmt: skip
def test_a_schedule_that_cannot_be_kept_is_refused_at_its_field(schedule: Schedule, field: str, reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        rules.check(schedule)
    assert (refusal.value.field, refusal.value.reason) == (field, reason)


def test_the_template_can_be_kept() -> None:
    rules.check(TEMPLATE)


NOON = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)  # 10:30 in Kyiv


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (datetime(2026, 11, 24, 8, 20, tzinfo=UTC), "slot.past"),
        (NOON, "slot.past"),
        (datetime(2026, 11, 24, 8, 41, tzinfo=UTC), "slot.none"),
        (datetime(2026, 11, 25, 8, tzinfo=UTC), "slot.none"),
        (datetime(2027, 11, 23, 8, tzinfo=UTC), "slot.too-far"),
    ],
)
def test_what_cannot_be_booked_says_why(start: datetime, reason: str) -> None:
    with pytest.raises(Refused, match=reason.replace(".", r"\.")):
        rules.check_slot(TEMPLATE, start, NOON)


def test_the_next_free_slot_is_the_next_after_the_one_that_was_wanted() -> None:
    slots = rules.slots_of(TEMPLATE, TUESDAY)
    assert rules.next_free(TEMPLATE, slots[3], NOON, {slots[3]}, TUESDAY) == slots[4]
    friday = rules.slots_of(TEMPLATE, TUESDAY + timedelta(days=3))
    assert rules.next_free(TEMPLATE, slots[5], NOON, {slots[5]}, TUESDAY) == friday[0]


def test_a_day_whose_last_slot_has_begun_is_not_ahead() -> None:
    ahead = rules.days_ahead(TEMPLATE, TUESDAY, datetime(2026, 11, 24, 9, 40, tzinfo=UTC), 2)
    assert [day for day, _ in ahead] == [date(2026, 11, 27), date(2026, 12, 1)]


@given(st.sampled_from(State), st.sampled_from(Outcome))
def test_a_visit_that_is_over_stays_as_it_is(state: State, outcome: Outcome) -> None:
    if state not in {State.HELD, State.MISSED, State.CANCELLED}:
        return
    with pytest.raises(WrongState):
        rules.cancel(state)
    with pytest.raises(WrongState):
        rules.check_in(state)
    with pytest.raises(WrongState):
        rules.record(state, outcome, HOSTS, HOSTS)


def test_a_visit_is_recorded_with_both_hosts() -> None:
    assert rules.record(State.ARRIVED, Outcome.ADVISED, HOSTS, HOSTS) is State.HELD


@pytest.mark.parametrize(
    ("outcome", "hosts", "reason"),
    [
        (Outcome.ADVISED, [], "visit.hosts-missing"),
        (Outcome.ADVISED, ["Перехожий"], "visit.host-unknown"),
        (Outcome.ABSENT, [], "visit.absent-but-arrived"),
    ],
)
def test_a_record_that_cannot_be_true_is_refused(outcome: Outcome, hosts: list[str], reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        rules.record(State.ARRIVED, outcome, hosts, HOSTS)
    assert refusal.value.reason == reason


def test_who_comes_late_waits_from_when_they_came() -> None:
    start = datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert rules.waiting_since(start, None, 20) == start
    assert rules.waiting_since(start, start - timedelta(minutes=9), 20) == start
    assert rules.waiting_since(start, start + timedelta(minutes=19), 20) == start
    assert rules.waiting_since(start, start + timedelta(minutes=20), 20) == start + timedelta(minutes=20)


def test_an_appeal_comes_of_a_visit_once() -> None:
    rules.become_appeal(State.HELD, has_appeal=False)
    with pytest.raises(Refused):
        rules.become_appeal(State.HELD, has_appeal=True)
    with pytest.raises(Refused):
        rules.become_appeal(State.MISSED, has_appeal=False)


@given(
    asked=st.builds(Reminder, st.sampled_from(Channel), st.sampled_from(["", "o@example.org"]), st.just("uk")),
    offered=st.sets(st.sampled_from(Channel)),
)
def test_of_a_reminder_no_more_is_kept_than_its_channel_needs(asked: Reminder, offered: set[Channel]) -> None:
    if asked.channel not in offered:
        with pytest.raises(Refused, match="not-offered"):
            rules.remind(asked, offered)
    elif asked.channel is Channel.EMAIL and not asked.email:
        with pytest.raises(Refused, match="email-missing"):
            rules.remind(asked, offered)
    else:
        kept = rules.remind(asked, offered)
        assert bool(kept.email) == (asked.channel is Channel.EMAIL)
        assert (kept.channel, kept.language) == (asked.channel, asked.language)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-11-24T08:00", "2026-11-23T08:00"),
        ("2026-07-07T07:00", "2026-07-06T07:00"),
        ("2026-03-29T07:00", "2026-03-28T08:00"),
        ("2026-10-25T22:30", "2026-10-25T08:00"),
    ],
)
def test_a_visitor_is_reminded_at_ten_of_the_day_before_on_the_wall(start: str, due: str) -> None:
    begins, reminded = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (start, due))
    assert rules.remind_at(begins) == reminded
