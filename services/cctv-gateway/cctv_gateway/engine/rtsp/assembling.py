"""RTP made pictures again: RFC 3550, and its payloads of H.264 (RFC 6184) and H.265 (RFC 7798). Pure."""

import struct
from collections import deque

from cctv_gateway.engine.troubles import Unsuited

_PACKET = struct.Struct(">BBHI")
_FIXED = 12
_LENGTH = struct.Struct(">I")
_SHORT = struct.Struct(">H")
_REPORT = struct.Struct(">IIIIII")
_SENDER_REPORT = 200
_NTP_EPOCH = 2_208_988_800
"""Seconds from 1900 to 1970."""
_LARGEST = 8 << 20
"""Bytes of a picture; no camera's is as large."""
_MOST_PACKETS = 20_000
_WRAPS = 1 << 32
_FURTHEST_BACK = 8
"""Pictures; no encoder reorders over more."""
_SELDOM = 16
_START = b"\0\0\0\1"


class Assembled:
    """A picture as it came: each of its units after its length, in the pieces in which it was received.

    To libav's packets it is alike in what the engine asks of them.
    """

    __slots__ = ("_joined", "clock", "is_key", "pieces", "size", "time")

    def __init__(self, pieces: list[bytes], size: int, time: int, is_key: bool, clock: float | None) -> None:
        self._joined = b""
        self.pieces = pieces
        self.size = size
        self.time = time
        """In ticks of the camera's clock rate, which go on past what RTP can count to."""
        self.is_key = is_key
        self.clock = clock
        """What the camera's clock showed: seconds of the Unix epoch; None while it has not said."""

    def __bytes__(self) -> bytes:
        """With start codes (ITU-T H.264, annex B) in place of lengths."""
        if not self._joined:
            self._joined = self._join()
        return self._joined

    def _join(self) -> bytes:
        data, at, units = b"".join(self.pieces), 0, list[bytes]()
        while at < len(data):
            (length,) = _LENGTH.unpack_from(data, at)
            units += (_START, data[at + 4 : at + 4 + length])
            at += 4 + length
        return b"".join(units)


