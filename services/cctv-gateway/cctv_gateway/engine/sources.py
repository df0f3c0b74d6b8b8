"""Connections to cameras through libav, whatever they speak."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import av
import av.logging
from kit.networks import Network

from cctv_gateway.engine.addresses import Kind, UnfitAddress, read
from cctv_gateway.engine.doorway import Doorway
from cctv_gateway.engine.formats import Format
from cctv_gateway.engine.masking import Mask
from cctv_gateway.engine.packaging import AccessUnit
from cctv_gateway.engine.parts import SCALE
from cctv_gateway.engine.troubles import Cause, Trouble
from cctv_gateway.engine.watching import Watch

OPEN_SECONDS = 10.0
READ_SECONDS = 5.0
PLAYED_BY_BROWSERS = frozenset({"h264", "hevc"})
ENCODED_ANEW = frozenset({"mjpeg"})
BREAKS = ".breaks"
"""Stands in the name of a film that is out for a minute and a half of each five minutes."""
_BREAKS_EACH, _BROKEN_FOR = 300, 90
USUAL_RATE = 15.0
_TALKATIVE = 20_000
"""Whoever has sent more bytes is not silent, though libav has found nothing in them to begin with."""
PROBE = {"probesize": "200000", "analyzeduration": "500000"}
_CAUSES = (
    (av.error.HTTPUnauthorizedError, Cause.UNAUTHORIZED),
    (av.error.HTTPForbiddenError, Cause.UNAUTHORIZED),
    (av.error.HTTPNotFoundError, Cause.NOT_FOUND),
    (av.error.TimeoutError, Cause.STALLS),
    (av.error.ExitError, Cause.STALLS),
    (av.error.EOFError, Cause.ENDS),
    (av.error.InvalidDataError, Cause.BROKEN),
    (av.error.OSError, Cause.UNREACHABLE),
)

WATCH = Watch()

av.logging.set_level(None)  # libav's own words quote addresses, and with them passwords


@dataclass(frozen=True, slots=True)
class Source:
    """A camera's stream as the engine is told of it."""

    kind: Kind
    url: str
    """An address without credentials; of a film, its path."""
    username: str = ""
    password: str = field(default="", repr=False)
    allowed: tuple[Network, ...] = ()
    """Networks beside the public internet that it may lie in."""
    masks: tuple[Mask, ...] = ()
    """What is painted over before anybody sees it."""


class Connection(Protocol):
    """An open connection."""

    format: Format

    def pour(self, into: Callable[[AccessUnit], None]) -> None:
        """Hands over the pictures as they come, until the connection ends.

        Raises:
            Trouble: it does.
        """

    def close(self) -> None:
        """Ends the connection, from any thread."""


def connect(source: Source, is_wanted: Callable[[], bool], *, directly: bool = False) -> "Connection":
    """Opens a connection; it is given up when it is wanted no more.

    Args:
        source: what is read.
        is_wanted: whether it still is.
        directly: without libav, where it can be.

    Raises:
        Trouble: it cannot be opened.
        Unsuited: not directly. This may also come later, as it is read.
    """
    if source.kind is Kind.FILM:
        return _Film(Path(source.url), is_wanted)
    try:
        address = read(source.url, source.kind)
    except UnfitAddress:
        raise Trouble(Cause.NOT_ALLOWED) from None
    if source.kind in (Kind.MJPEG, Kind.HLS):
        from cctv_gateway.engine import over_http

        return over_http.connect(source, address, is_wanted)
    if directly and source.kind is Kind.RTSP and not source.masks:
        from cctv_gateway.engine.rtsp.direct import Direct

        return Direct(source, address, is_wanted)
    door = Doorway(address, source.allowed)
    login = f"{quote(source.username, safe='')}:{quote(source.password, safe='')}@" if source.username else ""
    return _Relayed(door, f"{address.scheme}://{login}127.0.0.1:{door.port}{address.rest}", source.kind)


class Opened(ABC):
    """What all connections through libav have in common."""

    format: Format

    def __init__(self, container: Any) -> None:
        self._container = container
        if not container.streams.video:
            raise Trouble(Cause.NO_PICTURE)
        self._stream = container.streams.video[0]
        scale = self._stream.time_base * SCALE
        self._ticks, self._per = scale.numerator, scale.denominator
        """So many ticks are so many units of the camera's."""
        self.format = _format_of(self._stream)

    def pour(self, into: Callable[[AccessUnit], None]) -> None:
        for unit in self.units():
            into(unit)

    @abstractmethod
    def units(self) -> Iterator[AccessUnit]:
        """The pictures as they come, until the connection ends.

        Raises:
            Trouble: it does.
        """

    def _packets(self) -> Iterator[Any]:
        heard = time.monotonic()
        try:
            for packet in self._container.demux(self._stream):
                if packet.is_keyframe and packet.has_sidedata("new_extradata") and self._is_changed(packet):
                    raise Trouble(Cause.ENDS)  # who connects anew reads the new parameters
                if packet.size:
                    yield packet
                heard = time.monotonic()
        except av.error.FFmpegError as error:
            raise Trouble(Cause.STALLS) if time.monotonic() - heard >= READ_SECONDS else trouble_of(error) from None
        raise Trouble(Cause.STALLS if time.monotonic() - heard >= READ_SECONDS else Cause.ENDS)

    def _is_changed(self, packet: Any) -> bool:
        known: bytes | None = self._stream.codec_context.extradata
        return bytes(packet.get_sidedata("new_extradata")) != known

    def _unit(self, packet: Any, arrived: float) -> AccessUnit:
        return AccessUnit(packet, self._in_ticks(packet.dts), self._in_ticks(packet.pts), packet.is_keyframe, arrived)

    def _in_ticks(self, time: int | None) -> int | None:
        return None if time is None else time * self._ticks // self._per


