"""Key-encryption keys: the newest wraps, every one still opens what it wrapped."""

import secrets
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Self

from kit.seals import seal, unseal

_KEY = 32


class Ring:
    """The key-encryption keys of a service, by their ids, the newest first."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)
        self.newest = next(iter(self._keys))

    @classmethod
    def of(cls, written: str, last: bytes) -> Self:
        """Reads `SPILNO_VAULT_KEYS`: `id=base64url` of 32 bytes, the newest first, separated by commas.

        Args:
            written: the setting; empty when there are none.
            last: the key derived from the service's secret, which a service without the setting begins with.

        Raises:
            ValueError: an id stands twice, or a key has not 32 bytes.
        """
        keys = dict[str, bytes]()
        for id, _, key in (each.strip().partition("=") for each in written.split(",") if each.strip()):
            if not id or id in keys:
                raise ValueError(f"SPILNO_VAULT_KEYS: the id {id!r} is empty or stands twice")
            keys[id] = urlsafe_b64decode(key + "=" * (-len(key) % 4))
            if len(keys[id]) != _KEY:
                raise ValueError(f"SPILNO_VAULT_KEYS: the key {id!r} has not {_KEY} bytes")
        return cls({**keys, "secret": last})

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """A data key as it may be kept, under the newest key and for this context only."""
        return seal(self._keys[self.newest], key, context)

    def unwrap(self, id: str, wrapped: bytes, context: bytes) -> bytes:
        """What `wrap` was given.

        Raises:
            ValueError: the key of that id is not on the ring, or it is not the key that wrapped it.
        """
        if id not in self._keys:
            raise ValueError(f"the key-encryption key {id!r} is not in SPILNO_VAULT_KEYS")
        return unseal(self._keys[id], wrapped, context)


def new_key() -> bytes:
    return secrets.token_bytes(_KEY)
