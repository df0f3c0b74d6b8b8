"""How cameras fare: the newest of each, alarms, and the days."""

from datetime import date, datetime
from uuid import UUID

from kit.database import HromadaRow, moment
from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from cctv_gateway.health.rules import Kind


class CameraHealth(HromadaRow, table=True):
    """The newest that is known of a camera."""

    __tablename__ = "camera_health"

    camera_id: UUID
    is_up: bool = False
    cause: str = ""
    measured_at: datetime = moment()
    rendition: str = ""
    """Which stream the figures are of."""
    frames_per_second: float | None = None
    bits_per_second: int | None = Field(default=None, sa_type=BigInteger)
    key_interval: float | None = None
    clock_drift: float | None = None
    width: int = 0
    height: int = 0
    by_day: bytes | None = None
    by_night: bytes | None = None
    """What it usually shows, as a coarse grid of brightness."""
    accepted_at: datetime | None = moment(default=None)
    """When somebody last said that what it shows is what it is to show: what was learnt before is void."""


class Alarm(HromadaRow, table=True):
    """Something is wrong, or was: with a camera, or with the hromada's footage."""

    camera_id: UUID | None = None
    kind: Kind = Field(sa_type=Text)
    cause: str = ""
    """Why a camera is away, as its connection says."""
    raised_at: datetime = moment()
    cleared_at: datetime | None = moment(default=None)


class Uptime(HromadaRow, table=True):
    """How long a camera played on a day, and how long it did not though it was asked to."""

    camera_id: UUID
    day: date
    up_seconds: float
    down_seconds: float
