"""Secrets at rest: a data key for each hromada, wrapped by a key-encryption key that the database never holds."""

from kit.vault.ring import Ring
from kit.vault.vault import Sealed, Vault

__all__ = ["Ring", "Sealed", "Vault"]
