"""What happens to second factors: offered, confirmed, shown at a sign-in, given up."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pyotp
from kit.call import Call
from kit.database import Session
from kit.errors import Missing, Refused, Unknown, WrongState
from kit.service import Kit
from kit.throttle import Throttle
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from identity.factors import passkeys, rules
from identity.factors.model import Authenticator, Passkey, RecoveryCode, SpentChallenge

_ATTEMPTS = Throttle("second-factor", 10, timedelta(minutes=15))
_CODE = "recovery-code"
_MOST_PASSKEYS = 20


@dataclass(frozen=True, slots=True)
class Held:
    """What a person has beside a password."""

    app: bool
    passkeys: list[Passkey]
    codes_left: int

    @property
    def any(self) -> bool:
        return self.app or bool(self.passkeys)


async def held(db: Session, person_id: UUID) -> Held:
    """What the person has."""
    app = await db.one_or_none(select(Authenticator).where(col(Authenticator.person_id) == person_id))
    keys = await db.all(select(Passkey).where(col(Passkey.person_id) == person_id).order_by(col(Passkey.id)))
    codes = await db.all(
        select(RecoveryCode).where(col(RecoveryCode.person_id) == person_id, col(RecoveryCode.used_at).is_(None))
    )
    return Held(app is not None and app.confirmed_at is not None, keys, len(codes))


async def offer(call: Call, person_id: UUID) -> str:
    """The secret for the app; the same one until a code of it was shown.

    Raises:
        WrongState: the person has an app already.
    """
    found = await call.db.one_or_none(select(Authenticator).where(col(Authenticator.person_id) == person_id))
    if found is None:
        id, secret = uuid7(), pyotp.random_base32()
        sealed = await call.vault.seal(call, secret.encode(), Authenticator, id)
        await call.db.records(
            insert(Authenticator)
            .values(id=id, version=1, person_id=person_id, sealed=sealed, last_step=0, created_at=call.now)
            .on_conflict_do_nothing(index_elements=[col(Authenticator.person_id)])
        )
        return await offer(call, person_id)
    if found.confirmed_at is not None:
        raise WrongState("factor.app-is-there")
    return await _opened(call, found)


async def confirm(call: Call, person_id: UUID, code: str) -> list[str]:
    """The app shows the right code: from now on it is asked for.

    Returns:
        recovery codes, told only now, if the person has none yet.

    Raises:
        Refused: the code is not the app's.
        WrongState: the person has an app already, or none is offered.
        TooMany: there were too many attempts.
    """
    await _ATTEMPTS.attempt(call, str(person_id))
    app = await _app(call, person_id)
    if app is None or app.confirmed_at is not None:
        raise WrongState("factor.app-is-there")
    if not await _takes(call, app, rules.digits(code)):
        raise Refused("code", "factor.wrong-first-code")
    app.confirmed_at = call.now
    await _ATTEMPTS.succeeded(call, str(person_id))
    return await _codes_if_none(call, person_id)


async def check(call: Call, person_id: UUID, code: str) -> None:
    """Takes a code of the app, or a recovery code, each once.

    Raises:
        Unknown: it is neither, or was taken before.
        TooMany: there were too many attempts.
    """
    await _ATTEMPTS.attempt(call, str(person_id))
    given = rules.digits(code)
    app = await _app(call, person_id)
    is_right = app is not None and app.confirmed_at is not None and await _takes(call, app, given)
    if not is_right and not await _takes_recovery_code(call, person_id, given):
        raise Unknown("factor.wrong-code")
    await _ATTEMPTS.succeeded(call, str(person_id))


async def give_up_app(call: Call, person_id: UUID) -> None:
    """Forgets the app; with the last factor, the recovery codes too."""
    await call.db.records(delete(Authenticator).where(col(Authenticator.person_id) == person_id))
    await _tidy(call, person_id)


async def give_up_passkey(call: Call, person_id: UUID, id: UUID) -> None:
    """Forgets one passkey of the person; with the last factor, the recovery codes too."""
    await call.db.records(delete(Passkey).where(col(Passkey.person_id) == person_id, col(Passkey.id) == id))
    await _tidy(call, person_id)


async def give_up_all(call: Call, person_id: UUID) -> None:
    """Forgets everything beside the password."""
    for model in (Authenticator, Passkey, RecoveryCode):
        await call.db.records(delete(model).where(col(model.person_id) == person_id))


async def new_codes(call: Call, person_id: UUID) -> list[str]:
    """Ten new recovery codes in the place of those before.

    Raises:
        WrongState: there is nothing to recover: no second factor.
    """
    if not (await held(call.db, person_id)).any:
        raise WrongState("factor.none-yet")
    await call.db.records(delete(RecoveryCode).where(col(RecoveryCode.person_id) == person_id))
    codes = rules.new_codes()
    for code in codes:
        call.db.add(RecoveryCode(person_id=person_id, digest=call.keys.digest(_CODE, str(person_id), code)))
    await call.db.flush()
    return codes


async def add_passkey(call: Call, person_id: UUID, answer: str, visitor: str, device: str) -> list[str]:
    """Keeps a new passkey.

    Returns:
        recovery codes, told only now, if the person has none yet.

    Raises:
        Unknown: the device's answer is not to our question, or not as it must be.
        WrongState: the passkey is there already, or there are very many.
    """
    made = passkeys.made(call, answer, visitor, str(person_id))
    await _spend(call, made.challenge)
    known = await call.db.one_or_none(select(Passkey).where(col(Passkey.credential_id) == made.credential_id))
    if known is not None:
        raise WrongState("factor.passkey-is-there")
    if len((await held(call.db, person_id)).passkeys) >= _MOST_PASSKEYS:
        raise WrongState("factor.many-passkeys")
    call.db.add(
        Passkey(
            person_id=person_id,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            device=device,
            created_at=call.now,
        )
    )
    await call.db.flush()
    return await _codes_if_none(call, person_id)


async def by_passkey(call: Call, answer: str, visitor: str) -> UUID:
    """Whose passkey has answered our question.

    Raises:
        Unknown: nobody's that we know, or not as it must be.
        TooMany: from that network address there were too many attempts.
    """
    await _ATTEMPTS.attempt(call, "passkey", call.caller.address, visitor)
    found = await call.db.one_or_none(
        select(Passkey).where(col(Passkey.credential_id) == passkeys.credential_of(answer))
    )
    if found is None:
        raise Unknown("factor.passkey-unknown")
    passkey = await call.db.lock(Passkey, found.id)
    used = passkeys.used(call, answer, visitor, passkey.public_key, passkey.sign_count)
    await _spend(call, used.challenge)
    passkey.sign_count = used.sign_count
    passkey.used_at = call.now
    await _ATTEMPTS.succeeded(call, "passkey", call.caller.address, visitor)
    return passkey.person_id


async def sweep(kit: Kit) -> None:
    """Forgets questions that could not be answered any more."""
    async with kit.database.transaction() as db:
        await db.records(delete(SpentChallenge).where(col(SpentChallenge.expires_at) < kit.clock.now()))


async def _opened(call: Call, app: Authenticator) -> str:
    return (await call.vault.open(call, app.sealed, Authenticator, app.id)).decode()


async def _app(call: Call, person_id: UUID) -> Authenticator | None:
    """The person's app, held: of two who show the same code at once, one comes in."""
    found = await call.db.one_or_none(select(Authenticator).where(col(Authenticator.person_id) == person_id))
    try:
        return await call.db.lock(Authenticator, found.id) if found is not None else None
    except Missing:
        return None


