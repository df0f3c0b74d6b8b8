"""The tables of referrals."""

from datetime import date, datetime
from uuid import UUID

from kit.database import HromadaRow, moment
from sqlalchemy import Text
from sqlmodel import Field

from reception.referrals.rules import Alarm, Deed, Helper, State


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
    alarm: Alarm = Field(default=Alarm.NONE, sa_type=Text)
    """What staff were last reminded of."""


class Step(HromadaRow, table=True):
    """One thing that happened to a referral: what its events are made from again."""

    __tablename__ = "referral_step"

    referral_id: UUID
    deed: Deed = Field(sa_type=Text)
    state: State = Field(sa_type=Text)
    referral_version: int
    at: datetime = moment()


class ReferralLetter(HromadaRow, table=True):
    """The office's own letter in a language; without content the platform's is written again."""

    __tablename__ = "referral_letter"

    language: str
    content: bytes | None = None
    """A DOCX with fields in double braces."""
    changed_at: datetime = moment()
    changed_by: str
    changed_by_name: str
