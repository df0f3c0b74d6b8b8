"""What was decided of an appeal."""

from datetime import date, datetime
from uuid import UUID

from kit.database import HromadaRow, moment
from sqlalchemy import ARRAY, Column, Text
from sqlmodel import Field

from reception.appeals.rules import Deed
from reception.proceedings.rules import Ground


class Decision(HromadaRow, table=True):
    """One decision, with its reason. It is never changed: a later one stands beside it."""

    __tablename__ = "appeal_decision"

    appeal_id: UUID
    deed: Deed = Field(sa_type=Text)
    decided_at: datetime = moment()
    decided_by: str
    decided_by_name: str
    reason: str = ""
    body: UUID | None = None
    body_title: str = ""
    colleague: str = ""
    """Of a reassignment: the subject to whom."""
    colleague_name: str = ""
    ground: Ground | None = Field(default=None, sa_type=Text)
    missing: list[str] = Field(sa_column=Column(ARRAY(Text)))
    until: date | None = None
    is_late: bool = False
