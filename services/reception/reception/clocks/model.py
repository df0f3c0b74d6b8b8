"""The office's calendar, as it is kept."""

from typing import Any

from kit.database import HromadaRow
from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field


class OfficeCalendar(HromadaRow, table=True):
    """One of each hromada: which days count there, and the terms of the law, each from its day on."""

    __tablename__ = "office_calendar"

    weeks: list[dict[str, Any]] = Field(sa_column=Column(JSONB))
    martial_law: list[dict[str, Any]] = Field(sa_column=Column(JSONB))
    moved: list[dict[str, Any]] = Field(sa_column=Column(JSONB))
    terms: list[dict[str, Any]] = Field(sa_column=Column(JSONB))
