"""What a camera may tell of itself over ONVIF."""

from collections.abc import Sequence
from dataclasses import dataclass

DEVICE_PATH = "/onvif/device_service"
"""Where a device answers that was given no path."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A stream that a camera offers."""

    token: str
    title: str
    encoding: str
    width: int
    height: int
    frames_per_second: int
    url: str
    """Without credentials."""
    snapshot_url: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a camera said of itself."""

    manufacturer: str
    model: str
    serial_number: str
    firmware: str
    seconds_ahead: float | None
    """How far its clock goes before ours; None: it does not say what it shows."""
    profiles: Sequence[Profile]


@dataclass(frozen=True, slots=True)
class Found:
    """A device that answered when the network was asked for cameras."""

    address: str
    """Of its service."""
    title: str
    model: str
