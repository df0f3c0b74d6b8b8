"""What the tables of a service have in common."""

from typing import Any
from uuid import UUID

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7


def moment(**options: Any) -> Any:
    """A column that holds a moment in time."""
    return Field(sa_type=DateTime(timezone=True), **options)


class PlatformRow(SQLModel):
    """A row of the platform itself, in a table that is listed with a reason."""

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    version: int = 1

    @property
    def etag(self) -> str:
        return str(self.version)


class HromadaRow(SQLModel):
    """A row that belongs to a hromada. The session fills `hromada_id`; the database enforces it."""

    hromada_id: UUID = Field(default=None, primary_key=True)
    id: UUID = Field(default_factory=uuid7, primary_key=True)
    version: int = 1
    """Grows with each change: the etag, and the aggregate's version in its events."""

    @property
    def etag(self) -> str:
        return str(self.version)
