"""The verbs of duties."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from google.protobuf.message import Message
from kit.call import Call
from kit.errors import AlreadyThere, Missing, Refused
from sqlmodel import col, select

from reception.appeals.rules import one_line
from reception.beats.model import Beat
from reception.clocks import actions as clocks
from reception.clocks.rules import Deadline
from reception.duties import rules
from reception.duties.events import happened, told
from reception.duties.model import Duty, Step
from reception.duties.rules import Alarm, Draft, Kind
from reception.officers.model import Officer
from reception.steps import steps_since

_MOST = 100


@dataclass(frozen=True, slots=True)
class Standing:
    """How one duty of a beat's officer stands."""

    beat: Beat
    officer: Officer
    kind: Kind
    last: date | None
    due: Deadline
    alarm: Alarm
    planned: Duty | None


async def standings(call: Call) -> list[Standing]:
    """How every beat that has an officer stands, the most urgent first."""
    calendar = (await clocks.clocks(call)).calendar
    served = await call.db.all(select(Beat).where(col(Beat.officer_id).is_not(None)).order_by(col(Beat.number)))
    officers = {each.id: each for each in await call.db.all(select(Officer))}
    kept = await call.db.all(select(Duty).order_by(col(Duty.held_on).desc().nulls_first(), col(Duty.id)))
    found = []
    for beat in served:
        if beat.officer_id is None or beat.officer_since is None:
            continue
        own = [each for each in kept if (each.beat_id, each.officer_id) == (beat.id, beat.officer_id)]
        for kind in Kind:
            planned = next((each for each in own if each.kind is kind and each.held_on is None), None)
            last = next((each.held_on for each in own if each.kind is kind and each.held_on is not None), None)
            due = rules.due(kind, last or beat.officer_since, calendar)
            alarm = rules.alarm(kind, call.today, due, planned.planned_on if planned else None)
            found.append(Standing(beat, officers[beat.officer_id], kind, last, due, alarm, planned))
    return sorted(found, key=lambda each: (-each.alarm.urgency, each.due.safe, each.beat.number))


async def held(call: Call) -> list[Duty]:
    """What was held, the newest first."""
    statement = select(Duty).where(col(Duty.held_on).is_not(None))
    return await call.db.all(statement.order_by(col(Duty.held_on).desc(), col(Duty.id).desc()).limit(_MOST))


async def known(call: Call, beats: Sequence[Beat]) -> dict[tuple[UUID, Kind], tuple[date | None, date | None]]:
    """Of each beat's present officer, when each duty was last held, and which day is set for the next."""
    officers = {each.id: each.officer_id for each in beats}
    statement = select(Duty).where(col(Duty.beat_id).in_(officers)).order_by(col(Duty.held_on).nulls_last())
    found: dict[tuple[UUID, Kind], tuple[date | None, date | None]] = {}
    for each in await call.db.all(statement) if officers else []:
        if officers[each.beat_id] == each.officer_id:
            last, planned = found.get((each.beat_id, each.kind), (None, None))
            is_ahead = each.held_on is None and each.planned_on is not None and each.planned_on >= call.today
            found[each.beat_id, each.kind] = (each.held_on or last, each.planned_on if is_ahead else planned)
    return found


async def create(call: Call, beat_id: UUID, kind: Kind, draft: Draft) -> Duty:
    """Plans one, or writes down one that was held.

    Raises:
        Refused: the beat is none or nobody's, or the days cannot be.
        AlreadyThere: the next one is planned.
    """
    rules.check(draft, call.today)
    try:
        beat = await call.db.get(Beat, beat_id)
    except Missing:
        raise Refused("beat", "duty.beat-unknown") from None
    if beat.officer_id is None:
        raise Refused("beat", "duty.beat-without-officer")
    duty = Duty(kind=kind, beat_id=beat.id, officer_id=beat.officer_id, **_values(draft))
    call.db.add(duty)
    await _flush(call)
    happened(call, duty)
    return duty


async def update(call: Call, duty_id: UUID, etag: str, draft: Draft) -> Duty:
    """Another day, or that it was held.

    Raises:
        Refused: the days cannot be.
        AlreadyThere: it would be planned again beside another that is.
    """
    duty = await call.db.lock(Duty, duty_id, etag)
    rules.check(draft, call.today, duty.planned_on)
    for name, value in _values(draft).items():
        setattr(duty, name, value)
    await _flush(call)
    happened(call, duty)
    return duty


async def told_since(
    call: Call, since: datetime | None, after: UUID | None, most: int
) -> list[tuple[UUID, Message, datetime]]:
    """The events of the hromada's duties made from their history, oldest first."""
    steps = await call.db.all(steps_since(Step, since, after, most))
    theirs = await call.db.all(select(Duty).where(col(Duty.id).in_({step.duty_id for step in steps})))
    duties = {each.id: each for each in theirs}
    return [(step.id, told(call.hromada, duties[step.duty_id], step), step.at) for step in steps]


async def _flush(call: Call) -> None:
    try:
        await call.db.flush()
    except AlreadyThere:
        raise AlreadyThere("duty.already-planned", field="duty.planned_on") from None


def _values(draft: Draft) -> dict[str, Any]:
    return {"planned_on": draft.planned_on, "held_on": draft.held_on, "note": one_line(draft.note)}
