"""The law of appeals: pure functions. The clocks are in `clocks`, what is decided on the way in `proceedings`."""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum, auto
from uuid import UUID

from kit.errors import Denied, Refused, WrongState
from kit.law import Act, Certainty, by_law
from kit.notices.rules import Channel

HEAD = "appeals.decide"
"""The permission of whoever heads the office."""
_SHORTEST_TEXT = 10
_SHORTEST_REASON = 5
_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class State(StrEnum):
    """Where an appeal stands."""

    REGISTERED = auto()
    IN_WORK = auto()
    ANSWERED = auto()
    RETURNED = auto()
    FORWARDED = auto()
    NOT_CONSIDERED = auto()

    @property
    def is_open(self) -> bool:
        return self in {State.REGISTERED, State.IN_WORK}


class Deed(StrEnum):
    """What may happen to an appeal."""

    REGISTERED = auto()
    TAKEN = auto()
    ANSWERED = auto()
    RETURNED = auto()
    FORWARDED = auto()
    NOT_CONSIDERED = auto()
    MARKED_SIMPLE = auto()
    EXTENSION_ASKED = auto()
    EXTENDED = auto()
    EXTENSION_DECLINED = auto()
    SHORTENED = auto()
    SHORTENING_DECLINED = auto()
    WARNED = auto()
    BREACHED = auto()
    BODY_ANSWERED = auto()
    REASSIGNED = auto()
    HANDED_OVER = auto()


class Sensitivity(StrEnum):
    """Why only named staff may see a case."""

    DOMESTIC_VIOLENCE = auto()
    CHILDREN = auto()
    PROBATION = auto()
    REQUESTED = auto()
    """By the person."""


class Repeat(StrEnum):
    """The sign of CMU 858, part 2."""

    FIRST = auto()
    REPEATED = auto()
    DUPLICATE = auto()
    MULTIPLE = auto()
    MASS = auto()


class Reply(StrEnum):
    """How the person wants to have the result (art. 22)."""

    WRITTEN = auto()
    ORAL = auto()


class Priority(StrEnum):
    """Who comes first (art. 16 and 20); in this order."""

    HEAD = auto()
    FIRST = auto()
    NORMAL = auto()


class Term(StrEnum):
    """Which term runs."""

    GENERAL = auto()
    SIMPLE = auto()
    EXTENDED = auto()
    SHORTENED = auto()


class Outcome(StrEnum):
    """The result, by CMU 858, part 9."""

    GRANTED = auto()
    REFUSED = auto()
    EXPLAINED = auto()
    RETURNED = auto()
    FORWARDED = auto()
    NOT_CONSIDERED = auto()


class Requisite(StrEnum):
    """What art. 5 asks for."""

    NAME = auto()
    RESIDENCE = auto()
    SUBSTANCE = auto()
    SIGNATURE = auto()
    DATE = auto()
    CONTACT = auto()


@dataclass(frozen=True, slots=True)
class Body:
    """An organisation as identity knows it, with its title on that day."""

    id: UUID
    title: str


@dataclass(frozen=True, slots=True)
class Particulars:
    """What the law has an office write down beside an appeal itself."""

    received_on: date | None = None
    """None: today."""
    written_on: date | None = None
    is_signed: bool = True
    signatories: int = 1
    repeat: Repeat = Repeat.FIRST
    previous: UUID | None = None
    codes: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    conceals_identity: bool = False
    reply: Reply = Reply.WRITTEN
    complained_of: Body | None = None
    sent_from: str = ""
    sent_on: date | None = None
    sent_index: str = ""


NOTHING_BESIDE = Particulars()


@dataclass(frozen=True, slots=True)
class Resolution:
    """What came of an appeal, in words and by the classifier."""

    text: str
    outcome: Outcome
    legal_ground: str = ""
    appeal_procedure: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """How an applicant has agreed to be told of their appeal."""

    channel: Channel
    language: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What a resident says, and who they are."""

    name: str
    residence: str
    phone: str
    email: str
    text: str
    wish: Wish | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules need to know of an appeal."""

    state: State
    taken_by: str


