"""Which days are working days, and by which law."""

from datetime import date
from functools import cache

from kit.law import Act, Certainty, by_law
from kit.working_days import Calendar, Week, after_working_days, working_day_from, working_day_until

from kit import working_days

__all__ = [
    "Calendar",
    "Week",
    "after_working_days",
    "days_off",
    "is_working_day",
    "working_day_from",
    "working_day_until",
]


@by_law("L74", Act.MARTIAL_LAW, "6", Certainty.SEEN)
def is_working_day(day: date, calendar: Calendar) -> bool:
    """Under martial law art. 73 of the Labour Code and its shifts do not apply: holidays are working days."""
    return working_days.is_working_day(day, calendar)


@by_law("L73", Act.LABOUR_CODE, "67, 73", Certainty.SEEN)
@cache
def days_off(year: int, week: Week = Week.FIVE_DAYS) -> frozenset[date]:
    """Holidays of a year in peace, and the working days to which those of a weekend move."""
    return working_days.days_off(year, week)
