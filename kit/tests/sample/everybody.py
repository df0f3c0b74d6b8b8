"""Who may do what in the sample, when nobody asks identity."""

from collections.abc import Collection
from datetime import date
from functools import cache
from uuid import NAMESPACE_URL, UUID, uuid5

from kit.auth.authority import Authorisation, Kin, Mailboxes
from kit.errors import Missing


class Everybody:
    """In place of identity; it has its answers at hand, as a replica of the memberships has."""

    async def of(self, hromada: str, subject: str) -> Authorisation:
        return _everything(hromada, subject)

    async def mailboxes(self, hromada: str, subjects: Collection[str], permission: str) -> Mailboxes:
        return Mailboxes()

    async def kin(self, hromada: str, organisation: UUID) -> Kin:
        return Kin()

    async def partner(self, hromada: str, organisation: UUID, on: date) -> str:
        raise Missing


@cache
def _everything(hromada: str, subject: str) -> Authorisation:
    may = frozenset({"notes.write", "notes.read", "feed.watch"})
    return Authorisation(
        uuid5(NAMESPACE_URL, hromada), display_name=subject, permissions=may, pseudonym=f"pseudonym-of-{subject}"
    )
