"""Requests for footage, the chain of what was done with each, and the key that signs what is handed over."""

from datetime import date, datetime
from uuid import UUID

from kit.database import HromadaRow, moment
from sqlalchemy import Text
from sqlmodel import Field

from cctv_gateway.evidence.rules import Authority, Decision, Step


class Evidence(HromadaRow, table=True):
    """What an authority asks for, as its letter says it, and what was decided."""

    authority: Authority = Field(sa_type=Text)
    authority_name: str
    signatory: str
    letter_number: str
    letter_date: date
    case_reference: str
    ground: str
    from_at: datetime = moment()
    to_at: datetime = moment()
    state: Decision = Field(default=Decision.REQUESTED, sa_type=Text)
    requested_by: str
    requested_by_name: str
    created_at: datetime = moment()
    decided_by: str | None = None
    decided_by_name: str = ""
    decided_at: datetime | None = moment(default=None)
    refused_because: str = ""
    expires_at: datetime | None = moment(default=None)
    downloads: int = 0


class EvidenceCamera(HromadaRow, table=True):
    """A camera whose footage is asked for, and the hold that keeps it."""

    __tablename__ = "evidence_camera"

    evidence_id: UUID
    camera_id: UUID
    hold_id: UUID


class CustodyLink(HromadaRow, table=True):
    """Something that was done with it. Never changed; each holds the digest of the one before."""

    __tablename__ = "custody_link"

    evidence_id: UUID
    number: int
    at: datetime = moment()
    who: str
    """A pseudonym, as in the trail."""
    who_name: str
    step: Step = Field(sa_type=Text)
    digest: str


class EvidenceKey(HromadaRow, table=True):
    """The hromada's Ed25519 key. It is made once, and stays: what it signed must be checked years later."""

    __tablename__ = "evidence_key"

    made_at: datetime = moment()
    public: bytes
    sealed: bytes
