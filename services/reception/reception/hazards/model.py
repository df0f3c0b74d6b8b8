"""The tables of hazards."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from kit.database import HromadaRow, moment
from kit.notices.rules import Channel as NoticeChannel
from sqlalchemy import Column, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from reception.hazards.rules import Channel, Deed, Place, Publication, State


class HazardSettings(HromadaRow, table=True):
    """How a hromada deals with hazards, and the last number that it gave to one."""

    __tablename__ = "hazard_settings"

    categories: list[dict[str, Any]] = Field(sa_column=Column(JSONB))
    anyone_reopens: bool
    kept_days: int
    last_number: int = 0


class ReportKey(HromadaRow, table=True):
    """A key with which another system reports. Only its digest is kept."""

    __tablename__ = "report_key"

    title: str
    digest: bytes
    created_at: datetime = moment()
    created_by_name: str
    revoked_at: datetime | None = moment(default=None)
    used_on: date | None = None


class Hazard(HromadaRow, table=True):
    """What somebody told, and how it stands."""

    number: int
    category: str
    """A code of the settings."""
    state: State = Field(sa_type=Text)
    publication: Publication = Field(sa_type=Text)
    channel: Channel = Field(sa_type=Text)
    latitude: float | None = None
    longitude: float | None = None
    address: str
    public_address: str
    text: str
    """As it was told; staff read it until it is forgotten."""
    public_text: str
    note: str = ""
    """The office's last word on it."""
    contact_name: str
    contact_phone: str
    contact_email: str
    reported_at: datetime = moment()
    updated_at: datetime = moment()
    registered_by: str
    registered_by_name: str
    key_id: UUID | None = None
    body_id: UUID | None = None
    body_title: str
    duplicate_of: UUID | None = None
    confirmations: int = 0
    changes: int = 0
    """Grows with each change but a confirmation, which makes nobody's form stale."""
    closed_on: date | None = None
    forgotten_on: date | None = None
    """The day on which whoever told, followed and confirmed it was forgotten."""

    @property
    def etag(self) -> str:
        return str(self.changes)

    @property
    def place(self) -> Place | None:
        if self.latitude is None or self.longitude is None:
            return None
        return Place(self.latitude, self.longitude)

    @property
    def is_public(self) -> bool:
        return self.publication is Publication.SHOWN


class Step(HromadaRow, table=True):
    """One thing that happened to a hazard: its history, and what its events are made from again."""

    __tablename__ = "hazard_step"

    hazard_id: UUID
    deed: Deed = Field(sa_type=Text)
    state: State = Field(sa_type=Text)
    publication: Publication = Field(sa_type=Text)
    happened_on: date
    note: str
    is_of_office: bool
    """The note is the office's own, and public."""
    body_title: str
    hazard_version: int
    at: datetime = moment()


class Follower(HromadaRow, table=True):
    """Whoever holds a code of a hazard, and how they have agreed to be told of it."""

    __tablename__ = "hazard_follower"

    hazard_id: UUID
    code_hash: bytes
    is_reporter: bool
    channel: NoticeChannel | None = Field(default=None, sa_type=Text)
    address: str = ""
    language: str = ""
    agreed_at: datetime | None = moment(default=None)


class Confirmation(HromadaRow, table=True):
    """That somebody saw it too: a digest of whom."""

    __tablename__ = "hazard_confirmation"

    hazard_id: UUID
    visitor: bytes
