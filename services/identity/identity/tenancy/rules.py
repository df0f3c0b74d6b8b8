"""What all of a hromada is, as one digest, and who can open its archive."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from hashlib import sha256

import bech32
from kit.errors import Refused, WrongState

BACKUPS_LAST = timedelta(days=30)
"""How long a backup is kept, so that what was erased may still be in one."""
ERASED_TOLD = timedelta(days=30)
_OF_SECRETS = "age-secret-key-"


def digest(tables: Mapping[str, Iterable[tuple[str, int, str]]]) -> str:
    """One digest of everything: of each table of each service its name, how many rows it has, and what they say."""
    lines = [
        f"{service} {name} {rows} {said}\n"
        for service, some in sorted(tables.items())
        for name, rows, said in sorted(some)
    ]
    return sha256("".join(lines).encode()).hexdigest()


def receiving_key(key: bytes) -> str:
    """32 bytes as a secret key of age."""
    words = bech32.convertbits(key, 8, 5)
    return str(bech32.bech32_encode(_OF_SECRETS, words or [])).upper()


def check_recipient(recipient: str) -> None:
    """A key of age holds a checksum of itself.

    Raises:
        Refused: a letter was mistyped.
    """
    if bech32.bech32_decode(recipient)[0] != "age":
        raise Refused("recipient", "archive.recipient-mistyped")


def check_erasure(slug: str, confirmation: str, digest: str, now: str, archived: frozenset[str]) -> None:
    """A hromada is erased by whoever types its slug, and the digest of an archive that says exactly what is here.

    Raises:
        Refused: the slug or the digest is another.
        WrongState: no archive says what is here now.
    """
    if confirmation.strip() != slug:
        raise Refused("confirmation", "erasure.other-slug")
    if now not in archived:
        raise WrongState("erasure.no-archive")
    if "".join(digest.split()).lower() != now:
        raise Refused("digest", "erasure.other-digest")
