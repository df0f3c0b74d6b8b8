"""Packs access units into parts, in one reckoning of time after another."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from cctv_gateway.engine.boxes import codecs_of
from cctv_gateway.engine.formats import Format
from cctv_gateway.engine.fragments import Sample, with_lengths, written
from cctv_gateway.engine.parts import SCALE, Init, Part
from cctv_gateway.engine.rtsp.assembling import Assembled
from cctv_gateway.engine.timeline import Fate, Timeline
from cctv_gateway.engine.troubles import Cause, Trouble

PART = SCALE // 2
"""Ticks that a part lasts, or a little less: a part holds whole pictures."""
_STEADY_SECONDS = 2.0
"""A camera that has kept its step for so long is trusted with the next: a part that is full by then is not held back
until the next picture has come."""
_WAVERS = 4
"""Keeping step leaves a quarter of it."""
_AT_ONCE = 3
"""Pictures that are wrapped in one go: threads that each do a little at each picture are in each other's way."""


@dataclass(slots=True)
class AccessUnit:
    """One picture as the camera sent it."""

    packet: Any
    """Of libav, or `Assembled`."""
    dts: int | None
    pts: int | None
    """In ticks of the camera's own reckoning."""
    is_key: bool
    arrived: float
    """Seconds of the Unix epoch."""


class _Picture(NamedTuple):
    """A picture that waits to be wrapped."""

    packet: Any
    decoded: int
    shown: int
    is_key: bool


class Sink(Protocol):
    """What a path of ingest hands its pictures to."""

    def on_format(self, format: Format) -> None:
        """Says how the pictures that follow are encoded."""

    def on_access_unit(self, unit: AccessUnit) -> None:
        """Takes the next picture."""


class Packager:
    """A sink that makes parts."""

    def __init__(self, publish: Callable[[Init | Part], None]) -> None:
        self._publish = publish
        self._format: Format | None = None
        self._timeline = Timeline(0)
        self._reckoning: _Reckoning | None = None
        self.last_key: tuple[Format, bytes] | None = None
        """The newest picture that can be shown by itself."""

    def on_format(self, format: Format) -> None:
        self.close()
        self._format = format
        self._timeline = Timeline(round(SCALE / format.frames_per_second))

    def on_access_unit(self, unit: AccessUnit) -> None:
        """Takes the next picture.

        Raises:
            Trouble: it cannot be packed.
        """
        if self._format is None:
            raise Trouble(Cause.BROKEN)
        if unit.is_key:
            data = bytes(unit.packet)
            if self._format.is_annex_b and self._format.changed_by(data):
                self.on_format(self._format.after(data))
            self.last_key = (self._format, data)
        placed = self._timeline.place(unit.dts, unit.pts, unit.arrived)
        if placed.fate is Fate.LEFT_OUT:
            return
        if placed.fate is Fate.BEGINS_ANEW:
            self._end_reckoning()
            if not unit.is_key:  # what begins needs a picture that needs none before it
                self._timeline.restart()
                return
            self._reckoning = _Reckoning(self._format, self._publish)
        if self._reckoning is not None:
            self._reckoning.add(unit, placed.dts, placed.pts)

    def close(self) -> None:
        """Publishes what is not full yet, and ends the reckoning."""
        self._end_reckoning()
        self._timeline.restart()

    def _end_reckoning(self) -> None:
        if self._reckoning is not None:
            ended, self._reckoning = self._reckoning, None
            ended.close()


class _Reckoning:
    """The parts from one beginning of time to the next."""

    def __init__(self, format: Format, publish: Callable[[Init | Part], None]) -> None:
        step = SCALE / format.frames_per_second
        pictures = max(1, int(PART / step + 0.05))
        self._publish = publish
        self._is_annex_b = format.is_annex_b
        self._full = round((pictures - 0.5) * step)
        self._step = round(step)
        self._steady_after = round(_STEADY_SECONDS * format.frames_per_second)
        self._steady = 0
        """Pictures that came one step after the other, without a break."""
        self._number = itertools.count(1)
        self._waiting = list[_Picture]()
        self._samples = list[Sample]()
        """Of the pictures that came before those that wait."""
        self._begins = self._end = 0
        """Where the part under way begins, and where the last one ended."""
        self._arrived = 0.0
        """When the first picture of the part under way did."""
        self._last = -1
        longest = round((pictures + 0.5) * step) if pictures > 2 else round(pictures * step * 1.1)
        publish(_init(format, longest))

    def add(self, unit: AccessUnit, dts: int, pts: int) -> None:
        self._count(dts)
        if self._is_under_way and (unit.is_key or dts - self._begins >= self._full):
            self._hand_over(dts)
        if not self._is_under_way:
            self._arrived = unit.arrived
            self._begins = dts = self._first(dts)
        self._waiting.append(_Picture(unit.packet, dts, max(pts, dts), unit.is_key))
        foreseen = dts + self._step
        if self._steady >= self._steady_after and foreseen - self._begins >= self._full:
            self._hand_over(foreseen)
        elif len(self._waiting) >= _AT_ONCE:
            self._wrap()

    def close(self) -> None:
        if self._is_under_way:
            self._hand_over(self._last + self._step)

    @property
    def _is_under_way(self) -> bool:
        return bool(self._waiting or self._samples)

    def _wrap(self) -> None:
        """Makes samples of what waits; of what holds no picture at all, none."""
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            if pieces := self._pieces(each.packet):
                decoded = each.decoded if self._samples else self._begins
                self._samples.append(Sample(pieces, sum(map(len, pieces)), decoded, each.shown, each.is_key))

    def _pieces(self, packet: Any) -> Sequence[bytes]:
        if isinstance(packet, Assembled):
            return packet.pieces
        data = bytes(packet)
        return with_lengths(data) if self._is_annex_b else [data]

    def _count(self, dts: int) -> None:
        is_steady = self._last < 0 or abs(dts - self._last - self._step) <= self._step // _WAVERS
        self._steady = self._steady + 1 if is_steady else 0
        self._last = dts

    def _first(self, dts: int) -> int:
        """Where a part begins: where the last one ended, if that was foreseen a little wrong."""
        return self._end if dts < self._end or dts - self._end < self._step else dts

    def _hand_over(self, end: int) -> None:
        """Publishes what is there, up to a moment."""
        self._wrap()
        samples, self._samples = self._samples, []
        if not samples:
            return
        self._end = end = max(end, samples[-1].decoded + 1)
        body = written(next(self._number), samples, end)
        self._publish(Part(body, end - samples[0].decoded, samples[0].is_key, self._arrived))


def _init(format: Format, longest: int) -> Init:
    """How to read the parts.

    Raises:
        Trouble: nobody could.
    """
    try:
        return Init(format.head, codecs_of(format.head), format.width, format.height, longest)
    except ValueError:
        raise Trouble(Cause.UNKNOWN_FORMAT if format.width > 0 else Cause.UNREADABLE) from None
