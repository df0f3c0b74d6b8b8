"""Agreements, and the times during which organisations are parties to them."""

from datetime import date, datetime
from uuid import UUID

from kit.database import HromadaRow, moment
from sqlalchemy import Text
from sqlmodel import Field

from identity.agreements.rules import Kind, Term


class Agreement(HromadaRow, table=True):
    """A memorandum or another agreement."""

    title: str
    kind: Kind = Field(sa_type=Text)
    number: str = ""
    concluded_on: date
    valid_until: date | None = None
    """The first day on which it is in force no more."""
    decision_number: str = ""
    decided_on: date | None = None
    basis: str = ""
    subject: str = ""
    personal_data_clause: str = ""
    accession: str = ""
    note: str = ""
    created_at: datetime = moment()

    @property
    def term(self) -> Term:
        return Term(self.concluded_on, self.valid_until)


class Signatory(HromadaRow, table=True):
    """One organisation's time as a party."""

    agreement_id: UUID
    organisation_id: UUID
    joined_on: date
    left_on: date | None = None
    """The first day on which it was a party no more."""
    post: str = ""
    """The representative's post; no person's name is kept."""
    authority: str = ""
    created_at: datetime = moment()

    @property
    def term(self) -> Term:
        return Term(self.joined_on, self.left_on)
