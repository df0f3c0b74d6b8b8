"""The verbs of the office's calendar."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from kit.call import Call
from kit.database import table_of
from kit.errors import WrongState
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select
from uuid_utils.compat import uuid7

from reception.clocks import rules
from reception.clocks.calendar import Calendar, Week
from reception.clocks.model import OfficeCalendar
from reception.clocks.rules import Deadlines, Terms


@dataclass(frozen=True, slots=True)
class Clocks:
    """An office's calendar and the terms in force there."""

    calendar: Calendar
    terms: tuple[Terms, ...]

    def of(self, received_on: date) -> Deadlines:
        """The clocks of what arrived on that day."""
        return rules.deadlines(received_on, rules.in_force(self.terms, received_on), self.calendar)


async def receive_calendar(call: Call, calendar: Calendar, terms: Sequence[Terms]) -> bool:
    """Gives the hromada its first calendar, unless it has one; tells whether it was written now."""
    table = table_of(OfficeCalendar)
    values = {"hromada_id": call.hromada.id, "id": uuid7(), "version": 1, **_columns(calendar, terms)}
    unless_there = insert(table).values(values).on_conflict_do_nothing(index_elements=[table.c.hromada_id])
    return bool(await call.db.records(unless_there.returning(table.c.id)))


async def calendar_row(call: Call) -> OfficeCalendar:
    """The hromada's calendar.

    Raises:
        WrongState: the hromada has none yet: its provisioning is under way.
    """
    found = await call.db.one_or_none(select(OfficeCalendar))
    if found is None:
        raise WrongState("register.not-open", retry_after=timedelta(seconds=2))
    return found


async def clocks(call: Call) -> Clocks:
    """How the hromada's clocks run.

    Raises:
        WrongState: the hromada has no calendar yet.
    """
    return said(await calendar_row(call))


async def update_calendar(call: Call, etag: str, calendar: Calendar, terms: Sequence[Terms]) -> OfficeCalendar:
    """The calendar from now on.

    Raises:
        Refused: it contradicts itself.
    """
    rules.check(calendar, terms)
    row = await call.db.lock(OfficeCalendar, (await calendar_row(call)).id, etag)
    for name, value in _columns(calendar, terms).items():
        setattr(row, name, value)
    return row


def said(row: OfficeCalendar) -> Clocks:
    """The calendar as the rules know it."""
    return Clocks(
        Calendar(
            weeks=tuple((date.fromisoformat(each["since"]), Week(each["week"])) for each in row.weeks),
            martial_law=tuple(
                (date.fromisoformat(each["since"]), date.fromisoformat(each["until"]) if each["until"] else None)
                for each in row.martial_law
            ),
            moved=tuple((date.fromisoformat(each["day"]), each["working"]) for each in row.moved),
        ),
        tuple(Terms(**{**each, "since": date.fromisoformat(each["since"])}) for each in row.terms),
    )


def _columns(calendar: Calendar, terms: Sequence[Terms]) -> dict[str, Any]:
    return {
        "weeks": [{"since": since.isoformat(), "week": week.value} for since, week in calendar.weeks],
        "martial_law": [
            {"since": since.isoformat(), "until": until.isoformat() if until else None}
            for since, until in calendar.martial_law
        ],
        "moved": [{"day": day.isoformat(), "working": working} for day, working in calendar.moved],
        "terms": [{**asdict(each), "since": each.since.isoformat()} for each in terms],
    }
