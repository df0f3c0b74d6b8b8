"""What a subject may do now: in a hromada, or on the platform itself."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from uuid import UUID

from kit.auth.authority import Authorisation, Kin, Mailboxes
from kit.call import Call, Caller
from kit.database import Session
from kit.keys import Keys
from kit.localisation import LOCALES
from kit.service import Kit

from identity.agreements import actions as agreements
from identity.hromadas import actions as hromadas
from identity.integrators import actions as integrators
from identity.integrators.rules import parse_client_id
from identity.members import actions as members
from identity.members.rules import INTEGRATOR_PERMISSIONS
from identity.operators import actions as operators
from identity.organisations import actions as organisations
from identity.persons import actions as persons
from identity.pseudonyms import actions as pseudonyms

OPERATOR = "operator."
"""Before the pseudonym of an operator of the platform."""


class LocalAuthorities:
    """Identity's own answer to its own server."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    async def of(self, hromada: str, subject: str) -> Authorisation:
        """As `authorisation`, in a transaction of its own."""
        async with self._kit.chain.call(Caller("svc.identity"), None, LOCALES[0], seconds=3) as call:
            return await authorisation(call, hromada, subject)

    async def mailboxes(self, hromada: str, subjects: Collection[str], permission: str) -> Mailboxes:
        """As `mailboxes`, in a transaction of its own."""
        async with self._kit.chain.call(Caller("svc.identity"), None, LOCALES[0], seconds=3) as call:
            return await mailboxes(call, hromada, subjects, permission)

    async def kin(self, hromada: str, organisation: UUID) -> Kin:
        """As `kin`, in a transaction of its own."""
        async with self._kit.chain.call(Caller("svc.identity"), None, LOCALES[0], seconds=3) as call:
            return await kin(call, hromada, organisation)

    async def partner(self, hromada: str, organisation: UUID, on: date) -> str:
        """As `partner`, in a transaction of its own."""
        async with self._kit.chain.call(Caller("svc.identity"), None, LOCALES[0], seconds=3) as call:
            return await partner(call, hromada, organisation, on)


async def authorisation(call: Call, slug: str, subject: str) -> Authorisation:
    """What is true of a subject now. Of somebody unknown nothing is.

    Args:
        call: in no hromada yet.
        slug: the hromada's; empty for the platform.
        subject: a person's UUID, an integrator's client id, or empty to ask of the hromada alone.

    Raises:
        Missing: there is no such hromada.
    """
    person = _person(subject)
    if not slug:
        is_operator = person is not None and await operators.is_operator(call.db, person)
        return Authorisation(
            None,
            permissions=operators.PERMISSIONS if is_operator else frozenset(),
            pseudonym=_operator(call.keys, subject) if is_operator else "",
        )
    hromada = await hromadas.find(call.db, slug)
    nobody = Authorisation(hromada.id, suspended=hromada.is_suspended, provisioning=not hromada.is_ready)
    if not subject:
        return nobody
    await call.db.enter(hromada.id)
    if person is not None:
        return await _member(call, nobody, person)
    return await _integrator(call.db, nobody, slug, subject)


async def mailboxes(call: Call, slug: str, subjects: Collection[str], permission: str) -> Mailboxes:
    """Where those of the subjects who work in a hromada now, and whoever has the permission there, are written to.

    Args:
        call: in no hromada yet.

    Raises:
        Missing: there is no such hromada.
    """
    hromada = await hromadas.find(call.db, slug)
    await call.db.enter(hromada.id)
    working = await members.working(call.db, call.now)
    permitted = frozenset(str(each.person_id) for each in working if permission in each.permissions)
    asked = [each.person_id for each in working if str(each.person_id) in {*subjects, *permitted}]
    emails = await persons.emails(call.db, asked)
    return Mailboxes({str(who): email for who, email in emails.items()}, permitted, hromada.email)


async def kin(call: Call, slug: str, organisation: UUID) -> Kin:
    """What an organisation of a hromada belongs to, and what belongs to it.

    Args:
        call: in no hromada yet.

    Raises:
        Missing: there is no such hromada.
    """
    await call.db.enter((await hromadas.find(call.db, slug)).id)
    return Kin(*await organisations.kin(call.db, organisation))


async def partner(call: Call, slug: str, organisation: UUID, on: date) -> str:
    """The title of an organisation that is a party to a memorandum in force on a day.

    Args:
        call: in no hromada yet.

    Raises:
        Missing: there is no such hromada, or it is no party.
    """
    await call.db.enter((await hromadas.find(call.db, slug)).id)
    return await agreements.partner(call, organisation, on)


async def _member(call: Call, nobody: Authorisation, person: UUID) -> Authorisation:
    membership = await members.current(call.db, person, call.now)
    if membership is None:
        return replace(nobody, pseudonym=await pseudonyms.find(call, person))
    return replace(
        nobody,
        display_name=membership.display_name,
        permissions=membership.permissions,
        until=membership.until,
        pseudonym=await pseudonyms.of(call, person),
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
