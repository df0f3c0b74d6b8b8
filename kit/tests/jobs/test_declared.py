"""When a day's job is due."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.clock import KYIV, kyiv_date
from kit.jobs import Daily, Delayed
from kit.jobs.declared import by_name
from kit.testing.ground import at
from sample.chores import count_the_day, note_later

MORNING = Daily("07:00", count_the_day)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-01-30 04:59", None),
        ("2026-01-30 05:00", date(2026, 1, 30)),
        ("2026-07-30 03:59", None),
        ("2026-07-30 04:00", date(2026, 7, 30)),
        ("2026-01-30 22:01", None),
    ],
)
def test_it_is_due_from_its_hour_in_ukraine_until_midnight_there(now: str, day: date | None) -> None:
    assert MORNING.due(at(now)) == day


def test_an_hour_that_the_clock_skips_comes_with_the_next_one() -> None:
    skipped = Daily("03:30", count_the_day)
    assert skipped.due(at("2026-03-29 00:59")) is None
    assert skipped.due(at("2026-03-29 01:30")) == date(2026, 3, 29)


def test_an_hour_that_the_clock_shows_twice_is_one_job() -> None:
    twice = Daily("03:30", count_the_day)
    first, second = at("2026-10-25 00:30"), at("2026-10-25 01:30")
    assert twice.due(first) == twice.due(second) == date(2026, 10, 25)


@given(st.integers(0, 5 * 365 * 24 * 60), st.times())
def test_once_due_it_stays_due_until_the_day_ends(minutes: int, hour: time) -> None:
    now = at("2026-01-01 00:00") + timedelta(minutes=minutes)
    daily = Daily(f"{hour:%H:%M}", count_the_day)
    due, later = daily.due(now), now + timedelta(minutes=7)
    if due is not None and kyiv_date(later) == kyiv_date(now):
        assert daily.due(later) == due == now.astimezone(KYIV).date()


def test_a_verb_declared_twice_is_refused() -> None:
    with pytest.raises(TypeError, match=r"sample\.chores\.note_later"):
        by_name([Delayed(note_later), Delayed(note_later)])