class _Relayed(Opened):
    """RTSP and RTMP, through a doorway.

    libav is given no time limit of its own: with one it would ask for Python's lock at each of its reads.
    """

    def __init__(self, door: Doorway, url: str, kind: Kind) -> None:
        self._door = door
        transport = "udp" if kind is Kind.RTSP_UDP else "tcp"
        options = {**PROBE, "protocol_whitelist": "rtmp,tcp"}
        if kind is not Kind.RTMP:
            options |= {
                "protocol_whitelist": "tcp,udp,rtp",
                "rtsp_transport": transport,
                "allowed_media_types": "video",
            }
        with WATCH.over(door.close, OPEN_SECONDS) as watched:
            try:
                super().__init__(av.open(url, options=options))
            except av.error.FFmpegError as error:
                door.close()
                raise door.trouble or (Trouble(Cause.STALLS) if watched.is_ended else trouble_of(error)) from None
            except Trouble:
                door.close()
                raise
        door.step_aside()

    def units(self) -> Iterator[AccessUnit]:
        has_begun = False
        with WATCH.over(self._door.close, READ_SECONDS) as watched:
            try:
                for packet in self._packets():
                    watched.heard = time.monotonic()
                    has_begun = has_begun or packet.is_keyframe
                    yield self._unit(packet, time.time())
            except Trouble as trouble:
                if not has_begun and self._door.received > _TALKATIVE:
                    raise Trouble(Cause.UNREADABLE) from None
                raise Trouble(Cause.STALLS) if watched.is_ended else trouble from None

    def close(self) -> None:
        self._door.close()


class Paced(Opened):
    """What comes in bursts, let through at the pace at which it was filmed."""

    def __init__(self, container: Any, is_wanted: Callable[[], bool]) -> None:
        super().__init__(container)
        self._is_wanted = is_wanted
        self._origin: tuple[int, float] | None = None

    def _at_its_time(self, unit: AccessUnit) -> AccessUnit:
        if unit.dts is None:
            return unit
        now = time.monotonic()
        if self._origin is None or abs(early := (unit.dts - self._origin[0]) / SCALE - (now - self._origin[1])) > 20:
            self._origin, early = (unit.dts, now), 0.0
        until = now + early
        while self._is_wanted() and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.5))
        unit.arrived = time.time()
        return unit

    def close(self) -> None:
        """It is wanted no more, and sees so by itself."""


class _Film(Paced):
    """A file, over and over, so that a film of a minute shows the second that it is. One whose name says so breaks and
    recovers by the clock on the wall."""

    def __init__(self, path: Path, is_wanted: Callable[[], bool]) -> None:
        self._breaks = BREAKS in path.suffixes
        self._check()
        try:
            super().__init__(av.open(str(path), options={"protocol_whitelist": "file"}), is_wanted)
        except av.error.FFmpegError as error:
            raise trouble_of(error) from None
        self._length = round(self._stream.duration * self._stream.time_base * SCALE)

    def units(self) -> Iterator[AccessUnit]:
        begun = int(time.time() * SCALE) // self._length * self._length
        skipped = time.time() * SCALE - begun
        self._container.seek(int(skipped / SCALE / self._stream.time_base), stream=self._stream)
        self._origin = (begun, time.monotonic() - skipped / SCALE)
        while True:
            for packet in self._container.demux(self._stream):
                if not self._is_wanted():
                    return
                self._check()
                if packet.size:
                    unit = self._unit(packet, time.time())
                    unit.dts = begun + (unit.dts or 0)
                    unit.pts = begun + (unit.pts if unit.pts is not None else unit.dts - begun)
                    yield self._at_its_time(unit)
            begun += self._length
            self._container.seek(0, stream=self._stream)

    def _check(self) -> None:
        if self._breaks and time.time() % _BREAKS_EACH > _BREAKS_EACH - _BROKEN_FOR:
            raise Trouble(Cause.UNREACHABLE)


def _format_of(stream: Any) -> Format:
    context = stream.codec_context
    name: str = context.name
    if name not in PLAYED_BY_BROWSERS | ENCODED_ANEW:
        raise Trouble(Cause.UNKNOWN_FORMAT)
    rates = (float(each) for each in (stream.average_rate, stream.guessed_rate) if each is not None)
    rate = next((each for each in rates if 1 <= each <= 60), USUAL_RATE)
    extradata = context.extradata or b""
    return Format.of(stream, rate, is_annex_b=name in PLAYED_BY_BROWSERS and not extradata.startswith(b"\1"))


def trouble_of(error: Exception) -> Trouble:
    return Trouble(next((cause for kind, cause in _CAUSES if isinstance(error, kind)), Cause.BROKEN))
