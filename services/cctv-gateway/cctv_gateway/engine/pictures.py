"""One picture out of a stream: a key picture, decoded and made a JPEG."""

from fractions import Fraction
from typing import Any

import av

from cctv_gateway.engine.packaging import Format

_WIDEST = 640


def jpeg_of(format: Format, key_picture: bytes) -> bytes | None:
    """A key picture as a JPEG for a tile; None if it cannot be decoded."""
    try:
        decoder: Any = av.CodecContext.create(format.codec, "r")
        decoder.thread_count = 1
        if format.template.codec_context.extradata:
            decoder.extradata = format.template.codec_context.extradata
        frames = [*decoder.decode(av.Packet(key_picture)), *decoder.decode(None)]
        return _encoded(frames[0]) if frames else None
    except av.error.FFmpegError:
        return None


def _encoded(frame: Any) -> bytes | None:
    width = min(frame.width, _WIDEST) & ~1
    height = max(2, round(frame.height * width / frame.width) & ~1)
    picture = frame.reformat(width, height, format="yuvj420p")
    encoder: Any = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.thread_count = 1
    picture.pts, picture.time_base = 0, encoder.time_base
    packets = [*encoder.encode(picture), *encoder.encode(None)]
    return bytes(packets[0]) if packets else None
