"""A note, and the lines that belong to it."""

from enum import StrEnum, auto
from typing import Any
from uuid import UUID

from kit.database import HromadaRow, PlatformRow
from kit.files import FileRow
from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field


class Mood(StrEnum):
    GLAD = auto()
    SAD = auto()


class Note(HromadaRow, table=True):
    """Its text is the hromada's only note of that text."""

    text: str
    mood: Mood = Field(default=Mood.GLAD, sa_type=Text)
    mood_after: Mood | None = Field(default=None, sa_type=Text)
    times_read: int = 0
    tags: list[str] = Field(default_factory=list, sa_type=JSONB)
    more: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)


class Secret(HromadaRow, table=True):
    """What only the vault can read."""

    sealed: bytes


class PlatformSecret(PlatformRow, table=True):
    __tablename__ = "platform_secret"

    sealed: bytes


class Paper(FileRow, table=True):
    """A file, kept as it came or made anew."""

    kind: str


class Line(HromadaRow, table=True):
    note_id: UUID
    text: str = ""
