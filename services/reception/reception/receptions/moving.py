"""A visit is moved to another slot: by its visitor, or by staff for a caller."""

from datetime import datetime
from uuid import UUID

from kit.call import Call
from kit.errors import AlreadyThere

from reception.receptions import actions, letters, rules, schedules, slots
from reception.receptions.model import Visit


async def move_by_code(call: Call, typed: str, start: datetime) -> tuple[Visit, datetime]:
    """The visitor moves it, before it begins; tells when it would have been.

    Raises:
        Missing: no visit of this hromada has that code.
        TooMany: too many wrong codes from the same place.
        WrongState: it is cancelled, or has begun.
        Refused: there is no such slot.
        AlreadyThere: somebody has the slot; the text has the next free one.
    """
    visit = await actions.of_code(call, typed)
    before = visit.starts_at
    rules.move(visit.state)
    rules.check_cancelled_in_time(before, call.now)
    return await _moved(call, visit, start), before


async def move(call: Call, visit_id: UUID, etag: str, start: datetime) -> Visit:
    """Staff move it for a caller."""
    visit = await call.db.lock(Visit, visit_id, etag)
    rules.move(visit.state)
    return await _moved(call, visit, start)


async def _moved(call: Call, visit: Visit, start: datetime) -> Visit:
    """Where it was is free again. To the hour that it has it moves without a word."""
    if start == visit.starts_at:
        return visit
    schedule = schedules.said(await schedules.schedule_row(call))
    rules.check_slot(schedule, start, call.now, "start_time")
    if start in await slots.taken(call):
        raise await slots.taken_by_another(call, schedule, start, "start_time")
    visit.starts_at, visit.minutes = start, schedule.slot_minutes
    try:
        await call.db.flush()
    except AlreadyThere:  # at this very moment
        raise AlreadyThere(
            "slot.taken-just-now", field="start_time", time=f"{start.astimezone(rules.KYIV):%H:%M}"
        ) from None
    await call.not_later(actions.remind, str(visit.id))
    await letters.tell_moved(call, visit)
    await actions.remind_later(call, visit)
    actions.happened(call, visit, is_move=True)
    return visit
