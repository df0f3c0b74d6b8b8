"""Translates the contract's notices."""

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp
from kit.call import Call, Hromada
from kit.errors import Missing
from kit.localisation import LOCALES
from kit.names import last, uid
from kit.notices import Kind, Text
from kit.notices.actions import InForce, can_be_sent_again
from kit.notices.model import Notice
from kit.notices.texts import OFFICE, SIGNATURE, length
from kit.rpc import Servicer
from kit.rpc.enums import to_contract
from spilno.reception.v1 import notices_pb2 as pb
from spilno.reception.v1 import receptions_pb2

from reception.notices import actions
from reception.notices.kinds import notices
from reception.settings import own


class Notices(Servicer, contract=pb.DESCRIPTOR.services_by_name["Notices"]):
    async def GetNoticeChannels(self, request: pb.GetNoticeChannelsRequest, call: Call) -> pb.NoticeChannels:
        settings = own(call.settings)
        return pb.NoticeChannels(
            channels=[
                pb.NoticeChannel(
                    channel=to_contract(receptions_pb2.ReminderChannel, channel),
                    stays_here=settings.stays_here(channel),
                )
                for channel in settings.channels
            ]
        )

    async def ListNotices(self, request: pb.ListNoticesRequest, call: Call) -> pb.ListNoticesResponse:
        visit = uid(request.visit, "visit") if request.visit else None
        appeal = uid(request.appeal, "appeal") if request.appeal else None
        found = await actions.about(call, visit, appeal)
        return pb.ListNoticesResponse(notices=[_message(call, one) for one in found])

    async def ResendNotice(self, request: pb.ResendNoticeRequest, call: Call) -> pb.Notice:
        return _message(call, await actions.send_again(call, uid(request.name)))

    async def GetNoticeTexts(self, request: pb.GetNoticeTextsRequest, call: Call) -> pb.NoticeTexts:
        found = await notices.all_in_force(call)
        return pb.NoticeTexts(texts=[await _text(call, one) for one in found])

    async def UpdateNoticeText(self, request: pb.UpdateNoticeTextRequest, call: Call) -> pb.NoticeText:
        kind, language = _which(request.name)
        changed = await notices.change(call, kind, language, _said(request.text), request.etag)
        return await _text(call, changed)

    async def ResetNoticeText(self, request: pb.ResetNoticeTextRequest, call: Call) -> pb.NoticeText:
        return await _text(call, await notices.reset(call, *_which(request.name)))

    async def PreviewNoticeText(self, request: pb.PreviewNoticeTextRequest, call: Call) -> pb.NoticePreview:
        shown = await notices.preview(call, *_which(request.name), _said(request.text))
        counted = length(shown.sms)
        return pb.NoticePreview(text=_words(shown), sms_units=counted.units, sms_segments=counted.segments)


def _which(name: str) -> tuple[Kind, str]:
    kind, _, language = last(name).rpartition("-")
    if language not in LOCALES:
        raise Missing
    return notices.kind(kind), language


def _said(words: pb.NoticeWords) -> Text:
    return Text(words.subject, words.body, words.sms)


def _words(text: Text) -> pb.NoticeWords:
    return pb.NoticeWords(subject=text.subject, body=text.body, sms=text.sms)


async def _text(call: Call, one: InForce) -> pb.NoticeText:
    examples = {} if one.kind is SIGNATURE else {OFFICE: await notices.signature(call, one.language), **one.kind.values}
    return pb.NoticeText(
        name=f"{call.hromada.name}/notice-texts/{one.kind.name}-{one.language}",
        kind=one.kind.name,
        language=one.language,
        text=_words(one.text),
        changed=one.is_own,
        values=[pb.NoticeValue(name=name, example=example) for name, example in examples.items()],
        etag=one.etag,
    )


def _message(call: Call, row: Notice) -> pb.Notice:
    return pb.Notice(
        name=_name(call.hromada, row),
        kind=row.kind,
        channel=to_contract(receptions_pb2.ReminderChannel, row.channel),
        address=row.masked,
        language=row.language,
        state=to_contract(pb.NoticeState, row.state),
        trouble=to_contract(pb.NoticeTrouble, row.trouble) if row.trouble else pb.NOTICE_TROUBLE_UNSPECIFIED,
        tries=row.tries,
        told_at=_time(row.told_at),
        next_time=_time(row.next_at),
        over_at=_time(row.over_at),
        can_resend=can_be_sent_again(row, call.now),
    )


def _name(hromada: Hromada, row: Notice) -> str:
    return f"{hromada.name}/notices/{row.id}"


def _time(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
