"""What is kept outside the register."""

from datetime import datetime
from uuid import UUID

from kit.database import HromadaRow, moment
from sqlalchemy import Text
from sqlmodel import Field

from reception.appeals.model import Area
from reception.triage.rules import Track


class Tip(HromadaRow, table=True):
    """What an anonymous letter says."""

    area: Area = Field(sa_type=Text)
    text: str
    received_at: datetime = moment()


class Handover(HromadaRow, table=True):
    """That something was handed over: when, by whom, to whom, under which number."""

    track: Track = Field(sa_type=Text)
    unit: str
    record_number: str
    handed_at: datetime = moment()
    due_at: datetime | None = moment(default=None)
    appeal_id: UUID | None = None
    handed_by: str = ""
    """The subject of whoever handed it over; empty of what was handed over before this was kept."""
    handed_by_name: str = ""
