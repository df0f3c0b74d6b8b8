"""A pseudonym is a keyed digest: without its key nobody can say whose it was."""

import hmac
from hashlib import sha256
from uuid import UUID


def pseudonym(key: bytes, hromada: UUID, person: UUID) -> str:
    """The person's pseudonym in the hromada: 32 hexadecimal digits."""
    return hmac.digest(key, hromada.bytes + person.bytes, sha256).hex()[:32]
