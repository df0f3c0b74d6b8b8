"""Calendar days as the contract writes them: YYYY-MM-DD, and nothing else that a computer might take for one."""

import re
from datetime import date

from kit.errors import Refused

_SHAPE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def day(text: str, field: str) -> date:
    """The day that a field holds.

    Raises:
        Refused: it is not written so, or no such day exists; names the field.
    """
    if _SHAPE.fullmatch(text) is None:
        raise Refused(field, "day.malformed")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(field, "day.does-not-exist") from None


def day_or_none(text: str, field: str) -> date | None:
    """The day that a field holds, if it holds one.

    Raises:
        Refused: as `day`.
    """
    return day(text, field) if text else None


def written(when: date | None) -> str:
    """A day as the contract writes it; empty for none."""
    return when.isoformat() if when is not None else ""


def check_order(first: date | None, end: date | None, field: str) -> None:
    """The first day after something comes after its first day.

    Raises:
        Refused: it does not; names the field of the end.
    """
    if first is not None and end is not None and end <= first:
        raise Refused(field, "day.ends-before-it-starts")


def is_within(when: date, first: date | None, end: date | None) -> bool:
    """Whether a day lies between a first day and the first day after; what is open on a side goes on for ever."""
    return (first is None or first <= when) and (end is None or when < end)
