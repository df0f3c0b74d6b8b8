"""What reception tells of a referral: that somebody is asked and when an answer is due. Whom, and for what, says too
much of a person."""

from google.protobuf.message import Message
from kit.call import Call, Hromada
from kit.rpc.enums import to_contract
from spilno.reception.v1 import events_pb2 as events
from spilno.reception.v1 import referrals_pb2 as pb

from reception.appeals.model import Appeal
from reception.referrals.model import Referral, Step
from reception.referrals.rules import Deed

_TOLD = {
    Deed.MADE: events.ReferralMade,
    Deed.ACCEPTED: events.ReferralAccepted,
    Deed.DECLINED: events.ReferralDeclined,
    Deed.REPLIED: events.ReferralReplied,
    Deed.OVERDUE: events.ReferralOverdue,
}


def name_of(hromada: Hromada, referral: Referral) -> str:
    return f"{hromada.name}/referrals/{referral.id}"


def happened(call: Call, appeal: Appeal, referral: Referral, deed: Deed) -> None:
    """Writes a deed into the referral's history, and tells it unless the case is sensitive."""
    step = Step(
        referral_id=referral.id, deed=deed, state=referral.state, referral_version=referral.version, at=call.now
    )
    call.db.add(step)
    if appeal.sensitivity is None:
        call.emit(told(call.hromada, referral, step))


def told(hromada: Hromada, referral: Referral, step: Step) -> Message:
    """The event of a step of the referral."""
    event = events.ReferralEvent(
        name=name_of(hromada, referral),
        appeal=f"{hromada.name}/appeals/{referral.appeal_id}",
        state=to_contract(pb.ReferralState, step.state),
        due_on=referral.due_on.isoformat(),
        version=step.referral_version,
    )
    message: Message = _TOLD[step.deed](referral=event)
    return message
