"""Which track a text may belong to, and until when the body that it goes to must act: pure functions."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from enum import StrEnum, auto

from kit.errors import Refused, WrongState
from kit.law import Act, Certainty, by_law

from reception.appeals.rules import one_line, reason_text
from reception.clocks import rules as clocks
from reception.clocks.calendar import Calendar, after_working_days
from reception.receptions.rules import KYIV


class Track(StrEnum):
    """Where another procedure is laid down (art. 12)."""

    CRIME = auto()
    DOMESTIC_VIOLENCE = auto()
    LEGAL_AID = auto()
    INFORMATION_REQUEST = auto()
    ADMINISTRATIVE_PROCEDURE = auto()
    CORRUPTION = auto()
    PERSONAL_DATA = auto()
    PETITION = auto()


class State(StrEnum):
    """What became of what a resident sent."""

    WAITING = auto()
    REGISTERED = auto()
    HANDED_OVER = auto()
    ERASED = auto()
    """As its person asked, before it was sorted."""


_WORDS = {
    Track.DOMESTIC_VIOLENCE: (
        r"домашн\w+ насильств",
        r"(?:чоловік|дружин|співмешкан)\w*\s+(?:\w+\s+)?(?:б['’]?є|бит|погрожу|душ)",
    ),
    Track.CRIME: (r"вкра|крад[іеу]|пограб|грабіж|розб[іо]й", r"вбив|зґвалт|шахра|підпал|побили|напав", r"вбити"),
    Track.CORRUPTION: (r"хабар|корупц", r"неправомірн\w+ вигод"),
    Track.INFORMATION_REQUEST: (
        r"запит на (?:публічну )?інформац",
        r"нада(?:ти|йте) (?:публічну )?інформац",
        r"копі[юї] (?:рішення|документ)",
    ),
    Track.LEGAL_AID: (r"безоплатн\w+ правн\w+", r"потріб\w+ адвокат", r"безкоштовн\w+ (?:адвокат|юрист)"),
    Track.PERSONAL_DATA: (r"персональн\w+ дан",),
    Track.PETITION: (r"петиці",),
    Track.ADMINISTRATIVE_PROCEDURE: (
        r"адміністративн\w+ (?:послуг|процедур)",
        r"видат[иі] довідк|видач\w+ (?:довідк|дозвол)",
    ),
}


@by_law("L17", Act.APPEALS, "12", Certainty.SEEN)
def suggest(text: str) -> list[Track]:
    """Tracks that a text's words speak of, in the order of urgency. A machine suggests, and never decides."""
    return [track for track, words in _WORDS.items() if re.search("|".join(words), text, re.IGNORECASE)]


@by_law("L17", Act.APPEALS, "12", Certainty.SEEN)
def waits(tracks: Sequence[Track], *, is_confidential: bool, is_integrator: bool) -> bool:
    """Whether somebody sorts it before it is registered: where its words speak of another track, and where the person
    asks for confidence. What is clear is registered at once, and what another system has sorted."""
    return is_confidential or (bool(tracks) and not is_integrator)


@by_law("L28", Act.OFFICE_WORK, "", Certainty.RECALLED)
def sorted_by(received_on: date, calendar: Calendar) -> date:
    """What comes is registered on the day of its arrival or the next working day: until then it is sorted."""
    return after_working_days(received_on, 1, calendar)


def check_sorting(state: State) -> None:
    """It is sorted once.

    Raises:
        WrongState: it was sorted.
    """
    if state is not State.WAITING:
        raise WrongState("submission.sorted")


def check_handed_over(*, is_held: bool) -> None:
    """What is handed over is kept no longer, and a legal hold wins.

    Raises:
        WrongState: a hold is on it: registered, it stays.
    """
    if is_held:
        raise WrongState("person.held")


def check_marked(*, is_confidential: bool, is_marked: bool) -> None:
    """What was sent in confidence is known to named staff alone.

    Raises:
        Refused: nobody is named.
    """
    if is_confidential and not is_marked:
        raise Refused("sensitive", "submission.confidential")


def due_at(track: Track, handed_at: datetime, calendar: Calendar) -> datetime | None:
    """Until when the body that it went to must act; None where the office knows no term."""
    wall = handed_at.astimezone(KYIV)
    match track:
        case Track.CRIME | Track.DOMESTIC_VIOLENCE:
            return clocks.crime_entered_by(handed_at)
        case Track.INFORMATION_REQUEST:
            return datetime.combine(clocks.information(wall.date(), calendar).legal, time(23, 59), wall.tzinfo)
        case Track.ADMINISTRATIVE_PROCEDURE:
            return datetime.combine(clocks.procedure(wall.date(), calendar).legal, time(23, 59), wall.tzinfo)
        case _:
            return None


def tip_text(text: str) -> str:
    """What an anonymous letter says, as it is kept.

    Raises:
        Refused: nothing is left of it without the spaces.
    """
    return reason_text(text, "text", "appeal.text-missing")


def unit(said: str) -> str:
    """Who took it.

    Raises:
        Refused: it has no name.
    """
    named = one_line(said)
    if not any(letter.isalnum() for letter in named):
        raise Refused("unit", "triage.unit-missing")
    return named
