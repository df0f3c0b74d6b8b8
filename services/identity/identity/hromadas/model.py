"""Hromadas and their offices: rows of the platform, because they are what the hromadas are told apart by."""

from datetime import datetime
from enum import StrEnum

from kit.database import PlatformRow, moment
from sqlalchemy import ARRAY, Column, Text
from sqlmodel import Field

from kit import call


class State(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"


class Hromada(PlatformRow, table=True):
    """A hromada on the platform, with its office as residents see it."""

    slug: str
    katotth: str
    state: State = Field(default=State.ACTIVE, sa_type=Text)
    suspended_for: str | None = None
    """The operator's reason, while it is suspended."""
    title: str
    title_en: str = ""
    address: str
    address_en: str = ""
    directions: str = ""
    directions_en: str = ""
    phones: list[str] = Field(sa_column=Column(ARRAY(Text)))
    email: str = ""
    created_at: datetime = moment()

    @property
    def name(self) -> str:
        return f"hromadas/{self.slug}"

    @property
    def is_suspended(self) -> bool:
        return self.state == State.SUSPENDED

    def as_called(self) -> call.Hromada:
        """The hromada of a call."""
        return call.Hromada(self.slug, self.id)
