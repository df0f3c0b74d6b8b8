"""What reception tells of an appeal: no name, no address, not a word of the text."""

from google.protobuf.message import Message
from kit.call import Hromada
from kit.rpc.enums import to_contract
from spilno.reception.v1 import appeals_pb2 as pb
from spilno.reception.v1.events_pb2 import AppealAnswered, AppealEvent, AppealRegistered, AppealTaken

from reception.appeals.model import Appeal
from reception.appeals.rules import State

_TOLD = {State.REGISTERED: AppealRegistered, State.IN_WORK: AppealTaken, State.ANSWERED: AppealAnswered}


def name_of(hromada: Hromada, appeal: Appeal) -> str:
    return f"{hromada.name}/appeals/{appeal.id}"


def told(hromada: Hromada, appeal: Appeal, state: State, version: int) -> Message:
    """The event of the step with which the appeal reached a state."""
    event = AppealEvent(
        name=name_of(hromada, appeal),
        number=appeal.number,
        kind=to_contract(pb.AppealKind, appeal.kind),
        area=to_contract(pb.SafetyArea, appeal.area),
        channel=to_contract(pb.AppealChannel, appeal.channel),
        state=to_contract(pb.AppealState, state),
        version=version,
    )
    event.received_at.FromDatetime(appeal.received_at)
    return _TOLD[state](appeal=event)
