"""The table of referrals."""

from datetime import date, datetime
from uuid import UUID

from kit.database import HromadaRow, moment
from sqlalchemy import Text
from sqlmodel import Field

from reception.referrals.rules import Helper, State


class Referral(HromadaRow, table=True):
    """Somebody is asked to help the person of an appeal."""

    appeal_id: UUID
    helper: Helper = Field(sa_type=Text)
    organisation: UUID | None = None
    title: str
    asks: str
    """What the helper is asked for: what the letter says, and no more."""
    consented_on: date
    state: State = Field(sa_type=Text)
    due_on: date
    sent_at: datetime = moment()
    sent_by: str
    sent_by_name: str
    accepted_on: date | None = None
    ended_on: date | None = None
    reply: str = ""
