"""How a stream fares, counted picture by picture, and told with a key picture now and then: that one is decoded."""

import struct
import time
from dataclasses import dataclass
from typing import Any

from cctv_gateway.engine.packaging import AccessUnit
from cctv_gateway.engine.parts import SCALE
from cctv_gateway.engine.pictures import Grid
from cctv_gateway.engine.rtsp.assembling import Assembled

_PACES = (0.75, 1.33)
"""A camera that counts slower or faster names another clock rate than it has."""
_PACES_IN_A_ROW = 2
_REFERENCE_TIME = struct.Struct("<q")


@dataclass(frozen=True, slots=True)
class Vitals:
    """A stream since the last time."""

    seconds: float
    """Nought at the first time: nothing can be said of how fast it comes."""
    pictures: int
    bytes: int
    key_interval: float
    """The longest time from one key picture to the next; nought while that has not been seen."""
    bytes_between: float
    """What a picture that is no key picture takes, on average; nought if there is none."""
    is_repeated: bool
    """The key picture is, byte for byte, the last one."""
    clock_drift: float | None
    """Seconds by which the camera's clock is ahead of ours, if the camera tells it."""
    pace: float | None
    """Seconds that the camera counts while one passes; not known the first time, or where it counts none."""
    grid: Grid | None

    @property
    def frames_per_second(self) -> float | None:
        return self.pictures / self.seconds if self.seconds else None

    @property
    def bits_per_second(self) -> int | None:
        return round(self.bytes * 8 / self.seconds) if self.seconds else None


class Gauge:
    """Counts one connection's pictures.

    Args:
        told_each: seconds after which the next key picture is looked at.
    """

    def __init__(self, told_each: float) -> None:
        self._told_each = told_each
        self._told_at: float | None = None
        self._key_at: float | None = None
        self._key = 0
        """What the last key picture that was told of hashes to."""
        self._pictures = self._bytes = self._between = self._bytes_between = 0
        self._key_interval = 0.0
        self._counted: tuple[int, float] | None = None
        """What the camera's count was at the last time, and when that came."""
        self._against = 0
        self.is_off_pace = False
        """The camera's times are of no use: so it was two times in a row, and was not taken back."""

    def count(self, unit: AccessUnit) -> Vitals | None:
        """Counts a picture; tells how the stream fares, without a grid, when it is time to."""
        self._pictures += 1
        self._bytes += unit.packet.size
        if not unit.is_key:
            self._between += 1
            self._bytes_between += unit.packet.size
            return None
        now = time.monotonic()
        if self._key_at is not None:
            self._key_interval = max(self._key_interval, now - self._key_at)
        self._key_at = now
        if self._told_at is not None and now - self._told_at < self._told_each:
            return None
        key = hash(bytes(unit.packet))
        told = Vitals(
            seconds=now - self._told_at if self._told_at is not None else 0.0,
            pictures=self._pictures,
            bytes=self._bytes,
            key_interval=self._key_interval,
            bytes_between=self._bytes_between / self._between if self._between else 0.0,
            is_repeated=key == self._key,
            clock_drift=_drift(unit),
            pace=self._pace(unit, now),
            grid=None,
        )
        self._told_at, self._key = now, key
        self._pictures = self._bytes = self._between = self._bytes_between = 0
        self._key_interval = 0.0
        return told

    def _pace(self, unit: AccessUnit, now: float) -> float | None:
        last, self._counted = self._counted, None if unit.dts is None else (unit.dts, now)
        if last is None or unit.dts is None or now <= last[1]:
            return None
        pace = (unit.dts - last[0]) / SCALE / (now - last[1])
        self._against = self._against + 1 if is_off_pace(pace) != self.is_off_pace else 0
        if self._against == _PACES_IN_A_ROW:
            self.is_off_pace, self._against = not self.is_off_pace, 0
        return pace


def is_off_pace(pace: float) -> bool:
    """Whether a camera counts too fast, too slowly, or backwards."""
    return not _PACES[0] <= pace <= _PACES[1]


def by_arrival(unit: AccessUnit) -> AccessUnit:
    """The picture, with the time at which it came in place of the camera's."""
    later = max(0, (unit.pts or 0) - (unit.dts or 0))
    unit.dts = round(time.monotonic() * SCALE)
    unit.pts = unit.dts + later
    return unit


def _drift(unit: AccessUnit) -> float | None:
    """What a camera's sender reports say of its clock."""
    packet: Any = unit.packet
    if isinstance(packet, Assembled):
        return None if packet.clock is None else packet.clock - unit.arrived
    if not packet.has_sidedata("prft"):
        return None
    (wall_clock,) = _REFERENCE_TIME.unpack_from(bytes(packet.get_sidedata("prft")))
    return float(wall_clock) / 1_000_000 - unit.arrived
