"""The law of appeals: pure functions. Of art. 20's clocks the month is here; the others come with the whole law."""

import unicodedata
from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum, auto

from kit.errors import Denied, Refused, WrongState
from kit.notices.rules import Channel

_SHORTEST_TEXT = 10
_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class State(StrEnum):
    """Where an appeal stands."""

    REGISTERED = auto()
    IN_WORK = auto()
    ANSWERED = auto()


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
        name=_line(draft.name),
        residence=_line(draft.residence),
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


def take(standing: Standing) -> State:
    """An appeal is taken to work once.

    Raises:
        WrongState: somebody has taken it.
    """
    if standing.state is not State.REGISTERED:
        raise WrongState("appeal.already-taken")
    return State.IN_WORK


def answer(standing: Standing, *, by: str) -> State:
    """Whoever took the appeal answers it, once.

    Raises:
        WrongState: nobody has taken it yet, or it is answered.
        Denied: somebody else has taken it.
    """
    if standing.state is State.ANSWERED:
        raise WrongState("appeal.already-answered")
    if standing.state is State.REGISTERED:
        raise WrongState("appeal.not-taken")
    if standing.taken_by != by:
        raise Denied("appeal.taken-by-another")
    return State.ANSWERED


def answer_text(text: str) -> str:
    """The answer as it is kept.

    Raises:
        Refused: nothing is left of it without the spaces.
    """
    cleaned = _without_controls(text, keep="\n").strip()
    if len(cleaned) < _SHORTEST_TEXT:
        raise Refused("answer", "appeal.answer-missing")
    return cleaned


def code_digits(typed: str) -> str:
    """The digits of a code as somebody typed it, with the spaces and dashes of the receipt forgiven."""
    return "".join(letter for letter in typed if letter in "0123456789")


def _line(text: str) -> str:
    return " ".join(_without_controls(text, keep="").split())


def _without_controls(text: str, *, keep: str) -> str:
    spaced = text.replace("\r\n", "\n").replace("\t", " ")
    if "\n" not in keep:
        spaced = spaced.replace("\n", " ")
    return "".join(
        letter
        for letter in spaced
        if letter in keep or (unicodedata.category(letter) != "Cc" and letter not in _BIDI_CONTROLS)
    )


def answer_by(received_on: date) -> date:
    """The last day for an answer: the same day of the next month, or that month's last (Law 393/96-ВР, art. 20;
    Civil Code, art. 254)."""
    year, month = (received_on.year + 1, 1) if received_on.month == 12 else (received_on.year, received_on.month + 1)
    return date(year, month, min(received_on.day, monthrange(year, month)[1]))


def first_in_time(today: date) -> date:
    """The first day whose appeals are still in time today: what came before it and stands open is overdue."""
    days = (today - timedelta(days=back) for back in range(31, -1, -1))
    return next(day for day in days if answer_by(day) >= today)
