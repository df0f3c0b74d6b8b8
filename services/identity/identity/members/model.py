"""Memberships, which are the hromada's, and the invitations to them, which are opened before a hromada is known."""

from datetime import datetime
from uuid import UUID

from kit.database import HromadaRow, PlatformRow, moment
from sqlalchemy import Column, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from identity.members.rules import Role, is_current, permissions_of


class Membership(HromadaRow, table=True):
    """A person's role account in one hromada."""

    person_id: UUID
    display_name: str
    roles: list[str] = Field(sa_column=Column(ARRAY(Text)))
    not_before: datetime = moment()
    until: datetime | None = moment(default=None)
    accepted_at: datetime | None = moment(default=None)
    revoked_at: datetime | None = moment(default=None)
    created_at: datetime = moment()
    granted_at: datetime = moment()
    """When the roles were given, or given anew."""
    granted_by: str
    """The subject who gave them."""
    granted_by_name: str
    """As they were called in the office then; empty for the platform's operator."""

    @property
    def held(self) -> list[Role]:
        return [Role(name) for name in self.roles]

    @property
    def permissions(self) -> frozenset[str]:
        return permissions_of(self.held)

    def is_current(self, now: datetime) -> bool:
        return is_current(
            accepted_at=self.accepted_at,
            revoked_at=self.revoked_at,
            not_before=self.not_before,
            until=self.until,
            now=now,
        )


class Invitation(PlatformRow, table=True):
    """A one-time link, bound to one person's one membership. The link itself is kept nowhere."""

    digest: bytes
    person_id: UUID
    hromada_id: UUID
    membership_id: UUID
    created_at: datetime = moment()
    expires_at: datetime = moment()
    used_at: datetime | None = moment(default=None)
    closed_at: datetime | None = moment(default=None)
    """A newer invitation took its place, or the membership was revoked."""
