"""The verbs of receptions."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from google.protobuf.message import Message
from kit.call import Call
from kit.database import table_of
from kit.errors import Missing, Refused
from kit.notices.actions import forget
from kit.notices.rules import Channel
from kit.throttle import Throttle
from sqlalchemy import Text, cast, func, literal, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from reception.codes import actions as codes
from reception.persons.model import LegalHold
from reception.receptions import letters, rules, schedules, slots
from reception.receptions.events import told
from reception.receptions.model import Visit, VisitStep
from reception.receptions.rules import Outcome, Reminder, Schedule, State
from reception.settings import own
from reception.steps import steps_since

CODE_DIGITS = 12
_HAS_ITS_SLOT = text("state <> 'cancelled' AND NOT walk_in")
"""As the unique index has it: in words, because a planned statement does not match a parameter with an index."""
_NO_REMINDER = dict.fromkeys(("reminder_channel", "reminder_email", "reminder_language", "reminder_agreed_at"))
_WRONG_CODES = Throttle("visit-code", most=10, window=timedelta(minutes=15), reason="visit.too-many-codes")


@dataclass(frozen=True, slots=True)
class Draft:
    """Who wants to come, and when."""

    start: datetime
    visitor: str
    phone: str
    topic: str
    reminder: Reminder | None = None


def reminder_channels(call: Call) -> list[Channel]:
    """How the platform can tell somebody of their visit."""
    return list(own(call.settings).channels)


async def book(call: Call, draft: Draft, *, for_caller: bool) -> tuple[Visit, str]:
    """Books a slot and tells the code by which it can be cancelled. Staff book for whoever called.

    Raises:
        Refused: there is no such slot, the phone has as many visits as it may, or the reminder cannot be sent.
        AlreadyThere: somebody was faster; the text has the next free slot.
    """
    schedule = schedules.said(await schedules.schedule_row(call))
    visitor = _named(draft.visitor, "visit.visitor")
    rules.check_slot(schedule, draft.start, call.now)
    reminder = draft.reminder and rules.remind(draft.reminder, reminder_channels(call))
    if not for_caller:
        rules.check_visits_ahead(await _ahead_of(call, draft.phone))
    code = _new_code()
    visit = Visit(
        hromada_id=call.hromada.id,
        starts_at=draft.start,
        minutes=schedule.slot_minutes,
        state=State.BOOKED,
        code_hash=await codes.digest(call, "visit", code),
        visitor=visitor,
        phone=draft.phone,
        topic=" ".join(draft.topic.split()),
        booked_at=call.now,
        booked_by=call.caller.subject if for_caller else "",
        hosts=[],
        **_kept_of(reminder, call.now),
    )
    table = table_of(Visit)
    values = {column.name: getattr(visit, column.name) for column in table.columns}
    fresh = insert(table).values(values)
    won = fresh.on_conflict_do_nothing(
        index_elements=[table.c.hromada_id, table.c.starts_at],
        index_where=_HAS_ITS_SLOT,
    ).returning(table.c.id)
    if not await call.db.records(won):
        raise await slots.taken_by_another(call, schedule, draft.start)
    happened(call, visit)
    if reminder is not None:
        await letters.tell_booked(call, visit)
        await remind_later(call, visit)
    return visit, code


async def remind(call: Call, visit: str) -> None:
    """The day before a visit, unless it is not expected any more."""
    found = await call.db.get(Visit, UUID(visit))
    if found.state is State.BOOKED:
        await letters.tell_tomorrow(call, found)


async def add_walk_in(call: Call, visitor: str, phone: str, topic: str) -> Visit:
    """Somebody who simply came waits from now on. Nobody is told a code: who stands here can say that they leave.

    Raises:
        Refused: the visitor has no name to be called by.
    """
    schedule = schedules.said(await schedules.schedule_row(call))
    visit = Visit(
        starts_at=call.now,
        minutes=schedule.slot_minutes,
        state=State.ARRIVED,
        code_hash=await codes.digest(call, "visit", _new_code()),
        visitor=_named(visitor, "visitor"),
        phone=phone,
        topic=" ".join(topic.split()),
        booked_at=call.now,
        booked_by=call.caller.subject,
        arrived_at=call.now,
        hosts=[],
        walk_in=True,
    )
    call.db.add(visit)
    await call.db.flush()
    happened(call, visit)
    return visit


async def get(call: Call, visit_id: UUID) -> Visit:
    return await call.db.get(Visit, visit_id)


async def cancel_by_code(call: Call, typed: str) -> Visit:
    """The visitor cancels.

    Raises:
        Missing: no visit of this hromada has that code.
        TooMany: too many wrong codes from the same place.
        WrongState: it is cancelled already, or has begun.
    """
    visit = await of_code(call, typed)
    state = rules.cancel(visit.state)
    rules.check_cancelled_in_time(visit.starts_at, call.now)
    return await _cancelled(call, visit, state)


async def cancel(call: Call, visit_id: UUID, etag: str) -> Visit:
    """Staff cancel for a caller."""
    visit = await call.db.lock(Visit, visit_id, etag)
    return await _cancelled(call, visit, rules.cancel(visit.state))


async def of_day(call: Call, day: date) -> list[tuple[Visit, bool]]:
    """The visits of a day in waiting order, the cancelled last; and whether each is outside the schedule."""
    first = datetime.combine(day, time(), rules.KYIV)
    last = datetime.combine(day + timedelta(days=1), time(), rules.KYIV)
    statement = select(Visit).where(col(Visit.starts_at) >= first, col(Visit.starts_at) < last)
    schedule = schedules.said(await schedules.schedule_row(call))
    found = sorted(await call.db.all(statement), key=_turn)
    return [(visit, _is_outside(schedule, visit)) for visit in found]


async def outside_schedule(call: Call) -> list[Visit]:
    """Visits ahead that the schedule no longer has: they stand, and somebody must be there."""
    schedule = schedules.said(await schedules.schedule_row(call))
    statement = (
        select(Visit)
        .where(col(Visit.starts_at) > call.now, col(Visit.state).in_([State.BOOKED, State.ARRIVED]))
        .order_by(col(Visit.starts_at))
    )
    return [visit for visit in await call.db.all(statement) if _is_outside(schedule, visit)]


async def is_outside(call: Call, visit: Visit) -> bool:
    return _is_outside(schedules.said(await schedules.schedule_row(call)), visit)


async def check_in(call: Call, visit_id: UUID, etag: str) -> Visit:
    visit = await call.db.lock(Visit, visit_id, etag)
    visit.state = rules.check_in(visit.state)
    visit.arrived_at = call.now
    return visit


async def record(call: Call, visit_id: UUID, etag: str, hosts: list[str], outcome: Outcome, note: str) -> Visit:
    """What came of the visit, and who held it."""
    visit = await call.db.lock(Visit, visit_id, etag)
    known = (await schedules.schedule_row(call)).hosts
    visit.state = rules.record(visit.state, outcome, hosts, known)
    visit.outcome, visit.note = outcome, note.strip()
    visit.hosts = hosts if visit.state is State.HELD else []
    happened(call, visit)
    return visit


async def become_appeal(call: Call, visit_id: UUID, appeal_id: UUID) -> None:
    """An appeal came of the visit.

    Raises:
        Refused: there is no such visit, nobody came, or it has an appeal.
    """
    try:
        visit = await call.db.lock(Visit, visit_id)
    except Missing:
        raise Refused("visit", "visit.unknown") from None
    visit.state = rules.become_appeal(visit.state, has_appeal=visit.appeal_id is not None)
    visit.appeal_id = appeal_id


async def forget_visitors(call: Call) -> None:
    """Of visits long past, who came, how to reach them and what about, and what they were told. The visit and what came
    of it stay; a legal hold wins."""
    name = func.concat("visits/", cast(col(Visit.id), Text))
    held = select(literal(1)).where(col(LegalHold.record) == name, col(LegalHold.removed_at).is_(None))
    past = update(Visit).where(
        col(Visit.starts_at) < call.now - rules.FORGOTTEN_AFTER, col(Visit.visitor) != "", ~held.exists()
    )
    nobody = past.values(visitor="", phone="", topic="", **_NO_REMINDER, version=Visit.version + 1)
    forgotten = await call.db.records(nobody.returning(col(Visit.id)))
    await forget(call, [letters.about(record["id"]) for record in forgotten])


async def forget_visitor(call: Call, appeal_id: UUID) -> None:
    """Of the visit that a sensitive case came from: the case has it, and whoever reads the day's visits need not."""
    await call.db.flush()
    mine = update(Visit).where(col(Visit.appeal_id) == appeal_id)
    nobody = mine.values(visitor="", phone="", topic="", note="", **_NO_REMINDER, version=Visit.version + 1)
    forgotten = await call.db.records(nobody.returning(col(Visit.id)))
    await forget(call, [letters.about(record["id"]) for record in forgotten])


