"""The tables of maps."""

from kit.database import HromadaRow
from sqlalchemy import Column, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field


class Map(HromadaRow, table=True):
    """What a hromada's pages draw under beats and reports; one a hromada."""

    features: str
    """A GeoJSON FeatureCollection as `rules.read` writes it."""
    streets: list[str] = Field(sa_column=Column(ARRAY(Text)))
    attribution: str
