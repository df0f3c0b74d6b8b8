"""What reception tells of an appeal: no name, no address, not a word of the text."""

from google.protobuf.message import Message
from kit.call import Hromada
from kit.rpc.enums import to_contract
from spilno.reception.v1 import appeals_pb2 as pb
from spilno.reception.v1 import events_pb2 as events
from spilno.reception.v1 import particulars_pb2

from reception.appeals.model import Appeal, Step
from reception.appeals.rules import Deed

_TOLD = {
    Deed.REGISTERED: events.AppealRegistered,
    Deed.TAKEN: events.AppealTaken,
    Deed.ANSWERED: events.AppealAnswered,
    Deed.RETURNED: events.AppealReturned,
    Deed.FORWARDED: events.AppealForwarded,
    Deed.NOT_CONSIDERED: events.AppealNotConsidered,
    Deed.MARKED_SIMPLE: events.AppealTermChanged,
    Deed.EXTENSION_ASKED: events.AppealExtensionAsked,
    Deed.EXTENDED: events.AppealTermChanged,
    Deed.EXTENSION_DECLINED: events.AppealExtensionDeclined,
    Deed.SHORTENED: events.AppealTermChanged,
    Deed.SHORTENING_DECLINED: events.AppealShorteningDeclined,
    Deed.WARNED: events.AppealDeadlineNear,
    Deed.BREACHED: events.AppealDeadlineBreached,
    Deed.BODY_ANSWERED: events.AppealBodyAnswered,
    Deed.REASSIGNED: events.AppealReassigned,
    Deed.HANDED_OVER: events.AppealNotConsidered,
}


def name_of(hromada: Hromada, appeal: Appeal) -> str:
    return f"{hromada.name}/appeals/{appeal.id}"


def told(hromada: Hromada, appeal: Appeal, step: Step) -> Message:
    """The event of a step of the appeal."""
    event = events.AppealEvent(
        name=name_of(hromada, appeal),
        number=appeal.number,
        kind=to_contract(pb.AppealKind, appeal.kind),
        area=to_contract(pb.SafetyArea, appeal.area),
        channel=to_contract(pb.AppealChannel, appeal.channel),
        state=to_contract(pb.AppealState, step.state),
        version=step.appeal_version,
        alarm=to_contract(particulars_pb2.Alarm, step.alarm),
    )
    event.received_at.FromDatetime(appeal.received_at)
    message: Message = _TOLD[step.deed](appeal=event)
    return message
