"""How a stream fares, counted picture by picture, and told with a key picture now and then: that one is decoded."""

import struct
import time
from dataclasses import dataclass
from typing import Any

from cctv_gateway.engine.packaging import AccessUnit
from cctv_gateway.engine.pictures import Grid

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
        self._key = b""
        self._pictures = self._bytes = self._between = self._bytes_between = 0
        self._key_interval = 0.0

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
        key = bytes(unit.packet)
        told = Vitals(
            seconds=now - self._told_at if self._told_at is not None else 0.0,
            pictures=self._pictures,
            bytes=self._bytes,
            key_interval=self._key_interval,
            bytes_between=self._bytes_between / self._between if self._between else 0.0,
            is_repeated=key == self._key,
            clock_drift=_drift(unit),
            grid=None,
        )
        self._told_at, self._key = now, key
        self._pictures = self._bytes = self._between = self._bytes_between = 0
        self._key_interval = 0.0
        return told


def _drift(unit: AccessUnit) -> float | None:
    """What a camera's sender reports say of its clock."""
    packet: Any = unit.packet
    if not packet.has_sidedata("prft"):
        return None
    (wall_clock,) = _REFERENCE_TIME.unpack_from(bytes(packet.get_sidedata("prft")))
    return float(wall_clock) / 1_000_000 - unit.arrived
