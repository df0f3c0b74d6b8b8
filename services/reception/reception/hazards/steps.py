"""What happened to hazards, and that it is told."""

from collections.abc import Iterable
from datetime import date, datetime, time
from uuid import UUID

from google.protobuf.message import Message
from kit.call import Call
from kit.clock import KYIV
from sqlmodel import col, select

from reception.hazards import letters
from reception.hazards.events import told
from reception.hazards.model import Follower, Hazard, Step
from reception.hazards.rules import Deed
from reception.steps import steps_since


async def changed(call: Call, hazard: Hazard, deed: Deed, day: date, note: str, *, of_office: bool) -> None:
    if of_office:
        hazard.note = note
    hazard.updated_at = moment_of(call, day)
    happened(call, hazard, deed, day, note, of_office=of_office)
    for follower in await call.db.all(
        select(Follower).where(col(Follower.hazard_id) == hazard.id, col(Follower.channel).is_not(None))
    ):
        await letters.tell_changed(call, hazard, deed, follower)


def moment_of(call: Call, day: date) -> datetime:
    """Now, or the noon of a day before."""
    return call.now if day == call.today else datetime.combine(day, time(12), KYIV)


def happened(call: Call, hazard: Hazard, deed: Deed, day: date, note: str = "", *, of_office: bool = True) -> None:
    """Writes a deed into the hazard's history, and tells it."""
    hazard.changes += deed not in {Deed.REPORTED, Deed.CONFIRMED}
    step = Step(
        hazard_id=hazard.id,
        deed=deed,
        state=hazard.state,
        publication=hazard.publication,
        happened_on=day,
        note=note,
        is_of_office=of_office,
        body_title=hazard.body_title if deed is Deed.HANDED_OVER else "",
        hazard_version=hazard.version,
        at=call.now,
    )
    call.db.add(step)
    call.emit(told(call.hromada, hazard, step))


async def history(call: Call, hazards: Iterable[Hazard]) -> dict[UUID, list[Step]]:
    """What happened to hazards, oldest first; that somebody confirmed one is a number, not a step."""
    steps: dict[UUID, list[Step]] = {each.id: [] for each in hazards}
    statement = (
        select(Step)
        .where(col(Step.hazard_id).in_(steps), col(Step.deed) != Deed.CONFIRMED)
        .order_by(col(Step.happened_on), col(Step.id))
    )
    for step in await call.db.all(statement):
        steps[step.hazard_id].append(step)
    return steps


async def told_since(
    call: Call, since: datetime | None, after: UUID | None, most: int
) -> list[tuple[UUID, Message, datetime]]:
    """The events of the hromada's hazards made from their history, oldest first."""
    steps = await call.db.all(steps_since(Step, since, after, most))
    found = await call.db.all(select(Hazard).where(col(Hazard.id).in_({step.hazard_id for step in steps})))
    hazards = {hazard.id: hazard for hazard in found}
    return [(step.id, told(call.hromada, hazards[step.hazard_id], step), step.at) for step in steps]
