"""The verbs of appeals."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from google.protobuf.message import Message
from kit.call import Call
from kit.errors import Missing, Refused
from kit.throttle import Throttle
from sqlalchemy import func, literal_column, tuple_
from sqlmodel import col, select

from reception.appeals import letters, rules
from reception.appeals.events import told
from reception.appeals.model import Appeal, Area, Channel, Kind, Step
from reception.appeals.rules import (
    NOTHING_BESIDE,
    Deed,
    Draft,
    Particulars,
    Resolution,
    Sensitivity,
    Standing,
    State,
    Term,
)
from reception.cases import rules as case_rules
from reception.classifier import rules as classifier
from reception.clocks import actions as clocks
from reception.clocks import rules as clock_rules
from reception.clocks.rules import Alarm
from reception.codes import actions as codes
from reception.receptions.actions import become_appeal
from reception.register import actions as registers
from reception.register import rules as register_rules
from reception.register.model import Register
from reception.settings import own
from reception.steps import steps_since

CODE_DIGITS = 12
"""With eight, one guess in 500 would find one of 200,000 appeals; with twelve it is one in five million."""

_WRONG_CODES = Throttle("appeal-code", most=10, window=timedelta(minutes=15), reason="appeal.too-many-codes")
_IS_OPEN = col(Appeal.state).in_([literal_column(f"'{each.value}'") for each in State if each.is_open])
"""Written out as the index of deadlines has it: of an argument PostgreSQL would not know that the index serves it."""
_ANSWERABLE = frozenset({Channel.PORTAL, Channel.EMAIL})
"""Electronic, and from the person: a municipal system answers its own."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What stands already of an appeal that was sorted before it is registered."""

    code_hash: bytes
    at: datetime
    by: str
    by_name: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the register begins: after this moment or day, and this appeal."""

    at: datetime | date
    id: UUID


async def register(
    call: Call,
    draft: Draft,
    kind: Kind,
    area: Area,
    channel: Channel,
    visit: UUID | None = None,
    beside: Particulars = NOTHING_BESIDE,
    sensitivity: Sensitivity | None = None,
    named: Sequence[str] = (),
    arrived: Arrived | None = None,
) -> tuple[Appeal, str]:
    """Enters an appeal into the register and tells the secret code by which the resident follows it; none of what
    arrived with its own.

    Raises:
        Refused: a requisite of art. 5 is missing, days are in the wrong order, a code of the classifier is none, or the
            visit or the appeal that it comes from is none.
        WrongState: the hromada's register is not open yet.
    """
    draft = rules.clean(draft)
    rules.check_requisites(draft, electronic=channel in _ANSWERABLE)
    if arrived is None:
        rules.check_wish(draft, own(call.settings).channels)
    code = new_code() if arrived is None else ""
    received_on = beside.received_on or call.today
    is_signed = beside.is_signed or not channel.is_written
    due = (await clocks.clocks(call)).of(received_on).month
    mark = register_rules.mark_of(draft.name, signatories=beside.signatories, is_signed=is_signed)
    register = await registers.require_open(call)
    particulars = await _particulars(call, register, beside, kind, received_on)
    appeal = Appeal(
        number=await registers.next_number(call, register, mark),
        code_hash=arrived.code_hash if arrived else await codes.digest(call, "appeal", code),
        kind=kind,
        area=area,
        channel=channel,
        state=State.REGISTERED,
        applicant_name=draft.name,
        residence=draft.residence,
        phone=draft.phone,
        email=draft.email,
        text=draft.text,
        received_at=arrived.at if arrived else call.now,
        registered_by=arrived.by if arrived else call.caller.subject,
        registered_by_name=arrived.by_name if arrived else call.caller.display_name,
        notice_channel=draft.wish.channel if draft.wish else None,
        notice_language=draft.wish.language if draft.wish else None,
        notice_agreed_at=(arrived.at if arrived else call.now) if draft.wish else None,
        received_on=received_on,
        term=Term.GENERAL,
        due_on=due.safe,
        legal_on=due.legal,
        alarm=Alarm.NONE,
        sensitivity=sensitivity,
        named=list(named),
        **{**particulars, "is_signed": is_signed},
    )
    call.db.add(appeal)
    happened(call, appeal, Deed.REGISTERED)
    await letters.tell_registered(call, appeal)
    if visit is not None:
        await become_appeal(call, visit, appeal.id)
    return appeal, code


async def update_particulars(call: Call, appeal_id: UUID, etag: str, beside: Particulars) -> Appeal:
    """What is written down beside an appeal; its day of arrival stays.

    Raises:
        Refused: days are in the wrong order, the day of arrival is another, or a code or an appeal is none.
    """
    appeal = await call.db.lock(Appeal, appeal_id, etag)
    if beside.received_on not in {None, appeal.received_on}:
        raise Refused("particulars.received_on", "appeal.received-is-fixed")
    if beside.previous == appeal.id:
        raise Refused("particulars.previous", "appeal.previous-unknown")
    register = await registers.require_open(call)
    particulars = await _particulars(call, register, beside, appeal.kind, appeal.received_on)
    for name, value in particulars.items():
        setattr(appeal, name, value)
    appeal.is_signed = beside.is_signed or not appeal.channel.is_written
    return appeal


async def _particulars(
    call: Call, register: Register, beside: Particulars, kind: Kind, received_on: date
) -> dict[str, Any]:
    said = replace(beside, received_on=received_on)
    rules.check_particulars(said, call.today, is_complaint=kind is Kind.COMPLAINT)
    classifier.check(beside.codes, beside.subjects, received_on)
    if beside.previous is not None:
        await _known(call, beside.previous)
    privileged = register_rules.privileged_on(registers.said(register).privileged, received_on)
    return {
        "written_on": beside.written_on,
        "signatories": beside.signatories,
        "repeat": beside.repeat,
        "previous_id": beside.previous,
        "codes": list(beside.codes),
        "subjects": list(beside.subjects),
        "priority": rules.priority(beside.codes, privileged),
        "conceals_identity": beside.conceals_identity,
        "reply": beside.reply,
        "complained_of": beside.complained_of.id if beside.complained_of else None,
        "complained_of_title": rules.one_line(beside.complained_of.title) if beside.complained_of else "",
        "sent_from": rules.one_line(beside.sent_from),
        "sent_on": beside.sent_on,
        "sent_index": rules.one_line(beside.sent_index),
    }


async def _known(call: Call, previous: UUID) -> None:
    try:
        await call.db.get(Appeal, previous)
    except Missing:
        raise Refused("particulars.previous", "appeal.previous-unknown") from None


def knows_whose(call: Call, appeal: Appeal) -> bool:
    """Whether the caller may be told who appeals (art. 10)."""
    return rules.may_know_whose(
        conceals=appeal.conceals_identity and appeal.sensitivity is None,
        is_holder=appeal.taken_by == call.caller.subject,
        is_head=call.may(rules.HEAD),
        is_untaken=appeal.state is State.REGISTERED,
    )


async def get(call: Call, appeal_id: UUID) -> Appeal:
    """One appeal. An integrator sees only what it registered itself, and a sensitive case only its named staff.

    Raises:
        Missing: there is none for the caller.
        WrongState: it is a sensitive case, and the call does not say what for.
    """
    appeal = await call.db.get(Appeal, appeal_id)
    if call.caller.integrator and appeal.registered_by != call.caller.subject:
        raise Missing
    case_rules.check_purpose(appeal.sensitivity, call.purpose)
    return appeal


async def page(
    call: Call,
    *,
    states: Sequence[State],
    areas: Sequence[Area],
    mine: bool,
    after: Place | None,
    size: int,
    overdue: bool = False,
    due_soon: bool = False,
    by_deadline: bool = False,
    awaiting_decision: bool = False,
) -> list[Appeal]:
    """Appeals of the register, newest first or what is due first, at most `size`. Sensitive cases are in no list."""
    order = (
        (col(Appeal.due_on), col(Appeal.id)) if by_deadline else (col(Appeal.received_at).desc(), col(Appeal.id).desc())
    )
    statement = select(Appeal).where(col(Appeal.sensitivity).is_(None)).order_by(*order).limit(size)
    if states:
        statement = statement.where(col(Appeal.state).in_(states))
    if areas:
        statement = statement.where(col(Appeal.area).in_(areas))
    if mine:
        statement = statement.where(col(Appeal.taken_by) == call.caller.subject)
    if overdue or due_soon or by_deadline:
        statement = statement.where(_IS_OPEN)
    if overdue:
        statement = statement.where(col(Appeal.legal_on) < call.today)
    if awaiting_decision:
        statement = statement.where(col(Appeal.asked_until).is_not(None))
    if due_soon:
        calendar = (await clocks.clocks(call)).calendar
        statement = statement.where(col(Appeal.due_on) <= clock_rules.warned_until(call.today, calendar))
    if call.caller.integrator:
        statement = statement.where(col(Appeal.registered_by) == call.caller.subject)
    if after is not None and by_deadline:
        statement = statement.where(tuple_(col(Appeal.due_on), col(Appeal.id)) > (after.at, after.id))
    elif after is not None:
        statement = statement.where(tuple_(col(Appeal.received_at), col(Appeal.id)) < (after.at, after.id))
    return await call.db.all(statement)


async def counts(call: Call, *, areas: Sequence[Area], mine: bool) -> dict[State, int]:
    """How many appeals stand in each state."""
    open_to_all = col(Appeal.sensitivity).is_(None)
    statement = select(col(Appeal.state), func.count().label("count")).where(open_to_all).group_by(col(Appeal.state))
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
    appeal.state = rules.take(standing(appeal))
    appeal.taken_by, appeal.taken_by_name = call.caller.subject, call.caller.display_name
    appeal.taken_at = call.now
    happened(call, appeal, Deed.TAKEN)
    return appeal


async def answer(call: Call, appeal_id: UUID, etag: str, said: Resolution) -> Appeal:
    """The one who took the appeal answers it.

    Raises:
        Refused: the answer is empty, or a refusal lacks its law or the way to appeal.
    """
    appeal = await call.db.lock(Appeal, appeal_id, etag)
    appeal.state = rules.answer(standing(appeal), by=call.caller.subject)
    resolution = rules.resolve(said)
    appeal.answer, appeal.outcome = resolution.text, resolution.outcome
    appeal.legal_ground, appeal.appeal_procedure = resolution.legal_ground, resolution.appeal_procedure
    appeal.closed_on, appeal.asked_until = call.today, None
    appeal.answered_by, appeal.answered_by_name = call.caller.subject, call.caller.display_name
    appeal.answered_at = call.now
    happened(call, appeal, Deed.ANSWERED)
    await letters.tell_answered(call, appeal)
    return appeal


async def follow(call: Call, typed: str) -> Appeal:
    """The appeal of a secret code.

    Raises:
        Missing: no appeal of this hromada has that code.
        TooMany: too many wrong codes from the same place.
    """
    code_hash = await tried(call, typed)
    appeal = await call.db.one_or_none(select(Appeal).where(col(Appeal.code_hash) == code_hash))
    if appeal is None:
        raise Missing("appeal.code-unknown")
    await right(call)
    return appeal


def new_code() -> str:
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


async def tried(call: Call, typed: str) -> bytes:
    """What a typed code is kept as. It counts as wrong until it was `right`.

    Raises:
        TooMany: too many wrong codes from the same place.
    """
    await _WRONG_CODES.attempt(call, *_place(call))
    return await codes.digest(call, "appeal", rules.code_digits(typed))


async def right(call: Call) -> None:
    await _WRONG_CODES.succeeded(call, *_place(call))


def _place(call: Call) -> tuple[str, str]:
    return call.hromada.slug, call.caller.subject or call.caller.address


async def told_since(
    call: Call, since: datetime | None, after: UUID | None, most: int
) -> list[tuple[UUID, Message, datetime]]:
    """The events of the hromada's appeals made from their history, oldest first. No event tells of a sensitive case."""
    steps = await call.db.all(steps_since(Step, since, after, most))
    of_these = col(Appeal.id).in_({step.appeal_id for step in steps})
    found = await call.db.all(select(Appeal).where(of_these, col(Appeal.sensitivity).is_(None)))
    appeals = {appeal.id: appeal for appeal in found}
    return [
        (step.id, told(call.hromada, appeals[step.appeal_id], step), step.at)
        for step in steps
        if step.appeal_id in appeals
    ]


def happened(call: Call, appeal: Appeal, deed: Deed) -> None:
    """Writes a deed into the appeal's history, and tells it unless the case is sensitive."""
    step = Step(
        appeal_id=appeal.id,
        state=appeal.state,
        deed=deed,
        alarm=appeal.alarm,
        appeal_version=appeal.version,
        at=call.now,
    )
    call.db.add(step)
    if appeal.sensitivity is None:
        call.emit(told(call.hromada, appeal, step))


def standing(appeal: Appeal) -> Standing:
    return Standing(appeal.state, appeal.taken_by)