async def _takes(call: Call, app: Authenticator, code: str) -> bool:
    step = rules.matching_step(await _opened(call, app), code, call.now, app.last_step)
    if step is None:
        return False
    app.last_step = step
    return True


async def _takes_recovery_code(call: Call, person_id: UUID, code: str) -> bool:
    found = await call.db.one_or_none(
        select(RecoveryCode).where(
            col(RecoveryCode.person_id) == person_id,
            col(RecoveryCode.digest) == call.keys.digest(_CODE, str(person_id), code),
        )
    )
    if found is None:
        return False
    try:
        held_code = await call.db.lock(RecoveryCode, found.id)
    except Missing:
        return False
    if held_code.used_at is not None:
        return False
    held_code.used_at = call.now
    return True


async def _codes_if_none(call: Call, person_id: UUID) -> list[str]:
    await call.db.flush()
    return [] if (await held(call.db, person_id)).codes_left else await new_codes(call, person_id)


async def _tidy(call: Call, person_id: UUID) -> None:
    if not (await held(call.db, person_id)).any:
        await give_up_all(call, person_id)


async def _spend(call: Call, challenge: bytes) -> None:
    spent = await call.db.records(
        insert(SpentChallenge)
        .values(
            id=uuid7(),
            version=1,
            digest=call.keys.digest("spent-challenge", challenge.hex()),
            expires_at=call.now + rules.CHALLENGE_LASTS,
        )
        .on_conflict_do_nothing(index_elements=[col(SpentChallenge.digest)])
        .returning(col(SpentChallenge.id))
    )
    if not spent:
        raise Unknown("factor.passkey-unknown")