def clean(draft: Draft) -> Draft:
    """The draft without characters that have no meaning in a text: controls, direction tricks, stray spaces."""
    return replace(
        draft,
        name=one_line(draft.name),
        residence=one_line(draft.residence),
        text=_without_controls(draft.text, keep="\n").strip(),
    )


def check_requisites(draft: Draft, *, electronic: bool) -> None:
    """Art. 5: surname and name, place of residence, the substance; an electronic appeal says where to reply.

    Raises:
        Refused: the first requisite that is missing, by its field.
    """
    if not any(letter.isalpha() for letter in draft.name):
        raise Refused("appeal.applicant.name", "appeal.name-missing")
    if not any(letter.isalnum() for letter in draft.residence):
        raise Refused("appeal.applicant.residence", "appeal.residence-missing")
    if len(draft.text) < _SHORTEST_TEXT:
        raise Refused("appeal.text", "appeal.text-missing")
    if electronic and not draft.phone and not draft.email:
        raise Refused("appeal.applicant.phone", "appeal.contact-missing")


def check_wish(draft: Draft, offered: Collection[Channel]) -> None:
    """Somebody is told by a channel that there is, at an address that the appeal has anyway.

    Raises:
        Refused: the platform cannot send that way, or the address is missing.
    """
    if draft.wish is None:
        return
    if draft.wish.channel not in offered:
        raise Refused("appeal.notices.channel", "reminder.not-offered")
    if draft.wish.channel is Channel.EMAIL and not draft.email:
        raise Refused("appeal.applicant.email", "appeal.notice-email-missing")
    if draft.wish.channel is Channel.SMS and not draft.phone:
        raise Refused("appeal.applicant.phone", "appeal.notice-phone-missing")


@by_law("L3", Act.APPEALS, "5", Certainty.SEEN)
def missing_requisites(
    draft: Draft, *, is_signed: bool, is_dated: bool, is_written: bool, is_electronic: bool
) -> set[Requisite]:
    """What of art. 5 an appeal lacks. An electronic one needs a contact for the reply, and no signature."""
    lacking = {
        Requisite.NAME: not any(letter.isalpha() for letter in draft.name),
        Requisite.RESIDENCE: not any(letter.isalnum() for letter in draft.residence),
        Requisite.SUBSTANCE: len(draft.text) < _SHORTEST_TEXT,
        Requisite.SIGNATURE: is_written and not is_signed,
        Requisite.DATE: is_written and not is_dated,
        Requisite.CONTACT: is_electronic and not draft.phone and not draft.email,
    }
    return {requisite for requisite, is_lacking in lacking.items() if is_lacking}


@by_law("L4", Act.APPEALS, "8", Certainty.SEEN)
def is_anonymous(draft: Draft, *, is_written: bool, is_signed: bool) -> bool:
    """In writing, without a residence, a signature or an author: not considered. What it says is kept as a tip."""
    lacking = missing_requisites(draft, is_signed=is_signed, is_dated=True, is_written=is_written, is_electronic=False)
    return is_written and bool(lacking & {Requisite.NAME, Requisite.RESIDENCE, Requisite.SIGNATURE})


def check_particulars(said: Particulars, today: date, *, is_complaint: bool) -> None:
    """Days in their order, and a body complained of for a complaint alone.

    Raises:
        Refused: it arrived in the future, was written after it arrived, or complains without being a complaint.
    """
    received_on = said.received_on or today
    if received_on > today:
        raise Refused("particulars.received_on", "appeal.received-in-the-future")
    if said.written_on is not None and said.written_on > received_on:
        raise Refused("particulars.written_on", "appeal.written-after-received")
    if said.sent_on is not None and said.sent_on > received_on:
        raise Refused("particulars.sent_from.date", "appeal.sent-after-received")
    if said.complained_of is not None and not is_complaint:
        raise Refused("particulars.complained_of", "appeal.complains-without-complaint")


@by_law("L10", Act.APPEALS, "16, 20", Certainty.SEEN)
def priority(codes: Collection[str], privileged: Mapping[str, Priority]) -> Priority:
    """The head deals in person with those whom the law names; who else comes first is the office's dated list."""
    order = list(Priority)
    return min((privileged[code] for code in codes if code in privileged), key=order.index, default=Priority.NORMAL)


