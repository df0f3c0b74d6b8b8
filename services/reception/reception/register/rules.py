"""How the register numbers, and who comes first: pure functions."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto

from kit.errors import Refused
from kit.law import Act, Certainty, by_law

from reception.appeals.rules import Priority
from reception.classifier import rules as classifier

COLLECTIVE, UNSIGNED = "КО", "БП"
_NUMBER = re.compile(r"(?:[^\d-]+-)?(\d+)/(\d{4})")


class IndexMode(StrEnum):
    SEQUENTIAL = auto()
    ALPHABETICAL = auto()


@dataclass(frozen=True, slots=True)
class Privilege:
    """Whoever has a code of the classifier comes first, from a day on."""

    since: date
    code: str
    priority: Priority


@dataclass(frozen=True, slots=True)
class Settings:
    """How the office keeps its register."""

    index_mode: IndexMode
    privileged: tuple[Privilege, ...] = ()


@by_law("L26", Act.OFFICE_WORK, "", Certainty.PARTLY)
def mark_of(name: str, *, signatories: int, is_signed: bool) -> str:
    """КО for a collective appeal, БП for an unsigned one, else the first letter of the surname."""
    if signatories > 1:
        return COLLECTIVE
    if not is_signed:
        return UNSIGNED
    return next((letter for letter in name.upper() if letter.isalpha()), UNSIGNED)


@by_law("L27", Act.OFFICE_WORK, "", Certainty.SEEN)
def index(mode: IndexMode, mark: str, year: int, number: int) -> str:
    """The registration index: by the correspondent's first letter, or one after the other; numbered through either way,
    so that a mode that changes within a year gives no number twice."""
    return f"{mark}-{number}/{year}" if mode is IndexMode.ALPHABETICAL else f"{number}/{year}"


@by_law("L27", Act.OFFICE_WORK, "", Certainty.SEEN)
def gaps(numbers: Iterable[str], year: int, last: int) -> list[int]:
    """Which numbers of the year no index has, of those given out."""
    found = (_NUMBER.fullmatch(each) for each in numbers)
    there = {int(each[1]) for each in found if each is not None and int(each[2]) == year}
    return [number for number in range(1, last + 1) if number not in there]


@by_law("L10", Act.APPEALS, "20", Certainty.SEEN)
def privileged_on(privileges: Sequence[Privilege], day: date) -> dict[str, Priority]:
    """Which codes come first on a day: of each code what was said last."""
    said = sorted((each for each in privileges if each.since <= day), key=lambda each: each.since)
    return {each.code: each.priority for each in said}


def check(settings: Settings) -> None:
    """Privileges of codes that there are, each said once a day.

    Raises:
        Refused: a code is unknown, or stands twice on a day.
    """
    said: Collection[tuple[date, str]] = [(each.since, each.code) for each in settings.privileged]
    for each in settings.privileged:
        if each.code not in classifier.edition(each.since).author:
            raise Refused("register.privileged", "classifier.unknown-code", code=each.code)
        if list(said).count((each.since, each.code)) > 1:
            raise Refused("register.privileged", "register.privilege-twice", code=each.code)
