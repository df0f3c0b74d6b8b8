"""The table of photos."""

from datetime import datetime
from uuid import UUID

from kit.database import moment
from kit.files import FileRow
from sqlalchemy import Text
from sqlmodel import Field

from reception.photos.rules import Objection, State


class Photo(FileRow, table=True):
    """A photo of a hazard, or of a report that is still to be made."""

    __tablename__ = "hazard_photo"

    hazard_id: UUID | None = None
    ticket: bytes | None = None
    """The digest of what the report names it by; nobody has it once a report did."""
    state: State = Field(sa_type=Text)
    media_type: str = ""
    size: int = 0
    source: str = ""
    """The address from which it is fetched; empty when it was sent."""
    objection: Objection | None = Field(default=None, sa_type=Text)
    created_at: datetime = moment()
