"""What the law gives a person over their own data."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.errors import Refused, WrongState
from reception.clocks.calendar import Calendar, Week
from reception.persons import rules
from reception.persons.rules import Alarm, Field, Key, RequestKind, RequestState

CALENDAR = Calendar(((date(2020, 1, 1), Week.FIVE_DAYS),), martial_law=((date(2022, 2, 24), None),))
DAYS = st.dates(date(2023, 1, 1), date(2040, 1, 1))


@pytest.mark.law("L41")
def test_what_is_asked_on_2_november_is_given_by_2_december_and_changed_by_16_november() -> None:
    assert rules.access_due(date(2026, 11, 2), CALENDAR).legal == date(2026, 12, 2)
    assert rules.change_due(date(2026, 11, 2), CALENDAR).legal == date(2026, 11, 16)


@pytest.mark.law("L41")
@given(st.sampled_from(RequestKind), DAYS, st.integers(0, 60))
def test_an_open_request_is_overdue_after_its_day_and_an_answered_one_never(
    kind: RequestKind, received_on: date, passed: int
) -> None:
    due, today = rules.due(kind, received_on, CALENDAR), received_on + timedelta(days=passed)
    assert (rules.alarm(due, today, RequestState.OPEN) is Alarm.OVERDUE) is (today > due.legal)
    assert rules.alarm(due, today, RequestState.REFUSED) is Alarm.NONE


@pytest.mark.law("L30")
@given(DAYS, st.integers(1, 75), st.integers(-400, 400))
def test_an_appeal_is_erased_after_its_term_and_never_before_or_under_a_hold(
    closed_on: date, years: int, around: int
) -> None:
    until = rules.kept_until(closed_on, years)
    assert (until.year, until.month) in {(closed_on.year + years, closed_on.month), (closed_on.year + years, 3)}
    today = until + timedelta(days=around)
    with pytest.raises(WrongState):
        rules.check_erased(closed_on, years, today, is_held=True)
    if around < 0:
        with pytest.raises(WrongState):
            rules.check_erased(closed_on, years, today, is_held=False)
    else:
        rules.check_erased(closed_on, years, today, is_held=False)


@pytest.mark.law("L30")
@given(DAYS, st.integers(1, 20))
def test_what_is_erased_on_a_day_is_what_has_been_kept_long_enough(today: date, years: int) -> None:
    last = rules.closed_by(today, years)
    assert rules.kept_until(last, years) <= today
    assert rules.kept_until(last + timedelta(days=1), years) > today or today.month == 2


@pytest.mark.parametrize(
    ("key", "field"),
    [
        (Key("", "", "", "", None), "person"),
        (Key("", "", "", "Іваненко", None), "person.day"),
        (Key("", "", "", "", date(2026, 1, 1)), "person.known_as"),
    ],
    ids=["nothing", "a name without a day", "a day without a name"],
)
def test_a_person_is_not_looked_for_by_less_than_identifies_them(key: Key, field: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.check_key(key)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("field", "value"),
    [(Field.NAME, " - "), (Field.PHONE, "+38"), (Field.PHONE, "+3809712345٦7"), (Field.EMAIL, "пошта")],
    ids=["a name of signs", "a short phone", "a phone of other digits", "no address"],
)
def test_nothing_is_corrected_into_what_is_none(field: Field, value: str) -> None:
    with pytest.raises(Refused):
        rules.corrected(field, value)


@pytest.mark.law("L33")
def test_a_report_of_a_crime_is_kept_for_the_day_in_which_the_police_enter_it() -> None:
    handed = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    assert rules.report_kept_until(handed) == datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    assert rules.reports_handed_by(rules.report_kept_until(handed)) == handed
