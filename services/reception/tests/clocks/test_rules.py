"""The law's own terms: the vectors of the research, and what holds on any day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.errors import Refused
from reception.clocks import rules
from reception.clocks.calendar import Calendar, Week, is_working_day
from reception.clocks.rules import Alarm, Deadline, Terms

FIVE = ((date(2020, 1, 1), Week.FIVE_DAYS),)
PEACE = Calendar(FIVE)
WAR = Calendar(FIVE, martial_law=((date(2022, 2, 24), None),))
DAYS = st.dates(date(2015, 1, 1), date(2040, 1, 1))
CALENDARS = st.builds(
    Calendar,
    st.lists(st.tuples(DAYS, st.sampled_from(Week)), min_size=1, max_size=3).map(tuple),
    st.lists(st.tuples(DAYS, st.none() | DAYS), max_size=2).map(tuple),
    st.lists(st.tuples(DAYS, st.booleans()), max_size=4).map(tuple),
)

TERMS = Terms(since=date(1996, 10, 20), forward=5, missing=5, defect=10, simple=15, months=1, most=45)
ARRIVED = date(2026, 1, 30)


def clocks(received_on: date, calendar: Calendar = WAR) -> rules.Deadlines:
    return rules.deadlines(received_on, TERMS, calendar)


@pytest.mark.law("L9")
def test_what_arrived_on_30_january_2026() -> None:
    found = clocks(ARRIVED)
    assert found.simple == Deadline(raw=date(2026, 2, 14), legal=date(2026, 2, 16), safe=date(2026, 2, 13))
    assert found.month == Deadline(raw=date(2026, 2, 28), legal=date(2026, 3, 2), safe=date(2026, 2, 27))


@pytest.mark.law("L6")
def test_it_is_forwarded_by_4_february() -> None:
    assert clocks(ARRIVED).forward.legal == date(2026, 2, 4)


@pytest.mark.law("L5")
def test_it_goes_back_by_4_february_for_its_data_and_by_9_february_for_its_form() -> None:
    found = clocks(ARRIVED)
    assert (found.missing.legal, found.defect.legal) == (date(2026, 2, 4), date(2026, 2, 9))


@pytest.mark.law("L8")
def test_with_every_extension_it_ends_on_16_march() -> None:
    found = clocks(ARRIVED).most
    assert (found.raw, found.legal, found.safe) == (date(2026, 3, 16),) * 3


@pytest.mark.law("L9")
@pytest.mark.parametrize(("calendar", "legal"), [(WAR, date(2026, 8, 24)), (PEACE, date(2026, 8, 25))])
def test_a_month_that_ends_on_independence_day_moves_in_peace_alone(calendar: Calendar, legal: date) -> None:
    assert clocks(date(2026, 7, 24), calendar).month.legal == legal


@pytest.mark.law("L9")
@pytest.mark.parametrize(
    ("received", "last"),
    [
        (date(2026, 11, 3), date(2026, 12, 3)),
        (date(2026, 12, 31), date(2027, 1, 31)),
        (date(2027, 1, 31), date(2027, 2, 28)),
        (date(2028, 1, 30), date(2028, 2, 29)),
    ],
)
def test_a_month_ends_on_its_date_or_on_the_months_last(received: date, last: date) -> None:
    assert clocks(received).month.raw == last


@pytest.mark.law("L9")
@given(received=DAYS, calendar=CALENDARS)
def test_the_three_dates_of_a_term_are_in_their_order_and_the_outer_two_are_working_days(
    received: date, calendar: Calendar
) -> None:
    found = clocks(received, calendar)
    for each in (found.forward, found.missing, found.defect, found.simple, found.month, found.most):
        assert received < each.safe <= each.raw <= each.legal
        assert is_working_day(each.legal, calendar)
        assert each.safe == each.raw or is_working_day(each.safe, calendar)


@pytest.mark.law("L8")
@given(received=DAYS, calendar=CALENDARS)
def test_the_clocks_end_one_after_the_other(received: date, calendar: Calendar) -> None:
    found = clocks(received, calendar)
    assert found.forward.raw < found.defect.raw < found.simple.raw < found.month.raw < found.most.raw
    assert 28 <= (found.month.raw - received).days <= 31


@given(received=DAYS, calendar=CALENDARS, days=st.integers(0, 400))
def test_an_alarm_never_goes_back(received: date, calendar: Calendar, days: int) -> None:
    found = clocks(received, calendar)
    today = received + timedelta(days=days)
    order = list(Alarm)
    now, tomorrow = (
        rules.alarm(day, found.month, found, calendar, is_taken=False) for day in (today, today + timedelta(days=1))
    )
    assert order.index(now) <= order.index(tomorrow)


@pytest.mark.parametrize(
    ("day", "alarm"),
    [
        (date(2026, 2, 3), Alarm.NONE),
        (date(2026, 2, 4), Alarm.UNTOUCHED),
        (date(2026, 2, 13), Alarm.FIFTEENTH_DAY),
        (date(2026, 2, 24), Alarm.NEAR),
        (date(2026, 2, 27), Alarm.LAST_DAY),
        (date(2026, 3, 2), Alarm.LAST_DAY),
        (date(2026, 3, 3), Alarm.BREACHED),
    ],
)
def test_the_alarms_of_what_arrived_on_30_january(day: date, alarm: Alarm) -> None:
    found = clocks(ARRIVED)
    assert rules.alarm(day, found.month, found, WAR, is_taken=False) is alarm


def test_what_is_in_somebodys_hands_does_not_alarm_on_the_fifth_day() -> None:
    found = clocks(ARRIVED)
    assert rules.alarm(date(2026, 2, 4), found.month, found, WAR, is_taken=True) is Alarm.NONE


def test_terms_are_those_of_the_day_of_arrival() -> None:
    shorter = Terms(since=date(2027, 1, 1), forward=3, missing=3, defect=7, simple=10, months=1, most=30)
    assert rules.in_force([shorter, TERMS], date(2026, 12, 31)) is TERMS
    assert rules.in_force([shorter, TERMS], date(2027, 1, 1)) is shorter
    assert rules.in_force([shorter], date(2020, 1, 1)) is shorter


@pytest.mark.law("L18")
@pytest.mark.parametrize(
    ("hearing", "extended_by", "raw"),
    [
        (False, 0, date(2026, 3, 1)),
        (True, 0, date(2026, 3, 16)),
        (False, 15, date(2026, 3, 16)),
        (True, 15, date(2026, 3, 31)),
    ],
)
def test_an_administrative_procedure_takes_thirty_days_or_forty_five_with_a_hearing(
    hearing: bool, extended_by: int, raw: date
) -> None:
    assert rules.procedure(ARRIVED, WAR, hearing=hearing, extended_by=extended_by).raw == raw


@pytest.mark.law("L18")
def test_an_administrative_procedure_is_extended_by_fifteen_days_at_the_most() -> None:
    with pytest.raises(Refused):
        rules.procedure(ARRIVED, WAR, extended_by=16)


@pytest.mark.law("L18")
def test_its_terms_up_to_ten_days_are_working_days_and_longer_ones_calendar_days() -> None:
    assert rules.of_procedure(ARRIVED, 10, WAR).raw == date(2026, 2, 13)
    assert rules.of_procedure(ARRIVED, 11, WAR).raw == date(2026, 2, 10)


@pytest.mark.law("L18")
def test_its_extension_is_told_three_working_days_before_the_end() -> None:
    due = rules.procedure(ARRIVED, WAR)
    assert due.safe == date(2026, 2, 27)
    assert rules.procedure_extension_told_by(due, WAR) == date(2026, 2, 24)


@pytest.mark.law("L19")
def test_a_request_for_information_takes_five_working_days_and_twenty_for_much() -> None:
    assert rules.information(ARRIVED, WAR).legal == date(2026, 2, 6)
    assert rules.information(ARRIVED, WAR, large=True).legal == date(2026, 2, 27)
    assert rules.large_information_told_by(ARRIVED, WAR) == rules.information(ARRIVED, WAR)


@pytest.mark.law("L19")
def test_a_request_about_life_takes_forty_eight_hours() -> None:
    asked = datetime(2026, 1, 30, 17, tzinfo=UTC)
    assert rules.urgent_information(asked) == datetime(2026, 2, 1, 17, tzinfo=UTC)


@pytest.mark.law("L33")
def test_a_crime_is_in_the_register_within_a_day() -> None:
    told = datetime(2026, 1, 30, 17, tzinfo=UTC)
    assert rules.crime_entered_by(told) == datetime(2026, 1, 31, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("calendar", "terms", "field", "reason"),
    [
        (Calendar(()), [TERMS], "calendar.weeks", "calendar.no-week"),
        (Calendar(WAR.weeks * 2), [TERMS], "calendar.weeks", "calendar.day-twice"),
        (WAR, [], "calendar.terms", "calendar.no-term"),
        (WAR, [TERMS, TERMS], "calendar.terms", "calendar.day-twice"),
        (
            WAR,
            [Terms(since=ARRIVED, forward=5, missing=5, defect=10, simple=50, months=1, most=45)],
            "calendar.terms",
            "calendar.terms-out-of-order",
        ),
        (
            Calendar(WAR.weeks, ((date(2026, 2, 2), date(2026, 2, 1)),)),
            [TERMS],
            "calendar.martial_law",
            "calendar.ends-before-it-begins",
        ),
        (
            Calendar(WAR.weeks, ((date(2022, 2, 24), None), (date(2026, 2, 1), None))),
            [TERMS],
            "calendar.martial_law",
            "calendar.overlap",
        ),
        (
            Calendar(WAR.weeks, moved=((ARRIVED, True), (ARRIVED, False))),
            [TERMS],
            "calendar.moved",
            "calendar.day-twice",
        ),
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused_at_its_field(
    calendar: Calendar, terms: list[Terms], field: str, reason: str
) -> None:
    with pytest.raises(Refused) as refusal:
        rules.check(calendar, terms)
    assert (refusal.value.field, refusal.value.reason) == (field, reason)
