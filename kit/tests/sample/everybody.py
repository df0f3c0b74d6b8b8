"""Who may do what in the sample, when nobody asks identity."""

from functools import cache
from uuid import NAMESPACE_URL, uuid5

from kit.auth.authority import Authorisation


class Everybody:
    """In place of identity; it has its answers at hand, as a replica of the memberships has."""

    async def of(self, hromada: str, subject: str) -> Authorisation:
        return _everything(hromada, subject)


@cache
def _everything(hromada: str, subject: str) -> Authorisation:
    may = frozenset({"notes.write", "notes.read", "feed.watch"})
    return Authorisation(
        uuid5(NAMESPACE_URL, hromada), display_name=subject, permissions=may, pseudonym=f"pseudonym-of-{subject}"
    )