async def told_since(
    call: Call, since: datetime | None, after: UUID | None, most: int
) -> list[tuple[UUID, Message, datetime]]:
    """The events of visits made from their history, oldest first."""
    steps = await call.db.all(steps_since(VisitStep, since, after, most))
    return [(step.id, told(call.hromada, step), step.at) for step in steps]


def _turn(visit: Visit) -> tuple[bool, datetime, datetime]:
    since = rules.waiting_since(visit.starts_at, visit.arrived_at, visit.minutes)
    return visit.state is State.CANCELLED, since, visit.starts_at


async def _ahead_of(call: Call, phone: str) -> int:
    statement = select(func.count().label("count")).where(
        col(Visit.phone) == phone, col(Visit.starts_at) > call.now, col(Visit.state) == State.BOOKED
    )
    return int((await call.db.records(statement))[0]["count"])


async def of_code(call: Call, typed: str) -> Visit:
    """The visit of a code, held."""
    who = (call.hromada.slug, call.caller.subject or call.caller.address)
    await _WRONG_CODES.attempt(call, *who)
    code_hash = await codes.digest(call, "visit", "".join(letter for letter in typed if letter in "0123456789"))
    found = await call.db.one_or_none(select(Visit).where(col(Visit.code_hash) == code_hash))
    if found is None:
        raise Missing("visit.code-unknown")
    await _WRONG_CODES.succeeded(call, *who)
    return await call.db.lock(Visit, found.id)


