"""Archives on their way out or in, and what is left of a hromada that was erased."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from kit.database import HromadaRow, PlatformRow, moment
from sqlalchemy import Column, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field


class State(StrEnum):
    COMING = "coming"
    IN_WORK = "in-work"
    READY = "ready"
    REFUSED = "refused"


class Trouble(StrEnum):
    """What is in the way of an archive, or was."""

    NONE = ""
    AWAY = "away"
    TRAIL = "trail"
    CHANGED = "changed"
    NOT_FOR_US = "not-for-us"
    DAMAGED = "damaged"
    OTHER_SCHEMA = "other-schema"
    ALREADY_HERE = "already-here"
    SLUG_TAKEN = "slug-taken"
    KATOTTH_TAKEN = "katotth-taken"
    SERVICE_MISSING = "service-missing"
    REFUSED = "refused"


class Archive(PlatformRow, table=True):
    """A hromada as a file, encrypted to whoever is to open it; its pieces lie beside it for a while."""

    hromada_id: UUID | None = None
    """None until its hromada has a place here."""
    slug: str = ""
    brought: bool = False
    recipient: str = ""
    state: State = Field(default=State.IN_WORK, sa_type=Text)
    trouble: Trouble = Field(default=Trouble.NONE, sa_type=Text)
    place: str = ""
    """Where the trouble is: a table, a service."""
    parts: int = 0
    bytes: int = 0
    holdings: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB))
    """What it says, service by service: counts and digests."""
    asked_by: str
    """The operator's pseudonym."""
    began_at: datetime = moment()
    ended_at: datetime | None = moment(default=None)

    @property
    def resource(self) -> str:
        return f"archives/{self.id}"


class ArchivePart(PlatformRow, table=True):
    __tablename__ = "archive_part"

    archive_id: UUID
    number: int
    body: bytes


class PersonAlias(HromadaRow, table=True):
    """A person whom another installation knew by another id."""

    __tablename__ = "person_alias"

    person_id: UUID
    was: UUID


class Erasure(PlatformRow, table=True):
    """The operation that erases a hromada, and what is left of it afterwards: its slug, which nobody else can have."""

    slug: str
    was: UUID
    """The hromada's id."""
    digest: str
    asked_by: str
    began_at: datetime = moment()
    erased_at: datetime | None = moment(default=None)
    """Its rows are gone everywhere."""
    ended_at: datetime | None = moment(default=None)
    """Nothing is left on the bus either."""
    backups_until: datetime | None = moment(default=None)
    returned_at: datetime | None = moment(default=None)
    """It came back from its archive."""

    @property
    def resource(self) -> str:
        return f"erasures/{self.id}"


class ErasureStep(PlatformRow, table=True):
    __tablename__ = "erasure_step"

    erasure_id: UUID
    service: str
    rows: int = 0
    ended_at: datetime | None = moment(default=None)
