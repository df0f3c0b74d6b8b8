"""What the law gives a person over their own data, and until when: pure functions."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum, auto

from kit.errors import Refused, WrongState
from kit.law import Act, Certainty, by_law

from reception.clocks import rules as clocks
from reception.clocks.calendar import Calendar, after_working_days
from reception.clocks.rules import Deadline

YEARS = 5
"""How long appeals are kept where the office has said nothing else."""
_NEAR = timedelta(days=5)


class RequestKind(StrEnum):
    ACCESS = auto()
    CORRECTION = auto()
    ERASURE = auto()


class RequestState(StrEnum):
    OPEN = auto()
    GRANTED = auto()
    REFUSED = auto()


class Deed(StrEnum):
    """What may happen to a person's own data, and to a request about them."""

    ASKED = auto()
    ANSWERED = auto()
    CORRECTED = auto()
    ERASED = auto()
    HELD = auto()
    RELEASED = auto()
    RETENTION_CHANGED = auto()


class Alarm(StrEnum):
    NONE = auto()
    NEAR = auto()
    OVERDUE = auto()


class Field(StrEnum):
    """What may be corrected."""

    NAME = auto()
    RESIDENCE = auto()
    PHONE = auto()
    EMAIL = auto()


class Ground(StrEnum):
    """Why something was erased."""

    RETENTION = auto()
    REQUEST = auto()
    HANDED_OVER = auto()


@dataclass(frozen=True, slots=True)
class Key:
    """By what staff know a person; empty where they do not."""

    phone: str
    email: str
    code: str
    name: str
    day: date | None


def check_key(key: Key) -> None:
    """One way to know a person at least; a name is one only with its day.

    Raises:
        Refused: there is none.
    """
    if bool(key.name) is not (key.day is not None):
        raise Refused("person.day" if key.name else "person.known_as", "person.name-and-day")
    if not (key.phone or key.email or key.code or key.name):
        raise Refused("person", "person.nobody")


@by_law("L41", Act.PERSONAL_DATA, "", Certainty.SEEN)
def access_due(received_on: date, calendar: Calendar) -> Deadline:
    """A person is given their own data free of charge within thirty calendar days."""
    return clocks.after_days(received_on, 30, calendar)


@by_law("L41", Act.PERSONAL_DATA, "", Certainty.SEEN)
def change_due(received_on: date, calendar: Calendar) -> Deadline:
    """Data are corrected at once; of a change or of erasure the person is told within ten working days."""
    last = after_working_days(received_on, 10, calendar)
    return Deadline(last, last, last)


def due(kind: RequestKind, received_on: date, calendar: Calendar) -> Deadline:
    """Until when a request is answered."""
    return access_due(received_on, calendar) if kind is RequestKind.ACCESS else change_due(received_on, calendar)


def alarm(due: Deadline, today: date, state: RequestState) -> Alarm:
    """How near the end of an open request's term is."""
    if state is not RequestState.OPEN or today < due.safe - _NEAR:
        return Alarm.NONE
    return Alarm.OVERDUE if today > due.legal else Alarm.NEAR


@by_law("L30", Act.OFFICE_WORK, "", Certainty.RECALLED)
def kept_until(closed_on: date, years: int) -> date:
    """An appeal is kept five years after it is closed; the first day on which it may be erased."""
    try:
        return closed_on.replace(year=closed_on.year + years)
    except ValueError:  # the 29th of February
        return date(closed_on.year + years, 3, 1)


@by_law("L33", Act.CRIMINAL_PROCEDURE, "214", Certainty.PARTLY)
def report_kept_until(handed_at: datetime) -> datetime:
    """Of a report of a crime or of violence that came as an appeal and was handed over, the office keeps when, to whom
    and under which number. What was said and by whom goes once the police must have it in their register."""
    return clocks.crime_entered_by(handed_at)


def reports_handed_by(now: datetime) -> datetime:
    """What was handed over at that moment or before goes now."""
    return now - (report_kept_until(now) - now)


def closed_by(today: date, years: int) -> date:
    """What was closed on that day or before has been kept so many years today."""
    try:
        return today.replace(year=today.year - years)
    except ValueError:  # the 29th of February
        return date(today.year - years, 2, 28)


def check_erased(closed_on: date | None, years: int, today: date, *, is_held: bool) -> None:
    """An appeal may be erased.

    Raises:
        WrongState: a legal hold is on it, it is not closed, or its term of storage has not passed.
    """
    if is_held:
        raise WrongState("person.held")
    if closed_on is None:
        raise WrongState("person.not-closed")
    until = kept_until(closed_on, years)
    if today < until:
        raise WrongState("person.kept-by-law", day=f"{until:%d.%m.%Y}")


def check_received(received_on: date, today: date) -> None:
    """Raises:
    Refused: the day is to come.
    """
    if received_on > today:
        raise Refused("received_on", "person.day-to-come")


def corrected(field: Field, value: str) -> str:
    """The new value.

    Raises:
        Refused: a name without letters, or a phone or an address of mail that is none.
    """
    plain = " ".join(value.split())
    is_good = {
        Field.NAME: any(letter.isalpha() for letter in plain) and len(plain) <= 120,
        Field.RESIDENCE: True,
        Field.PHONE: not plain
        or (plain.startswith("+") and plain[1:].isascii() and 8 <= len(plain[1:]) <= 15 and plain[1:].isdigit()),
        Field.EMAIL: not plain or ("@" in plain[1:-1] and len(plain) <= 254),
    }[field]
    if not is_good:
        raise Refused("value", "person.value-unfit")
    return plain
