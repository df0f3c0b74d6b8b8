"""Recordings, the plan of each camera, and what must not be overwritten."""

from datetime import datetime
from uuid import UUID

from kit.database import HromadaRow, moment
from sqlalchemy import ARRAY, BigInteger, Column, Integer, Text
from sqlmodel import Field

from cctv_gateway.recordings.rules import Mode


class RecordingPlan(HromadaRow, table=True):
    """Whether a camera is recorded. Who deletes or holds holds this row."""

    __tablename__ = "recording_plan"

    camera_id: UUID
    mode: Mode = Field(default=Mode.OFF, sa_type=Text)
    rendition: str = "main"
    event_until: datetime | None = moment(default=None)
    """Something happens: until then it is recorded."""

    def is_on(self, now: datetime) -> bool:
        """Whether it is recorded now."""
        is_event = self.event_until is not None and now < self.event_until
        return self.mode is Mode.ALWAYS or (self.mode is Mode.ON_EVENT and is_event)


class Recording(HromadaRow, table=True):
    """A file of about a minute: fragmented MP4, its init first. Beyond `bytes` it holds nothing that counts."""

    camera_id: UUID
    rendition: str
    from_at: datetime = moment()
    to_at: datetime = moment()
    path: str
    """Below the folder of recordings."""
    bytes: int = Field(sa_type=BigInteger)
    epoch: int = Field(sa_type=BigInteger)
    """Of the assignment under which it was written."""
    codecs: str
    is_break: bool
    """What came before has another reckoning of time."""
    cuts: list[int] = Field(sa_column=Column(ARRAY(Integer)))
    """Where its segments begin and, at last, end: the first is where the init ends."""
    ticks: list[int] = Field(sa_column=Column(ARRAY(Integer)))
    """How long each segment lasts."""


class Hold(HromadaRow, table=True):
    """Footage that must not be overwritten."""

    camera_id: UUID
    from_at: datetime = moment()
    to_at: datetime = moment()
    case_reference: str
    reason: str
    held_at: datetime = moment()
    held_by: str
    """The name by which colleagues know them."""
    released_at: datetime | None = moment(default=None)
    released_by: str | None = None
    released_because: str = ""


class Tidying(HromadaRow, table=True):
    """When the hromada's footage was last looked through for what has to go."""

    ran_at: datetime = moment()
    kept_bytes: int = Field(sa_type=BigInteger)
    is_full: bool = False
    """Only what must be kept is left, and there is no room for more."""
