"""What happens to members: invited, come in by their one-time link, revoked."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kit.call import Call, Hromada
from kit.database import Session
from kit.errors import AlreadyThere, Denied, Missing, WrongState
from spilno.identity.v1 import events_pb2 as events
from sqlmodel import col, select

from identity.authority import states
from identity.hromadas import model as hromadas
from identity.members import rules
from identity.members.model import Invitation, Membership
from identity.members.rules import Role
from identity.persons import actions as persons
from identity.persons.model import Person
from identity.trail import actions as trail

INVITED_FOR = timedelta(days=7)
_PURPOSE = "invitation"


@dataclass(frozen=True, slots=True)
class Draft:
    """A membership to be."""

    display_name: str
    email: str
    roles: Sequence[Role]
    not_before: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A membership with the link to accept it, which is told only once."""

    hromada: Hromada
    membership: Membership
    email: str
    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """A membership with its person's address."""

    membership: Membership
    email: str


@dataclass(frozen=True, slots=True)
class Invited:
    """What an opened link says."""

    invitation: Invitation
    person: Person
    display_name: str
    title: str
    """The hromada's."""
    hromada: Hromada


@dataclass(frozen=True, slots=True)
class Workplace:
    """A hromada in which a person works."""

    hromada: hromadas.Hromada
    membership: Membership


async def invite(call: Call, draft: Draft) -> Enrolled:
    """Makes a role account and the link with which its holder comes in.

    Raises:
        Refused: roles that do not go together or are not the caller's to give; a period that ends before it starts.
        AlreadyThere: the person works here.
    """
    rules.check_appointment(draft.roles, call.caller.permissions, "roles")
    return await enrol(call, call.hromada, draft, "member.email")


async def enrol(call: Call, hromada: Hromada, draft: Draft, field: str) -> Enrolled:
    """As `invite`, on the platform's own authority; the field is the one that names the person."""
    rules.check_roles(draft.roles)
    rules.check_period(draft.not_before, draft.until, call.now)
    person = await persons.find_or_make(call.db, draft.email, call.now)
    rules.check_grant(person.id, call.caller.subject, field)
    await _make_way(call, person.id)
    membership = Membership(
        person_id=person.id,
        display_name=draft.display_name,
        roles=sorted(draft.roles),
        not_before=draft.not_before,
        until=draft.until,
        created_at=call.now,
        granted_at=call.now,
        granted_by=call.caller.subject,
        granted_by_name=call.caller.display_name,
    )
    call.db.add(membership)
    await call.db.flush()
    link = secrets.token_urlsafe(32)
    invitation = Invitation(
        digest=call.keys.digest(_PURPOSE, link),
        person_id=person.id,
        hromada_id=hromada.id,
        membership_id=membership.id,
        created_at=call.now,
        expires_at=call.now + INVITED_FOR,
    )
    call.db.add(invitation)
    call.emit(events.MemberInvited(member=_event(hromada, membership)))
    states.share(call, await states.of_member(call, hromada.slug, membership))
    return Enrolled(
        hromada, membership, person.email, f"{call.settings.issuer_url}/invitations/{link}", invitation.expires_at
    )


async def _make_way(call: Call, person: UUID) -> None:
    """Ends what the person had here before, unless it still counts: an unaccepted or an ended membership.

    Raises:
        AlreadyThere: it still counts.
    """
    earlier = await call.db.one_or_none(
        select(Membership).where(col(Membership.person_id) == person, col(Membership.revoked_at).is_(None))
    )
    if earlier is None:
        return
    is_over = earlier.until is not None and earlier.until <= call.now
    if earlier.accepted_at is not None and not is_over:
        raise AlreadyThere("member.works-here", field="member.email")
    locked = await call.db.lock(Membership, earlier.id)
    locked.revoked_at = call.now
    await _close_invitations(call, locked.id)
    await call.db.flush()


async def page(call: Call, after: UUID | None, size: int) -> list[Member]:
    """Members who were not revoked, in the order in which they were invited."""
    found = select(Membership).where(col(Membership.revoked_at).is_(None))
    if after is not None:
        found = found.where(col(Membership.id) > after)
    memberships = await call.db.all(found.order_by(col(Membership.id)).limit(size))
    emails = await persons.emails(call.db, [each.person_id for each in memberships])
    return [Member(each, emails[each.person_id]) for each in memberships]


