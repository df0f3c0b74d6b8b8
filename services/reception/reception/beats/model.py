"""The table of beats."""

from datetime import date
from uuid import UUID

from kit.database import HromadaRow
from sqlalchemy import ARRAY, Column, Text
from sqlmodel import Field


class Beat(HromadaRow, table=True):
    """A territory: streets with houses, and an area on the map."""

    number: int
    title: str = ""
    streets: list[str] = Field(sa_column=Column(ARRAY(Text)))
    """A street a line, as people wrote them; rules read them."""
    area: str = ""
    """A GeoJSON polygon."""
    officer_id: UUID | None = None
    population: int = 0
    rural: bool = False
    settlements: list[str] = Field(sa_column=Column(ARRAY(Text)))
    officer_since: date | None = None
    """Since when the officer serves it; their duties run from then."""
