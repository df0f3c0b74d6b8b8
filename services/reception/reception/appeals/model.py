"""The tables of appeals."""

from datetime import datetime
from enum import StrEnum, auto
from uuid import UUID

from kit.database import HromadaRow, moment
from kit.notices.rules import Channel as NoticeChannel
from sqlalchemy import Text
from sqlmodel import Field

from reception.appeals.rules import State


class Kind(StrEnum):
    """Art. 3 of the law."""

    PROPOSAL = auto()
    APPLICATION = auto()
    COMPLAINT = auto()


class Channel(StrEnum):
    """How an appeal came to the office."""

    PORTAL = auto()
    RECEPTION = auto()
    PHONE = auto()
    POST = auto()
    EMAIL = auto()
    INTEGRATION = auto()


class Area(StrEnum):
    """The five areas of community safety."""

    ORDER = auto()
    ROAD = auto()
    HEALTH = auto()
    ECOLOGY = auto()
    INFRASTRUCTURE = auto()


class Appeal(HromadaRow, table=True):
    """An appeal, from the door to the answer."""

    number: str
    """The registration index, such as 147/2026."""
    code_hash: bytes
    """By which the appeal is found from the resident's secret code, which is not kept."""
    kind: Kind = Field(sa_type=Text)
    area: Area = Field(sa_type=Text)
    channel: Channel = Field(sa_type=Text)
    state: State = Field(sa_type=Text)
    applicant_name: str
    residence: str
    phone: str
    email: str
    text: str
    received_at: datetime = moment()
    registered_by: str
    """The subject of whoever entered it; empty when the resident did."""
    registered_by_name: str
    taken_by: str = ""
    taken_by_name: str = ""
    taken_at: datetime | None = moment(default=None)
    answer: str = ""
    answered_by: str = ""
    answered_by_name: str = ""
    answered_at: datetime | None = moment(default=None)
    notice_channel: NoticeChannel | None = Field(default=None, sa_type=Text)
    """None, with the two below, unless the applicant has agreed to be told."""
    notice_language: str | None = None
    notice_agreed_at: datetime | None = moment(default=None)


class Step(HromadaRow, table=True):
    """One thing that happened to an appeal: its history, and what its events are made from again."""

    __tablename__ = "appeal_step"

    appeal_id: UUID
    state: State = Field(sa_type=Text)
    """The state that the appeal reached with this step."""
    appeal_version: int
    at: datetime = moment()
