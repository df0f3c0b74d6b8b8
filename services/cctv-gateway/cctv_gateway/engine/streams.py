"""A stream as its viewers find it: the newest seconds in segments and parts, and the playlist that lists them."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from cctv_gateway.engine import playlist
from cctv_gateway.engine.fleet import State
from cctv_gateway.engine.parts import SCALE, Init, Part
from cctv_gateway.engine.playlist import LONGEST_SEGMENT, SEGMENT, Segment
from cctv_gateway.engine.troubles import Cause
from cctv_gateway.engine.vitals import Vitals

_LISTED = 14 * SCALE
_KEPT_BEYOND = 1
"""Segments that a slow viewer may still ask for after they are listed no more."""
_NEARLY = SCALE // 10


@dataclass(frozen=True, slots=True)
class Numbered:
    """A part, with its place among all of the stream."""

    serial: int
    init: int
    part: Part


@dataclass(slots=True)
class Stream:
    """What the fleet tells of a stream, ready to be served. It lives on while the camera is away."""

    state: State = State.CONNECTING
    cause: Cause | None = None
    picture: bytes = b""
    inits: dict[int, Init] = field(default_factory=dict)
    segments: deque[Segment] = field(default_factory=deque)
    vitals: Vitals | None = None
    """How it fares, as last told: another one each time."""
    _init: int = -1
    _serial: int = 0
    _next_segment: int = 0
    _breaks: int = 0
    """Discontinuities that went with segments no longer kept."""
    _breaks_next: bool = False
    _since_key: int = 0
    _group: int = 0
    """Ticks from one key picture to the next, as last seen."""
    _written: dict[bool, bytes] = field(default_factory=dict)
    """The playlists, brief or not, since somebody asked for them."""
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _drawn: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_listed(self) -> bool:
        """Whether there is something to play."""
        return bool(self.segments)

    @property
    def is_between(self) -> bool:
        """Whether the newest segment is whole and the next has not begun."""
        return bool(self.segments) and self.segments[-1].is_whole

    @property
    def listed(self) -> bytes:
        """The playlist as it stands; nothing before the first part."""
        return self._list(is_brief=False)

    @property
    def listed_briefly(self) -> bytes:
        """The same for who has the older segments already."""
        return self._list(is_brief=True)

    def on_state(self, state: State, cause: Cause | None) -> None:
        self.state, self.cause = state, cause
        self._tell()

    def on_init(self, init: Init) -> None:
        if self.segments:
            self._end_segment()
            self._breaks_next = True
        self._init += 1
        self.inits[self._init] = init
        self._since_key = 0

    def on_part(self, part: Part) -> None:
        if part.is_key:
            self._group = self._since_key or self._group
            self._since_key = 0
        self._since_key += part.duration
        open_one = self._open()
        if open_one is not None and self._ends_before(open_one, part):
            self._end_segment()
            open_one = None
        if open_one is None:
            open_one = Segment(self._next_segment, self._init, part.at, self._breaks_next)
            self._next_segment += 1
            self._breaks_next = False
            self.segments.append(open_one)
        open_one.parts.append(part)
        open_one.serials.append(self._serial)
        open_one.duration += part.duration
        self._serial += 1
        if self._ends_after(open_one):
            self._end_segment()
        self._forget()
        self._written.clear()
        self._tell()

    def on_picture(self, picture: bytes) -> None:
        self.picture = picture or self.picture
        drawn, self._drawn = self._drawn, asyncio.Event()
        drawn.set()

    def on_vitals(self, vitals: Vitals) -> None:
        self.vitals = vitals

    async def drawn(self, within: float) -> bytes:
        """The newest picture once it is drawn anew, or the last one if that takes too long."""
        await _happens(self._drawn, within)
        return self.picture

    async def change(self, within: float) -> None:
        """Returns when something has changed, or when the time is up."""
        await _happens(self._changed, within)

    async def begins(self, within: float) -> bool:
        """Waits for the first part; tells whether it came in time."""
        return await self._becomes(lambda: self.is_listed, within)

    async def becomes_playable(self, within: float) -> bool:
        """Waits for a whole segment, before which most players play nothing; tells whether it came in time."""
        return await self._becomes(lambda: self.is_listed and self.segments[0].is_whole, within)

    async def _becomes(self, is_so: Callable[[], bool], within: float) -> bool:
        deadline = time.monotonic() + within
        while not is_so() and (left := deadline - time.monotonic()) > 0:
            await self.change(left)
        return is_so()

    def has(self, segment: int, part: int | None) -> bool:
        """Whether the playlist holds that part, or that whole segment, or what comes after it."""
        if not self.segments:
            return False
        newest = self.segments[-1]
        if newest.number != segment:
            return newest.number > segment
        return newest.is_whole or (part is not None and part < len(newest.parts))

    def is_far(self, segment: int) -> bool:
        """Whether nobody who has read a playlist would ask for that segment."""
        return segment > self._next_segment + 1

    def segment(self, number: int) -> Segment | None:
        """The segment of that number, if it is kept."""
        return next((each for each in self.segments if each.number == number), None)

    def after(self, serial: int) -> Sequence[Numbered]:
        """The parts after one; those from the newest key picture on, if that one is too long ago."""
        kept = self.held()
        if kept and serial >= kept[0].serial - 1 and serial >= 0:
            return [each for each in kept if each.serial > serial]
        start = next((place for place in range(len(kept) - 1, -1, -1) if kept[place].part.is_key), len(kept))
        return kept[start:]

    def held(self) -> list[Numbered]:
        """Every part that is still there."""
        return [
            Numbered(number, segment.init, part)
            for segment in self.segments
            for number, part in zip(segment.serials, segment.parts, strict=True)
        ]

    def _open(self) -> Segment | None:
        return self.segments[-1] if self.segments and not self.segments[-1].is_whole else None

    def _ends_before(self, segment: Segment, part: Part) -> bool:
        total = segment.duration
        if total + part.duration > LONGEST_SEGMENT:
            return True
        least = SEGMENT if segment.number else SEGMENT // 2  # players begin once one is whole
        return part.is_key and (total >= least - _NEARLY or total + self._group > LONGEST_SEGMENT)

    def _ends_after(self, segment: Segment) -> bool:
        """Whether the next part is foreseen to begin a segment, so that the playlist can say so beforehand."""
        if segment.duration < SEGMENT - _NEARLY or not self._group:
            return False
        is_key_next = self._since_key >= self._group - _NEARLY // 2
        return is_key_next or segment.duration + segment.parts[-1].duration > LONGEST_SEGMENT

    def _end_segment(self) -> None:
        if self.segments:
            self.segments[-1].is_whole = True

    def _forget(self) -> None:
        total = sum(each.duration for each in self.segments)
        while len(self.segments) > _KEPT_BEYOND + 1:
            listed_after = total - sum(self.segments[each].duration for each in range(_KEPT_BEYOND + 1))
            if listed_after < _LISTED:
                break
            gone = self.segments.popleft()
            total -= gone.duration
            self._breaks += gone.is_break
        used = {each.init for each in self.segments}
        self.inits = {number: init for number, init in self.inits.items() if number in used or number == self._init}

    def _list(self, *, is_brief: bool) -> bytes:
        if self.segments and is_brief not in self._written:
            listed = list(self._listed())
            breaks = self._breaks + sum(each.is_break for each in self.segments if each.number < listed[0].number)
            longest = max(self.inits[each].longest_part for each in {each.init for each in listed})
            self._written[is_brief] = playlist.written(listed, breaks, longest, is_brief=is_brief)
        return self._written.get(is_brief, b"")

    def _listed(self) -> Iterable[Segment]:
        """All but the oldest, which is kept for who is slow, once there is enough."""
        total = sum(each.duration for each in self.segments)
        for place, segment in enumerate(self.segments):
            if place < _KEPT_BEYOND and total - segment.duration >= _LISTED:
                continue
            yield segment

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


async def _happens(event: asyncio.Event, within: float) -> None:
    try:
        async with asyncio.timeout(within):
            await event.wait()
    except TimeoutError:
        return
