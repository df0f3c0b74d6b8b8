"""What is kept outside the register."""

from datetime import datetime
from uuid import UUID

from kit.database import HromadaRow, moment
from kit.notices.rules import Channel as NoticeChannel
from sqlalchemy import ARRAY, Column, Text
from sqlmodel import Field

from reception.appeals.model import Area, Channel, Kind
from reception.triage.rules import State, Track


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


class Submission(HromadaRow, table=True):
    """What a resident sent, until somebody at the desk has sorted it; then no more than that it was."""

    code_hash: bytes
    kind: Kind = Field(sa_type=Text)
    area: Area = Field(sa_type=Text)
    channel: Channel = Field(sa_type=Text)
    state: State = Field(sa_type=Text)
    applicant_name: str
    residence: str
    phone: str
    email: str
    text: str
    tracks: list[str] = Field(sa_column=Column(ARRAY(Text)))
    """Which its words speak of."""
    is_confidential: bool
    received_at: datetime = moment()
    registered_by: str
    """The integrator through which it came; empty when it came by the office's own portal."""
    registered_by_name: str
    notice_channel: NoticeChannel | None = Field(default=None, sa_type=Text)
    notice_language: str | None = None
    warned_at: datetime | None = moment(default=None)
    """When whoever sorts was warned that it waits too long."""
    sorted_at: datetime | None = moment(default=None)
    sorted_by: str = ""
    sorted_by_name: str = ""
    appeal_id: UUID | None = None
    handover_id: UUID | None = None
