"""What a code of the register of legal entities must look like, and when an organisation exists."""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from uuid import UUID

from kit.days import check_order
from kit.errors import Refused

CODE = "organisation.edrpou"
PARENT = "organisation.parent_organisation"
_EIGHT = re.compile(r"\d{8}", re.ASCII)
_RISING = (1, 2, 3, 4, 5, 6, 7)
_TURNED = (7, 1, 2, 3, 4, 5, 6)


class Kind(StrEnum):
    COUNCIL = "council"
    EXECUTIVE = "executive"
    POLICE = "police"
    DSNS = "dsns"
    MIGRATION = "migration"
    PROBATION = "probation"
    LEGAL_AID = "legal_aid"
    NGO = "ngo"
    SCHOOL = "school"
    HOSPITAL = "hospital"
    ENTERPRISE = "enterprise"
    OTHER = "other"


def is_edrpou(code: str) -> bool:
    """Whether the last of eight digits checks the seven before it.

    The weights turn for codes between 30 and 60 millions; a remainder of ten is reckoned again with each weight two
    greater.
    """
    if _EIGHT.fullmatch(code) is None:
        return False
    weights = _TURNED if 30_000_000 <= int(code) <= 60_000_000 else _RISING
    remainder = _weighed(code, weights)
    if remainder == 10:
        remainder = _weighed(code, tuple(weight + 2 for weight in weights)) % 10
    return remainder == int(code[7])


def _weighed(code: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(code, weights, strict=False)) % 11


def edrpou(text: str) -> str:
    """The code in its one written form, leading zeros kept; empty when none is given.

    Raises:
        Refused: not eight digits, or a digit is wrong.
    """
    code = re.sub(r"\s", "", text)
    if not code:
        return ""
    if _EIGHT.fullmatch(code) is None:
        raise Refused(CODE, "edrpou.malformed")
    if not is_edrpou(code):
        raise Refused(CODE, "edrpou.wrong-digit")
    return code


def check_existence(existed_from: date | None, existed_until: date | None) -> None:
    """An organisation ends after it began.

    Raises:
        Refused: at the end.
    """
    check_order(existed_from, existed_until, "organisation.existed_until")


def check_parent(own: UUID | None, parent: UUID, parents: Mapping[UUID, UUID | None]) -> None:
    """What an organisation is a unit of is there, and no unit of its own.

    Args:
        own: the organisation; None of a new one.
        parents: of every organisation of the hromada, what it is a unit of.

    Raises:
        Refused: at the parent.
    """
    if parent not in parents:
        raise Refused(PARENT, "organisation.parent-unknown")
    above: UUID | None = parent
    while above is not None:
        if above == own:
            raise Refused(PARENT, "organisation.parent-cycle")
        above = parents[above]


def units(of: UUID, parents: Mapping[UUID, UUID | None]) -> frozenset[UUID]:
    """The units of an organisation, theirs, and so on."""
    found: frozenset[UUID] = frozenset()
    level = {of}
    while level := {each for each, parent in parents.items() if parent in level} - found:
        found |= level
    return found
