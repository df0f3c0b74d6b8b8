"""One row of the trail, as the call writes it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from sqlalchemy import ARRAY, Column, Text
from sqlmodel import Field

from kit.database.tables import PlatformRow, moment


class Outcome(StrEnum):
    DONE = "done"
    REPEATED = "repeated"
    """The same request again, under its id: it was answered as before."""
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Record:
    """What was seen or changed: its resource name, and the number by which people know it, if it has one."""

    name: str
    number: str = ""


class Act(PlatformRow, table=True):
    """Who did what to which records. No names of people, no texts. The relay numbers it; the service cannot."""

    __tablename__ = "audit"

    hromada_id: UUID
    at: datetime = moment()
    subject: str
    """A pseudonym, an integrator's or a service's client id; empty for a resident."""
    method: str
    records: list[str] = Field(sa_column=Column(ARRAY(Text)))
    numbers: list[str] = Field(sa_column=Column(ARRAY(Text)))
    """Of each record in turn; empty where it has none."""
    purpose: str = ""
    outcome: str

    @classmethod
    def done(
        cls,
        hromada_id: UUID,
        at: datetime,
        subject: str,
        method: str,
        records: Iterable[Record] = (),
        *,
        purpose: str = "",
        outcome: Outcome = Outcome.DONE,
    ) -> Self:
        """The row; of records named twice the one with a number counts."""
        numbers: dict[str, str] = {}
        for record in records:
            numbers[record.name] = record.number or numbers.get(record.name, "")
        return cls(
            hromada_id=hromada_id,
            at=at,
            subject=subject,
            method=method,
            records=list(numbers),
            numbers=list(numbers.values()),
            purpose=purpose,
            outcome=outcome.value,
        )
