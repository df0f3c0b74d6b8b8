"""How a camera's pictures are encoded, as it is told and as the pictures themselves tell."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import av

from cctv_gateway.engine.boxes import boxes
from cctv_gateway.engine.parts import SCALE
from cctv_gateway.engine.troubles import Cause, Trouble

_OPTIONS = {"movflags": "empty_moov+default_base_moof+skip_trailer", "video_track_timescale": str(SCALE)}
_PARAMETERS = {"h264": frozenset({7, 8}), "hevc": frozenset({32, 33, 34})}
_PICTURES = {"h264": frozenset(range(1, 6)), "hevc": frozenset(range(32))}
_START = b"\0\0\1"


@dataclass(frozen=True, slots=True)
class Format:
    """How the pictures that follow are encoded. It holds nothing of libav's, which would take a megabyte."""

    codec: str
    frames_per_second: float
    is_annex_b: bool
    """Pictures carry their parameters themselves, between start codes."""
    parameters: bytes = b""
    width: int = 0
    height: int = 0
    is_reordered: bool = False
    """Pictures are shown in another order than they come in."""
    head: bytes = b""
    """What a file of such pictures begins with; nothing if libav does not know."""

    @classmethod
    def of(cls, stream: Any, frames_per_second: float, *, is_annex_b: bool) -> "Format":
        """The format of a stream of libav."""
        context = stream.codec_context
        return cls(
            context.name,
            frames_per_second,
            is_annex_b,
            context.extradata or b"",
            context.width,
            context.height,
            context.has_b_frames,
            _head(stream) if context.name in _PARAMETERS else b"",
        )

    def changed_by(self, access_unit: bytes) -> bool:
        """Whether a key picture brings parameters that this format does not have."""
        return any(each not in self.parameters for each in parameters_in(access_unit, self.codec))

    def after(self, access_unit: bytes) -> "Format":
        """The format of a key picture that brings parameters of its own.

        Raises:
            Trouble: it cannot be read.
        """
        try:
            read: Any = av.open(BytesIO(access_unit), format=self.codec)
            with read:
                return Format.of(read.streams.video[0], self.frames_per_second, is_annex_b=self.is_annex_b)
        except (av.error.FFmpegError, IndexError):
            raise Trouble(Cause.BROKEN) from None


def _head(stream: Any) -> bytes:
    file = BytesIO()
    try:
        container: Any = av.open(file, "w", format="mp4", options=_OPTIONS)
        written = container.add_stream_from_template(stream)
        if stream.codec_context.name == "hevc":
            written.codec_context.codec_tag = "hvc1"
        container.start_encoding()
        container.close()
        return b"".join(box for name, box in boxes(file.getvalue()) if name in ("ftyp", "moov"))
    except (av.error.FFmpegError, ValueError):
        return b""


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
