"""Projects, each on one donor's money."""

from datetime import date, datetime
from uuid import UUID

from kit.database import HromadaRow, moment


class Project(HromadaRow, table=True):
    """What an organisation funds, from a first day until the first day after."""

    title: str
    starts_on: date
    ends_on: date | None = None
    donor_id: UUID
    created_at: datetime = moment()
