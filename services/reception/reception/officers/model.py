"""The table of officers."""

from enum import StrEnum, auto

from kit.database import HromadaRow
from sqlalchemy import Text
from sqlmodel import Field


class Kind(StrEnum):
    """MIA order 650: a district officer, or the hromada's own."""

    DISTRICT = auto()
    HROMADA = auto()


class Officer(HromadaRow, table=True):
    """A card: a role and how to reach it."""

    display_name: str
    kind: Kind = Field(sa_type=Text)
    phone: str = ""
    email: str = ""
    public: bool = False
    text: str = ""
