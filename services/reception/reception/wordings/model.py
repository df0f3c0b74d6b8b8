"""The tables of wordings."""

from kit.database import HromadaRow
from sqlalchemy import Column, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field


class WordingSet(HromadaRow, table=True):
    """What a hromada's office has ready; one a hromada."""

    __tablename__ = "wording_set"

    titles: list[str] = Field(sa_column=Column(ARRAY(Text)))
    texts: list[str] = Field(sa_column=Column(ARRAY(Text)))
    """The text of each title."""
