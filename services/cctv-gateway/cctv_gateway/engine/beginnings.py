"""Notices a connection that will never begin: pictures are waited for, and what comes is none."""

import time
from collections.abc import Iterator

from cctv_gateway.engine.formats import Format
from cctv_gateway.engine.packaging import AccessUnit
from cctv_gateway.engine.troubles import Cause, Trouble

_NONE_FOR = 3.0
_NO_KEY_FOR = 60.0
_START = b"\0\0\1"
_PICTURES = {"h264": frozenset({1, 5}), "hevc": frozenset(range(32))}


class Beginning:
    """One connection's, up to its first key picture."""

    def __init__(self, format: Format) -> None:
        self._format = format
        self._since = time.monotonic()
        self._is_as_announced = not format.is_annex_b
        self.is_over = False

    def look(self, unit: AccessUnit) -> None:
        """Looks at what has come.

        Raises:
            Trouble: for some seconds nothing of it was a picture of the format that was announced, or for a minute none
                that can be shown by itself.
        """
        waited = time.monotonic() - self._since
        self.is_over = unit.is_key
        if not self._is_as_announced:
            self._is_as_announced = not _PICTURES[self._format.codec].isdisjoint(self._kinds(bytes(unit.packet)))
        if not self._is_as_announced and waited > _NONE_FOR:
            raise Trouble(Cause.UNREADABLE)
        if not self.is_over and waited > _NO_KEY_FOR:
            raise Trouble(Cause.NO_PICTURE)

    def _kinds(self, access_unit: bytes) -> Iterator[int]:
        """The kinds of what stands between the start codes."""
        at = access_unit.find(_START)
        while 0 <= at < len(access_unit) - len(_START):
            head = access_unit[at + len(_START)]
            yield head & 31 if self._format.codec == "h264" else head >> 1 & 63
            at = access_unit.find(_START, at + len(_START))
