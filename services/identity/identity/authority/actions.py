"""What a subject may do now: in a hromada, or on the platform itself."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from kit.auth.authority import Authorisation
from kit.clock import Clock
from kit.database import Database, Session
from kit.keys import Keys

from identity.hromadas import actions as hromadas
from identity.integrators import actions as integrators
from identity.integrators.rules import parse_client_id
from identity.members import actions as members
from identity.members.rules import INTEGRATOR_PERMISSIONS
from identity.operators import actions as operators
from identity.pseudonyms import actions as pseudonyms

OPERATOR = "operator."
"""Before the pseudonym of an operator of the platform."""


class LocalAuthorities:
    """Identity's own answer to its own server."""

    def __init__(self, database: Database, keys: Keys, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    async def of(self, hromada: str, subject: str) -> Authorisation:
        """As `authorisation`, in a transaction of its own."""
        async with self._database.transaction(seconds=3) as db:
            return await authorisation(db, self._keys, hromada, subject, self._clock.now())


async def authorisation(db: Session, keys: Keys, slug: str, subject: str, now: datetime) -> Authorisation:
    """What is true of a subject now. Of somebody unknown nothing is.

    Args:
        db: a transaction that is in no hromada yet.
        keys: identity's own, by which people get their pseudonyms.
        slug: the hromada's; empty for the platform.
        subject: a person's UUID, an integrator's client id, or empty to ask of the hromada alone.
        now: the moment.

    Raises:
        Missing: there is no such hromada.
    """
    person = _person(subject)
    if not slug:
        is_operator = person is not None and await operators.is_operator(db, person)
        return Authorisation(
            None,
            permissions=operators.PERMISSIONS if is_operator else frozenset(),
            pseudonym=_operator(keys, subject) if is_operator else "",
        )
    hromada = await hromadas.find(db, slug)
    nobody = Authorisation(hromada.id, suspended=hromada.is_suspended, provisioning=not hromada.is_ready)
    if not subject:
        return nobody
    await db.enter(hromada.id)
    if person is not None:
        return await _member(db, keys, nobody, person, now)
    return await _integrator(db, nobody, slug, subject)


async def _member(db: Session, keys: Keys, nobody: Authorisation, person: UUID, now: datetime) -> Authorisation:
    membership = await members.current(db, person, now)
    if membership is None:
        return replace(nobody, pseudonym=await pseudonyms.find(db, keys, person))
    return replace(
        nobody,
        display_name=membership.display_name,
        permissions=membership.permissions,
        until=membership.until,
        pseudonym=await pseudonyms.of(db, keys, person, now),
    )


async def _integrator(db: Session, nobody: Authorisation, slug: str, subject: str) -> Authorisation:
    client = parse_client_id(subject)
    if client is None or client.hromada != slug:
        return nobody
    integrator = await integrators.find(db, client.integrator)
    if integrator is None or integrator.revoked_at is not None:
        return nobody
    return replace(nobody, display_name=integrator.display_name, permissions=INTEGRATOR_PERMISSIONS, integrator=True)


def _operator(keys: Keys, subject: str) -> str:
    """One pseudonym in every hromada: operators are the NGO's own staff, and answer for what they do."""
    return OPERATOR + keys.digest("operator", subject).hex()[:32]


def _person(subject: str) -> UUID | None:
    try:
        return UUID(subject)
    except ValueError:
        return None
