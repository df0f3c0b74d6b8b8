"""Finding and making persons."""

from datetime import datetime
from uuid import UUID

from kit.database import Session
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from identity.persons.model import Person
from identity.persons.rules import normalised_email


async def find(db: Session, email: str) -> Person | None:
    """The person of an address."""
    return await db.one_or_none(select(Person).where(col(Person.email) == normalised_email(email)))


async def find_or_make(db: Session, email: str, now: datetime) -> Person:
    """The person of an address; a new one, without a password, if the address is new."""
    address = normalised_email(email)
    await db.records(
        insert(Person)
        .values(id=uuid7(), version=1, email=address, created_at=now)
        .on_conflict_do_nothing(index_elements=[col(Person.email)])
    )
    found = await find(db, address)
    if found is None:
        raise LookupError("a person that was just made")
    return found


async def emails(db: Session, ids: list[UUID]) -> dict[UUID, str]:
    """The addresses of persons."""
    return {each.id: each.email for each in await db.all(select(Person).where(col(Person.id).in_(ids)))}
