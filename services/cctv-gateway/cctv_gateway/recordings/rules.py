"""How long footage is kept: no longer than the camera's papers say, and longer only where a case holds it.

No statute says how long; a council's regulation does, and the dossier within it. On a legal hold overwriting stops.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from kit.errors import Refused, WrongState

LONGEST_RANGE = timedelta(hours=24)
LONGEST_EVENT = timedelta(hours=12)
OVERDUE_AFTER = timedelta(hours=1)
"""Footage that is still there so long after it had to go: what deletes it does not run."""
_GAP = timedelta(seconds=1.5)
"""Two recordings that lie no further apart are one stretch."""


class Mode(StrEnum):
    ALWAYS = "always"
    ON_EVENT = "on_event"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment to another."""

    start: datetime
    end: datetime

    def meets(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Kept:
    """A recording, as far as keeping it goes."""

    id: UUID
    span: Span
    bytes: int
    keep_until: datetime
    is_held: bool


def check_span(span: Span, now: datetime, *, may_go_on: bool = False) -> None:
    """A stretch of time in which there can be footage.

    Args:
        span: which.
        now: the present.
        may_go_on: it may end later than now.

    Raises:
        Refused: it ends before it begins, has not begun, or is longer than a day.
    """
    if span.end <= span.start:
        raise Refused("to", "recording.ends-before-it-starts")
    if span.start >= now:
        raise Refused("from", "recording.not-yet")
    if span.end > now and not may_go_on:
        raise Refused("to", "recording.not-yet")
    if span.end - span.start > LONGEST_RANGE:
        raise Refused("to", "recording.too-long")


def check_footage(spans: Sequence[Span]) -> None:
    """Nobody looks at, or holds, what is not there.

    Raises:
        Refused: there is none; names the field.
    """
    if not spans:
        raise Refused("from", "recording.no-footage")


def check_plan(mode: Mode, retention_hours: int | None) -> None:
    """What is recorded must be deleted one day: the dossier says when.

    Raises:
        WrongState: it says nothing, or that nothing is kept.
    """
    if mode is not Mode.OFF and not retention_hours:
        raise WrongState("recording.no-retention")


def check_event(until: datetime, now: datetime, mode: Mode) -> None:
    """Something happens, and is recorded for a while.

    Raises:
        WrongState: the camera is not recorded on events.
        Refused: the end has passed, or is too far away.
    """
    if mode is not Mode.ON_EVENT:
        raise WrongState("recording.not-on-event")
    if until <= now:
        raise Refused("until", "recording.has-passed")
    if until - now > LONGEST_EVENT:
        raise Refused("until", "recording.event-too-long")


def check_release(released_at: datetime | None) -> None:
    """A hold is released once.

    Raises:
        WrongState: it was.
    """
    if released_at is not None:
        raise WrongState("hold.is-released")


def keep_until(ended_at: datetime, retention_hours: int | None, limit_hours: int) -> datetime:
    """Until when footage is kept: as the dossier says, never beyond the council's limit."""
    hours = retention_hours or 0
    return ended_at + timedelta(hours=min(hours, limit_hours) if limit_hours else hours)


def to_go(kept: Sequence[Kept], now: datetime, quota: int) -> list[Kept]:
    """What has to be deleted: all that is past its time, then the oldest until the rest fits; never what is held."""
    past = [each for each in kept if not each.is_held and each.keep_until <= now]
    gone = {each.id for each in past}
    left = sum(each.bytes for each in kept if each.id not in gone)
    rest = sorted((each for each in kept if each.id not in gone and not each.is_held), key=lambda each: each.span.start)
    for each in rest:
        if left <= quota:
            break
        past.append(each)
        left -= each.bytes
    return past


def is_overdue(kept: Iterable[Kept], now: datetime) -> bool:
    """Whether something is still there that had to go long ago."""
    return any(not each.is_held and each.keep_until + OVERDUE_AFTER <= now for each in kept)


def stretches(spans: Iterable[Span]) -> list[Span]:
    """The spans, those that follow on one another joined."""
    joined = list[Span]()
    for span in sorted(spans, key=lambda each: (each.start, each.end)):
        if joined and span.start - joined[-1].end <= _GAP:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def within(spans: Iterable[Span], span: Span) -> list[Span]:
    """What of the spans lies within one."""
    return [
        Span(max(each.start, span.start), min(each.end, span.end))
        for each in spans
        if max(each.start, span.start) < min(each.end, span.end)
    ]
