"""The tables of a person's own data."""

from datetime import date, datetime
from uuid import UUID

from kit.database import HromadaRow, moment
from sqlalchemy import Text
from sqlmodel import Field

from reception.persons import rules
from reception.persons.rules import Deed, Ground, RequestKind, RequestState


class PersonRequest(HromadaRow, table=True):
    """What a person asked about their own data, and what they were answered."""

    __tablename__ = "person_request"

    kind: RequestKind = Field(sa_type=Text)
    state: RequestState = Field(sa_type=Text)
    received_on: date
    requester: str
    """Empty for one who asked by a code."""
    identified_by: str
    text: str
    appeal_id: UUID | None = None
    """By whose code it was asked."""
    submission_id: UUID | None = None
    """In place of the appeal, of what was not registered: it waits to be sorted, or went elsewhere."""
    answer: str = ""
    answered_at: datetime | None = moment(default=None)
    answered_by: str = ""
    answered_by_name: str = ""


class Correction(HromadaRow, table=True):
    """That a field was corrected: by whom, when and why. What it said before is not kept."""

    __tablename__ = "person_correction"

    record: str
    field: rules.Field = Field(sa_type=Text)
    reason: str
    corrected_by: str
    corrected_by_name: str
    at: datetime = moment()


class LegalHold(HromadaRow, table=True):
    """While it holds, nothing erases the record."""

    __tablename__ = "record_hold"

    record: str
    reason: str
    case_reference: str
    set_by: str
    set_by_name: str
    set_at: datetime = moment()
    removed_by: str = ""
    removed_by_name: str = ""
    removed_because: str = ""
    removed_at: datetime | None = moment(default=None)


class Erasure(HromadaRow, table=True):
    """That a record no longer says whom it is about."""

    __tablename__ = "record_erasure"

    record: str
    ground: Ground = Field(sa_type=Text)
    reason: str
    erased_at: datetime = moment()
    erased_by: str = ""
    """Empty for the daily rule."""


class Retention(HromadaRow, table=True):
    """How many years the office keeps appeals after they are closed."""

    __tablename__ = "appeal_retention"

    years: int


class PersonStep(HromadaRow, table=True):
    """One thing that happened to somebody's own data: what its events are made from again."""

    __tablename__ = "person_step"

    deed: Deed = Field(sa_type=Text)
    what: str
    """What it happened to, such as appeals/{id}."""
    record: str = ""
    """Of a hold: what it holds."""
    kind: RequestKind | None = Field(default=None, sa_type=Text)
    state: RequestState | None = Field(default=None, sa_type=Text)
    appeal_id: UUID | None = None
    """Whose sensitivity decides whether anything is told."""
    what_version: int
    at: datetime = moment()
