"""Who was let into a sensitive case, by whom and why."""

from datetime import datetime
from uuid import UUID

from kit.database import HromadaRow, moment
from sqlalchemy import Text
from sqlmodel import Field

from reception.appeals.rules import Sensitivity
from reception.cases.rules import Change


class CaseChange(HromadaRow, table=True):
    """One change of who may see a case. It is never changed itself."""

    __tablename__ = "case_change"

    appeal_id: UUID
    change: Change = Field(sa_type=Text)
    sensitivity: Sensitivity = Field(sa_type=Text)
    person: str = ""
    """Whom it lets in or out; empty when the marking ends."""
    person_name: str = ""
    changed_by: str
    changed_by_name: str
    changed_at: datetime = moment()
    reason: str
