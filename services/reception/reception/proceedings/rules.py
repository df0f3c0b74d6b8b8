"""What may be decided of an appeal, by whom, and until when: pure functions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto
from uuid import UUID

from kit.errors import Denied, Refused, WrongState
from kit.law import Act, Certainty, by_law

from reception.appeals.rules import Body, Requisite, Standing, State, Term, check_held, check_open
from reception.clocks.calendar import Calendar
from reception.clocks.rules import Alarm, Deadline, Deadlines, after_months, ends


class Ground(StrEnum):
    """Why an appeal goes back, or is not considered."""

    DEFECT = auto()
    INSUFFICIENT = auto()
    REPEATED = auto()
    LATE = auto()
    INCAPABLE = auto()
    ANONYMOUS = auto()
    OTHER_PROCEDURE = auto()


class Obstacle(StrEnum):
    """Why the answer to the first does not answer a duplicate."""

    OTHER_QUESTION = auto()
    TAKEN_BY_ANOTHER = auto()
    CLOSED = auto()


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier appeal of what seems to be the same person."""

    state: State
    is_same_matter: bool


@dataclass(frozen=True, slots=True)
class Told:
    """At which addresses staff are told of an alarm."""

    in_charge: tuple[str, ...]
    heads: tuple[str, ...] = ()


def told_of(alarm: Alarm, holder: str, emails: Mapping[str, str], heads: Collection[str], desk: str) -> Told:
    """Whoever has the appeal; the desk, if nobody has it or no address of theirs is known. Of a breach every head too,
    else the desk. Nobody is told twice."""
    at_desk = (desk,) if desk else ()
    in_charge = (emails[holder],) if holder in emails else at_desk
    if alarm is not Alarm.BREACHED:
        return Told(in_charge)
    of_heads = tuple(sorted(emails[each] for each in heads if each in emails)) or at_desk
    return Told(tuple(each for each in in_charge if each not in of_heads), of_heads)


def due(term: Term, until: date | None, received_on: date, clocks: Deadlines, calendar: Calendar) -> Deadline:
    """When the term that runs ends."""
    if until is not None:
        return ends(until, received_on, calendar)
    return clocks.simple if term is Term.SIMPLE else clocks.month


@by_law("L5", Act.APPEALS, "5, 7", Certainty.SEEN)
def send_back(ground: Ground, missing: Collection[Requisite], clocks: Deadlines, *, today: date) -> bool:
    """Two different returns: for its form within ten days, for too little in it within five. Tells whether it is late.

    Raises:
        Refused: nobody says what its form lacks.
    """
    if ground is Ground.DEFECT and not missing:
        raise Refused("missing", "appeal.nothing-missing")
    return today > (clocks.defect if ground is Ground.DEFECT else clocks.missing).legal


@by_law("L6", Act.APPEALS, "7", Certainty.SEEN)
def forward(to: Body, complained_of: UUID | None, clocks: Deadlines, *, today: date) -> bool:
    """Within five days, with notice to the person, never to the body complained of. Tells whether it is late.

    Raises:
        Refused: it would go to the body that it complains of, or to one without a name.
    """
    if to.id == complained_of:
        raise Refused("to", "appeal.forward-to-the-body-complained-of")
    if not to.title.strip():
        raise Refused("to", "appeal.forward-to-nobody")
    return today > clocks.forward.legal


@by_law("L6", Act.APPEALS, "7", Certainty.PARTLY)
def check_kin(to: Body, complained_of: Body, parent: UUID | None, units: Collection[UUID]) -> None:
    """Nor to what the body complained of is a unit of, nor to its own units: who answers for the act would judge it.
    Past its parent, to whoever stands above both, a complaint may go (art. 16).

    Raises:
        Refused: it would; names which.
    """
    if to.id == parent:
        raise Refused("to", "appeal.forward-to-the-parent", to=to.title, body=complained_of.title)
    if to.id in units:
        raise Refused("to", "appeal.forward-to-a-unit", to=to.title, body=complained_of.title)


@by_law("L15", Act.APPEALS, "11", Certainty.SEEN)
def record_body_answer(state: State, *, is_answered: bool) -> None:
    """An association's office registers, forwards and accompanies: what is another's to decide, it only tells.

    Raises:
        WrongState: it went to nobody, or the answer is there.
    """
    if state is not State.FORWARDED:
        raise WrongState("appeal.not-forwarded")
    if is_answered:
        raise WrongState("appeal.already-answered")


def reassign(standing: Standing, to: str, *, by: str, is_head: bool, may_answer: bool) -> State:
    """Whoever holds it gives it to a colleague, and the head may at any time before the answer.

    Raises:
        WrongState: it is closed.
        Denied: it is in somebody else's hands.
        Refused: the colleague has it already, or answers no appeals.
    """
    if not is_head:
        check_held(standing, by=by)
    check_open(standing)
    if not may_answer:
        raise Refused("colleague", "appeal.colleague-answers-none")
    if standing.taken_by == to:
        raise Refused("colleague", "appeal.colleague-has-it")
    return State.IN_WORK


