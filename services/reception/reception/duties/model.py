"""The tables of duties."""

from datetime import date, datetime
from uuid import UUID

from kit.database import HromadaRow, moment
from sqlalchemy import Text
from sqlmodel import Field

from reception.duties.rules import Kind


class Duty(HromadaRow, table=True):
    """A report or a meeting, planned or held."""

    __tablename__ = "officer_duty"

    kind: Kind = Field(sa_type=Text)
    beat_id: UUID
    officer_id: UUID
    """Who served the beat when it was written down."""
    planned_on: date | None = None
    held_on: date | None = None
    note: str = ""


class Step(HromadaRow, table=True):
    """A duty as it was planned or held: what its events are made from again."""

    __tablename__ = "officer_duty_step"

    duty_id: UUID
    planned_on: date | None = None
    held_on: date | None = None
    duty_version: int
    at: datetime = moment()