@by_law("L11", Act.APPEALS, "10", Certainty.SEEN)
def may_know_whose(*, conceals: bool, is_holder: bool, is_head: bool, is_untaken: bool) -> bool:
    """Whoever asked for it is known only to those who resolve the appeal: its holder, the head, and until somebody has
    taken it whoever is about to."""
    return not conceals or is_holder or is_head or is_untaken


@by_law("L14", Act.APPEALS, "15, 19", Certainty.SEEN)
def resolve(said: Resolution) -> Resolution:
    """An answer has its results; a refusal names the law, the reasons, and how to appeal.

    Raises:
        Refused: the text, the law or the way to appeal is missing.
    """
    resolution = replace(
        said,
        text=answer_text(said.text),
        legal_ground=one_line(said.legal_ground),
        appeal_procedure=one_line(said.appeal_procedure),
    )
    if said.outcome is Outcome.REFUSED:
        if len(resolution.legal_ground) < _SHORTEST_REASON:
            raise Refused("legal_ground", "appeal.refusal-without-law")
        if len(resolution.appeal_procedure) < _SHORTEST_REASON:
            raise Refused("appeal_procedure", "appeal.refusal-without-appeal")
    return resolution


def take(standing: Standing) -> State:
    """An appeal is taken to work once.

    Raises:
        WrongState: somebody has taken it.
    """
    check_open(standing)
    if standing.state is not State.REGISTERED:
        raise WrongState("appeal.already-taken")
    return State.IN_WORK


def answer(standing: Standing, *, by: str) -> State:
    """Whoever took the appeal answers it, once.

    Raises:
        WrongState: nobody has taken it yet, or it is answered.
        Denied: somebody else has taken it.
    """
    check_held(standing, by=by)
    return State.ANSWERED


def check_held(standing: Standing, *, by: str) -> None:
    """It is open, and in these hands.

    Raises:
        WrongState: nobody has taken it yet, or it is closed.
        Denied: somebody else has taken it.
    """
    check_open(standing)
    if standing.state is State.REGISTERED:
        raise WrongState("appeal.not-taken")
    if standing.taken_by != by:
        raise Denied("appeal.taken-by-another")


def check_open(standing: Standing) -> None:
    """It is open.

    Raises:
        WrongState: it is answered, or closed otherwise.
    """
    if standing.state is State.ANSWERED:
        raise WrongState("appeal.already-answered")
    if not standing.state.is_open:
        raise WrongState("appeal.already-closed")


def answer_text(text: str) -> str:
    """The answer as it is kept.

    Raises:
        Refused: nothing is left of it without the spaces.
    """
    return reason_text(text, "answer", "appeal.answer-missing")


def reason_text(text: str, field: str, missing: str = "appeal.reason-missing") -> str:
    """A text that explains something, as it is kept.

    Raises:
        Refused: nothing is left of it without the spaces; names the field.
    """
    cleaned = _without_controls(text, keep="\n").strip()
    if len(cleaned) < _SHORTEST_TEXT:
        raise Refused(field, missing)
    return cleaned


def code_digits(typed: str) -> str:
    """The digits of a code as somebody typed it, with the spaces and dashes of the receipt forgiven."""
    return "".join(letter for letter in typed if letter in "0123456789")


def one_line(text: str) -> str:
    """A text of one line without controls, direction tricks and stray spaces."""
    return " ".join(_without_controls(text, keep="").split())


def many_lines(text: str) -> str:
    """A text of several lines without controls, direction tricks and stray spaces around it."""
    return _without_controls(text, keep="\n").strip()


def _without_controls(text: str, *, keep: str) -> str:
    spaced = text.replace("\r\n", "\n").replace("\t", " ")
    if "\n" not in keep:
        spaced = spaced.replace("\n", " ")
    return "".join(
        letter
        for letter in spaced
        if letter in keep or (unicodedata.category(letter) != "Cc" and letter not in _BIDI_CONTROLS)
    )
