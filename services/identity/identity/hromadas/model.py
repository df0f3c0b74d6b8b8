"""Hromadas and their offices: rows of the platform, because they are what the hromadas are told apart by."""

from datetime import datetime
from enum import StrEnum

from kit.database import PlatformRow, moment
from sqlalchemy import ARRAY, Column, Text
from sqlmodel import Field

from kit import call


class State(StrEnum):
    PROVISIONING = "provisioning"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ERASING = "erasing"


class Hromada(PlatformRow, table=True):
    """A hromada on the platform, with its office as residents see it."""

    slug: str
    katotth: str
    state: State = Field(default=State.PROVISIONING, sa_type=Text)
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
    ready_at: datetime | None = moment(default=None)
    """When every service was ready for it; nothing before that is served."""

    @property
    def name(self) -> str:
        return f"hromadas/{self.slug}"

    @property
    def is_suspended(self) -> bool:
        return self.state in {State.SUSPENDED, State.ERASING}

    @property
    def is_ready(self) -> bool:
        return self.ready_at is not None

    def as_called(self) -> call.Hromada:
        """The hromada of a call."""
        return call.Hromada(self.slug, self.id)
