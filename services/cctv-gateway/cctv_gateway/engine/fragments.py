"""Writes what ISO BMFF calls a movie fragment: pictures of one track, and where each stands in time.

ISO/IEC 14496-12, clauses 8.8.4 to 8.8.12: moof (mfhd, traf (tfhd, tfdt, trun)) and mdat.
"""

import struct
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

_HEAD = struct.Struct(">I4s")
_FULL = struct.Struct(">I4sI")
_LENGTH = struct.Struct(">I")
_SEQUENCE = struct.Struct(">II")
_DECODED = struct.Struct(">IQ")
_RUN = struct.Struct(">IIi")
_SAMPLE = struct.Struct(">IIIi")
_TRACK = _FULL.pack(16, b"tfhd", 0x020000) + _LENGTH.pack(1)
"""Track 1; offsets count from the fragment's own beginning."""
_RUN_FLAGS = 1 << 24 | 0xF01
"""Version 1, so that a picture may be shown before it is decoded; of each its duration, size, flags and offset."""
_KEY = 0x02000000
"""It depends on no other."""
_BETWEEN = 0x01010000
"""It depends on others, and nothing can begin with it."""
_START = b"\0\0\1"


class Sample(NamedTuple):
    """A picture in a fragment; times are ticks from the beginning of the reckoning."""

    pieces: Sequence[bytes]
    """What it is made of, one after the other."""
    size: int
    """Bytes of all of them."""
    decoded: int
    shown: int
    is_key: bool


def written(number: int, samples: Sequence[Sample], end: int) -> bytes:
    """The fragment of the pictures that stand one after another up to a moment; it is the reckoning's so manyeth."""
    places = [*(each.decoded for each in samples), end]
    run = b"".join(
        _SAMPLE.pack(after - at, each.size, _KEY if each.is_key else _BETWEEN, each.shown - at)
        for each, (at, after) in zip(samples, pairwise(places), strict=True)
    )
    of_run = _HEAD.size + _RUN.size + len(run)
    of_track = _HEAD.size + len(_TRACK) + _HEAD.size + _DECODED.size + of_run
    of_all = _HEAD.size + _HEAD.size + _SEQUENCE.size + of_track
    return b"".join(
        (
            _HEAD.pack(of_all, b"moof"),
            _HEAD.pack(_HEAD.size + _SEQUENCE.size, b"mfhd"),
            _SEQUENCE.pack(0, number),
            _HEAD.pack(of_track, b"traf"),
            _TRACK,
            _HEAD.pack(_HEAD.size + _DECODED.size, b"tfdt"),
            _DECODED.pack(1 << 24, samples[0].decoded),
            _HEAD.pack(of_run, b"trun"),
            _RUN.pack(_RUN_FLAGS, len(samples), of_all + _HEAD.size),
            run,
            _HEAD.pack(_HEAD.size + sum(each.size for each in samples), b"mdat"),
            *(piece for each in samples for piece in each.pieces),
        )
    )


def with_lengths(access_unit: bytes) -> list[bytes]:
    """An access unit between start codes (ITU-T H.264, annex B), as a file holds it: each unit after its length."""
    pieces = list[bytes]()
    for each in access_unit.split(_START)[1:]:
        unit = each.rstrip(b"\0") if each.endswith(b"\0") else each
        if unit:
            pieces += (_LENGTH.pack(len(unit)), unit)
    return pieces
