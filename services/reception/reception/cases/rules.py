"""Who may see a sensitive case: pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from uuid import UUID

from kit.errors import Denied, Refused, WrongState
from kit.law import Act, Certainty, by_law

from reception.appeals.rules import Sensitivity, one_line

MOST_NAMED = 20


class Change(StrEnum):
    """What may happen to the circle of a case."""

    MARKED = auto()
    NAMED = auto()
    REMOVED = auto()
    ENDED = auto()
    RECOVERED = auto()


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff, as the hromada knows them."""

    id: str
    name: str


@by_law("L35", Act.VIOLENCE, "", Certainty.SEEN)
def circle(marker: Person, named: Sequence[Person]) -> list[Person]:
    """Who suffered and who told of it are known only to those who deal with the case: whoever marks it, and whom they
    name.

    Raises:
        Refused: somebody named is no person, or there are too many.
    """
    people = {marker.id: marker} | {each.id: each for each in map(person, named) if each.id != marker.id}
    if len(people) > MOST_NAMED:
        raise Refused("staff", "case.too-many-named")
    return list(people.values())


def person(said: Person) -> Person:
    """A person by their id.

    Raises:
        Refused: it is no person's id, or has no name.
    """
    try:
        id = str(UUID(said.id))
    except ValueError:
        raise Refused("staff", "case.person-unknown") from None
    name = one_line(said.name)
    if not any(letter.isalpha() for letter in name):
        raise Refused("staff", "case.person-unnamed")
    return Person(id, name)


def restricted(sensitivity: Sensitivity | None) -> Sensitivity:
    """Why the case is closed to the office.

    Raises:
        WrongState: it is open.
    """
    if sensitivity is None:
        raise WrongState("case.not-sensitive")
    return sensitivity


def name(named: Sequence[str], one: Person) -> list[str]:
    """The circle with one more.

    Raises:
        WrongState: they are in the circle.
        Refused: the circle is too large for a secret.
    """
    if one.id in named:
        raise WrongState("case.already-named")
    if len(named) >= MOST_NAMED:
        raise Refused("staff", "case.too-many-named")
    return [*named, one.id]


def remove(named: Sequence[str], person: str, *, by: str) -> list[str]:
    """The circle without one: a case is never without somebody who sees it.

    Raises:
        WrongState: they are not in the circle.
        Denied: nobody takes themselves out: the case could be left to none.
    """
    if person == by:
        raise Denied("case.own")
    if person not in named:
        raise WrongState("case.not-named")
    return [each for each in named if each != person]


@by_law("L45", Act.PERSONAL_DATA, "", Certainty.RECALLED)
def check_purpose(sensitivity: Sensitivity | None, purpose: str) -> None:
    """Every look at a sensitive case says what it is for, and the trail keeps it.

    Raises:
        WrongState: it says nothing.
    """
    if sensitivity is not None and not purpose:
        raise WrongState("case.purpose-missing")
