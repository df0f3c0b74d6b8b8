"""Packs access units into parts, with one long muxer for each format."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from typing import Any, Protocol

import av

from cctv_gateway.engine.boxes import boxes, codecs_of
from cctv_gateway.engine.parts import SCALE, Init, Part
from cctv_gateway.engine.timeline import Fate, Timeline
from cctv_gateway.engine.troubles import Cause, Trouble

PART = SCALE // 2
"""Ticks that a part lasts, or a little less: a part holds whole pictures."""
_MOVFLAGS = "empty_moov+default_base_moof+frag_keyframe+negative_cts_offsets+skip_trailer"
_PARAMETERS = {"h264": frozenset({7, 8}), "hevc": frozenset({32, 33, 34})}
_PICTURES = {"h264": frozenset(range(1, 6)), "hevc": frozenset(range(32))}
_START = b"\0\0\1"
_TICK = Fraction(1, SCALE)


@dataclass(slots=True)
class AccessUnit:
    """One picture as the camera sent it."""

    packet: Any
    """Of libav; a path that receives for itself makes one of its bytes."""
    dts: int | None
    pts: int | None
    """In ticks of the camera's own reckoning."""
    is_key: bool
    arrived: float
    """Seconds of the Unix epoch."""


@dataclass(frozen=True, slots=True)
class Format:
    """How the pictures that follow are encoded."""

    codec: str
    template: Any
    """A stream of libav."""
    frames_per_second: float
    is_annex_b: bool
    """Pictures carry their parameters themselves, between start codes."""

    def changed_by(self, access_unit: bytes) -> bool:
        """Whether a key picture brings parameters that this format does not have."""
        known = self.template.codec_context.extradata or b""
        return any(each not in known for each in parameters_in(access_unit, self.codec))

    def after(self, access_unit: bytes) -> "Format":
        """The format of a key picture that brings parameters of its own.

        Raises:
            Trouble: it cannot be read.
        """
        try:
            read: Any = av.open(BytesIO(access_unit), format=self.codec)
            template = read.streams.video[0]
        except (av.error.FFmpegError, IndexError):
            raise Trouble(Cause.BROKEN) from None
        return Format(self.codec, template, self.frames_per_second, self.is_annex_b)


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
        self._muxer: _Muxer | None = None
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
            self._close_muxer()
            if not unit.is_key:  # what begins needs a picture that needs none before it
                self._timeline.restart()
                return
            self._muxer = _Muxer(self._format, self._publish)
        if self._muxer is not None:
            self._muxer.write(unit, placed.dts, placed.pts)

    def close(self) -> None:
        """Publishes what is not full yet, and ends the reckoning."""
        self._close_muxer()
        self._timeline.restart()

    def _close_muxer(self) -> None:
        if self._muxer is not None:
            muxer, self._muxer = self._muxer, None
            muxer.close()


class _Muxer:
    """libav's muxer from one beginning of time to the next."""

    def __init__(self, format: Format, publish: Callable[[Init | Part], None]) -> None:
        step = SCALE / format.frames_per_second
        pictures = max(1, int(PART / step + 0.05))
        self._publish = publish
        self._longest = round((pictures + 0.5) * step) if pictures > 2 else round(pictures * step * 1.1)
        self._written = BytesIO()
        self._waiting = list[tuple[int, bool, float]]()
        self._step = round(step)
        try:
            self._container: Any = av.open(
                self._written,
                "w",
                format="mp4",
                options={
                    "movflags": _MOVFLAGS,
                    "frag_duration": str(round((pictures - 0.5) * step / SCALE * 1_000_000)),
                    "flush_packets": "1",
                    "video_track_timescale": str(SCALE),
                },
                buffer_size=1 << 20,
            )
            self._stream = self._container.add_stream_from_template(format.template)
            if format.codec == "hevc":
                self._stream.codec_context.codec_tag = "hvc1"
            self._container.start_encoding()
        except (av.error.FFmpegError, ValueError):
            has_parameters = format.template.codec_context.width > 0
            raise Trouble(Cause.UNKNOWN_FORMAT if has_parameters else Cause.UNREADABLE) from None
        context = format.template.codec_context
        self._size = (context.width, context.height)
        self._has_begun = False

    def write(self, unit: AccessUnit, dts: int, pts: int) -> None:
        packet = unit.packet
        packet.dts, packet.pts, packet.time_base = dts, pts, _TICK
        packet.duration = self._step
        packet.stream = self._stream
        try:
            self._container.mux_one(packet)
        except av.error.FFmpegError:
            raise Trouble(Cause.BROKEN) from None
        if self._written.tell():
            self._hand_over(dts)
        self._waiting.append((dts, unit.is_key, unit.arrived))

    def close(self) -> None:
        try:
            self._container.close()
        except av.error.FFmpegError:
            return
        if self._waiting:
            self._hand_over(self._waiting[-1][0] + self._step)

    def _hand_over(self, end: int) -> None:
        """Publishes what the muxer has written, up to a moment."""
        body = self._written.getvalue()
        self._written.seek(0)
        self._written.truncate()
        if not self._has_begun:
            length = sum(len(box) for name, box in boxes(body) if name in ("ftyp", "moov"))
            if not length:
                return
            self._has_begun = True
            init, body = body[:length], body[length:]
            try:
                codecs = codecs_of(init)
            except ValueError:
                raise Trouble(Cause.UNKNOWN_FORMAT) from None
            self._publish(Init(init, codecs, *self._size, self._longest))
        if body and self._waiting:
            start, is_key, at = self._waiting[0]
            self._waiting.clear()
            self._publish(Part(body, max(end - start, 1), is_key, at))


def parameters_in(access_unit: bytes, codec: str) -> list[bytes]:
    """The parameter sets that stand before the picture in an access unit with start codes."""
    found = list[bytes]()
    at = access_unit.find(_START)
    while at >= 0 and at + 3 < len(access_unit):
        head = access_unit[at + 3]
        kind = head & 31 if codec == "h264" else head >> 1 & 63
        if kind in _PICTURES[codec]:
            break
        following = access_unit.find(_START, at + 3)
        if kind in _PARAMETERS[codec]:
            end = following if following >= 0 else len(access_unit)
            found.append(access_unit[at + 3 : end].rstrip(b"\0"))
        at = following
    return found
