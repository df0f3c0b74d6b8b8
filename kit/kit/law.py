"""The law, rule by rule: each function says beside itself what it carries out, and how sure of that we are."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


class Act(StrEnum):
    """What a rule stands in. The catalogue has its name."""

    APPEALS = auto()
    CIVIL_CODE = auto()
    LABOUR_CODE = auto()
    MARTIAL_LAW = auto()
    PROCEDURE = auto()
    INFORMATION = auto()
    CRIMINAL_PROCEDURE = auto()
    OFFICE_WORK = auto()
    CLASSIFIER = auto()
    RECEIPT = auto()
    BEATS = auto()
    POLICE = auto()
    VIOLENCE = auto()
    PERSONAL_DATA = auto()


class Certainty(StrEnum):
    """How sure we are that the law says so. Only what was seen needs no lawyer's word."""

    SEEN = auto()
    """The act's own text was read."""
    PARTLY = auto()
    """Read in part, in a secondary source, or applied by analogy."""
    RECALLED = auto()
    """Remembered: to be confirmed."""


@dataclass(frozen=True, slots=True)
class Provision:
    """One rule of the law, and the function that carries it out."""

    number: str
    """Where the research has it, such as L9."""
    act: Act
    article: str
    certainty: Certainty
    function: str
    """Such as clocks.rules.month; of another service than reception with its package before."""

    @property
    def key(self) -> str:
        """Under which the catalogue has its words."""
        return f"law {self.function}"


PROVISIONS: dict[str, Provision] = {}
"""By function, in the order in which the modules are read."""


def by_law(number: str, act: Act, article: str, certainty: Certainty) -> Callable[[F], F]:
    """Says which provision a function carries out."""

    def written_down(function: F) -> F:
        name = f"{function.__module__}.{function.__qualname__}".removeprefix("reception.")
        PROVISIONS[name] = Provision(number, act, article, certainty, name)
        return function

    return written_down
