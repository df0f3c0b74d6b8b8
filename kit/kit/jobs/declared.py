"""What jobs a service has. The name of a job is its verb's, so that one that waits is found again after a restart."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from kit.clock import KYIV

Verb = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Delayed:
    """A verb that `call.later` may put off: called with the call and what was put off with it."""

    verb: Verb

    @property
    def name(self) -> str:
        return name_of(self.verb)


@dataclass(frozen=True, slots=True)
class Bringing:
    """A verb that may be put off too, and needs what takes long to bring: no transaction is open meanwhile.

    In one transaction `look` says what to bring, or that the job is done as it is; `bring` brings it outside of any;
    in another the verb is called with it. Whoever dies in between leaves the job to another, a little later: the verb
    looks again at how things stand.
    """

    verb: Verb
    look: Callable[..., Awaitable[Any]]
    """Called like a verb; None when there is nothing to bring."""
    bring: Callable[[Any], AbstractAsyncContextManager[Any]]

    @property
    def name(self) -> str:
        return name_of(self.verb)


@dataclass(frozen=True, slots=True)
class Daily:
    """A verb that is called once a day for each hromada that is open, with the call alone.

    A service that was away at the hour does it when it is back on that day; a day that it missed whole is not made up:
    the verb looks at what is due by now, not at what the day was.
    """

    at: str
    """The clock on the wall in Ukraine, such as "07:00". An hour that the clock skips is taken as the next there is."""
    verb: Verb

    @property
    def name(self) -> str:
        return name_of(self.verb)

    def due(self, now: datetime) -> date | None:
        """The day whose call is due; None before the hour."""
        wall = now.astimezone(KYIV)
        hour = datetime.combine(wall.date(), time.fromisoformat(self.at), KYIV)
        return wall.date() if hour.astimezone(UTC) <= now else None


Job = Daily | Delayed | Bringing


def name_of(verb: Verb) -> str:
    """Such as `reception.receptions.actions.forget`."""
    return f"{verb.__module__}.{verb.__qualname__}"


def by_name(jobs: Any) -> dict[str, Job]:
    """The declared jobs by their names.

    Raises:
        TypeError: two have the same.
    """
    found: dict[str, Job] = {}
    for job in jobs:
        if job.name in found:
            raise TypeError(f"the job {job.name} is declared twice")
        found[job.name] = job
    return found
