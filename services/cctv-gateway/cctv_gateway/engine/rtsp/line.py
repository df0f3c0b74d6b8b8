"""A connection to a camera over which both come: answers, and between them packets (RFC 2326, section 10.12)."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress

from cctv_gateway.engine.troubles import Cause, Trouble

_ROOM = 1 << 17
"""Bytes; the largest packet takes half of it, and so may what an answer holds after its head."""
_AT_ONCE = 1 << 15
"""Bytes that are taken in one go: what is at hand is read fastest, and the rest of the room is seldom touched."""
_PACKET = 0x24
_HEAD = 4
_HIGHEST_CHANNEL = 3
_TIME = struct.Struct("@ll")
ANSWER = -1
"""Stands for a channel where there is none."""


class Line:
    """Hears and says. What has come stands here until it is whole."""

    def __init__(self, connection: socket.socket, within: float) -> None:
        self.connection = connection
        self._reader = threading.get_ident()
        connection.settimeout(None)
        time = _TIME.pack(int(within), round(within % 1 * 1_000_000))
        for each in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            connection.setsockopt(socket.SOL_SOCKET, each, time)
        self._room = bytearray(_ROOM)
        self._view = memoryview(self._room)
        self._begin = self._end = 0

    def say(self, said: bytes) -> None:
        """Says it.

        Raises:
            Trouble: nobody takes it.
        """
        try:
            self.connection.sendall(said)
        except OSError:
            raise Trouble(Cause.ENDS) from None

    def close(self) -> None:
        """Ends it, from any thread: whoever waits for something reads the end. Only the thread that reads gives the
        descriptor back, which soon is another's."""
        with suppress(OSError):  # the camera was first
            self.connection.shutdown(socket.SHUT_RDWR)
        if threading.get_ident() == self._reader:
            self.connection.close()

    def wait(self) -> None:
        """Waits until something has come.

        Raises:
            Trouble: nothing came for too long, or nothing more will, or there is no room for it.
        """
        if self._begin:
            left = self._end - self._begin
            self._room[:left] = self._room[self._begin : self._end]
            self._begin, self._end = 0, left
        if self._end == _ROOM:
            raise Trouble(Cause.BROKEN)
        try:
            count = self.connection.recv_into(self._view[self._end : self._end + _AT_ONCE])
        except BlockingIOError:
            raise Trouble(Cause.STALLS) from None
        except OSError:
            raise Trouble(Cause.ENDS) from None
        if not count:
            raise Trouble(Cause.ENDS)
        self._end += count

    def heard(self) -> Iterator[tuple[int, memoryview]]:
        """What has come and is whole: of a packet its channel and itself, of an answer `ANSWER` and all of it. Each is
        good until the next is asked for.

        Raises:
            Trouble: an answer is longer than any camera's.
        """
        room, view, end = self._room, self._view, self._end
        while end - self._begin >= _HEAD:
            begin = self._begin
            if room[begin] == _PACKET:
                after = begin + _HEAD + (room[begin + 2] << 8 | room[begin + 3])
                if after > end:
                    return
                self._begin = after
                yield room[begin + 1], view[begin + _HEAD : after]
                continue
            length = self._answer(begin, end)
            if length is None:
                self._begin = self._next(begin + 1, end)
            elif begin + length <= end:
                self._begin = begin + length
                yield ANSWER, view[begin : self._begin]
            else:
                return

    def _answer(self, begin: int, end: int) -> int | None:
        """How long the answer is that stands there, more than there is if it is not whole; None: there is none."""
        if not b"RTSP/1.0 ".startswith(bytes(self._room[begin : min(end, begin + 9)])):
            return None
        head = self._room.find(b"\r\n\r\n", begin, end)
        if head < 0:
            return _ROOM + 1
        length = 0
        for line in self._room[begin:head].split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                if not value.strip().isdigit() or int(value) > _ROOM // 2:
                    raise Trouble(Cause.BROKEN)
                length = int(value)
        return head + 4 + length - begin

    def _next(self, begin: int, end: int) -> int:
        """Where, after something that is neither, a packet or an answer may begin."""
        while True:
            packet = self._room.find(b"$", begin, end)
            answer = self._room.find(b"RTSP/1.0 ", begin, end)
            if packet < 0 or 0 <= answer < packet:
                return answer if answer >= 0 else end
            if packet + _HEAD >= end or (
                self._room[packet + 1] <= _HIGHEST_CHANNEL and self._room[packet + _HEAD] >> 6 == 2
            ):
                return packet
            begin = packet + 1
