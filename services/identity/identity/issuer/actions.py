"""What happens at the issuer: people sign in and out, codes become tokens, tokens follow one another.

Each verb is given a call without a hromada. The tables are the platform's; who may work where is read from the
hromada that the scope names.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from kit.call import Call
from kit.errors import Denied, Unknown, WrongState
from kit.service import Kit
from kit.throttle import Throttle
from sqlalchemy import delete, update
from sqlmodel import col, select

from identity.factors import actions as factors
from identity.factors import rules as proofs
from identity.hromadas.model import Hromada
from identity.issuer import rules
from identity.issuer.model import Code, Family, SignIn
from identity.members import actions as members
from identity.members.rules import Role
from identity.operators import actions as operators
from identity.persons import actions as persons
from identity.persons.model import Person
from identity.persons.rules import normalised_email
from identity.trail import actions as trail

_BY_ACCOUNT = Throttle("sign-in-account", 20, timedelta(minutes=15))
_BY_ADDRESS = Throttle("sign-in-address", 300, timedelta(minutes=15))
"""A whole office may share one address."""

_SIGN_IN = "sign-in"
_CODE = "code"
_REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who claims to be a person: not yet proven."""

    email: str
    person_id: UUID | None
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class Subject:
    """A person for whom tokens may be made, now."""

    person_id: UUID
    sign_in_id: UUID
    methods: tuple[str, ...]
    """How the person proved who they are."""
    organization: tuple[str, UUID] | None
    """The slug and id of the hromada that the scope names."""
    lacks: Literal["", "factor", "enrolment"] = ""
    """A second factor, that the person has and has not shown, or must have and has not."""

    def get_user_id(self) -> str:
        """As the protocol's library asks for it."""
        return str(self.person_id)


async def candidate(call: Call, email: str) -> Candidate:
    """Whoever has that address, to be held against a password.

    Raises:
        TooMany: for that account, or from that network address, there were too many attempts.
    """
    await _BY_ADDRESS.attempt(call, call.caller.address)
    address = normalised_email(email)
    await _BY_ACCOUNT.attempt(call, address)
    person = await persons.find(call.db, address)
    return Candidate(address, person.id if person else None, person.password_hash if person else None)


async def prove(call: Call, claimed: Candidate, is_proven: bool) -> UUID:
    """Says who it is.

    Raises:
        Unknown: the address or the password is wrong; which of the two is nobody's business.
    """
    if claimed.person_id is None or not is_proven:
        raise Unknown("sign-in.wrong")
    await _BY_ACCOUNT.succeeded(call, claimed.email)
    return claimed.person_id


async def begin(call: Call, person_id: UUID, methods: Sequence[str], device: str) -> str:
    """Begins a sign-in, and gives what its browser keeps."""
    secret = secrets.token_urlsafe(32)
    call.db.add(
        SignIn(
            digest=call.keys.digest(_SIGN_IN, secret),
            person_id=person_id,
            methods=list(methods),
            device=device,
            signed_in_at=call.now,
            expires_at=call.now + rules.SIGN_IN_LASTS,
        )
    )
    await trail.note(call, person_id, "account.sign-in")
    return secret


async def current(call: Call, secret: str) -> SignIn | None:
    """The sign-in that a browser keeps, while it lasts."""
    if not secret:
        return None
    found = await call.db.one_or_none(select(SignIn).where(col(SignIn.digest) == call.keys.digest(_SIGN_IN, secret)))
    if found is None or found.ended_at is not None or found.expires_at <= call.now:
        return None
    return found


async def end(call: Call, sign_in_id: UUID) -> None:
    """Ends a sign-in, and all tokens that came of it."""
    await call.db.records(
        update(SignIn)
        .where(col(SignIn.id) == sign_in_id, col(SignIn.ended_at).is_(None))
        .values(ended_at=call.now, version=SignIn.version + 1)
    )
    await call.db.records(
        update(Family)
        .where(col(Family.sign_in_id) == sign_in_id, col(Family.revoked_at).is_(None))
        .values(revoked_at=call.now, version=Family.version + 1)
    )


async def strengthen(call: Call, sign_in_id: UUID, method: str) -> None:
    """Somebody who is signed in has shown one proof more."""
    sign_in = await call.db.lock(SignIn, sign_in_id)
    if method not in sign_in.methods:
        sign_in.methods = [*sign_in.methods, method]


async def under_way(call: Call, person_id: UUID) -> list[SignIn]:
    """The person's sign-ins in all browsers, the newest first."""
    return await call.db.all(
        select(SignIn)
        .where(col(SignIn.person_id) == person_id, col(SignIn.ended_at).is_(None), col(SignIn.expires_at) > call.now)
        .order_by(col(SignIn.signed_in_at).desc(), col(SignIn.id).desc())
    )


async def end_others(call: Call, person_id: UUID, but: UUID | None = None) -> None:
    """Ends the person's sign-ins in all browsers, or in all but one."""
    for each in await under_way(call, person_id):
        if each.id != but:
            await end(call, each.id)


async def end_tokens(call: Call, person_id: UUID, slug: str) -> None:
    """Ends the person's refresh tokens for one hromada, in all browsers."""
    live = select(Family).where(col(Family.person_id) == person_id, col(Family.revoked_at).is_(None))
    for each in await call.db.all(live.order_by(col(Family.id))):
        if f"{rules.ORGANIZATION}{slug}" in each.scope.split():
            (await call.db.lock(Family, each.id)).revoked_at = call.now


