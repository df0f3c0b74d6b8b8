"""Repairs a camera's timestamps: what the muxer is given always goes forward, and a jump begins anew."""

from enum import Enum, auto
from typing import NamedTuple

from cctv_gateway.engine.parts import SCALE

_LONGEST_GAP = 2 * SCALE
_SLIP = SCALE
"""Pictures that come a little out of order are left out; what goes back further is a clock that was set."""
_LONGEST_SILENCE = 4.0
_FURTHEST_AHEAD = 3.0
"""Seconds by which media time may run ahead of the clock on the wall before it is called a jump."""


class Fate(Enum):
    """What becomes of a picture."""

    KEPT = auto()
    LEFT_OUT = auto()
    BEGINS_ANEW = auto()


class Placed(NamedTuple):
    """A picture's place in time, in ticks from the beginning of the reckoning."""

    fate: Fate
    dts: int = 0
    pts: int = 0


LEFT_OUT = Placed(Fate.LEFT_OUT)


class Timeline:
    """One reckoning after another, each from nought."""

    __slots__ = ("_is_guess", "_last", "_last_arrived", "_origin", "_origin_arrived", "_step")

    def __init__(self, step: int) -> None:
        self._step = step
        """Ticks from one picture to the next, where the camera does not say."""
        self._origin: int | None = None
        self._is_guess = False
        """The first picture bore no time: the next that does says when it was."""
        self._origin_arrived = 0.0
        self._last = 0
        self._last_arrived = 0.0

    def place(self, dts: int | None, pts: int | None, arrived: float) -> Placed:
        """Where a picture belongs: the one that begins a reckoning is at nought."""
        if self._origin is None:
            return self._begin(dts if dts is not None else pts, pts, arrived)
        if dts is None:
            dts = self._origin + self._last + self._step
        elif self._is_guess:
            self._origin, self._is_guess = dts - self._last - self._step, False
        place = dts - self._origin
        step = place - self._last
        if -_SLIP < step <= 0:
            return LEFT_OUT
        ahead = place / SCALE - (arrived - self._origin_arrived)
        is_jump = step > _LONGEST_GAP or (ahead > _FURTHEST_AHEAD and step > self._step * 4)
        if step < 0 or is_jump or arrived - self._last_arrived > _LONGEST_SILENCE:
            return self._begin(dts, pts, arrived)
        self._last, self._last_arrived = place, arrived
        return Placed(Fate.KEPT, place, self._shown(place, pts))

    def restart(self) -> None:
        """The next picture begins anew."""
        self._origin = None

    def _begin(self, dts: int | None, pts: int | None, arrived: float) -> Placed:
        self._origin, self._is_guess = dts or 0, dts is None
        self._origin_arrived = self._last_arrived = arrived
        self._last = 0
        return Placed(Fate.BEGINS_ANEW, 0, self._shown(0, pts))

    def _shown(self, place: int, pts: int | None) -> int:
        """When the picture is shown: never before it is decoded, never long after."""
        shown = place if pts is None or self._origin is None else pts - self._origin
        return shown if place <= shown <= place + _LONGEST_GAP else place
