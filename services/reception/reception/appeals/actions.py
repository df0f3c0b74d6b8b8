"""The verbs of appeals."""

import secrets
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

from google.protobuf.message import Message
from kit.call import Call
from kit.clock import KYIV
from kit.errors import Missing
from kit.throttle import Throttle
from sqlalchemy import func, tuple_
from sqlmodel import col, select

from reception.appeals import letters, rules
from reception.appeals.events import told
from reception.appeals.model import Appeal, Area, Channel, Kind, Step
from reception.appeals.rules import Draft, Standing, State
from reception.codes import actions as codes
from reception.receptions.actions import become_appeal
from reception.register.actions import next_number
from reception.settings import own

CODE_DIGITS = 12
"""With eight, one guess in 500 would find one of 200,000 appeals; with twelve it is one in five million."""

_WRONG_CODES = Throttle("appeal-code", most=10, window=timedelta(minutes=15), reason="appeal.too-many-codes")
_ELECTRONIC = frozenset({Channel.PORTAL, Channel.EMAIL})


async def register(
    call: Call, draft: Draft, kind: Kind, area: Area, channel: Channel, visit: UUID | None = None
) -> tuple[Appeal, str]:
    """Enters an appeal into the register and tells the secret code by which the resident follows it.

    Raises:
        Refused: a requisite of art. 5 is missing, or the visit that it comes from is none.
        WrongState: the hromada's register is not open yet.
    """
    draft = rules.clean(draft)
    rules.check_requisites(draft, electronic=channel in _ELECTRONIC)
    rules.check_wish(draft, own(call.settings).channels)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    appeal = Appeal(
        number=await next_number(call),
        code_hash=await codes.digest(call, "appeal", code),
        kind=kind,
        area=area,
        channel=channel,
        state=State.REGISTERED,
        applicant_name=draft.name,
        residence=draft.residence,
        phone=draft.phone,
        email=draft.email,
        text=draft.text,
        received_at=call.now,
        registered_by=call.caller.subject,
        registered_by_name=call.caller.display_name,
        notice_channel=draft.wish.channel if draft.wish else None,
        notice_language=draft.wish.language if draft.wish else None,
        notice_agreed_at=call.now if draft.wish else None,
    )
    call.db.add(appeal)
    _happened(call, appeal)
    await letters.tell_registered(call, appeal)
    if visit is not None:
        await become_appeal(call, visit, appeal.id)
    return appeal, code


async def get(call: Call, appeal_id: UUID) -> Appeal:
    """One appeal. An integrator sees only what it registered itself.

    Raises:
        Missing: there is none for the caller.
    """
    appeal = await call.db.get(Appeal, appeal_id)
    if call.caller.integrator and appeal.registered_by != call.caller.subject:
        raise Missing
    return appeal


async def page(
    call: Call,
    *,
    states: Sequence[State],
    areas: Sequence[Area],
    mine: bool,
    after: tuple[datetime, UUID] | None,
    size: int,
    overdue: bool = False,
) -> list[Appeal]:
    """Appeals of the register, newest first, at most `size`."""
    statement = select(Appeal).order_by(col(Appeal.received_at).desc(), col(Appeal.id).desc()).limit(size)
    if states:
        statement = statement.where(col(Appeal.state).in_(states))
    if areas:
        statement = statement.where(col(Appeal.area).in_(areas))
    if mine:
        statement = statement.where(col(Appeal.taken_by) == call.caller.subject)
    if overdue:
        in_time = datetime.combine(rules.first_in_time(call.today), time(), KYIV)
        statement = statement.where(col(Appeal.state) != State.ANSWERED, col(Appeal.received_at) < in_time)
    if call.caller.integrator:
        statement = statement.where(col(Appeal.registered_by) == call.caller.subject)
    if after is not None:
        statement = statement.where(tuple_(col(Appeal.received_at), col(Appeal.id)) < after)
    return await call.db.all(statement)


async def counts(call: Call, *, areas: Sequence[Area], mine: bool) -> dict[State, int]:
    """How many appeals stand in each state."""
    statement = select(col(Appeal.state), func.count().label("count")).group_by(col(Appeal.state))
    if areas:
        statement = statement.where(col(Appeal.area).in_(areas))
    if mine:
        statement = statement.where(col(Appeal.taken_by) == call.caller.subject)
    if call.caller.integrator:
        statement = statement.where(col(Appeal.registered_by) == call.caller.subject)
    return {State(record["state"]): record["count"] for record in await call.db.records(statement)}


async def take(call: Call, appeal_id: UUID, etag: str) -> Appeal:
    """The caller takes the appeal to work."""
    appeal = await call.db.lock(Appeal, appeal_id, etag)
    appeal.state = rules.take(_standing(appeal))
    appeal.taken_by, appeal.taken_by_name = call.caller.subject, call.caller.display_name
    appeal.taken_at = call.now
    _happened(call, appeal)
    return appeal


async def answer(call: Call, appeal_id: UUID, etag: str, text: str) -> Appeal:
    """The one who took the appeal answers it."""
    appeal = await call.db.lock(Appeal, appeal_id, etag)
    appeal.state = rules.answer(_standing(appeal), by=call.caller.subject)
    appeal.answer = rules.answer_text(text)
    appeal.answered_by, appeal.answered_by_name = call.caller.subject, call.caller.display_name
    appeal.answered_at = call.now
    _happened(call, appeal)
    await letters.tell_answered(call, appeal)
    return appeal


async def follow(call: Call, typed: str) -> Appeal:
    """The appeal of a secret code.

    Raises:
        Missing: no appeal of this hromada has that code.
        TooMany: too many wrong codes from the same place.
    """
    who = (call.hromada.slug, call.caller.subject or call.caller.address)
    await _WRONG_CODES.attempt(call, *who)
    code_hash = await codes.digest(call, "appeal", rules.code_digits(typed))
    appeal = await call.db.one_or_none(select(Appeal).where(col(Appeal.code_hash) == code_hash))
    if appeal is None:
        raise Missing("appeal.code-unknown")
    await _WRONG_CODES.succeeded(call, *who)
    return appeal


async def told_since(
    call: Call, since: datetime | None, after: UUID | None, most: int
) -> list[tuple[UUID, Message, datetime]]:
    """The events of the hromada's appeals made from their history, oldest first."""
    statement = select(Step).order_by(col(Step.id)).limit(most)
    if since is not None:
        statement = statement.where(col(Step.at) >= since)
    if after is not None:
        statement = statement.where(col(Step.id) > after)
    steps = await call.db.all(statement)
    found = await call.db.all(select(Appeal).where(col(Appeal.id).in_({step.appeal_id for step in steps})))
    appeals = {appeal.id: appeal for appeal in found}
    return [
        (step.id, told(call.hromada, appeals[step.appeal_id], step.state, step.appeal_version), step.at)
        for step in steps
    ]


def _happened(call: Call, appeal: Appeal) -> None:
    call.db.add(Step(appeal_id=appeal.id, state=appeal.state, appeal_version=appeal.version, at=call.now))
    call.emit(told(call.hromada, appeal, appeal.state, appeal.version))


def _standing(appeal: Appeal) -> Standing:
    return Standing(appeal.state, appeal.taken_by)
