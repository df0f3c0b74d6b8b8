"""Links by which somebody who has lost their way in comes back."""

from datetime import datetime
from uuid import UUID

from kit.database import PlatformRow, moment


class RecoveryLink(PlatformRow, table=True):
    """A one-time link to a new password. Only its digest is kept, and who made it, when, and when it was used."""

    __tablename__ = "recovery_link"

    digest: bytes
    person_id: UUID
    hromada_id: UUID
    membership_id: UUID
    made_by: str
    forgets_factors: bool
    """With the password, the second factors go too: the telephone was lost."""
    created_at: datetime = moment()
    expires_at: datetime = moment()
    used_at: datetime | None = moment(default=None)
    closed_at: datetime | None = moment(default=None)
    """A newer link took its place, or the person did not need it any more."""
