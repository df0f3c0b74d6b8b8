"""One picture out of a stream: a key picture, decoded, made a JPEG or a coarse grid of brightness."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av

from cctv_gateway.engine.formats import Format

COLUMNS, ROWS = 48, 27
_WIDEST = 640
_GREY = 3.0
"""Colours that lie no further from none than that: a camera that sees by infrared, or a picture without colour."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A picture as so few cells that thousands can be compared: what a cell holds is its mean brightness."""

    cells: bytes
    is_grey: bool


def jpeg_of(format: Format, key_picture: bytes) -> bytes | None:
    """A key picture as a JPEG for a tile; None if it cannot be decoded."""
    frame = _decoded(format, key_picture)
    try:
        return _encoded(frame) if frame is not None else None
    except av.error.FFmpegError:
        return None


def grid_of(format: Format, key_picture: bytes) -> Grid | None:
    """A key picture as a grid; None if it cannot be decoded."""
    frame = _decoded(format, key_picture)
    if frame is None:
        return None
    small = frame.reformat(COLUMNS, ROWS, format="yuv444p", interpolation="AREA")
    bright, bluish, reddish = (_cells(plane) for plane in small.planes)
    return Grid(bright, _paleness(bluish) < _GREY and _paleness(reddish) < _GREY)


def _decoded(format: Format, key_picture: bytes) -> Any | None:
    try:
        decoder: Any = av.CodecContext.create(format.codec, "r")
        decoder.thread_count = 1
        if format.parameters:
            decoder.extradata = format.parameters
        frames = [*decoder.decode(av.Packet(key_picture)), *decoder.decode(None)]
    except av.error.FFmpegError:
        return None
    return frames[0] if frames else None


def _cells(plane: Any) -> bytes:
    raw, line = bytes(plane), plane.line_size
    return b"".join(raw[row * line : row * line + COLUMNS] for row in range(ROWS))


def _paleness(colours: Sequence[int]) -> float:
    return sum(abs(each - 128) for each in colours) / len(colours)


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
