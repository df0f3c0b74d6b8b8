"""Where the newest parts lie: in files without a name. A worker writes them, the gateway reads what somebody asks for.

What lies there costs neither of them memory of its own: the system may write it out when memory is short, and mostly
never does, since it is gone after some seconds. Nobody else can open it, and it goes with the processes that hold it.
"""

import os
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

_FILLED_FOR = 6.0
"""Seconds after which the next one is begun. All of a shelf goes at once, once the last of its parts is forgotten."""
_HELD = 2
_TOKEN_BYTES = 16
_KEPT = 4


@dataclass(frozen=True, slots=True)
class Place:
    """Where a worker put something."""

    descriptor: int
    """The file's, in the worker."""
    token: bytes
    """What the file begins with. A descriptor's number soon is another file's: by this it is known."""
    offset: int
    size: int


class Shelves:
    """What a worker has of one stream: the shelf that is being filled, and the one before, in case the gateway has yet
    to open it.

    Args:
        folder: on whose disk they lie.
    """

    def __init__(self, folder: Path | str) -> None:
        self._folder = folder
        self._descriptors = deque[int]()
        self._token = b""
        """Of the shelf that is being filled; nothing while there is none, or it could not be begun."""
        self._end = 0
        self._begun_at = 0.0

    def put(self, body: bytes) -> Place | None:
        """Puts it there; nothing if it could not be written, as on a full disk."""
        try:
            if not self._token or time.monotonic() - self._begun_at > _FILLED_FOR:
                self._begin()
            _write(self._descriptors[-1], body, self._end)
        except OSError:
            return None
        place = Place(self._descriptors[-1], self._token, self._end, len(body))
        self._end += len(body)
        return place

    def close(self) -> None:
        while self._descriptors:
            os.close(self._descriptors.popleft())

    def _begin(self) -> None:
        self._token, token = b"", os.urandom(_TOKEN_BYTES)
        descriptor = os.open(self._folder, os.O_TMPFILE | os.O_RDWR, 0o600)
        self._descriptors.append(descriptor)
        if len(self._descriptors) > _HELD:
            os.close(self._descriptors.popleft())
        _write(descriptor, token, 0)
        self._token, self._end, self._begun_at = token, len(token), time.monotonic()


class Shelf:
    """A worker's shelf, as the gateway reads it: for as long as it is held, whatever the worker does.

    Raises:
        OSError: the worker holds it no more.
    """

    def __init__(self, worker: int, place: Place) -> None:
        self._descriptor = os.open(f"/proc/{worker}/fd/{place.descriptor}", os.O_RDONLY)
        self.token = os.pread(self._descriptor, _TOKEN_BYTES, 0)
        self._asked = dict[int, bytes | None]()
        if self.token != place.token:
            raise FileNotFoundError

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            os.close(self._descriptor)

    def read(self, offset: int, size: int) -> bytes:
        """What lies there. What is asked for a second time is kept, for there are many who watch."""
        found = self._asked.get(offset)
        if found is None:
            found = os.pread(self._descriptor, size, offset)
            self._asked[offset] = found if offset in self._asked else None
            if sum(each is not None for each in self._asked.values()) > _KEPT:
                self._asked[next(at for at, each in self._asked.items() if each is not None)] = None
        return found


@dataclass(frozen=True, slots=True)
class Shelved:
    """Bytes on a shelf."""

    shelf: Shelf = field(repr=False)
    offset: int
    size: int

    def read(self) -> bytes:
        return self.shelf.read(self.offset, self.size)


def _write(descriptor: int, body: bytes, offset: int) -> None:
    view = memoryview(body)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written
