"""Which days are working days: pure functions of an office's own calendar."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum, auto
from functools import cache

_HOLIDAYS = ((1, 1), (3, 8), (5, 1), (5, 8), (6, 28), (7, 15), (8, 24), (10, 1), (12, 25))
"""Easter and Trinity beside them."""
_DAY = timedelta(days=1)


class Week(StrEnum):
    """How long the office's working week is; under martial law the employer sets it."""

    FIVE_DAYS = auto()
    SIX_DAYS = auto()

    @property
    def weekend(self) -> frozenset[int]:
        return frozenset({6, 7}) if self is Week.FIVE_DAYS else frozenset({7})


@dataclass(frozen=True, slots=True)
class Calendar:
    """The calendar of one office. Each body has its own."""

    weeks: tuple[tuple[date, Week], ...]
    """From which day on which week; before the first, the first."""
    martial_law: tuple[tuple[date, date | None], ...] = ()
    """First day, and the first day after; None while it lasts."""
    moved: tuple[tuple[date, bool], ...] = ()
    """A day that is, or is not, a working day whatever else is true."""

    def week_of(self, day: date) -> Week:
        begun = [week for since, week in sorted(self.weeks) if since <= day]
        return begun[-1] if begun else min(self.weeks)[1]

    def has_martial_law(self, day: date) -> bool:
        return any(since <= day and (until is None or day < until) for since, until in self.martial_law)


def is_working_day(day: date, calendar: Calendar) -> bool:
    """Under martial law art. 73 of the Labour Code and its shifts do not apply: holidays are working days."""
    for moved, is_working in calendar.moved:
        if moved == day:
            return is_working
    week = calendar.week_of(day)
    if day.isoweekday() in week.weekend:
        return False
    return calendar.has_martial_law(day) or day not in days_off(day.year, week)


@cache
def days_off(year: int, week: Week = Week.FIVE_DAYS) -> frozenset[date]:
    """Holidays of a year in peace, and the working days to which those of a weekend move."""
    easter = _easter(year)
    holidays = sorted({*(date(year, month, day) for month, day in _HOLIDAYS), easter, easter + timedelta(days=49)})
    off = set(holidays)
    for holiday in holidays:
        if holiday.isoweekday() in week.weekend:
            off.add(_next_working(holiday, off, week))
    return frozenset(off)


def working_day_from(day: date, calendar: Calendar) -> date:
    """The day itself, or the next working day."""
    return _search(day, _DAY, calendar)


def working_day_until(day: date, calendar: Calendar) -> date:
    """The day itself, or the working day before it."""
    return _search(day, -_DAY, calendar)


def after_working_days(day: date, count: int, calendar: Calendar) -> date:
    """The last of so many working days, of which the first comes after the day."""
    for _ in range(count):
        day = working_day_from(day + _DAY, calendar)
    return day


def _search(day: date, step: timedelta, calendar: Calendar) -> date:
    """A calendar in which a whole year holds no working day is a mistake, not an endless search."""
    found = day
    for _ in range(366):
        if is_working_day(found, calendar):
            return found
        found += step
    return day


def _next_working(day: date, off: Iterable[date], week: Week) -> date:
    taken = set(off)
    while day in taken or day.isoweekday() in week.weekend:
        day += _DAY
    return day


def _easter(year: int) -> date:
    """Easter by the Julian paschalia, as kept in Ukraine (Meeus)."""
    a, b, c = year % 4, year % 7, year % 19
    d = (19 * c + 15) % 30
    e = (2 * a + 4 * b - d + 34) % 7
    month, day = divmod(d + e + 114, 31)
    return date(year, month, day + 1) + timedelta(days=13)
