"""When an officer's report and meeting are due, and how near that is: pure functions."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum, auto

from kit.errors import Refused
from kit.law import Act, Certainty, by_law

from reception.clocks import rules as clocks
from reception.clocks.calendar import Calendar
from reception.clocks.rules import Deadline

REPORT_MONTHS, MEETING_MONTHS = 6, 2
_PLANNED_AHEAD = timedelta(days=366)


class Kind(StrEnum):
    """What is owed."""

    REPORT = auto()
    """To the executive body of the hromada."""
    MEETING = auto()
    """An open one, with local self-government."""

    @property
    def warned(self) -> timedelta:
        """How long before its end a term is near."""
        return timedelta(days=30 if self is Kind.REPORT else 14)


class Alarm(StrEnum):
    """How near the end of a term is; the later, the more urgent."""

    NONE = auto()
    PLANNED = auto()
    """It is near, and a day is set that is in time."""
    NEAR = auto()
    UNCONFIRMED = auto()
    """A set day has passed, and nobody says that it was held."""
    LAST_DAY = auto()
    OVERDUE = auto()

    @property
    def urgency(self) -> int:
        return list(Alarm).index(self)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is said of a report or a meeting."""

    planned_on: date | None
    held_on: date | None
    note: str


@by_law("L31", Act.BEATS, "", Certainty.SEEN)
def report_due(last: date, calendar: Calendar) -> Deadline:
    """An officer reports to the executive body of the hromada at least twice a year: within six months of the last."""
    return clocks.after_months(last, REPORT_MONTHS, calendar)


@by_law("L32", Act.POLICE, "88", Certainty.SEEN)
def meeting_due(last: date, calendar: Calendar) -> Deadline:
    """Leaders meet openly with local self-government at least once in two months."""
    return clocks.after_months(last, MEETING_MONTHS, calendar)


def due(kind: Kind, last: date, calendar: Calendar) -> Deadline:
    """When the next one is due.

    Args:
        kind: what is owed.
        last: the day of the last one; of the first, the day since which the officer serves the beat.
        calendar: the office's.
    """
    return report_due(last, calendar) if kind is Kind.REPORT else meeting_due(last, calendar)


def alarm(kind: Kind, today: date, due: Deadline, planned_on: date | None) -> Alarm:
    """How near the end is today. The safe day alarms; overdue begins after the legal one."""
    if today > due.legal:
        return Alarm.OVERDUE
    if today >= due.safe:
        return Alarm.LAST_DAY
    if planned_on is not None and planned_on < today:
        return Alarm.UNCONFIRMED
    if today < due.safe - kind.warned:
        return Alarm.NONE
    return Alarm.PLANNED if planned_on is not None and planned_on <= due.safe else Alarm.NEAR


def check(draft: Draft, today: date, before: date | None = None) -> None:
    """Days that can be.

    Args:
        draft: what is said.
        today: the day of the call.
        before: the day that was planned until now.

    Raises:
        Refused: there is no day; it was held in the future, or would be planned in the past or too far ahead.
    """
    if draft.planned_on is None and draft.held_on is None:
        raise Refused("duty.planned_on", "duty.day-missing")
    if draft.held_on is not None and draft.held_on > today:
        raise Refused("duty.held_on", "duty.held-in-the-future")
    if draft.held_on is not None or draft.planned_on in {None, before}:
        return
    if draft.planned_on < today:
        raise Refused("duty.planned_on", "duty.planned-in-the-past")
    if draft.planned_on > today + _PLANNED_AHEAD:
        raise Refused("duty.planned_on", "duty.planned-too-far")