async def revoke(call: Call, id: UUID, etag: str) -> Member:
    """Ends a membership now, and the link to it.

    Raises:
        Denied: the caller's own.
        Missing: no such membership, or it was revoked.
        Refused: a head's or an administrator's, by somebody who is no head; or the last head's.
        Stale: it changed since the caller read it.
    """
    other_heads = await _other_heads(call, id)
    membership = await _held(call, id, etag)
    rules.check_revocation(membership.person_id, call.caller.subject)
    rules.check_appointment(membership.held, call.caller.permissions, "name")
    if _is_head(membership, call.now):
        rules.check_head_remains(other_heads, "name")
    membership.revoked_at = call.now
    await _close_invitations(call, membership.id)
    await call.db.flush()
    call.emit(events.MemberRevoked(member=_event(call.hromada, membership)))
    states.share(call, await states.of_member(call, call.hromada.slug, membership))
    return await _member(call, membership)


async def change_roles(call: Call, id: UUID, roles: Sequence[Role], until: datetime | None, etag: str) -> Member:
    """Gives a member these roles in place of those they have.

    Raises:
        Missing: no such membership, or it was revoked.
        Refused: the caller's own; roles that do not go together or are not the caller's to give or take; the last head
            would be one no more; an end that is over.
        Stale: it changed since the caller read it.
    """
    other_heads = await _other_heads(call, id)
    membership = await _held(call, id, etag)
    rules.check_grant(membership.person_id, call.caller.subject, "roles")
    rules.check_roles(roles)
    rules.check_appointment({*membership.held, *roles}, call.caller.permissions, "roles")
    rules.check_period(membership.not_before, until, call.now)
    if _is_head(membership, call.now) and Role.HEAD not in roles:
        rules.check_head_remains(other_heads, "roles")
    membership.roles, membership.until = sorted(roles), until
    membership.granted_at = call.now
    membership.granted_by, membership.granted_by_name = call.caller.subject, call.caller.display_name
    await call.db.flush()
    call.emit(events.MemberChanged(member=_event(call.hromada, membership)))
    states.share(call, await states.of_member(call, call.hromada.slug, membership))
    return await _member(call, membership)


async def _held(call: Call, id: UUID, etag: str) -> Membership:
    membership = await call.db.lock(Membership, id, etag)
    if membership.revoked_at is not None:
        raise Missing
    return membership


async def _other_heads(call: Call, but: UUID) -> int:
    """How many others are heads now. They are held, in one order, so that of two who end each other one stays."""
    return sum(each.is_current(call.now) for each in await heads(call) if each.id != but)


async def heads(call: Call) -> list[Membership]:
    """Every head who was not revoked, held until the transaction ends."""
    return await call.db.all(
        select(Membership)
        .where(col(Membership.revoked_at).is_(None), col(Membership.roles).contains([Role.HEAD.value]))
        .order_by(col(Membership.id))
        .with_for_update()
    )


def _is_head(membership: Membership, now: datetime) -> bool:
    return Role.HEAD in membership.held and membership.is_current(now)


async def _member(call: Call, membership: Membership) -> Member:
    return Member(membership, (await persons.emails(call.db, [membership.person_id]))[membership.person_id])


async def workplaces(call: Call, person: UUID) -> list[Workplace]:
    """Where the person works or will: each membership that was accepted and has not ended."""
    accepted = await call.db.all(
        select(Invitation).where(col(Invitation.person_id) == person, col(Invitation.used_at).is_not(None))
    )
    found = []
    for hromada_id in sorted({each.hromada_id for each in accepted}):
        async with call.apart() as db:
            await db.enter(hromada_id)
            there = await db.one_or_none(
                select(Membership).where(col(Membership.person_id) == person, col(Membership.revoked_at).is_(None))
            )
            if there is not None and (there.until is None or there.until > call.now):
                found.append(Workplace(await db.get(hromadas.Hromada, hromada_id), there))
    return found


