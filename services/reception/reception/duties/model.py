"""The table of duties."""

from datetime import date
from uuid import UUID

from kit.database import HromadaRow
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
