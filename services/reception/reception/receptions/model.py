"""The tables of receptions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kit.database import HromadaRow, moment
from kit.notices.rules import Channel
from sqlalchemy import ARRAY, Column, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from reception.receptions.rules import Outcome, State


class ReceptionSchedule(HromadaRow, table=True):
    """A hromada's hours of reception, as the clock on the wall shows them."""

    __tablename__ = "reception_schedule"

    week: list[dict[str, Any]] = Field(sa_column=Column(JSONB))
    slot_minutes: int
    hosts: list[str] = Field(sa_column=Column(ARRAY(Text)))
    exceptions: list[dict[str, Any]] = Field(sa_column=Column(JSONB))
    holidays_are_working: bool = True


class Visit(HromadaRow, table=True):
    """A visit, from the booking to what came of it."""

    starts_at: datetime = moment()
    minutes: int
    state: State = Field(sa_type=Text)
    code_hash: bytes
    """By which the visit is found from the visitor's code, which is not kept."""
    visitor: str
    phone: str
    topic: str
    booked_at: datetime = moment()
    booked_by: str = ""
    """The subject of the staff who booked it; empty when the visitor did."""
    arrived_at: datetime | None = moment(default=None)
    hosts: list[str] = Field(sa_column=Column(ARRAY(Text)))
    outcome: Outcome | None = Field(default=None, sa_type=Text)
    note: str = ""
    appeal_id: UUID | None = None
    walk_in: bool = False
    """They simply came: since `starts_at` they wait, and no slot is theirs."""
    reminder_channel: Channel | None = Field(default=None, sa_type=Text)
    """None, with the three below, unless the visitor has agreed to be reminded."""
    reminder_email: str | None = None
    reminder_language: str | None = None
    reminder_agreed_at: datetime | None = moment(default=None)


class VisitStep(HromadaRow, table=True):
    """One thing that happened to a visit and was told: what its events are made from again."""

    __tablename__ = "visit_step"

    visit_id: UUID
    state: State = Field(sa_type=Text)
    outcome: Outcome | None = Field(default=None, sa_type=Text)
    starts_at: datetime = moment()
    is_move: bool = False
    """It is at another time than before."""
    visit_version: int
    at: datetime = moment()
