"""What the portals keep: who is signed in, and for a while what a person was in the middle of."""

from datetime import datetime

from kit.database import PlatformRow, moment
from sqlmodel import Field


class BrowserSession(PlatformRow, table=True):
    """One browser's sign-in to one place: a hromada's office, or the operator's desk."""

    __tablename__ = "session"

    digest: bytes = Field(unique=True)
    """Of the cookie's value, which is kept nowhere."""
    place: str
    subject: str
    sealed: bytes
    """The tokens."""
    access_until: datetime = moment()
    used_at: datetime = moment()
    ends_at: datetime = moment()


class Keepsake(PlatformRow, table=True):
    """Something kept for one browser for a short time, by a digest of what only that browser knows."""

    digest: bytes = Field(unique=True)
    sealed: bytes
    until: datetime = moment()
