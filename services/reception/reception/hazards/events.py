"""What reception tells of a hazard: not a word of what was told, and the place only of what everybody may see."""

from google.protobuf.message import Message
from kit.call import Hromada
from kit.rpc.enums import to_contract
from spilno.reception.v1 import events_pb2 as events
from spilno.reception.v1 import hazards_pb2 as pb

from reception.hazards.model import Hazard, Step
from reception.hazards.rules import Deed, Publication

_TOLD = {
    Deed.REPORTED: events.HazardReported,
    Deed.SHOWN: events.HazardShown,
    Deed.WITHHELD: events.HazardWithheld,
    Deed.ACCEPTED: events.HazardAccepted,
    Deed.HANDED_OVER: events.HazardHandedOver,
    Deed.FIXED: events.HazardFixed,
    Deed.REJECTED: events.HazardRejected,
    Deed.MERGED: events.HazardMerged,
    Deed.REOPENED: events.HazardReopened,
    Deed.CONFIRMED: events.HazardConfirmed,
}


def name_of(hromada: Hromada, hazard: Hazard) -> str:
    return f"{hromada.name}/hazards/{hazard.id}"


def told(hromada: Hromada, hazard: Hazard, step: Step) -> Message:
    """The event of a step of the hazard."""
    event = events.HazardEvent(
        name=name_of(hromada, hazard),
        number=hazard.number,
        category=hazard.category,
        state=to_contract(pb.HazardState, step.state),
        publication=to_contract(pb.HazardPublication, step.publication),
        channel=to_contract(pb.HazardChannel, hazard.channel),
        version=step.hazard_version,
    )
    event.reported_at.FromDatetime(hazard.reported_at)
    if step.publication is Publication.SHOWN and hazard.place is not None:
        event.point.latitude, event.point.longitude = hazard.place.latitude, hazard.place.longitude
    message: Message = _TOLD[step.deed](hazard=event)
    return message
