"""Keys of one service, each derived from its secret for one purpose."""

import hmac
from base64 import urlsafe_b64decode
from functools import lru_cache
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kit.seals import seal, unseal


class Keys:
    """Digests and seals under keys that differ by purpose, so that none can be passed for another."""

    def __init__(self, secret: str) -> None:
        self._secret = urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
        if len(self._secret) < 32:
            raise ValueError("SPILNO_SECRET is shorter than 32 bytes")
        self._derive = lru_cache(maxsize=64)(self._derived)

    def _derived(self, purpose: str) -> bytes:
        return HKDF(SHA256(), 32, None, purpose.encode()).derive(self._secret)

    def of(self, purpose: str) -> bytes:
        """32 bytes for one purpose."""
        return self._derive(purpose)

    def digest(self, purpose: str, *parts: str) -> bytes:
        """32 bytes by which the parts can be found again, but not guessed from a stolen table."""
        return hmac.digest(self._derive(purpose), _joined(parts), sha256)

    def seal(self, purpose: str, data: bytes, *context: str) -> bytes:
        """Encrypts data so that it opens only in the same context (AES-256-GCM)."""
        return seal(self._derive(purpose), data, _joined(context))

    def open(self, purpose: str, sealed: bytes, *context: str) -> bytes:
        """Decrypts what `seal` made.

        Raises:
            ValueError: another key, another context, or altered data.
        """
        return unseal(self._derive(purpose), sealed, _joined(context))


def _joined(parts: tuple[str, ...]) -> bytes:
    """The parts as one, so that no two lists of as many parts look alike, whatever somebody typed into them."""
    return "\x1f".join(part.replace("\x1e", "\x1eE").replace("\x1f", "\x1eS") for part in parts).encode()
