"""The tables of mediation."""

from datetime import date, datetime
from uuid import UUID

from kit.database import HromadaRow, moment
from sqlalchemy import Text
from sqlmodel import Field

from reception.mediation.rules import Consent, ConsentForm, Outcome, State


class Mediation(HromadaRow, table=True):
    """A case, from the proposal to its end."""

    number: str
    matter: str
    appeal_id: UUID | None = None
    mediator: str
    mediator_name: str
    state: State = Field(sa_type=Text)
    opened_on: date
    agreement: str = ""
    agreed_on: date | None = None
    outcome: Outcome | None = Field(default=None, sa_type=Text)
    closing_note: str = ""
    closed_on: date | None = None
    worked_at: datetime = moment()
    """With everything that is done to the case: its version grows."""


class NamedStaff(HromadaRow, table=True):
    """Somebody beside the mediator who may see a case."""

    __tablename__ = "mediation_staff"

    mediation_id: UUID
    subject: str
    display_name: str


class Party(HromadaRow, table=True):
    """Whoever the conflict is between, and what they have said to mediation."""

    __tablename__ = "mediation_party"

    mediation_id: UUID
    display_name: str
    contact: str
    consent: Consent = Field(sa_type=Text)
    consent_on: date | None = None
    consent_form: ConsentForm | None = Field(default=None, sa_type=Text)
    signed_on: date | None = None


class Meeting(HromadaRow, table=True):
    """Talks, planned or held."""

    __tablename__ = "mediation_meeting"

    mediation_id: UUID
    planned_on: date | None = None
    held_on: date | None = None
    note: str = ""


class FollowUp(HromadaRow, table=True):
    """A day on which somebody asks how the agreement is kept."""

    __tablename__ = "mediation_follow_up"

    mediation_id: UUID
    due_on: date
    question: str = ""
    done_on: date | None = None
    result: str = ""


class Day(HromadaRow, table=True):
    """A day up to whose end something was done in some case: all that is told of mediation."""

    __tablename__ = "mediation_day"

    day: date
    at: datetime = moment()
