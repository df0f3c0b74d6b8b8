"""How many photos a report may have, and what they may be: pure functions."""

from enum import StrEnum, auto

from kit.errors import Refused
from kit.files.kinds import Kind

MOST = 3
"""Photos of one report."""


class State(StrEnum):
    """How a photo stands."""

    COMING = auto()
    KEPT_OUT = auto()
    WAITING = auto()
    SHOWN = auto()
    WITHHELD = auto()


class Objection(StrEnum):
    """Why a photo was not taken from its address."""

    NOT_ALLOWED = auto()
    UNREACHABLE = auto()
    REDIRECTED = auto()
    TOO_LARGE = auto()
    NO_PHOTO = auto()
    NO_ROOM = auto()


def check_kind(kind: Kind, field: str) -> None:
    """A document is no photo.

    Raises:
        Refused: it is one; names the field.
    """
    if not kind.is_picture:
        raise Refused(field, "hazard.no-photo")
