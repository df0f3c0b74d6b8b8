"""What reception tells of a visit: when and how it stands, never whose it is."""

from google.protobuf.message import Message
from kit.call import Hromada
from kit.rpc.enums import to_contract
from spilno.reception.v1 import receptions_pb2 as pb
from spilno.reception.v1.events_pb2 import VisitBooked, VisitCancelled, VisitEvent, VisitHeld, VisitMoved, VisitWalkedIn

from reception.receptions.model import VisitStep
from reception.receptions.rules import State

_TOLD = {
    State.BOOKED: VisitBooked,
    State.ARRIVED: VisitWalkedIn,
    State.CANCELLED: VisitCancelled,
    State.HELD: VisitHeld,
    State.MISSED: VisitHeld,
}


def name_of(hromada: Hromada, visit_id: object) -> str:
    return f"{hromada.name}/visits/{visit_id}"


def told(hromada: Hromada, step: VisitStep) -> Message:
    """The event of a step."""
    event = VisitEvent(
        name=name_of(hromada, step.visit_id),
        state=to_contract(pb.VisitState, step.state),
        version=step.visit_version,
    )
    if step.outcome is not None:
        event.outcome = to_contract(pb.VisitOutcome, step.outcome)
    event.start_time.FromDatetime(step.starts_at)
    return VisitMoved(visit=event) if step.is_move else _TOLD[step.state](visit=event)
