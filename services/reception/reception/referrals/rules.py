"""When somebody may be asked to help, and until when: pure functions."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum, auto

from kit.errors import Refused, WrongState
from kit.law import Act, Certainty, by_law

LONGEST = timedelta(days=90)
"""Later than that is no term but a wish."""

NEAR = timedelta(days=2)
"""How long before the day for the answer whoever has the referral is reminded."""


class Helper(StrEnum):
    """Who is asked."""

    ORGANISATION = auto()
    LAWYER = auto()


class State(StrEnum):
    """Where a referral stands."""

    SENT = auto()
    ACCEPTED = auto()
    DECLINED = auto()
    REPLIED = auto()

    @property
    def is_open(self) -> bool:
        return self in {State.SENT, State.ACCEPTED}


OPEN = tuple(each for each in State if each.is_open)


class Deed(StrEnum):
    """What may happen to a referral."""

    MADE = auto()
    ACCEPTED = auto()
    DECLINED = auto()
    REPLIED = auto()
    OVERDUE = auto()


class Alarm(StrEnum):
    """How near the day for the answer is; the later, the more urgent."""

    NONE = auto()
    NEAR = auto()
    OVERDUE = auto()

    @property
    def urgency(self) -> int:
        return list(Alarm).index(self)


@by_law("L43", Act.PERSONAL_DATA, "7", Certainty.SEEN)
def check_consent(consented_on: date | None, today: date) -> date:
    """What an office knows of a person goes to another only with their unambiguous consent.

    Raises:
        Refused: the person has not consented yet.
    """
    if consented_on is None or consented_on > today:
        raise Refused("consented_on", "referral.no-consent")
    return consented_on


def check_due(due_on: date, today: date) -> date:
    """An answer is expected after today, and within a quarter.

    Raises:
        Refused: it is not.
    """
    if not today < due_on <= today + LONGEST:
        raise Refused("due_on", "referral.due-out-of-range")
    return due_on


def accept(state: State) -> State:
    """What was sent is accepted once.

    Raises:
        WrongState: it was accepted, or is over.
    """
    if state is not State.SENT:
        raise WrongState("referral.not-waiting")
    return State.ACCEPTED


def end(state: State, *, declined: bool) -> State:
    """An open referral ends with a reply or a refusal.

    Raises:
        WrongState: it is over.
    """
    if not state.is_open:
        raise WrongState("referral.over")
    return State.DECLINED if declined else State.REPLIED


def is_overdue(state: State, due_on: date, today: date) -> bool:
    return state.is_open and due_on < today


def alarm(state: State, due_on: date, today: date) -> Alarm:
    """How near the day for the answer is; of what is over, nothing."""
    if is_overdue(state, due_on, today):
        return Alarm.OVERDUE
    return Alarm.NEAR if state.is_open and due_on - NEAR <= today else Alarm.NONE


def told_of(sent_by: str, holder: str, emails: Mapping[str, str], desk: str) -> str:
    """At which address staff are reminded: whoever made the referral, else whoever has the case, else the desk. Empty
    when no address is known."""
    return emails.get(sent_by) or emails.get(holder) or desk
