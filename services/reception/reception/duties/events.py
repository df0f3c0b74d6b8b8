"""What reception tells of an officer's duties: which beat's and on which day, never whose and what was noted."""

from google.protobuf.message import Message
from kit.call import Call, Hromada
from kit.rpc.enums import to_contract
from spilno.reception.v1 import duties_pb2 as pb
from spilno.reception.v1 import events_pb2 as events

from kit import days
from reception.duties.model import Duty, Step


def happened(call: Call, duty: Duty) -> None:
    """Writes down that a duty was planned or held, and tells it."""
    step = Step(
        duty_id=duty.id, planned_on=duty.planned_on, held_on=duty.held_on, duty_version=duty.version, at=call.now
    )
    call.db.add(step)
    call.emit(told(call.hromada, duty, step))


def told(hromada: Hromada, duty: Duty, step: Step) -> Message:
    """The event of a step of the duty."""
    event = events.DutyEvent(
        name=f"{hromada.name}/duties/{duty.id}",
        kind=to_contract(pb.DutyKind, duty.kind),
        beat=f"{hromada.name}/beats/{duty.beat_id}",
        planned_on=days.written(step.planned_on),
        held_on=days.written(step.held_on),
        version=step.duty_version,
    )
    return events.DutyHeld(duty=event) if step.held_on is not None else events.DutyPlanned(duty=event)
