"""Gives back to the system what opening a camera has taken.

libav decodes a picture or two to learn what it is told, and glibc would keep that room for each thread for good.
"""

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_LIBC = ctypes.CDLL(None)


def keep_little() -> None:
    """Has threads share their room, and what is large given back when it is freed; of another libc it asks nothing."""
    if hasattr(_LIBC, "mallopt"):
        _LIBC.mallopt(_ARENA_MAX, 2)
        _LIBC.mallopt(_MMAP_THRESHOLD, 128 << 10)
        _LIBC.mallopt(_TRIM_THRESHOLD, 256 << 10)


def give_back() -> None:
    """Gives back what is free by now."""
    if hasattr(_LIBC, "malloc_trim"):
        _LIBC.malloc_trim(0)