class Assembler:
    """Puts one stream's pictures together. Those that are whole stand in `done`, for who takes them from there.

    Args:
        codec: `h264` or `hevc`.
        payload_type: which packets are the picture's.
        clock_rate: ticks of their timestamps in a second.
        parameter_sets: put before a key picture that comes without any, until one has come with its own.
    """

    def __init__(self, codec: str, payload_type: int, clock_rate: int, parameter_sets: tuple[bytes, ...]) -> None:
        self.done = deque[Assembled]()
        self.goes_by_time = False
        """The marks that end a picture are wrong: it has ended once there is something of the next."""
        self._is_h264 = codec == "h264"
        self._payload_type = payload_type
        self._clock_rate = clock_rate
        self._known_sets = parameter_sets
        """As they were told, until better ones came with a picture."""
        self._sequence = -1
        self._time = self._unwrapped = -1
        self._step, self._least = 0, clock_rate
        """Ticks that the last picture came after the one before, and the fewest that any did."""
        self._since_back = _SELDOM
        """Pictures since one went back by some pictures."""
        self._ended = -1
        """The timestamp of the picture that was ended last."""
        self._report: tuple[float, int] | None = None
        """What the camera's clock showed, and the timestamp of that moment."""
        self._fragments: list[bytes] | None = None
        self._begin()

    def _begin(self) -> None:
        self._pieces, self._size = list[bytes](), 0
        self._packets = self._held = 0
        self._sets = list[bytes]()
        self._is_key = self._has_picture = self._has_sets = self._is_damaged = False

    def take(self, packet: memoryview) -> None:
        """Takes a packet of RTP. One that is cut short, or is none, leaves a damaged picture, which is left out.

        Raises:
            Unsuited: pictures come in another order than they are shown in, or one is larger than any camera's.
        """
        try:
            first, second, sequence, time = _PACKET.unpack_from(packet)
            if first >> 6 != 2 or second & 127 != self._payload_type:
                return
            at = _FIXED + 4 * (first & 15)
            if first & 16:
                at += 4 + 4 * int.from_bytes(packet[at + 2 : at + 4], "big")
            end = len(packet) - packet[-1] if first & 32 else len(packet)
            if sequence != (self._sequence + 1) & 0xFFFF:
                self._miss()
            self._sequence = sequence
            if time != self._time:
                self._turn(time)
            elif time == self._ended and not self.goes_by_time:
                self.goes_by_time = self._is_damaged = True
            if at < end:
                self._unpack(bytes(packet[at:end]))
        except (IndexError, struct.error):
            self._is_damaged, self._fragments = True, None
            return
        self._packets += 1
        self._held += end - at
        if self._held > _LARGEST or self._packets > _MOST_PACKETS:
            raise Unsuited
        if second & 128 and not self.goes_by_time:
            self._end()

    def take_report(self, packet: memoryview) -> None:
        """Takes a packet of RTCP: the camera may say what its clock shows."""
        if len(packet) >= _REPORT.size and packet[1] == _SENDER_REPORT:
            _, _, seconds, fraction, time, _ = _REPORT.unpack_from(packet)
            if seconds > _NTP_EPOCH:  # a camera that knows no time counts from when it was switched on
                self._report = seconds - _NTP_EPOCH + fraction / _WRAPS, time

    def _miss(self) -> None:
        """Something did not come: what it was a part of cannot be whole."""
        if self._pieces or self._fragments is not None:
            self._is_damaged, self._fragments = True, None

    def _turn(self, time: int) -> None:
        """Another picture's time has come."""
        if self._pieces or self._fragments is not None or self._is_damaged:
            self._end()
        if self._time < 0:
            self._unwrapped = time
        else:
            step = _step(self._time, time)
            self._unwrapped += self._step if -self._clock_rate < step < 0 else step
            self._notice(step)
        self._time = time

    def _notice(self, step: int) -> None:
        """Tells a camera that sends pictures in another order than they are shown in, which goes back by some pictures
        again and again, from one that counts anew since somebody else looks: it goes back once, and further."""
        self._since_back += 1
        if step > 0:
            self._step, self._least = step, min(step, self._least)
        elif step >= -_FURTHEST_BACK * self._least:
            if self._since_back < _SELDOM:
                raise Unsuited
            self._since_back = 0

    def _end(self) -> None:
        self._is_damaged |= self._fragments is not None
        self._fragments = None
        if not self._has_picture and not self._is_damaged:  # what comes before a picture belongs to it
            return
        self._ended = self._time
        if not self._is_damaged:
            pieces, size = self._pieces, self._size
            if self._has_sets:
                self._known_sets = tuple(self._sets)
            elif self._is_key:
                ahead = [piece for each in self._known_sets for piece in (_LENGTH.pack(len(each)), each)]
                pieces, size = ahead + pieces, size + sum(map(len, ahead))
            self.done.append(Assembled(pieces, size, self._unwrapped, self._is_key, self._clock()))
        self._begin()

    def _clock(self) -> float | None:
        if self._report is None:
            return None
        at, time = self._report
        return at + _step(time, self._time) / self._clock_rate

    def _unpack(self, payload: bytes) -> None:
        if self._is_h264:
            kind = payload[0] & 31
            if kind == 28:
                head = payload[1]
                self._take_fragment(head, (payload[0] & 0xE0 | head & 31,), payload[2:])
            elif 0 < kind < 24:
                self._take_unit([payload])
            elif kind == 24:
                self._take_many(payload, 1)
            else:
                self._is_damaged = True
        else:
            kind = payload[0] >> 1 & 63
            if kind == 49:
                head = payload[2]
                self._take_fragment(head, (payload[0] & 0x81 | (head & 63) << 1, payload[1]), payload[3:])
            elif kind < 48:
                self._take_unit([payload])
            elif kind == 48:
                self._take_many(payload, 2)
            else:
                self._is_damaged = True

    def _take_fragment(self, head: int, whole: tuple[int, ...], fragment: bytes) -> None:
        """A part of a unit: the first says so, and so does the last."""
        if head & 128:
            self._fragments = [bytes(whole), fragment]
        elif self._fragments is None:
            self._is_damaged = True
        else:
            self._fragments.append(fragment)
        if head & 64 and self._fragments is not None:
            unit, self._fragments = self._fragments, None
            self._take_unit(unit)

    def _take_many(self, payload: bytes, at: int) -> None:
        while at < len(payload):
            (length,) = _SHORT.unpack_from(payload, at)
            unit = payload[at + 2 : at + 2 + length]
            if not unit or len(unit) < length:
                raise IndexError
            self._take_unit([unit])
            at += 2 + length

    def _take_unit(self, pieces: list[bytes]) -> None:
        length = sum(map(len, pieces))
        if self._is_h264:
            kind = pieces[0][0] & 31
            self._is_key |= kind == 5
            self._has_picture |= 1 <= kind <= 5
            self._has_sets |= kind == 7
            is_set = 7 <= kind <= 8
        else:
            kind = pieces[0][0] >> 1 & 63
            self._is_key |= 16 <= kind <= 21
            self._has_picture |= kind < 32
            self._has_sets |= kind == 33
            is_set = 32 <= kind <= 34
        if is_set:
            self._sets.append(b"".join(pieces))
        self._pieces.append(_LENGTH.pack(length))
        self._pieces += pieces
        self._size += 4 + length


def _step(before: int, after: int) -> int:
    """From one timestamp to another, whichever way is shorter."""
    step = (after - before) % _WRAPS
    return step - _WRAPS if step >= _WRAPS // 2 else step