async def remind_later(call: Call, visit: Visit) -> None:
    """If its visitor has asked for it, and there is time."""
    due = rules.remind_at(visit.starts_at)
    if visit.reminder_channel is not None and due > call.now:
        await call.later(remind, due, str(visit.id), visit=str(visit.id))


async def _cancelled(call: Call, visit: Visit, state: State) -> Visit:
    """With the visit goes what was kept to remind of it; that it is cancelled is the last thing told."""
    visit.state = state
    await call.not_later(remind, str(visit.id))
    await letters.tell_cancelled(call, visit)
    for name in _NO_REMINDER:
        setattr(visit, name, None)
    happened(call, visit)
    return visit


def _kept_of(reminder: Reminder | None, now: datetime) -> dict[str, Any]:
    if reminder is None:
        return {}
    return {
        "reminder_channel": reminder.channel,
        "reminder_email": reminder.email,
        "reminder_language": reminder.language,
        "reminder_agreed_at": now,
    }


def happened(call: Call, visit: Visit, *, is_move: bool = False) -> None:
    """Writes it into the visit's history, and tells it."""
    step = VisitStep(
        visit_id=visit.id,
        state=visit.state,
        outcome=visit.outcome,
        starts_at=visit.starts_at,
        is_move=is_move,
        visit_version=visit.version,
        at=call.now,
    )
    call.db.add(step)
    call.emit(told(call.hromada, step))


def _is_outside(schedule: Schedule, visit: Visit) -> bool:
    return not visit.walk_in and not rules.is_scheduled(schedule, visit.starts_at)


def _named(visitor: str, field: str) -> str:
    name = " ".join(visitor.split())
    if not any(letter.isalpha() for letter in name):
        raise Refused(field, "visit.visitor-missing")
    return name


def _new_code() -> str:
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
