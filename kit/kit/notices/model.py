"""The tables of notices."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field

from kit.database import HromadaRow, moment
from kit.notices.rules import Channel, State, Trouble


class Notice(HromadaRow, table=True):
    """One notice to one person, and what became of it."""

    about: str
    """The record that it is about, as its name goes on after the hromada's: visits/…, appeals/…"""
    kind: str
    channel: Channel = Field(sa_type=Text)
    language: str
    agreed_at: datetime = moment()
    """When the person agreed to be told in this way."""
    masked: str
    """What staff may see of the address; empty once it is forgotten."""
    sealed: bytes | None
    """Address and words, for the vault only; None once they are forgotten."""
    state: State = Field(sa_type=Text)
    trouble: Trouble | None = Field(default=None, sa_type=Text)
    tries: int = 0
    told_at: datetime = moment()
    next_at: datetime | None = moment(default=None)
    """When it is tried next; None unless it is queued."""
    until: datetime = moment()
    """From then on it would say nothing that helps."""
    over_at: datetime | None = moment(default=None)
    """When it was sent, failed, came back or was withdrawn, whichever was last."""


class NoticeText(HromadaRow, table=True):
    """A text that the hromada has changed; what it has not changed is the service's."""

    __tablename__ = "notice_text"

    kind: str
    language: str
    subject: str
    body: str
    sms: str
