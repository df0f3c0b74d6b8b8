"""What officers owe the hromada: when it is due, and how near that is."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.errors import Refused
from reception.clocks.calendar import Calendar, Week
from reception.duties import rules
from reception.duties.rules import Alarm, Draft, Kind

CALENDAR = Calendar(((date(2020, 1, 1), Week.FIVE_DAYS),), martial_law=((date(2022, 2, 24), None),))
TODAY = date(2026, 11, 26)
DAYS = st.dates(date(2023, 1, 1), date(2040, 1, 1))
KINDS = st.sampled_from(Kind)


@pytest.mark.law("L31")
def test_a_report_of_30_august_is_followed_by_one_on_the_last_of_february() -> None:
    found = rules.report_due(date(2026, 8, 30), CALENDAR)
    assert (found.raw, found.safe, found.legal) == (date(2027, 2, 28), date(2027, 2, 26), date(2027, 3, 1))


@pytest.mark.law("L32")
def test_a_meeting_of_5_october_is_followed_by_one_by_friday_4_december() -> None:
    found = rules.meeting_due(date(2026, 10, 5), CALENDAR)
    assert (found.raw, found.safe, found.legal) == (date(2026, 12, 5), date(2026, 12, 4), date(2026, 12, 7))


@pytest.mark.law("L31", "L32")
@given(KINDS, DAYS, st.none() | st.integers(0, 400), st.integers(0, 400))
def test_it_never_grows_less_urgent_as_days_pass(kind: Kind, last: date, planned: int | None, passed: int) -> None:
    due = rules.due(kind, last, CALENDAR)
    planned_on = last + timedelta(days=planned) if planned is not None else None
    today = last + timedelta(days=passed)
    now = rules.alarm(kind, today, due, planned_on)
    assert rules.alarm(kind, today + timedelta(days=1), due, planned_on).urgency >= now.urgency


@pytest.mark.law("L31", "L32")
@given(KINDS, DAYS, st.integers(0, 400))
def test_it_is_overdue_after_the_legal_day_and_not_before(kind: Kind, last: date, passed: int) -> None:
    due, today = rules.due(kind, last, CALENDAR), last + timedelta(days=passed)
    assert (rules.alarm(kind, today, due, None) is Alarm.OVERDUE) is (today > due.legal)


@given(KINDS, DAYS)
def test_a_day_that_is_set_in_time_quiets_the_warning_until_it_has_passed(kind: Kind, last: date) -> None:
    due = rules.due(kind, last, CALENDAR)
    near = due.safe - timedelta(days=5)
    assert rules.alarm(kind, near, due, None) is Alarm.NEAR
    assert rules.alarm(kind, near, due, due.safe) is Alarm.PLANNED
    assert rules.alarm(kind, near, due, due.safe + timedelta(days=1)) is Alarm.NEAR
    assert rules.alarm(kind, near, due, near - timedelta(days=1)) is Alarm.UNCONFIRMED


@pytest.mark.parametrize(
    ("planned_on", "held_on", "reason"),
    [
        (None, None, "duty.day-missing"),
        (None, TODAY + timedelta(days=1), "duty.held-in-the-future"),
        (TODAY - timedelta(days=1), None, "duty.planned-in-the-past"),
        (TODAY + timedelta(days=400), None, "duty.planned-too-far"),
    ],
    ids=["no day", "held tomorrow", "planned yesterday", "planned for the year after next"],
)
def test_days_that_cannot_be_are_refused(planned_on: date | None, held_on: date | None, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.check(Draft(planned_on, held_on, ""), TODAY)
    assert refused.value.reason == reason


def test_a_day_that_was_set_before_it_passed_stays_as_it_is() -> None:
    rules.check(Draft(TODAY - timedelta(days=3), None, "перенести"), TODAY, TODAY - timedelta(days=3))
