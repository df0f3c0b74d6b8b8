"""What came from the services, and the seals upon it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from kit.database import HromadaRow, Row, moment
from sqlalchemy import Column, DateTime, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field


class Entry(HromadaRow, table=True):
    """One row of a service's trail. Once here it is never changed: it only gets the number of its seal."""

    service: str
    number: int
    at: datetime = moment()
    subject: str
    method: str
    records: list[str] = Field(sa_column=Column(ARRAY(Text)))
    numbers: list[str] = Field(sa_column=Column(ARRAY(Text)))
    purpose: str
    outcome: str
    came_at: datetime = moment()
    seal: int | None = None

    @property
    def content(self) -> dict[str, Any]:
        """What is sealed."""
        return {
            "id": str(self.id),
            "service": self.service,
            "number": self.number,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "subject": self.subject,
            "method": self.method,
            "records": self.records,
            "numbers": self.numbers,
            "purpose": self.purpose,
            "outcome": self.outcome,
        }


class Seal(HromadaRow, table=True):
    number: int
    content: dict[str, Any] = Field(sa_column=Column(JSONB))
    hash: str
    at: datetime = moment()


class FormerKey(HromadaRow, table=True):
    """A key that sealed the hromada's trail in another installation. It is sealed with the secret of this one, so that
    whoever can only write rows brings in no key of their own."""

    __tablename__ = "former_key"

    sealed: bytes


class Unsealed(Row, table=True):
    """A hromada of which something waits to be sealed. Whoever holds its row is its one sealer."""

    hromada_id: UUID = Field(primary_key=True)
    since: datetime = Field(sa_column=Column(DateTime(timezone=True)))
