"""What the issuer accepts, and for how long."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

CODE_LASTS = timedelta(seconds=60)
ACCESS_LASTS = timedelta(minutes=5)
IDLE_LASTS = timedelta(hours=8)
SIGN_IN_LASTS = timedelta(hours=12)
"""From the password on; nothing that follows from it lasts longer."""
KEY_SIGNS = timedelta(days=90)
KEY_IS_ANNOUNCED = timedelta(minutes=30)
"""Whoever verifies keeps the issuer's keys for ten minutes: a new one is shown before it signs."""
KEY_OUTLIVES = timedelta(days=1)

AUDIENCE = "api"
ORGANIZATION = "organization:"
_SLUG = re.compile(r"[a-z][a-z0-9-]{1,62}")
_PRINTABLE = re.compile(r"[\x20-\x7e]*")
_FREE = {"state", "nonce"}
_LONGEST = 4096


class Unreadable(ValueError):
    """A parameter that no client of ours sends."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a client asks for on a person's behalf."""

    is_openid: bool
    organization: str
    """The slug of the one hromada; empty for none."""


def parse_scope(text: str) -> Scope | None:
    """A scope's meaning; None if it holds what the issuer does not know, or more than one hromada.

    One hromada a token: whoever works in several signs in to each.
    """
    words = set(text.split())
    organizations = {word for word in words if word.startswith(ORGANIZATION)}
    slug = next(iter(organizations), "").removeprefix(ORGANIZATION)
    if len(organizations) > 1 or (organizations and not _SLUG.fullmatch(slug)):
        return None
    if words - organizations - {"openid"}:
        return None
    return Scope("openid" in words, slug)


def parameters(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The parameters of a request of the protocol.

    Raises:
        Unreadable: one is said twice, is very long, or holds characters that the protocol does not use.
    """
    found: dict[str, str] = {}
    for name, value in pairs:
        known = f"{name}{value}"
        if name in found or len(value) > _LONGEST or not _PRINTABLE.fullmatch(known):
            raise Unreadable(name)
        if name not in _FREE and ('"' in value or "\\" in value):
            raise Unreadable(name)
        found[name] = value
    return found


def parse_refresh_token(token: str) -> tuple[UUID, str] | None:
    """The family and the secret in a refresh token."""
    family, _, secret = token.partition(".")
    try:
        return (UUID(hex=family), secret) if secret else None
    except ValueError:
        return None


def refresh_token(family: UUID, secret: str) -> str:
    return f"{family.hex}.{secret}"


def parse_id(text: object) -> UUID | None:
    """A UUID in a claim; None for anything else."""
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None


def is_below(address: str, portal: str) -> bool:
    """Whether an address is the portal or one of its pages."""
    return address == portal or address.startswith(f"{portal}/")
