"""What the issuer keeps. Of every secret it has told, only a digest."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kit.database import PlatformRow, moment
from sqlalchemy import ARRAY, Column, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field


class SigningKey(PlatformRow, table=True):
    """A key of the issuer. Several overlap: one signs, the others are still, or already, known to who verifies."""

    __tablename__ = "signing_key"

    kid: str
    public: dict[str, Any] = Field(sa_column=Column(JSONB))
    sealed: bytes
    signs_from: datetime = moment()
    verifies_until: datetime | None = moment(default=None)


class SignIn(PlatformRow, table=True):
    """A person at the issuer in one browser, from password to sign-out: the `sid` of the tokens."""

    __tablename__ = "sign_in"

    digest: bytes
    person_id: UUID
    methods: list[str] = Field(sa_column=Column(ARRAY(Text)))
    """How the person proved who they are."""
    device: str = ""
    signed_in_at: datetime = moment()
    expires_at: datetime = moment()
    ended_at: datetime | None = moment(default=None)


class Code(PlatformRow, table=True):
    """An authorization code: a minute between the person's browser and the portal's server."""

    digest: bytes
    sign_in_id: UUID
    person_id: UUID
    client_id: str
    redirect_uri: str
    scope: str
    nonce: str | None = None
    code_challenge: str
    signed_in_at: datetime = moment()
    expires_at: datetime = moment()
    family_id: UUID | None = None
    """The tokens that it was exchanged for."""


class Family(PlatformRow, table=True):
    """The refresh tokens that follow one another from one code. Only the last one is good."""

    digest: bytes
    sign_in_id: UUID
    person_id: UUID
    client_id: str
    scope: str
    idle_until: datetime = moment()
    until: datetime = moment()
    revoked_at: datetime | None = moment(default=None)
