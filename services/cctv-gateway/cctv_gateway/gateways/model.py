"""Gateways, and which of them reads a camera."""

from datetime import datetime
from uuid import UUID

from kit.database import moment
from kit.database.tables import PlatformRow
from sqlalchemy import BigInteger
from sqlmodel import Field


class Gateway(PlatformRow, table=True):
    """A process that reads cameras, for as long as it beats."""

    address: str
    """Where the others pass requests on to."""
    started_at: datetime = moment()
    beat_at: datetime = moment()
    cameras: int = 0


class Assignment(PlatformRow, table=True):
    """A camera is one gateway's to read, and nobody else's to record."""

    hromada_id: UUID
    slug: str
    camera_id: UUID
    gateway_id: UUID
    epoch: int = Field(sa_type=BigInteger)
    """Grows each time that the camera is given to a gateway."""
    is_kept: bool = False
    """It is read whether somebody watches or not: when its gateway dies another takes it at once."""
