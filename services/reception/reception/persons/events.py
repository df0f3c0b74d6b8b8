"""What reception tells of persons' own data: that a record was corrected, held or erased, so that whoever has a copy
does the same, and that a request came and was answered. Never who, nor which words. Of a sensitive case nothing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from google.protobuf.message import Message
from kit.call import Call, Hromada
from kit.rpc.enums import to_contract
from spilno.reception.v1 import events_pb2 as events
from spilno.reception.v1 import persons_pb2 as pb
from sqlmodel import col, select

from reception.appeals.model import Appeal
from reception.persons.model import LegalHold, PersonRequest, PersonStep
from reception.persons.rules import Deed
from reception.receptions.model import Visit
from reception.steps import steps_since
from reception.triage.model import Submission

_TOLD: dict[Deed, Any] = {
    Deed.ASKED: events.PersonRequestReceived,
    Deed.ANSWERED: events.PersonRequestAnswered,
    Deed.CORRECTED: events.RecordCorrected,
    Deed.ERASED: events.RecordErased,
    Deed.HELD: events.LegalHoldSet,
    Deed.RELEASED: events.LegalHoldRemoved,
    Deed.RETENTION_CHANGED: events.RetentionChanged,
}


async def asked(call: Call, request: PersonRequest, deed: Deed) -> None:
    """A request came, or was answered. Of what waits to be sorted nothing is told, so neither is this."""
    if request.submission_id is not None:
        return
    await _happened(
        call,
        PersonStep(
            deed=deed,
            what=f"person-requests/{request.id}",
            kind=request.kind,
            state=request.state,
            appeal_id=request.appeal_id,
            what_version=request.version,
            at=call.now,
        ),
    )


async def changed(call: Call, record: Appeal | Visit | Submission, deed: Deed) -> None:
    """A record was corrected or erased. Of what waits to be sorted nobody has a copy."""
    if isinstance(record, Submission):
        return
    noun, appeal = ("appeals", record.id) if isinstance(record, Appeal) else ("visits", record.appeal_id)
    await _happened(
        call,
        PersonStep(
            deed=deed,
            what=f"{noun}/{record.id}",
            appeal_id=appeal,
            what_version=record.version,
            at=call.now,
        ),
    )


async def held(call: Call, hold: LegalHold, deed: Deed) -> None:
    """A legal hold was set or taken away. One on a case of mediation, or on what waits to be sorted, is nobody else's
    to know."""
    noun, _, id = hold.record.partition("/")
    if noun in ("mediations", "submissions"):
        return
    appeal = UUID(id) if noun == "appeals" else (await call.db.get(Visit, UUID(id))).appeal_id
    await _happened(
        call,
        PersonStep(
            deed=deed,
            what=f"holds/{hold.id}",
            record=hold.record,
            appeal_id=appeal,
            what_version=hold.version,
            at=call.now,
        ),
    )


async def retained(call: Call, version: int) -> None:
    """Appeals are kept for another time."""
    step = PersonStep(deed=Deed.RETENTION_CHANGED, what="retention", what_version=version, at=call.now)
    await _happened(call, step)


async def _happened(call: Call, step: PersonStep) -> None:
    call.db.add(step)
    if await _open_to_all(call, {step.appeal_id}) == {step.appeal_id}:
        call.emit(told(call.hromada, step))


async def _open_to_all(call: Call, appeals: set[UUID | None]) -> set[UUID | None]:
    """Of these, the appeals that are not sensitive; and what belongs to none."""
    ids = {each for each in appeals if each is not None}
    shown = select(Appeal).where(col(Appeal.id).in_(ids), col(Appeal.sensitivity).is_(None))
    found: set[UUID | None] = {each.id for each in await call.db.all(shown)} if ids else set()
    return found | (appeals & {None})


def told(hromada: Hromada, step: PersonStep) -> Message:
    """The event of a step."""
    event: dict[str, Any] = {"name": f"{hromada.name}/{step.what}", "version": step.what_version}
    if step.kind is not None and step.state is not None:
        event["kind"] = to_contract(pb.PersonRequestKind, step.kind)
        event["state"] = to_contract(pb.PersonRequestState, step.state)
    if step.record:
        event["record"] = f"{hromada.name}/{step.record}"
    kind = _TOLD[step.deed]
    message: Message = kind(**{kind.DESCRIPTOR.fields[0].name: event})
    return message


async def told_since(
    call: Call, since: datetime | None, after: UUID | None, most: int
) -> list[tuple[UUID, Message, datetime]]:
    """The events of persons' own data made from their history, oldest first; none of a sensitive case."""
    steps = await call.db.all(steps_since(PersonStep, since, after, most))
    shown = await _open_to_all(call, {step.appeal_id for step in steps})
    return [(step.id, told(call.hromada, step), step.at) for step in steps if step.appeal_id in shown]
