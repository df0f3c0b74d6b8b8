"""The register's tables."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kit.database import HromadaRow, moment
from sqlalchemy import Column, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from reception.register.rules import IndexMode


class Register(HromadaRow, table=True):
    """A hromada's register; opened once, when the hromada comes to the platform."""

    opened_at: datetime = moment()
    index_mode: IndexMode = Field(sa_type=Text)
    privileged: list[dict[str, Any]] = Field(sa_column=Column(JSONB))
    """Since which day whoever has which code of the classifier comes first, and how."""


class RegisterYear(HromadaRow, table=True):
    """The last number given out in a calendar year. Numbers begin anew each year and are never used twice."""

    __tablename__ = "register_year"

    register_id: UUID
    year: int
    last: int = Field(default=0)
