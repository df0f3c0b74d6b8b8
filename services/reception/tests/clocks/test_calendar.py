"""Working days, in war and in peace."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reception.clocks.calendar import (
    Calendar,
    Week,
    after_working_days,
    days_off,
    is_working_day,
    working_day_from,
    working_day_until,
)

FIVE = ((date(2020, 1, 1), Week.FIVE_DAYS),)
PEACE = Calendar(FIVE)
WAR = Calendar(FIVE, martial_law=((date(2022, 2, 24), None),))
INDEPENDENCE_DAY = date(2026, 8, 24)

DAYS = st.dates(date(2015, 1, 1), date(2040, 1, 1))
CALENDARS = st.builds(
    Calendar,
    st.lists(st.tuples(DAYS, st.sampled_from(Week)), min_size=1, max_size=3).map(tuple),
    st.lists(st.tuples(DAYS, st.none() | DAYS), max_size=2).map(tuple),
    st.lists(st.tuples(DAYS, st.booleans()), max_size=4).map(tuple),
)


@pytest.mark.law("L74")
def test_a_holiday_is_a_working_day_under_martial_law_and_none_in_peace() -> None:
    assert is_working_day(INDEPENDENCE_DAY, WAR)
    assert not is_working_day(INDEPENDENCE_DAY, PEACE)


@pytest.mark.law("L74")
def test_martial_law_begins_and_ends_on_its_days() -> None:
    until = Calendar(FIVE, martial_law=((date(2026, 1, 1), INDEPENDENCE_DAY),))
    assert is_working_day(date(2026, 1, 1), until)
    assert not is_working_day(INDEPENDENCE_DAY, until), "the first day after is peace"


@pytest.mark.law("L74")
def test_saturday_counts_from_the_day_on_which_the_office_works_six_days() -> None:
    changed = Calendar((*FIVE, (date(2026, 3, 1), Week.SIX_DAYS)), WAR.martial_law)
    assert not is_working_day(date(2026, 2, 28), changed)
    assert is_working_day(date(2026, 3, 7), changed)
    assert not is_working_day(date(2026, 3, 8), changed), "Sunday is free in either week"


@pytest.mark.parametrize("is_working", [True, False])
@given(calendar=CALENDARS, day=DAYS)
def test_a_day_that_the_office_moved_is_as_the_office_says(is_working: bool, calendar: Calendar, day: date) -> None:
    moved = Calendar(calendar.weeks, calendar.martial_law, ((day, is_working),))
    assert is_working_day(day, moved) is is_working


@pytest.mark.law("L73")
@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 1, 1), "New Year"),
        (date(2026, 3, 9), "Women's Day, moved from Sunday"),
        (date(2026, 4, 13), "Easter, moved from Sunday"),
        (date(2026, 6, 1), "Trinity, moved from Sunday"),
        (date(2026, 6, 29), "Constitution Day, moved from Sunday"),
        (date(2026, 7, 15), "Statehood Day"),
        (date(2026, 12, 25), "Christmas"),
    ],
)
def test_a_holiday_of_peace_is_off(day: date, name: str) -> None:
    assert not is_working_day(day, PEACE), name
    assert is_working_day(day, WAR), name


@pytest.mark.law("L73")
def test_in_a_six_day_week_a_holiday_of_saturday_does_not_move() -> None:
    assert date(2026, 8, 24) in days_off(2026, Week.SIX_DAYS)
    assert date(2028, 1, 3) in days_off(2028)
    assert date(2028, 1, 3) not in days_off(2028, Week.SIX_DAYS)


@given(calendar=CALENDARS, day=DAYS)
def test_the_next_and_the_last_working_day_are_working_days_on_their_sides(calendar: Calendar, day: date) -> None:
    after, before = working_day_from(day, calendar), working_day_until(day, calendar)
    assert before <= day <= after
    assert is_working_day(after, calendar)
    assert is_working_day(before, calendar)


@given(calendar=CALENDARS, day=DAYS, count=st.integers(1, 25))
def test_so_many_working_days_are_counted_and_no_other(calendar: Calendar, day: date, count: int) -> None:
    last = after_working_days(day, count, calendar)
    between = (day + timedelta(days=number) for number in range(1, (last - day).days + 1))
    assert sum(is_working_day(each, calendar) for each in between) == count
    assert is_working_day(last, calendar)


def test_a_calendar_without_any_working_day_ends_the_search() -> None:
    first = date(2026, 1, 1)
    none = Calendar(FIVE, moved=tuple((first + timedelta(days=number), False) for number in range(800)))
    assert working_day_from(first, none) == first
