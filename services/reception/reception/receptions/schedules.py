"""The schedule of receptions: its verbs, and how its row keeps it."""

from datetime import date, time, timedelta
from typing import Any

from kit.call import Call
from kit.database import table_of
from kit.errors import WrongState
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select
from uuid_utils.compat import uuid7

from reception.receptions import rules
from reception.receptions.model import ReceptionSchedule
from reception.receptions.rules import Hours, Schedule


async def receive_schedule(call: Call, schedule: Schedule) -> bool:
    """Gives the hromada its first schedule, unless it has one; tells whether it was written now."""
    table = table_of(ReceptionSchedule)
    values = {"hromada_id": call.hromada.id, "id": uuid7(), "version": 1, **_columns(schedule)}
    unless_there = insert(table).values(values).on_conflict_do_nothing(index_elements=[table.c.hromada_id])
    return bool(await call.db.records(unless_there.returning(table.c.id)))


async def schedule_row(call: Call) -> ReceptionSchedule:
    """The hromada's schedule.

    Raises:
        WrongState: the hromada has none yet: its provisioning is under way.
    """
    found = await call.db.one_or_none(select(ReceptionSchedule))
    if found is None:
        raise WrongState("register.not-open", retry_after=timedelta(seconds=2))
    return found


async def update_schedule(call: Call, etag: str, schedule: Schedule) -> ReceptionSchedule:
    """The hours from now on. What was booked stays booked."""
    rules.check(schedule)
    row = await call.db.lock(ReceptionSchedule, (await schedule_row(call)).id, etag)
    for name, value in _columns(schedule).items():
        setattr(row, name, value)
    return row


def said(row: ReceptionSchedule) -> Schedule:
    """The schedule as the rules know it."""
    return Schedule(
        week=tuple((each["weekday"], _hours(each)) for each in row.week),
        slot_minutes=row.slot_minutes,
        hosts=tuple(row.hosts),
        exceptions=tuple(
            (date.fromisoformat(each["date"]), tuple(_hours(hours) for hours in each["hours"]), each["note"])
            for each in row.exceptions
        ),
        holidays_are_working=row.holidays_are_working,
    )


def _hours(kept: dict[str, Any]) -> Hours:
    return Hours(time.fromisoformat(kept["opens"]), time.fromisoformat(kept["closes"]))


def _kept(hours: Hours) -> dict[str, str]:
    return {"opens": f"{hours.opens:%H:%M}", "closes": f"{hours.closes:%H:%M}"}


def _columns(schedule: Schedule) -> dict[str, Any]:
    return {
        "week": [{"weekday": weekday, **_kept(hours)} for weekday, hours in schedule.week],
        "slot_minutes": schedule.slot_minutes,
        "hosts": list(schedule.hosts),
        "exceptions": [
            {"date": day.isoformat(), "hours": [_kept(one) for one in hours], "note": note}
            for day, hours, note in schedule.exceptions
        ],
        "holidays_are_working": schedule.holidays_are_working,
    }
