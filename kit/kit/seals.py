"""Authenticated encryption, AES-256-GCM: what is sealed opens under its key and in its context, or not at all."""

import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


def seal(key: bytes, data: bytes, context: bytes) -> bytes:
    """The data under a key of 32 bytes, for this context only."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + _cipher(key).encrypt(nonce, data, context)


def unseal(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """What `seal` was given.

    Raises:
        ValueError: another key, another context, or altered data.
    """
    try:
        return _cipher(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], context)
    except InvalidTag as error:
        raise ValueError("sealed under another key or context") from error


@lru_cache(maxsize=256)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)
