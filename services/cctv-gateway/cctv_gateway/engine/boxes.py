"""Reading the boxes of ISO BMFF that the muxer writes."""

import struct
from collections.abc import Iterator

_HEAD = struct.Struct(">I4s")
_LARGE = struct.Struct(">Q")
_SAMPLE_ENTRY = 86
"""Bytes of a visual sample entry before the boxes inside it."""


def boxes(data: bytes | memoryview) -> Iterator[tuple[str, memoryview]]:
    """The boxes that stand one after another in the data: each with its name, and whole, its head included.

    Raises:
        ValueError: they do not fill the data.
    """
    view = memoryview(data)
    at = 0
    while at < len(view):
        if at + _HEAD.size > len(view):
            raise ValueError("a box is cut short")
        size, name = _HEAD.unpack_from(view, at)
        if size == 1:
            (size,) = _LARGE.unpack_from(view, at + _HEAD.size)
        if size < _HEAD.size or at + size > len(view):
            raise ValueError("a box is cut short")
        yield name.decode("latin-1"), view[at : at + size]
        at += size


def within(data: bytes | memoryview, *path: str) -> memoryview:
    """The contents of the box at the end of a path of names.

    Raises:
        ValueError: there is none.
    """
    found = memoryview(data)
    for name in path:
        inner = next((box for each, box in boxes(found) if each == name), None)
        if inner is None:
            raise ValueError(f"no box {name}")
        found = inner[_HEAD.size :]
    return found


def codecs_of(init: bytes) -> str:
    """The video format as RFC 6381 names it.

    Raises:
        ValueError: it is neither H.264 nor H.265.
    """
    described = within(init, "moov", "trak", "mdia", "minf", "stbl", "stsd")[8:]
    name, entry = next(boxes(described))
    if name == "avc1":
        record = within(entry[_SAMPLE_ENTRY:], "avcC")
        return "avc1." + bytes(record[1:4]).hex()
    if name == "hvc1":
        return _hevc(within(entry[_SAMPLE_ENTRY:], "hvcC"))
    raise ValueError(f"no name for the format {name}")


def _hevc(record: memoryview) -> str:
    """ISO/IEC 14496-15, annex E.3."""
    space, tier, profile = record[1] >> 6, record[1] >> 5 & 1, record[1] & 31
    compatible = int(f"{int.from_bytes(record[2:6], 'big'):032b}"[::-1], 2)
    constraints = bytes(record[6:12]).rstrip(b"\0")
    parts = [f"hvc1.{('', 'A', 'B', 'C')[space]}{profile}", f"{compatible:X}", f"{'LH'[tier]}{record[12]}"]
    return ".".join([*parts, *(f"{each:X}" for each in constraints)])
