"""The table of files."""

from datetime import datetime
from enum import StrEnum, auto
from uuid import UUID

from kit.database import moment
from kit.files import FileRow
from sqlalchemy import Text
from sqlmodel import Field


class Source(StrEnum):
    """Who added a file."""

    RESIDENT = auto()
    OFFICE = auto()
    INTEGRATION = auto()


class State(StrEnum):
    """Whether a file is still there."""

    KEPT = auto()
    REMOVED = auto()


class Attachment(FileRow, table=True):
    """A file on an appeal. One that was taken away leaves its row, without its name and its key."""

    appeal_id: UUID | None = None
    submission_id: UUID | None = None
    """In place of the appeal, while what it was added to waits to be sorted."""
    state: State = Field(default=State.KEPT, sa_type=Text)
    filename: str
    """As it may be shown."""
    media_type: str
    sent_size: int
    """Of what came; `size` and `sha256` are of what is kept."""
    size: int
    sha256: bytes
    thumbnail_size: int = 0
    """Zero when there is no thumbnail."""
    source: Source = Field(sa_type=Text)
    uploaded_by: str
    """The pseudonym of whoever of the office added it, or an integrator's client id; empty when the resident did."""
    created_at: datetime = moment()
    removed_by: str = ""
    removed_at: datetime | None = moment(default=None)
