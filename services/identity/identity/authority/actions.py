"""What a subject may do now: in a hromada, or on the platform itself."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from kit.auth.authority import Authorisation
from kit.clock import Clock
from kit.database import Database, Session

from identity.hromadas import actions as hromadas
from identity.integrators import actions as integrators
from identity.integrators.rules import parse_client_id
from identity.members import actions as members
from identity.members.rules import INTEGRATOR_PERMISSIONS
from identity.operators import actions as operators


class LocalAuthorities:
    """Identity's own answer to its own server."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, hromada: str, subject: str) -> Authorisation:
        """As `authorisation`, in a transaction of its own."""
        async with self._database.transaction(seconds=3) as db:
            return await authorisation(db, hromada, subject, self._clock.now())


async def authorisation(db: Session, slug: str, subject: str, now: datetime) -> Authorisation:
    """What is true of a subject now. Of somebody unknown nothing is.

    Args:
        db: a transaction that is in no hromada yet.
        slug: the hromada's; empty for the platform.
        subject: a person's UUID, an integrator's client id, or empty to ask of the hromada alone.
        now: the moment.

    Raises:
        Missing: there is no such hromada.
    """
    person = _person(subject)
    if not slug:
        is_operator = person is not None and await operators.is_operator(db, person)
        return Authorisation(None, permissions=operators.PERMISSIONS if is_operator else frozenset())
    hromada = await hromadas.find(db, slug)
    nobody = Authorisation(hromada.id, suspended=hromada.is_suspended, provisioning=not hromada.is_ready)
    if not subject:
        return nobody
    await db.enter(hromada.id)
    if person is not None:
        return await _member(db, nobody, person, now)
    return await _integrator(db, nobody, slug, subject)


async def _member(db: Session, nobody: Authorisation, person: UUID, now: datetime) -> Authorisation:
    membership = await members.current(db, person, now)
    if membership is None:
        return nobody
    return replace(
        nobody,
        display_name=membership.display_name,
        permissions=membership.permissions,
        until=membership.until,
    )


async def _integrator(db: Session, nobody: Authorisation, slug: str, subject: str) -> Authorisation:
    client = parse_client_id(subject)
    if client is None or client.hromada != slug:
        return nobody
    integrator = await integrators.find(db, client.integrator)
    if integrator is None or integrator.revoked_at is not None:
        return nobody
    return replace(nobody, display_name=integrator.display_name, permissions=INTEGRATOR_PERMISSIONS, integrator=True)


def _person(subject: str) -> UUID | None:
    try:
        return UUID(subject)
    except ValueError:
        return None
