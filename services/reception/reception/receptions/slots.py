"""What of the schedule is free."""

from dataclasses import dataclass
from datetime import date, datetime

from kit.call import Call
from kit.errors import AlreadyThere
from sqlmodel import col, select

from reception.receptions import rules, schedules
from reception.receptions.model import Visit
from reception.receptions.rules import Schedule, State


@dataclass(frozen=True, slots=True)
class Day:
    """A day of reception: its slots, and whether each is free."""

    date: date
    slots: list[tuple[datetime, bool]]


async def days(call: Call, count: int) -> list[Day]:
    """The next days of reception, with what is free."""
    schedule = schedules.said(await schedules.schedule_row(call))
    ahead = rules.days_ahead(schedule, call.today, call.now, count)
    booked = await taken(call)
    return [Day(day, [(slot, slot > call.now and slot not in booked) for slot in slots]) for day, slots in ahead]


async def taken(call: Call) -> set[datetime]:
    """When somebody comes."""
    statement = select(col(Visit.starts_at)).where(col(Visit.starts_at) > call.now, col(Visit.state) != State.CANCELLED)
    return {record["starts_at"] for record in await call.db.records(statement)}


async def taken_by_another(
    call: Call, schedule: Schedule, start: datetime, field: str = "visit.start_time"
) -> AlreadyThere:
    """That a slot is somebody else's, and which is the next free one."""
    free = rules.next_free(schedule, start, call.now, await taken(call), call.today)
    wanted = start.astimezone(rules.KYIV)
    if free is None:
        return AlreadyThere("slot.taken-and-none-free", field=field, time=f"{wanted:%H:%M}")
    other = free.astimezone(rules.KYIV)
    told_as = f"{other:%H:%M}" if other.date() == wanted.date() else f"{other:%d.%m, %H:%M}"
    return AlreadyThere("slot.taken", field=field, time=f"{wanted:%H:%M}", next=told_as)
