"""What may be had ready for an answer: pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass

from kit.errors import Refused

from reception.appeals.rules import one_line


@dataclass(frozen=True, slots=True)
class Wording:
    """A title by which staff know it, and the words."""

    title: str
    text: str


def check(wordings: Sequence[Wording]) -> list[Wording]:
    """The wordings without white space around them.

    Raises:
        Refused: two have one title, so that nobody could tell them apart.
    """
    said = [Wording(one_line(each.title), each.text.strip()) for each in wordings]
    seen: set[str] = set()
    for place, each in enumerate(said):
        if each.title.casefold() in seen:
            raise Refused(f"wordings[{place}].title", "wording.title-is-taken")
        seen.add(each.title.casefold())
    return said
