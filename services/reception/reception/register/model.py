"""The register's tables."""

from datetime import datetime
from uuid import UUID

from kit.database import HromadaRow, moment
from sqlmodel import Field


class Register(HromadaRow, table=True):
    """A hromada's register; opened once, when the hromada comes to the platform."""

    opened_at: datetime = moment()


class RegisterYear(HromadaRow, table=True):
    """The last number given out in a calendar year. Numbers begin anew each year and are never used twice."""

    __tablename__ = "register_year"

    register_id: UUID
    year: int
    last: int = Field(default=0)
