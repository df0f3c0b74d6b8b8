"""What a resident is told of, on the page of their code, besides the answer."""

from google.protobuf.timestamp_pb2 import Timestamp
from kit.call import Call
from spilno.reception.v1 import appeals_pb2 as pb

from reception.appeals.model import Appeal
from reception.appeals.rules import Deed
from reception.proceedings.actions import decisions_of
from reception.proceedings.model import Decision
from reception.proceedings.rules import Ground

_KINDS = {
    Deed.FORWARDED: pb.APPEAL_NOTICE_KIND_FORWARDED,
    Deed.NOT_CONSIDERED: pb.APPEAL_NOTICE_KIND_NOT_CONSIDERED,
    Deed.HANDED_OVER: pb.APPEAL_NOTICE_KIND_HANDED_OVER,
    Deed.BODY_ANSWERED: pb.APPEAL_NOTICE_KIND_BODY_ANSWERED,
    Deed.EXTENDED: pb.APPEAL_NOTICE_KIND_EXTENDED,
    Deed.SHORTENED: pb.APPEAL_NOTICE_KIND_SHORTENED,
    Deed.SHORTENING_DECLINED: pb.APPEAL_NOTICE_KIND_SHORTENING_DECLINED,
}


async def told(call: Call, appeal: Appeal) -> list[pb.AppealNotice]:
    """The notices of an appeal, oldest first. What the office asks within itself is nobody else's."""
    return [notice for each in await decisions_of(call, appeal.id) if (notice := _notice(each)) is not None]


def _notice(decision: Decision) -> pb.AppealNotice | None:
    kind = _kind(decision)
    if kind is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(decision.decided_at)
    return pb.AppealNotice(
        at=stamp,
        kind=kind,
        reason=decision.reason,
        body=decision.body_title,
        until=decision.until.isoformat() if decision.until else "",
    )


def _kind(decision: Decision) -> "pb.AppealNoticeKind.ValueType | None":
    if decision.deed is Deed.RETURNED:
        is_defect = decision.ground is Ground.DEFECT
        return (
            pb.APPEAL_NOTICE_KIND_RETURNED_FOR_DEFECT if is_defect else pb.APPEAL_NOTICE_KIND_RETURNED_AS_INSUFFICIENT
        )
    return _KINDS.get(decision.deed)
