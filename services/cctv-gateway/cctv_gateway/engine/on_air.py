"""Which streams are read: those that must be always, and those that somebody watches."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from cctv_gateway.engine.fleet import Fleet
from cctv_gateway.engine.sources import Source
from cctv_gateway.engine.streams import Stream

IDLE_SECONDS = 20.0
_LOOK_SECONDS = 1.0
_FRESH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Programme:
    """A stream that may be read."""

    name: str
    """The camera's id, a slash, and which of its streams it is."""
    hromada: str
    source: Source
    is_always_on: bool = False


@dataclass(slots=True)
class _Aired:
    programme: Programme
    stream: Stream
    wanted_at: float
    drawn_at: float = 0.0


def camera_of(programme: Programme) -> UUID:
    """Whose stream it is."""
    return UUID(programme.name.partition("/")[0])


class OnAir:
    """Starts what is wanted, and ends what nobody watches."""

    def __init__(self, fleet: Fleet, *, idle_seconds: float = IDLE_SECONDS) -> None:
        self._fleet = fleet
        self._idle_seconds = idle_seconds
        self._aired = dict[str, _Aired]()

    def tune(self, programme: Programme) -> Stream:
        """The stream, which is read from now on if it was not; a changed source is read anew."""
        aired = self._aired.get(programme.name)
        if aired is not None and aired.programme.source != programme.source:
            self.end(programme.name)
            aired = None
        if aired is None:
            aired = self._aired[programme.name] = _Aired(programme, Stream(), 0.0)
            self._fleet.start(programme.name, programme.hromada, programme.source, aired.stream)
        aired.programme = programme
        aired.wanted_at = time.monotonic()
        return aired.stream

    def find(self, name: str) -> Stream | None:
        """The stream, if it is being read."""
        aired = self._aired.get(name)
        return aired.stream if aired is not None else None

    def programmes(self) -> list[Programme]:
        """What is being read."""
        return [aired.programme for aired in self._aired.values()]

    def streams(self) -> list[tuple[Programme, Stream]]:
        """The same, with what comes of it."""
        return [(aired.programme, aired.stream) for aired in self._aired.values()]

    async def picture(self, programme: Programme, within: float) -> bytes:
        """A JPEG of the newest picture, a second old at most where the camera keeps up; empty without any."""
        stream = self.tune(programme)
        aired = self._aired[programme.name]
        await stream.begins(within)
        if stream.is_listed and time.monotonic() - aired.drawn_at > _FRESH_SECONDS:
            aired.drawn_at = time.monotonic()
            self._fleet.draw(programme.name)
            return await stream.drawn(within)
        return stream.picture

    def end(self, name: str) -> None:
        """Reads the stream no more."""
        if self._aired.pop(name, None) is not None:
            self._fleet.stop(name)

    def keep(self, is_allowed: Callable[[Programme], bool]) -> None:
        """Ends what nobody has wanted for a while, and what may be read no more."""
        now = time.monotonic()
        for name, aired in list(self._aired.items()):
            is_idle = not aired.programme.is_always_on and now - aired.wanted_at > self._idle_seconds
            if is_idle or not is_allowed(aired.programme):
                self.end(name)

    async def run(self, is_allowed: Callable[[Programme], bool]) -> None:
        """Looks each second."""
        while True:
            self.keep(is_allowed)
            await asyncio.sleep(_LOOK_SECONDS)
