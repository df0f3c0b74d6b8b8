"""The tables of appeals."""

from datetime import date, datetime
from enum import StrEnum, auto
from uuid import UUID

from kit.database import HromadaRow, moment
from kit.notices.rules import Channel as NoticeChannel
from sqlalchemy import ARRAY, Column, Text
from sqlmodel import Field

from reception.appeals.rules import Deed, Outcome, Priority, Repeat, Reply, Sensitivity, State, Term
from reception.clocks.rules import Alarm


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
    IN_PERSON = auto()
    AUTHORISED = auto()
    AUTHORITY = auto()
    MEDIA = auto()
    OTHER_BODY = auto()

    @property
    def is_electronic(self) -> bool:
        return self in {Channel.PORTAL, Channel.EMAIL, Channel.INTEGRATION}

    @property
    def is_written(self) -> bool:
        """On paper: it has a signature and a date."""
        return not self.is_electronic and self not in {Channel.RECEPTION, Channel.PHONE}


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
    received_on: date
    """The day of arrival, from which the clocks run."""
    written_on: date | None = None
    is_signed: bool = True
    signatories: int = 1
    repeat: Repeat = Field(sa_type=Text)
    previous_id: UUID | None = None
    codes: list[str] = Field(sa_column=Column(ARRAY(Text)))
    """What the person has named of themselves, by the classifier."""
    subjects: list[str] = Field(sa_column=Column(ARRAY(Text)))
    priority: Priority = Field(sa_type=Text)
    conceals_identity: bool = False
    reply: Reply = Field(sa_type=Text)
    complained_of: UUID | None = None
    complained_of_title: str = ""
    sent_from: str = ""
    sent_on: date | None = None
    sent_index: str = ""
    term: Term = Field(sa_type=Text)
    term_until: date | None = None
    """Of an extended or a shortened term: its last day."""
    due_on: date
    """The safe day: the working day on or before the end."""
    legal_on: date
    """The end, moved to the next working day."""
    alarm: Alarm = Field(sa_type=Text)
    asked_until: date | None = None
    """Somebody has asked for more time, until this day, and nobody has decided."""
    shortening_declined_at: datetime | None = moment(default=None)
    """When the head last declined the person's request to shorten the term."""
    body_answered_on: date | None = None
    """When the body to which it was forwarded answered."""
    outcome: Outcome | None = Field(default=None, sa_type=Text)
    legal_ground: str = ""
    appeal_procedure: str = ""
    closed_on: date | None = None
    sensitivity: Sensitivity | None = Field(default=None, sa_type=Text)
    """None unless only the named may see it."""
    named: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text)))
    """The subjects of those who may see it; the database itself asks."""


class Step(HromadaRow, table=True):
    """One thing that happened to an appeal: its history, and what its events are made from again."""

    __tablename__ = "appeal_step"

    appeal_id: UUID
    state: State = Field(sa_type=Text)
    """The state that the appeal reached with this step."""
    deed: Deed = Field(sa_type=Text)
    alarm: Alarm = Field(sa_type=Text)
    appeal_version: int
    at: datetime = moment()
