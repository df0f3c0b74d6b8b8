"""Films for the tests: a grey that grows lighter, so that each picture differs from the last."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av

RATE = 20


def film(path: Path, *, seconds: int, width: int = 320, height: int = 240, format: str | None = None) -> None:
    """Writes a film in the format that the path's suffix, or the argument, names."""
    container: Any = av.open(str(path), "w", format=format)
    with container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.gop_size = RATE
        stream.codec_context.options = {"preset": "ultrafast", "tune": "zerolatency"}
        for packet in pictures(stream, seconds * RATE):
            container.mux(packet)


def pictures(stream: Any, count: int) -> Any:
    """Encoded pictures."""
    for number in range(count):
        frame = av.VideoFrame(stream.width, stream.height, "yuv420p")
        for place, plane in enumerate(frame.planes):
            plane.update(bytes([(number * 3) % 150 + 70 if place == 0 else 128]) * plane.buffer_size)
        frame.pts, frame.time_base = number, Fraction(1, RATE)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def jpegs(count: int) -> list[bytes]:
    """Single pictures."""
    encoder: Any = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 320, 240, "yuvj420p", Fraction(1, RATE)
    made = list[bytes]()
    for number in range(count):
        frame = av.VideoFrame(320, 240, "yuvj420p")
        for place, plane in enumerate(frame.planes):
            plane.update(bytes([(number * 3) % 150 + 70 if place == 0 else 128]) * plane.buffer_size)
        frame.pts, frame.time_base = number, Fraction(1, RATE)
        made += [bytes(packet) for packet in encoder.encode(frame)]
    return made
