"""Operators: the first one, and what they may do. They see health, not data."""

import asyncio
from uuid import UUID

import structlog
from kit.database import Session
from kit.service import Kit
from sqlmodel import col, select

from identity.operators.model import Operator
from identity.persons import actions as persons
from identity.persons import passwords
from identity.persons.model import Person

log = structlog.get_logger("operators")

PERMISSIONS = frozenset(
    {
        "hromadas.create",
        "hromadas.list",
        "hromadas.suspend",
        "hromadas.export",
        "hromadas.import",
        "hromadas.erase",
        "templates.read",
        "templates.publish",
    }
)


async def is_operator(db: Session, person: UUID) -> bool:
    """Whether the person is an operator now."""
    found = select(Operator).where(col(Operator.person_id) == person, col(Operator.revoked_at).is_(None))
    return await db.one_or_none(found) is not None


async def ensure_first(kit: Kit) -> None:
    """Makes the operator whom the settings name, while there is none at all."""
    email = kit.settings.operator_email
    password = kit.settings.operator_password.get_secret_value()
    if not email or not password:
        return
    async with kit.database.transaction() as db:
        if await db.one_or_none(select(Operator).limit(1)) is not None:
            return
    password_hash = await asyncio.to_thread(passwords.hashed, password)
    now = kit.clock.now()
    async with kit.database.transaction() as db:
        person = await db.lock(Person, (await persons.find_or_make(db, email, now)).id)
        person.password_hash = person.password_hash or password_hash
        db.add(Operator(person_id=person.id, created_at=now))
    log.info("operator.made")
