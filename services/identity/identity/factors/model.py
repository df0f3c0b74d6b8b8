"""What a person has beside a password. Secrets are sealed; of codes only digests are kept."""

from datetime import datetime
from uuid import UUID

from kit.database import PlatformRow, moment


class Authenticator(PlatformRow, table=True):
    """An app that shows a code which changes every half a minute."""

    person_id: UUID
    sealed: bytes
    last_step: int = 0
    """Of the last code that was taken: neither it nor an earlier one is taken again."""
    created_at: datetime = moment()
    confirmed_at: datetime | None = moment(default=None)
    """None until the person has shown a code of it."""


class RecoveryCode(PlatformRow, table=True):
    """One of ten codes on paper, each good once."""

    __tablename__ = "recovery_code"

    person_id: UUID
    digest: bytes
    used_at: datetime | None = moment(default=None)


class Passkey(PlatformRow, table=True):
    """A key that a device keeps and opens by finger, face or its own code."""

    person_id: UUID
    credential_id: bytes
    public_key: bytes
    sign_count: int
    device: str
    created_at: datetime = moment()
    used_at: datetime | None = moment(default=None)


class SpentChallenge(PlatformRow, table=True):
    """A question that a passkey has answered: it is not asked again."""

    __tablename__ = "spent_challenge"

    digest: bytes
    expires_at: datetime = moment()
