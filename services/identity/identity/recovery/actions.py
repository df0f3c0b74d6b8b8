"""What happens when somebody has lost their way in: a link is made, opened, used."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kit.call import Call
from kit.errors import Missing, WrongState
from kit.throttle import Throttle
from spilno.identity.v1 import events_pb2 as events
from sqlmodel import col, select

from identity.factors import actions as factors
from identity.issuer import actions as issuer
from identity.members import actions as members
from identity.members.model import Membership
from identity.members.rules import check_appointment
from identity.operators import actions as operators
from identity.persons.model import Person
from identity.recovery import rules
from identity.recovery.model import RecoveryLink
from identity.trail import actions as trail

_PURPOSE = "recovery-link"
_MADE = Throttle("recovery-link", 5, timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Made:
    """A link, told only now."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """What an opened link says."""

    link: RecoveryLink
    email: str


async def make(call: Call, membership_id: UUID, *, forgets_factors: bool) -> Made:
    """Makes a link for a member; links made before cease to work.

    Raises:
        Missing: no such membership, or it was revoked.
        Refused: the member is a head or an administrator, and the caller is no head.
        Denied: the caller's own, or the person has rights elsewhere.
        WrongState: the member has not accepted the invitation yet.
        TooMany: for that member, within the hour.
    """
    membership = await call.db.get(Membership, membership_id)
    if membership.revoked_at is not None:
        raise Missing
    check_appointment(membership.held, call.caller.permissions, "name")
    rules.check_person(
        membership.person_id,
        call.caller.subject,
        has_accepted=membership.accepted_at is not None,
        works_elsewhere=any(
            each.hromada.id != call.hromada.id for each in await members.workplaces(call, membership.person_id)
        ),
        is_operator=await operators.is_operator(call.db, membership.person_id),
    )
    await _MADE.attempt(call, str(membership.person_id))
    return await _made(call, membership, forgets_factors=forgets_factors)


async def make_for_heads(call: Call) -> list[tuple[Membership, Made]]:
    """Makes a link for each head of the call's hromada who has no password: they came with it from elsewhere."""
    found = []
    for membership in await members.heads(call):
        person = await call.db.get(Person, membership.person_id)
        if membership.is_current(call.now) and person.password_hash is None:
            found.append((membership, await _made(call, membership, forgets_factors=False)))
    return found


async def _made(call: Call, membership: Membership, *, forgets_factors: bool) -> Made:
    await _close(call, membership.person_id)
    secret = secrets.token_urlsafe(32)
    link = RecoveryLink(
        digest=call.keys.digest(_PURPOSE, secret),
        person_id=membership.person_id,
        hromada_id=call.hromada.id,
        membership_id=membership.id,
        made_by=call.caller.subject,
        forgets_factors=forgets_factors,
        created_at=call.now,
        expires_at=call.now + rules.LINK_LASTS,
    )
    call.db.add(link)
    await call.db.flush()
    call.emit(
        events.RecoveryLinkCreated(
            link=events.RecoveryLinkEvent(
                name=f"{call.hromada.name}/recoveryLinks/{link.id}",
                version=link.version,
                member=f"{call.hromada.name}/members/{membership.id}",
            )
        )
    )
    return Made(f"{call.settings.issuer_url}/recovery/{secret}", link.expires_at)


async def opened(call: Call, secret: str, *, hold: bool = False) -> Opened:
    """What a link says while it still works.

    Raises:
        Missing: there never was such a link.
        WrongState: it was used, has expired, or does not count any more.
    """
    found = await call.db.one_or_none(
        select(RecoveryLink).where(col(RecoveryLink.digest) == call.keys.digest(_PURPOSE, secret))
    )
    if found is None:
        raise Missing("recovery.unknown")
    link = await call.db.lock(RecoveryLink, found.id) if hold else found
    if link.used_at is not None:
        raise WrongState("recovery.used")
    if link.closed_at is not None:
        raise WrongState("recovery.closed")
    if link.expires_at <= call.now:
        raise WrongState("recovery.expired")
    person = await call.db.get(Person, link.person_id)
    await call.db.enter(link.hromada_id)
    if (await call.db.get(Membership, link.membership_id)).revoked_at is not None:
        raise WrongState("recovery.closed")
    return Opened(link, person.email)


async def use(call: Call, secret: str, password_hash: str) -> None:
    """A new password by the link; all sign-ins end.

    Raises:
        Missing, WrongState: as `opened`.
    """
    link = (await opened(call, secret, hold=True)).link
    link.used_at = call.now
    await trail.note(call, link.person_id, "account.recovery-link-used")
    await issuer.set_password(call, link.person_id, password_hash)
    if link.forgets_factors:
        await factors.give_up_all(call, link.person_id)


async def _close(call: Call, person_id: UUID) -> None:
    """Of the links that a person has, only the last one works."""
    open_ones = select(RecoveryLink).where(
        col(RecoveryLink.person_id) == person_id,
        col(RecoveryLink.used_at).is_(None),
        col(RecoveryLink.closed_at).is_(None),
    )
    for each in await call.db.all(open_ones):
        (await call.db.lock(RecoveryLink, each.id)).closed_at = call.now