async def current(db: Session, person: UUID, now: datetime) -> Membership | None:
    """The person's membership in the transaction's hromada, if it counts at that moment."""
    found = await db.one_or_none(
        select(Membership).where(col(Membership.person_id) == person, col(Membership.revoked_at).is_(None))
    )
    return found if found is not None and found.is_current(now) else None


async def working(db: Session, now: datetime) -> list[Membership]:
    """The memberships of the transaction's hromada that count at that moment."""
    return [each for each in await db.all(select(Membership)) if each.is_current(now)]


async def own(call: Call) -> Membership | None:
    """The caller's own membership in the hromada; None for an integrator.

    Raises:
        Denied: the caller is no member now.
    """
    if call.caller.integrator:
        return None
    try:
        person = UUID(call.caller.subject)
    except ValueError:
        raise Denied from None
    membership = await current(call.db, person, call.now)
    if membership is None:
        raise Denied
    return membership


async def colleagues(call: Call, permission: str = "") -> list[Membership]:
    """Everybody who works in the hromada now, by name; of these, if a permission is named, who has it.

    Raises:
        Denied: the caller is no member now.
    """
    if await own(call) is None:
        raise Denied
    found = await call.db.all(
        select(Membership).where(col(Membership.revoked_at).is_(None)).order_by(col(Membership.display_name)).limit(500)
    )
    return [each for each in found if each.is_current(call.now) and (not permission or permission in each.permissions)]


async def opened(call: Call, link: str, *, hold: bool = False) -> Invited:
    """What a link says while it still works; from here on the transaction is its hromada's.

    Args:
        call: with no hromada of its own.
        link: the secret at the end of the address.
        hold: keep the invitation until the transaction ends, to accept it.

    Raises:
        Missing: there never was such a link.
        WrongState: it was used, has expired, or does not count any more.
    """
    statement = select(Invitation).where(col(Invitation.digest) == call.keys.digest(_PURPOSE, link))
    found = await call.db.one_or_none(statement)
    if found is None:
        raise Missing("invitation.unknown")
    invitation = await call.db.lock(Invitation, found.id) if hold else found
    if invitation.used_at is not None:
        raise WrongState("invitation.used")
    if invitation.closed_at is not None:
        raise WrongState("invitation.closed")
    if invitation.expires_at <= call.now:
        raise WrongState("invitation.expired")
    hromada = await call.db.get(hromadas.Hromada, invitation.hromada_id)
    await call.db.enter(hromada.id)
    membership = await call.db.get(Membership, invitation.membership_id)
    person = await call.db.get(Person, invitation.person_id)
    return Invited(invitation, person, membership.display_name, hromada.title, hromada.as_called())


async def accept(call: Call, link: str, password_hash: str | None) -> Invited:
    """Uses the link: the membership counts from now on, and a person without a password gets one.

    Args:
        call: with no hromada of its own.
        link: the secret at the end of the address.
        password_hash: for a person who had none. None: the person has proven the password that they have.

    Raises:
        Missing, WrongState: as `opened`; also if the person got, meanwhile, a password that was not proven.
    """
    invited = await opened(call, link, hold=True)
    person = await call.db.lock(Person, invited.person.id)
    if (person.password_hash is None) != (password_hash is not None):
        raise WrongState("invitation.person-changed")
    if password_hash is not None:
        person.password_hash = password_hash
    membership = await call.db.lock(Membership, invited.invitation.membership_id)
    membership.accepted_at = call.now
    invited.invitation.used_at = call.now
    await trail.note(call, person.id, "account.invitation-accepted")
    await call.db.enter(invited.hromada.id)
    states.share(call, await states.of_member(call, invited.hromada.slug, membership))
    return invited


async def _close_invitations(call: Call, membership: UUID) -> None:
    open_ones = select(Invitation).where(
        col(Invitation.membership_id) == membership,
        col(Invitation.used_at).is_(None),
        col(Invitation.closed_at).is_(None),
    )
    for each in await call.db.all(open_ones):
        (await call.db.lock(Invitation, each.id)).closed_at = call.now


def _event(hromada: Hromada, membership: Membership) -> events.MemberEvent:
    return events.MemberEvent(name=f"{hromada.name}/members/{membership.id}", version=membership.version)
