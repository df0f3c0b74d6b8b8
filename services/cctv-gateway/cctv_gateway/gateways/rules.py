"""Which gateway a camera falls to."""

from collections.abc import Collection
from hashlib import blake2b
from uuid import UUID

BEATS_EACH = 0.5
ALIVE_FOR = 3.0
"""Seconds after its last beat for which a gateway counts as alive."""


def falls_to(camera: UUID, living: Collection[UUID]) -> UUID:
    """The gateway of the living that the camera is for: everybody names the same one, and when one dies only its own
    cameras move.

    Raises:
        ValueError: none is alive.
    """
    return max(living, key=lambda each: blake2b(camera.bytes + each.bytes, digest_size=8).digest())
