"""Passwords, as Argon2id hashes. Slow by intent: call from a worker thread, with no transaction open."""

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_SEATS = threading.BoundedSemaphore(4)
"""So many at once: a flood of sign-ins takes its time, not the machine's memory."""
_NOBODY = _HASHER.hash("nobody's password")


def hashed(password: str) -> str:
    with _SEATS:
        return _HASHER.hash(_prepared(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is the hash's. For nobody's hash it takes as long and says no."""
    with _SEATS:
        try:
            return _HASHER.verify(password_hash or _NOBODY, _prepared(password)) and password_hash is not None
        except (VerifyMismatchError, InvalidHashError):
            return False


def _prepared(password: str) -> bytes:
    return unicodedata.normalize("NFC", password).encode()
