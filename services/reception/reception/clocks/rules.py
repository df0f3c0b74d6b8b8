"""When each term of the law ends: pure functions of the day of arrival, the terms in force and the calendar.

The terms are the office's dated settings; the ways of counting are the law's. Nothing here pauses a clock.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum, auto

from kit.errors import Refused
from kit.law import Act, Certainty, by_law

from reception.clocks.calendar import Calendar, after_working_days, working_day_from, working_day_until

_WARNED_WORKING_DAYS = 3
_WORKING_DAYS_UP_TO = 10


@dataclass(frozen=True, slots=True)
class Terms:
    """How long the law gives, from a day on."""

    since: date
    forward: int
    missing: int
    defect: int
    simple: int
    months: int
    most: int


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of a term, three times over, because the way from one to the other is by analogy."""

    raw: date
    """As it is counted."""
    legal: date
    """Moved to the next working day."""
    safe: date
    """The working day on or before it: what is shown, and what alarms."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The clocks of one appeal."""

    forward: Deadline
    missing: Deadline
    defect: Deadline
    simple: Deadline
    month: Deadline
    most: Deadline


class Alarm(StrEnum):
    """How near the end of an appeal's term is. Each comes once, and in this order."""

    NONE = auto()
    UNTOUCHED = auto()
    """Nobody has it, and the last day to forward it or to send it back is here."""
    FIFTEENTH_DAY = auto()
    """What needs no further study is due."""
    NEAR = auto()
    LAST_DAY = auto()
    """The safe day is here."""
    BREACHED = auto()


def check(calendar: Calendar, terms: Sequence[Terms]) -> None:
    """A calendar that can be kept.

    Raises:
        Refused: there is no week or no term, days are in the wrong order, one stands twice, or a term is none.
    """
    if not calendar.weeks:
        raise Refused("calendar.weeks", "calendar.no-week")
    _once([since for since, _ in calendar.weeks], "calendar.weeks")
    _once([day for day, _ in calendar.moved], "calendar.moved")
    _once([each.since for each in terms], "calendar.terms")
    ends: date | None = date.min
    for since, until in sorted(calendar.martial_law, key=lambda each: each[0]):
        if until is not None and until <= since:
            raise Refused("calendar.martial_law", "calendar.ends-before-it-begins", day=since.isoformat())
        if ends is None or since < ends:
            raise Refused("calendar.martial_law", "calendar.overlap", day=since.isoformat())
        ends = until
    if not terms:
        raise Refused("calendar.terms", "calendar.no-term")
    for each in terms:
        if not each.forward <= each.defect <= each.simple <= each.most or each.missing > each.defect:
            raise Refused("calendar.terms", "calendar.terms-out-of-order", day=each.since.isoformat())


def _once(days: list[date], field: str) -> None:
    for day in days:
        if days.count(day) > 1:
            raise Refused(field, "calendar.day-twice", day=day.isoformat())


def in_force(terms: Sequence[Terms], day: date) -> Terms:
    """The terms of a day; before the first, the first."""
    begun = [each for each in sorted(terms, key=lambda each: each.since) if each.since <= day]
    return begun[-1] if begun else min(terms, key=lambda each: each.since)


@by_law("L9", Act.CIVIL_CODE, "253, 254", Certainty.PARTLY)
def ends(raw: date, received_on: date, calendar: Calendar) -> Deadline:
    """An end on a day that is not a working day moves to the next; by analogy, so the day before is the safe one."""
    safe = working_day_until(raw, calendar)
    return Deadline(raw, working_day_from(raw, calendar), safe if safe > received_on else raw)


@by_law("L9", Act.CIVIL_CODE, "253, 254", Certainty.PARTLY)
def after_days(received_on: date, days: int, calendar: Calendar) -> Deadline:
    """Calendar days, the first of which is the day after arrival: only where the law says so are they working days."""
    return ends(received_on + timedelta(days=days), received_on, calendar)


