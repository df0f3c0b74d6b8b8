"""By when a request for footage is to be studied."""

from datetime import date

import pytest
from cctv_gateway.evidence.rules import Decision, Due, due, studied_until
from kit.working_days import Calendar, Week

WAR = Calendar(((date.min, Week.FIVE_DAYS),), ((date(2022, 2, 24), None),))
PEACE = Calendar(((date.min, Week.FIVE_DAYS),))


@pytest.mark.law("L52")
@pytest.mark.parametrize(
    ("received_on", "calendar", "until"),
    [
        (date(2026, 1, 30), WAR, date(2026, 2, 13)),
        (date(2026, 1, 31), WAR, date(2026, 2, 13)),
        (date(2026, 2, 2), WAR, date(2026, 2, 16)),
        (date(2026, 8, 20), WAR, date(2026, 9, 3)),
        (date(2026, 8, 20), PEACE, date(2026, 9, 4)),
        (date(2026, 12, 21), PEACE, date(2027, 1, 6)),
    ],
    ids=["friday", "saturday", "monday", "independence-day-in-war", "independence-day-in-peace", "over-new-year"],
)
def test_a_request_is_studied_within_ten_working_days(received_on: date, calendar: Calendar, until: date) -> None:
    assert studied_until(received_on, calendar) == until


@pytest.mark.law("L52")
@pytest.mark.parametrize(
    ("state", "today", "expected"),
    [
        (Decision.REQUESTED, date(2026, 2, 9), Due.FAR),
        (Decision.REQUESTED, date(2026, 2, 10), Due.NEAR),
        (Decision.REQUESTED, date(2026, 2, 13), Due.NEAR),
        (Decision.REQUESTED, date(2026, 2, 14), Due.LATE),
        (Decision.REFUSED, date(2026, 2, 14), None),
    ],
    ids=["far", "near", "the-last-day", "late", "decided"],
)
def test_it_is_warned_of_three_working_days_before(state: Decision, today: date, expected: Due | None) -> None:
    assert due(state, date(2026, 2, 13), today, WAR) is expected