@by_law("L8", Act.APPEALS, "20", Certainty.SEEN)
def mark_simple(term: Term, clocks: Deadlines, *, today: date) -> None:
    """What needs no further study is due in fifteen days from its arrival.

    Raises:
        WrongState: another term runs, or the fifteen days are over.
    """
    if term is not Term.GENERAL:
        raise WrongState("appeal.term-is-set")
    if today > clocks.simple.legal:
        raise WrongState("appeal.simple-is-over")


@by_law("L8", Act.APPEALS, "20", Certainty.SEEN)
def ask_extension(until: date, current: Deadline, clocks: Deadlines, *, today: date, is_asked: bool) -> None:
    """If a month is not enough: later than now, and forty-five days in all at the most, asked before the term ends.

    Raises:
        WrongState: the term is over, or somebody has asked.
        Refused: the day is none that it could be extended to.
    """
    if is_asked:
        raise WrongState("appeal.extension-asked")
    if today > current.legal:
        raise WrongState("appeal.term-is-over")
    if until <= current.raw:
        raise Refused("until", "appeal.extension-shortens", day=f"{current.raw:%d.%m.%Y}")
    if until > clocks.most.raw:
        raise Refused("until", "appeal.extension-too-long", day=f"{clocks.most.raw:%d.%m.%Y}")


@by_law("L8", Act.APPEALS, "20", Certainty.SEEN)
def decide_extension(asked_by: str | None, by: str, current: Deadline, *, today: date) -> None:
    """The head sets the term, and never for a request of their own.

    Raises:
        WrongState: nobody has asked, or the term is over.
        Denied: whoever decides has asked.
    """
    if asked_by is None:
        raise WrongState("appeal.no-extension-asked")
    if asked_by == by:
        raise Denied("appeal.own-extension")
    if today > current.legal:
        raise WrongState("appeal.term-is-over")


@by_law("L8", Act.APPEALS, "20", Certainty.SEEN)
def shorten(until: date, current: Deadline, *, today: date) -> None:
    """As the person asked in writing and with reasons: earlier than now, and not before today.

    Raises:
        Refused: the day has passed, or is no earlier.
    """
    if until < today:
        raise Refused("until", "appeal.shortened-to-the-past")
    if until >= current.raw:
        raise Refused("until", "appeal.shortening-extends", day=f"{current.raw:%d.%m.%Y}")


@by_law("L8", Act.APPEALS, "20", Certainty.SEEN)
def decline_shortening(term: Term, current: Deadline, *, today: date) -> None:
    """The request is reasoned, and so is what the head says to it: the term that runs stays.

    Raises:
        WrongState: the term was shortened, or is over.
    """
    if term is Term.SHORTENED:
        raise WrongState("appeal.shortened-already")
    if today > current.legal:
        raise WrongState("appeal.term-is-over")


def obstacle(duplicate: Standing, *, by: str, is_same_question: bool) -> Obstacle | None:
    """What keeps an answer from being a duplicate's too: none if nobody or its own answerer has it, on one question."""
    if not duplicate.state.is_open:
        return Obstacle.CLOSED
    if not is_same_question:
        return Obstacle.OTHER_QUESTION
    if duplicate.state is State.IN_WORK and duplicate.taken_by != by:
        return Obstacle.TAKEN_BY_ANOTHER
    return None


@by_law("L7", Act.APPEALS, "8", Certainty.SEEN)
def is_answered_already(earlier: Earlier) -> bool:
    """The same body, the same person, the same matter, and the first resolved on its merits: only the head decides."""
    return earlier.is_same_matter and earlier.state is State.ANSWERED


@by_law("L7", Act.APPEALS, "8", Certainty.SEEN)
def check_repeated(previous: Earlier | None) -> None:
    """What is left without consideration as repeated repeats something that was resolved on its merits.

    Raises:
        Refused: it names no earlier appeal, or that one was not resolved.
    """
    if previous is None or not is_answered_already(previous):
        raise Refused("ground", "appeal.not-a-repeat")


@by_law("L12", Act.APPEALS, "17", Certainty.SEEN)
def is_in_time(
    adopted_on: date, known_on: date, filed_on: date, calendar: Calendar, *, has_good_reason: bool = False
) -> bool:
    """A complaint about a decision: within a year of its adoption and a month of knowing it, or for a good reason.

    Raises:
        Refused: it was known before it was adopted, or filed before it was known.
    """
    if known_on < adopted_on:
        raise Refused("known_on", "appeal.known-before-adopted")
    if filed_on < known_on:
        raise Refused("known_on", "appeal.filed-before-known")
    last = min(after_months(adopted_on, 12, calendar).legal, after_months(known_on, 1, calendar).legal)
    return has_good_reason or filed_on <= last
