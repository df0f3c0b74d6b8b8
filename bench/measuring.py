"""Taking turns: two things are measured one after the other, several times, and their medians are compared."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

ROUNDS = 5
"""At least five: what else the machine does falls on both."""
_SECONDS = 1.5
_AT_ONCE = 32

Measured = Callable[[], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the table."""

    name: str
    ours: float
    reference: float
    ratio: float | None
    target: str
    met: bool | None
    unit: str
    than: str
    """What the reference is."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What the ratio of ours to the reference must be."""

    at_least: float | None = None
    at_most: float | None = None

    def __str__(self) -> str:
        return f"≥ {self.at_least}" if self.at_least is not None else f"≤ {self.at_most}"

    def holds(self, ratio: float) -> bool:
        return (self.at_least is None or ratio >= self.at_least) and (self.at_most is None or ratio <= self.at_most)


async def compared(
    name: str, ours: Measured, reference: Measured, *, unit: str, than: str, limit: Limit | None
) -> Result:
    """The medians of ours and of the reference, measured in turns; which begins changes each round."""
    mine, theirs = list[float](), list[float]()
    for number in range(ROUNDS):
        turns = [(ours, mine), (reference, theirs)]
        for measure, kept in turns if number % 2 else reversed(turns):
            kept.append(await measure())
    return judged(name, mine, theirs, unit=unit, than=than, limit=limit)


def judged(name: str, mine: list[float], theirs: list[float], *, unit: str, than: str, limit: Limit | None) -> Result:
    """The row of what was measured in turns already."""
    one, other = statistics.median(mine), statistics.median(theirs)
    ratio = one / other
    return Result(
        name, one, other, ratio, str(limit) if limit else "", limit.holds(ratio) if limit else None, unit, than
    )


async def a_second(call: Callable[[], Awaitable[object]], *, at_once: int = _AT_ONCE) -> float:
    """How many calls a second come through with so many under way."""
    until = time.perf_counter() + _SECONDS
    done = 0

    async def caller() -> None:
        nonlocal done
        while time.perf_counter() < until:
            await call()
            done += 1

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(at_once)))
    return done / (time.perf_counter() - began)


def percentile(values: list[float], which: float) -> float:
    """The value below which that share of them lies, 0.99 for p99."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * which))]
