"""Painting over what a camera must not show, in pictures that are encoded anew.

A mask is laid out once for a size: which stretch of which row of which plane is painted. It covers a little more than
was drawn, never less.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import av

Mask = Sequence[Sequence[int]]
"""Corners of a polygon, in thousandths of the picture from its upper left."""

_Side = tuple[tuple[float, float], tuple[float, float]]
_THOUSAND = 1000
_SHADES = (16, 128, 128)
"""Black, in the planes of YUV."""


def painted(frame: Any, layout: "Layout") -> Any:
    """A copy of a picture with the masks on it. The decoder builds later pictures on the one it gave, which stays."""
    fresh = av.VideoFrame(frame.width, frame.height, "yuv420p")
    for plane, source, strokes, shade in zip(fresh.planes, frame.planes, layout.planes, _SHADES, strict=True):
        canvas, original = memoryview(plane), memoryview(source)
        if plane.line_size == source.line_size:
            canvas[:] = original[: len(canvas)]
        else:
            for row in range(plane.height):
                start, end = row * plane.line_size, row * plane.line_size + plane.width
                canvas[start:end] = original[row * source.line_size : row * source.line_size + plane.width]
        paint = bytes([shade]) * plane.width
        for row, left, right in strokes:
            start = row * plane.line_size
            canvas[start + left : start + right] = paint[: right - left]
    return fresh


class Layout:
    """Masks in a picture of one size."""

    def __init__(self, masks: Sequence[Mask], width: int, height: int) -> None:
        sizes = ((width, height), *(((width + 1) // 2, (height + 1) // 2),) * 2)
        self.size = (width, height)
        self.planes = [[stroke for mask in masks for stroke in strokes(mask, *size)] for size in sizes]


def strokes(mask: Mask, width: int, height: int) -> Iterator[tuple[int, int, int]]:
    """The stretches of rows that a mask touches: row, first pixel, and the first after the last."""
    corners = [(x * width / _THOUSAND, y * height / _THOUSAND) for x, y in mask]
    sides = [(corner, corners[(place + 1) % len(corners)]) for place, corner in enumerate(corners)]
    top = max(0, int(min(y for _, y in corners)))
    bottom = min(height, int(max(y for _, y in corners)) + 1)
    for row in range(top, bottom):
        levels = sorted({row, row + 1, *(y for _, y in corners if row < y < row + 1)})
        spans = [span for above, below in pairwise(levels) for span in _inside(sides, (above + below) / 2)]
        spans += [span for side in sides if (span := _clipped(side, row, row + 1)) is not None]
        for left, right in _joined(spans):
            start, end = max(0, int(left) - 1), min(width, int(right) + 2)
            if start < end:
                yield row, start, end


def _inside(sides: Sequence[_Side], level: float) -> Iterator[tuple[float, float]]:
    """Where a level line that meets no corner runs within the polygon."""
    met = sorted(
        x + (level - y) * (next_x - x) / (next_y - y)
        for (x, y), (next_x, next_y) in sides
        if (y < level) != (next_y < level)
    )
    return zip(met[::2], met[1::2], strict=True)


def _clipped(side: _Side, above: float, below: float) -> tuple[float, float] | None:
    """From where to where a side runs between two levels; None if it does not."""
    (x, y), (next_x, next_y) = sorted(side, key=lambda corner: corner[1])
    if next_y < above or y > below:
        return None
    if next_y == y:
        return min(x, next_x), max(x, next_x)
    slope = (next_x - x) / (next_y - y)
    ends = x + (max(y, above) - y) * slope, x + (min(next_y, below) - y) * slope
    return min(ends), max(ends)


def _joined(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    joined = list[tuple[float, float]]()
    for left, right in sorted(spans):
        if joined and left <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], right))
        else:
            joined.append((left, right))
    return joined
