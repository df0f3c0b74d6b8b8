"""Persons: who signs in. One person may work in several hromadas, so the row is the platform's."""

from datetime import datetime

from kit.database import PlatformRow, moment


class Person(PlatformRow, table=True):
    """An address to sign in with, and nothing else about the human being."""

    email: str
    password_hash: str | None = None
    """None until an invitation was accepted."""
    created_at: datetime = moment()
