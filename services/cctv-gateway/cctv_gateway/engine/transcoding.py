"""Pictures that no browser plays, or that nobody may see as they are, encoded anew.

It costs what a hundred cameras cost that are only passed on.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av

from cctv_gateway.engine.formats import Format
from cctv_gateway.engine.masking import Layout, Mask, painted
from cctv_gateway.engine.packaging import AccessUnit, Sink
from cctv_gateway.engine.parts import SCALE
from cctv_gateway.engine.troubles import Cause, Trouble

_KEY_SECONDS = 2
_TICK = Fraction(1, SCALE)
_OPTIONS = {"preset": "ultrafast", "tune": "zerolatency", "crf": "28", "profile": "baseline"}
_LARGEST_SIDE = 4096
_MOST_BROKEN = 25


class Transcoder:
    """A sink that makes H.264 of what it is given, with masks painted on, and hands it on."""

    def __init__(self, sink: Sink, masks: Sequence[Mask] = ()) -> None:
        self._sink = sink
        self._masks = masks
        self._layout: Layout | None = None
        self._decoder: Any = None
        self._encoder: Any = None
        self._rate = 0.0
        self._has_format = False
        self._has_begun = False
        self._broken = 0

    def on_format(self, format: Format) -> None:
        self._rate = format.frames_per_second
        self._decoder = av.CodecContext.create(format.codec, "r")
        self._decoder.thread_count = 1
        if format.codec != "mjpeg" and format.parameters:
            self._decoder.extradata = format.parameters
        self._encoder = None
        self._has_begun = False

    def on_access_unit(self, unit: AccessUnit) -> None:
        """Takes the next picture.

        Raises:
            Trouble: one after another cannot be decoded.
        """
        self._has_begun = self._has_begun or unit.is_key
        if not self._has_begun:  # a picture that is built on one that never came
            return
        packet = unit.packet
        packet.dts, packet.pts, packet.time_base = unit.dts, unit.pts, _TICK
        try:
            frames = self._decoder.decode(packet)
        except av.error.FFmpegError:
            self._broken += 1
            if self._broken > _MOST_BROKEN:
                raise Trouble(Cause.BROKEN) from None
            return
        self._broken = 0
        for frame in frames:
            self._encode(frame, unit)

    def close(self) -> None:
        """Nothing waits here: each picture comes out as it goes in."""

    def _encode(self, frame: Any, unit: AccessUnit) -> None:
        width, height = frame.width & ~1, frame.height & ~1
        if not 0 < max(width, height) <= _LARGEST_SIDE:
            raise Trouble(Cause.UNKNOWN_FORMAT)
        if self._encoder is None or (self._encoder.width, self._encoder.height) != (width, height):
            self._encoder = self._new_encoder(width, height)
            self._has_format = False
        time = next((each for each in (frame.pts, unit.pts, unit.dts) if each is not None), None)
        picture = frame.reformat(width, height, format="yuv420p")
        if self._masks:
            if self._layout is None or self._layout.size != (width, height):
                self._layout = Layout(self._masks, width, height)
            picture = painted(picture, self._layout)
        picture.pts, picture.time_base, picture.pict_type = time, _TICK, 0
        for packet in self._encoder.encode(picture):
            if not self._has_format:
                empty = Format("h264", self._rate, is_annex_b=True)
                self._sink.on_format(empty.after(bytes(packet)))
                self._has_format = True
            self._sink.on_access_unit(AccessUnit(packet, packet.dts, packet.pts, packet.is_keyframe, unit.arrived))

    def _new_encoder(self, width: int, height: int) -> Any:
        encoder: Any = av.CodecContext.create("libx264", "w")
        encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
        encoder.time_base = _TICK
        encoder.framerate = Fraction(round(self._rate * 1000), 1000)
        encoder.gop_size = max(1, round(self._rate * _KEY_SECONDS))
        encoder.thread_count = 1
        encoder.options = _OPTIONS
        return encoder
