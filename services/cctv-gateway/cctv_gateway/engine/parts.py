"""What the engine makes of a camera: its format, and the parts of its picture."""

from dataclasses import dataclass

from cctv_gateway.engine.shelves import Shelved

SCALE = 90_000
"""Ticks of media time in a second, everywhere."""


@dataclass(frozen=True, slots=True)
class Init:
    """How to read the parts that follow. A new one begins a new reckoning of time."""

    body: bytes
    codecs: str
    """As RFC 6381 names the format, such as avc1.64001f."""
    width: int
    height: int
    longest_part: int
    """Ticks that none of the parts should exceed."""


@dataclass(frozen=True, slots=True)
class Part:
    """Half a second of picture."""

    held: bytes | Shelved
    duration: int
    is_key: bool
    """It begins with a picture that needs none before it."""
    at: float
    """When its first picture arrived: seconds of the Unix epoch."""

    @property
    def body(self) -> bytes:
        return self.held if isinstance(self.held, bytes) else self.held.read()

    @property
    def size(self) -> int:
        return len(self.held) if isinstance(self.held, bytes) else self.held.size