async def set_password(call: Call, person_id: UUID, password_hash: str, but: UUID | None = None) -> None:
    """A new password. Whoever came in by the old one is out, in all browsers or in all but one."""
    (await call.db.lock(Person, person_id)).password_hash = password_hash
    await end_others(call, person_id, but)
    await trail.note(call, person_id, "account.password-changed")


async def subject(call: Call, person_id: UUID, sign_in_id: UUID, organization: str) -> Subject:
    """The person as somebody for whom tokens may be made now. From here on the transaction is the hromada's.

    Raises:
        Denied: no member of the hromada, or not now; or there is no such hromada: the two look the same.
        WrongState: the hromada is suspended.
    """
    methods = tuple((await call.db.get(SignIn, sign_in_id)).methods)
    if not organization:
        is_operator = await operators.is_operator(call.db, person_id)
        lacks = await _lacks(call, person_id, methods, (), is_operator=is_operator)
        return Subject(person_id, sign_in_id, methods, None, lacks)
    hromada = await call.db.one_or_none(select(Hromada).where(col(Hromada.slug) == organization))
    if hromada is None:
        raise Denied("sign-in.no-member")
    await call.db.enter(hromada.id)
    membership = await members.current(call.db, person_id, call.now)
    if membership is None:
        raise Denied("sign-in.no-member")
    if hromada.is_suspended:
        raise WrongState("hromada.suspended")
    lacks = await _lacks(call, person_id, methods, membership.held, is_operator=False)
    return Subject(person_id, sign_in_id, methods, (hromada.slug, hromada.id), lacks)


async def _lacks(
    call: Call, person_id: UUID, methods: Sequence[str], roles: Sequence[Role], *, is_operator: bool
) -> Literal["", "factor", "enrolment"]:
    if proofs.acr(methods) == proofs.TWO:
        return ""
    if (await factors.held(call.db, person_id)).any:
        return "factor"
    return "enrolment" if proofs.is_required(call.settings.environment, roles, is_operator=is_operator) else ""


async def keep_code(
    call: Call,
    code: str,
    sign_in: SignIn,
    client_id: str,
    redirect_uri: str,
    scope: str,
    nonce: str | None,
    code_challenge: str,
) -> None:
    """Keeps what a code stands for."""
    call.db.add(
        Code(
            digest=call.keys.digest(_CODE, code),
            sign_in_id=sign_in.id,
            person_id=sign_in.person_id,
            client_id=client_id,
            redirect_uri=redirect_uri,
            scope=scope,
            nonce=nonce,
            code_challenge=code_challenge,
            signed_in_at=sign_in.signed_in_at,
            expires_at=call.now + rules.CODE_LASTS,
        )
    )


async def take_code(call: Call, code: str, client_id: str) -> Code | None:
    """What a code stands for, held for its exchange. One that comes a second time ends the tokens of the first."""
    digest = call.keys.digest(_CODE, code)
    found = await call.db.one_or_none(select(Code).where(col(Code.digest) == digest))
    if found is None or found.client_id != client_id:
        return None
    held = await call.db.lock(Code, found.id)
    if held.family_id is not None:
        (await call.db.lock(Family, held.family_id)).revoked_at = call.now
        return None
    sign_in = await call.db.get(SignIn, held.sign_in_id)
    if held.expires_at <= call.now or sign_in.ended_at is not None:
        return None
    return held


async def open_family(call: Call, code: Code, refresh_token_secret: str) -> Family:
    """The first tokens of a code."""
    family = Family(
        digest=call.keys.digest(_REFRESH, refresh_token_secret),
        sign_in_id=code.sign_in_id,
        person_id=code.person_id,
        client_id=code.client_id,
        scope=code.scope,
        idle_until=call.now + rules.IDLE_LASTS,
        until=code.signed_in_at + rules.SIGN_IN_LASTS,
    )
    call.db.add(family)
    await call.db.flush()
    code.family_id = family.id
    return family


async def take_family(call: Call, token: str, client_id: str) -> Family | None:
    """The family of a refresh token, held for its next token.

    A token that is not the last one has been used before, by whoever it is: the family ends.
    """
    parsed = rules.parse_refresh_token(token)
    if parsed is None:
        return None
    found = await call.db.one_or_none(select(Family).where(col(Family.id) == parsed[0]))
    if found is None or found.client_id != client_id:
        return None
    family = await call.db.lock(Family, found.id)
    if family.revoked_at is not None or min(family.idle_until, family.until) <= call.now:
        return None
    if family.digest != call.keys.digest(_REFRESH, parsed[1]):
        family.revoked_at = call.now
        return None
    return family


async def follow(call: Call, family: Family, refresh_token_secret: str) -> None:
    """The next token of a family."""
    family.digest = call.keys.digest(_REFRESH, refresh_token_secret)
    family.idle_until = call.now + rules.IDLE_LASTS


async def sweep(kit: Kit) -> None:
    """Forgets what has long ended."""
    before = kit.clock.now() - timedelta(days=1)
    async with kit.database.transaction() as db:
        await db.records(delete(Code).where(col(Code.expires_at) < before))
        await db.records(delete(Family).where(col(Family.until) < before))
        await db.records(delete(SignIn).where(col(SignIn.expires_at) < before))
