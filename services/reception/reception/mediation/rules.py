"""What mediation allows and when: pure functions.

Mediation is voluntary, confidential and neutral (Law 1875-IX of 16.11.2021; remembered, to be confirmed by a lawyer).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum, auto
from typing import TypeVar

from kit.errors import Refused, WrongState

K = TypeVar("K")

SMALL = 5
"""Fewer than so many may give away who they were."""
_NEAR = timedelta(days=7)


class State(StrEnum):
    PROPOSED = auto()
    UNDER_WAY = auto()
    AGREED = auto()
    CLOSED = auto()


class Consent(StrEnum):
    ASKED = auto()
    GIVEN = auto()
    REFUSED = auto()
    WITHDRAWN = auto()


class ConsentForm(StrEnum):
    WRITTEN = auto()
    ORAL = auto()
    ELECTRONIC = auto()


class Outcome(StrEnum):
    """How a case ended."""

    KEPT = auto()
    BROKEN = auto()
    NO_AGREEMENT = auto()
    NO_CONSENT = auto()
    REFERRED = auto()

    @property
    def needs_agreement(self) -> bool:
        return self in {Outcome.KEPT, Outcome.BROKEN}


class Purpose(StrEnum):
    """What for somebody opens a case."""

    MEETING = auto()
    FOLLOW_UP = auto()
    PARTY_ASKS = auto()
    SUPERVISION = auto()


class Alarm(StrEnum):
    """How near a follow-up is; the later, the more urgent."""

    NONE = auto()
    NEAR = auto()
    OVERDUE = auto()

    @property
    def urgency(self) -> int:
        return list(Alarm).index(self)


@dataclass(frozen=True, slots=True)
class Mediator:
    """Who would lead the talks."""

    subject: str
    name: str


def check_mediator(mediator: Mediator, officers: Collection[str], parties: Collection[str], *, neutral: bool) -> None:
    """A mediator has no side.

    Args:
        mediator: who would lead the talks.
        officers: the subjects of those who deal with the matter in office.
        parties: the names of the parties.
        neutral: they have said that they are no relative of a party and have no stake.

    Raises:
        Refused: they are an officer of the case or a party, or have not said so.
    """
    if mediator.subject in officers:
        raise Refused("mediator", "mediation.mediator-is-officer")
    if _plain(mediator.name) in {_plain(party) for party in parties}:
        raise Refused("mediator", "mediation.mediator-is-party")
    if not neutral:
        raise Refused("neutral", "mediation.not-neutral")


def check_party(name: str, mediator: Mediator, others: Collection[str], *, related: bool) -> None:
    """A party is not of the mediator's family, and stands once.

    Raises:
        Refused: they are the mediator or a relative of theirs, have no name, or are there.
    """
    if not any(letter.isalpha() for letter in name):
        raise Refused("display_name", "mediation.party-unnamed")
    if related:
        raise Refused("related_to_mediator", "mediation.mediator-is-relative")
    if _plain(name) == _plain(mediator.name):
        raise Refused("display_name", "mediation.mediator-is-party")
    if _plain(name) in {_plain(other) for other in others}:
        raise Refused("display_name", "mediation.party-twice")


def check_open(state: State) -> None:
    """Raises:
    WrongState: the case is closed.
    """
    if state is State.CLOSED:
        raise WrongState("mediation.closed")


def consent(before: Consent, now: Consent, on: date | None, today: date) -> Consent:
    """What a party says after what they said before.

    Raises:
        Refused: the day is none or to come, or nothing that was given is withdrawn.
    """
    if now is not Consent.ASKED and on is None:
        raise Refused("consent_on", "mediation.day-missing")
    if on is not None and on > today:
        raise Refused("consent_on", "mediation.day-to-come")
    if now is Consent.WITHDRAWN and before is not Consent.GIVEN:
        raise Refused("consent", "mediation.nothing-to-withdraw")
    return now


def state_of(consents: Sequence[Consent], *, is_signed: bool) -> State:
    """Where an open case stands: two parties at least, and all of them willing."""
    if not may_meet(consents):
        return State.PROPOSED
    return State.AGREED if is_signed else State.UNDER_WAY


def may_meet(consents: Sequence[Consent]) -> bool:
    """Talks need two parties, and the consent of all."""
    return len(consents) >= 2 and all(each is Consent.GIVEN for each in consents)


def check_consented(consents: Sequence[Consent]) -> None:
    """Raises:
    WrongState: somebody has not consented, or there are no two.
    """
    if not may_meet(consents):
        raise WrongState("mediation.no-consent")


def check_meeting(planned_on: date | None, held_on: date | None, today: date) -> None:
    """Raises:
    Refused: there is no day, or it was held in the future.
    """
    if planned_on is None and held_on is None:
        raise Refused("planned_on", "mediation.day-missing")
    if held_on is not None and held_on > today:
        raise Refused("held_on", "mediation.day-to-come")


def check_signed(agreement: str, signed_on: date | None, today: date) -> None:
    """Raises:
    WrongState: there is no text.
    Refused: the day is none or to come.
    """
    if not agreement:
        raise WrongState("mediation.no-agreement")
    if signed_on is None:
        raise Refused("signed_on", "mediation.day-missing")
    if signed_on > today:
        raise Refused("signed_on", "mediation.day-to-come")


def check_follow_up(due_on: date | None, done_on: date | None, today: date) -> date:
    """The day of a follow-up.

    Raises:
        Refused: there is none, or it was done in the future.
    """
    if due_on is None:
        raise Refused("due_on", "mediation.day-missing")
    if done_on is not None and done_on > today:
        raise Refused("done_on", "mediation.day-to-come")
    return due_on


def alarm(due_on: date, done_on: date | None, today: date) -> Alarm:
    """How near a follow-up is: a week before it warns, the day after it is overdue."""
    if done_on is not None or today < due_on - _NEAR:
        return Alarm.NONE
    return Alarm.OVERDUE if today > due_on else Alarm.NEAR


def check_outcome(outcome: Outcome, state: State, consents: Sequence[Consent]) -> None:
    """An end that fits the way.

    Raises:
        Refused: an agreement is kept or broken that nobody signed, there is an agreement that the end denies, or
            consent is missing where all have given it.
    """
    if outcome.needs_agreement is not (state is State.AGREED) and outcome is not Outcome.REFERRED:
        raise Refused("outcome", "mediation.outcome-and-agreement")
    if outcome is Outcome.NO_CONSENT and may_meet(consents):
        raise Refused("outcome", "mediation.all-consented")


def withheld(counts: Mapping[K, int], least: int = SMALL) -> set[K]:
    """Which counts are not told: those that are small, and, where only one is, the smallest other too, so that nobody
    reckons it from the total."""
    small = {key for key, count in counts.items() if 0 < count < least}
    others = sorted((count, place) for place, (key, count) in enumerate(counts.items()) if count and key not in small)
    if len(small) == 1 and others:
        small.add(list(counts)[others[0][1]])
    return small


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("’", "'").split())
