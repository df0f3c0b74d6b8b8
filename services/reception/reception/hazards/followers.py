"""Whoever follows a hazard: by their code they read, confirm and reopen it."""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from kit.call import Call
from kit.database import table_of
from kit.errors import Missing, Refused, WrongState
from kit.throttle import Throttle
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from reception.appeals.rules import Wish, code_digits
from reception.codes import actions as codes
from reception.hazards import rules
from reception.hazards.lists import public
from reception.hazards.model import Confirmation, Follower, Hazard
from reception.hazards.rules import NOBODY, Contact, Deed, State
from reception.hazards.settings import said, settings_row
from reception.hazards.steps import changed, happened
from reception.settings import own

CODE_DIGITS = 12
_CONFIRMATIONS = Throttle("hazard-confirm", most=30, window=timedelta(hours=1), reason="hazard.too-many")
_REOPENINGS = Throttle("hazard-reopen", most=5, window=timedelta(hours=1), reason="hazard.too-many")
_WRONG_CODES = Throttle("hazard-code", most=10, window=timedelta(minutes=15), reason="hazard.too-many-codes")


@dataclass(frozen=True, slots=True)
class Followed:
    """A hazard as whoever holds a code of it knows it."""

    hazard: Hazard
    follower: Follower


async def begin_to_follow(call: Call, hazard: Hazard, wish: Wish | None, address: str, *, is_reporter: bool) -> str:
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    follower = Follower(
        hazard_id=hazard.id,
        code_hash=await codes.digest(call, "hazard", code),
        is_reporter=is_reporter,
        channel=wish.channel if wish else None,
        address=address,
        language=wish.language if wish else "",
        agreed_at=call.now if wish else None,
    )
    call.db.add(follower)
    return code


async def follow(call: Call, typed: str) -> Followed:
    """The hazard of a secret code.

    Raises:
        Missing: no hazard of this hromada has that code.
        TooMany: too many wrong codes from the same place.
    """
    who = (call.hromada.slug, call.caller.subject or call.caller.address)
    await _WRONG_CODES.attempt(call, *who)
    code_hash = await codes.digest(call, "hazard", code_digits(typed))
    follower = await call.db.one_or_none(select(Follower).where(col(Follower.code_hash) == code_hash))
    if follower is None:
        raise Missing("hazard.code-unknown")
    await _WRONG_CODES.succeeded(call, *who)
    return Followed(await call.db.get(Hazard, follower.hazard_id), follower)


async def stop_notices(call: Call, typed: str) -> Followed:
    """Whoever holds the code is told nothing more; their address is forgotten."""
    found = await follow(call, typed)
    follower = await call.db.lock(Follower, found.follower.id)
    follower.channel, follower.address, follower.agreed_at = None, "", None
    return replace(found, follower=follower)


async def confirm(
    call: Call, number: int, visitor: str, contact: Contact = NOBODY, wish: Wish | None = None
) -> tuple[Hazard, bool, str]:
    """Somebody saw it too, once each; tells whether it is new, and the code of a new follower.

    Raises:
        Missing: there is no such hazard for everybody.
        Refused: whoever confirms it cannot be told of it as they wish.
        TooMany: too many from the same place.
    """
    found = await public(call, number)
    address = rules.told_at(wish, contact, own(call.settings).channels, "")
    await _CONFIRMATIONS.attempt(call, call.hromada.slug, call.caller.subject or call.caller.address)
    who = await codes.digest(call, f"hazard-visitor {found.id}", f"{call.caller.subject} {visitor}")
    row = {"hromada_id": call.hromada.id, "id": uuid7(), "version": 1, "hazard_id": found.id, "visitor": who}
    table = table_of(Confirmation)
    is_new = bool(await call.db.records(insert(table).values(row).on_conflict_do_nothing().returning(table.c.id)))
    code = await begin_to_follow(call, found, wish, address, is_reporter=False) if wish and is_new else ""
    if is_new:
        found = await call.db.lock(Hazard, found.id)
        found.confirmations += 1
        happened(call, found, Deed.CONFIRMED, call.today)
    return found, is_new, code


async def reopen(call: Call, number: int, reason: str, code: str) -> Hazard:
    """A resident says that it is not fixed.

    Raises:
        Missing: there is no such hazard for them, or the code is none of it.
        Refused: it is not said what is still wrong, or a code is needed.
        WrongState: it is open.
    """
    text = rules.reason(reason, "reason")
    if code:
        followed = (await follow(call, code)).hazard
        if followed.number != number:
            raise Missing("hazard.code-unknown")
        hazard = followed
    else:
        hazard = await public(call, number)
        if not said(await settings_row(call)).anyone_reopens:
            raise Refused("code", "hazard.code-missing")
    await _REOPENINGS.attempt(call, call.hromada.slug, call.caller.subject or call.caller.address)
    hazard = await call.db.lock(Hazard, hazard.id)
    if hazard.state is State.DUPLICATE:
        raise WrongState("hazard.not-so-now")
    hazard.state = rules.move(hazard.state, Deed.REOPENED)
    hazard.closed_on = None
    await changed(call, hazard, Deed.REOPENED, call.today, text, of_office=False)
    return hazard