@by_law("L9", Act.CIVIL_CODE, "254", Certainty.PARTLY)
def after_months(received_on: date, months: int, calendar: Calendar) -> Deadline:
    """The same day of the month, or its last if it has no such day."""
    year, month = divmod(received_on.year * 12 + received_on.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return ends(date(year, month + 1, min(received_on.day, last)), received_on, calendar)


@by_law("L6", Act.APPEALS, "7", Certainty.SEEN)
def forward(received_on: date, terms: Terms, calendar: Calendar) -> Deadline:
    """What is another body's goes there within five days."""
    return after_days(received_on, terms.forward, calendar)


@by_law("L5", Act.APPEALS, "7", Certainty.SEEN)
def missing(received_on: date, terms: Terms, calendar: Calendar) -> Deadline:
    """What holds too little for a reasoned decision goes back within five days."""
    return after_days(received_on, terms.missing, calendar)


@by_law("L5", Act.APPEALS, "5", Certainty.SEEN)
def defect(received_on: date, terms: Terms, calendar: Calendar) -> Deadline:
    """What lacks its form goes back, with an explanation, within ten days."""
    return after_days(received_on, terms.defect, calendar)


@by_law("L8", Act.APPEALS, "20", Certainty.SEEN)
def simple(received_on: date, terms: Terms, calendar: Calendar) -> Deadline:
    """What needs no further study: at once, and not later than in fifteen days."""
    return after_days(received_on, terms.simple, calendar)


@by_law("L8", Act.APPEALS, "20", Certainty.SEEN)
def month(received_on: date, terms: Terms, calendar: Calendar) -> Deadline:
    """The general term: a month from arrival."""
    return after_months(received_on, terms.months, calendar)


@by_law("L8", Act.APPEALS, "20", Certainty.SEEN)
def most(received_on: date, terms: Terms, calendar: Calendar) -> Deadline:
    """With every extension, forty-five days in all."""
    return after_days(received_on, terms.most, calendar)


def deadlines(received_on: date, terms: Terms, calendar: Calendar) -> Deadlines:
    """Every clock that begins with an appeal's arrival."""
    return Deadlines(
        forward=forward(received_on, terms, calendar),
        missing=missing(received_on, terms, calendar),
        defect=defect(received_on, terms, calendar),
        simple=simple(received_on, terms, calendar),
        month=month(received_on, terms, calendar),
        most=most(received_on, terms, calendar),
    )


def alarm(today: date, due: Deadline, clocks: Deadlines, calendar: Calendar, *, is_taken: bool) -> Alarm:
    """How near the end is today. What is shown and alarmed is the safe day; a breach begins after the legal one."""
    if today > due.legal:
        return Alarm.BREACHED
    if today >= due.safe:
        return Alarm.LAST_DAY
    if today >= before_working_days(due.safe, _WARNED_WORKING_DAYS, calendar):
        return Alarm.NEAR
    if today >= clocks.simple.safe:
        return Alarm.FIFTEENTH_DAY
    if not is_taken and today >= clocks.forward.safe:
        return Alarm.UNTOUCHED
    return Alarm.NONE


def warned_until(today: date, calendar: Calendar) -> date:
    """Of what is due by that day, the end is near."""
    return after_working_days(today, _WARNED_WORKING_DAYS, calendar)


def before_working_days(day: date, count: int, calendar: Calendar) -> date:
    """So many working days before a day."""
    for _ in range(count):
        day = working_day_until(day - timedelta(days=1), calendar)
    return day


@by_law("L18", Act.PROCEDURE, "33, 34", Certainty.SEEN)
def procedure(received_on: date, calendar: Calendar, *, hearing: bool = False, extended_by: int = 0) -> Deadline:
    """An administrative procedure: thirty days, forty-five with a hearing, extended once by fifteen at the most.

    Raises:
        Refused: it would be extended by more.
    """
    if not 0 <= extended_by <= 15:
        raise Refused("extended_by", "procedure.extended-too-far")
    return of_procedure(received_on, (45 if hearing else 30) + extended_by, calendar)


@by_law("L18", Act.PROCEDURE, "33", Certainty.SEEN)
def of_procedure(received_on: date, days: int, calendar: Calendar) -> Deadline:
    """A term of the administrative procedure: up to ten days they are working days, longer ones calendar days."""
    if days > _WORKING_DAYS_UP_TO:
        return after_days(received_on, days, calendar)
    return _on(after_working_days(received_on, days, calendar))


@by_law("L18", Act.PROCEDURE, "34", Certainty.SEEN)
def procedure_extension_told_by(due: Deadline, calendar: Calendar) -> date:
    """A reasoned notice of the extension comes three working days before the term ends, or earlier."""
    return before_working_days(due.safe, 3, calendar)


@by_law("L19", Act.INFORMATION, "20", Certainty.SEEN)
def information(received_on: date, calendar: Calendar, *, large: bool = False) -> Deadline:
    """A request for information: five working days, twenty for much; whoever it is passed on to begins anew."""
    return _on(after_working_days(received_on, 20 if large else 5, calendar))


@by_law("L19", Act.INFORMATION, "20", Certainty.SEEN)
def urgent_information(received_at: datetime) -> datetime:
    """On life, environment, accidents and threats: forty-eight hours."""
    return received_at + timedelta(hours=48)


@by_law("L19", Act.INFORMATION, "20", Certainty.SEEN)
def large_information_told_by(received_on: date, calendar: Calendar) -> Deadline:
    """That a request needs longer is told within the first five working days."""
    return _on(after_working_days(received_on, 5, calendar))


@by_law("L33", Act.CRIMINAL_PROCEDURE, "214", Certainty.SEEN)
def crime_entered_by(reported_at: datetime) -> datetime:
    """A report of a crime is in the register within twenty-four hours: it is handed over at once."""
    return reported_at + timedelta(hours=24)


def _on(day: date) -> Deadline:
    """A term of working days ends on one."""
    return Deadline(day, day, day)
