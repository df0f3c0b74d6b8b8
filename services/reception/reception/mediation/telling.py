"""What reception tells of mediation: that, up to the end of a day, something was done. Once a day at the most.

An event of each case would be counted by whoever hears them: a hromada has few cases, and its figures leave small
counts out so that nobody is known by them. Nor does a case's stage leave this room: its parties' neighbours would know
whose it is. Whoever keeps the figures asks for them again; cases are read over gRPC by those who are named in them.
"""

from datetime import datetime, time, timedelta
from uuid import UUID

from google.protobuf.message import Message
from kit.call import Call, Hromada
from kit.clock import KYIV
from spilno.reception.v1 import events_pb2 as events
from sqlmodel import col, select

from reception.mediation.model import Day, Mediation
from reception.steps import steps_since


async def tell_changed(call: Call) -> None:
    """Every morning, if anything was done since it was last told."""
    until = datetime.combine(call.today, time(), KYIV)
    last = await call.db.all(select(Day).order_by(col(Day.day).desc()).limit(1))
    done = select(Mediation).where(col(Mediation.worked_at) < until)
    if last:
        done = done.where(col(Mediation.worked_at) >= datetime.combine(last[0].day + timedelta(days=1), time(), KYIV))
    if await call.db.all(done.limit(1)):
        day = Day(day=call.today - timedelta(days=1), at=call.now)
        call.db.add(day)
        call.emit(told(call.hromada, day))


def told(hromada: Hromada, day: Day) -> Message:
    return events.MediationsChanged(
        mediations=events.MediationsEvent(name=f"{hromada.name}/mediationDays/{day.day.isoformat()}", version=1)
    )


async def told_since(
    call: Call, since: datetime | None, after: UUID | None, most: int
) -> list[tuple[UUID, Message, datetime]]:
    """The same events, made again, oldest first."""
    days = await call.db.all(steps_since(Day, since, after, most))
    return [(each.id, told(call.hromada, each), each.at) for each in days]
