"""The NGO's operators: who may do what on the platform itself."""

from datetime import datetime
from uuid import UUID

from kit.database import PlatformRow, moment


class Operator(PlatformRow, table=True):
    person_id: UUID
    created_at: datetime = moment()
    revoked_at: datetime | None = moment(default=None)
