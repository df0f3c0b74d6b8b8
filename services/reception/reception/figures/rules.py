"""Which counts may be told to everybody: pure functions."""

from collections.abc import Mapping
from typing import TypeVar

K = TypeVar("K")

SMALLEST = 5
"""No act of Ukraine that we know of names a number: five is the frequency rule of official statistics for sensitive
events (UK ONS, disclosure control of health statistics), as we remember it. A lawyer is to confirm it."""


def is_small(count: int) -> bool:
    """So few that somebody who knows the hromada could tell who they are. None is not few."""
    return 0 < count < SMALLEST


def told(counts: Mapping[K, int]) -> dict[K, int | None]:
    """The parts of a known whole: a small one is None, and so is the next smallest if the small one could otherwise be
    reckoned from the whole."""
    hidden = {key for key, count in counts.items() if is_small(count)}
    others = [key for key, count in counts.items() if count >= SMALLEST]
    if len(hidden) == 1 and others:
        hidden.add(min(others, key=lambda key: counts[key]))
    return {key: None if key in hidden else count for key, count in counts.items()}


def sensitive(count: int, whole: int) -> int | None:
    """How many of a known whole are sensitive: neither they nor the rest may be few."""
    return None if is_small(count) or is_small(whole - count) else count
