"""The rows of reception: notices and their texts."""

import asyncio
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from google.protobuf.message import Message
from spilno.reception.v1 import notices_pb2

from tests.isolation.rows.declared import HEAD, OFFICER, method, parent
from tests.world import MARKER, OWN, World, as_whom


@method("spilno.reception.v1.Notices.GetNoticeChannels", "web", lambda answer: len(answer.channels) == 2)
async def _(world: World) -> Message:
    return notices_pb2.GetNoticeChannelsRequest(parent=parent(OWN))


async def _told(world: World) -> tuple[notices_pb2.ListNoticesRequest, notices_pb2.Notice]:
    """What asks for the notices about a visit, and the one that was sent."""
    booked = await world.visit_told(OWN, f"{uuid4().hex}@example.org")
    with as_whom(world.tokens[OFFICER]):
        asked = notices_pb2.ListNoticesRequest(parent=parent(OWN), visit=booked.visit.name)
        async with asyncio.timeout(30):
            while True:
                [notice] = (await world.notices.ListNotices(asked)).notices
                if notice.state == notices_pb2.NOTICE_STATE_SENT:
                    return asked, notice
                await asyncio.sleep(0.1)


@method("spilno.reception.v1.Notices.ListNotices", OFFICER, lambda answer: answer.notices[0].kind == "visit-booked")
async def _(world: World) -> Message:
    return (await _told(world))[0]


@method("spilno.reception.v1.Notices.ResendNotice", OFFICER, lambda answer: answer.kind == "visit-booked")
async def _(world: World) -> Message:
    _, notice = await _told(world)
    return notices_pb2.ResendNoticeRequest(name=notice.name, request_id=str(uuid4()))


_OWN_TEXT = f"{parent(OWN)}/notice-texts/visit-tomorrow-en"


_WORDS = notices_pb2.NoticeWords(subject=MARKER, body=MARKER, sms=MARKER)


def _hromadas_in(found: Iterable[Any]) -> set[str]:
    return {each.name.split("/")[1] for each in found}


@method("spilno.reception.v1.Notices.GetNoticeTexts", HEAD, lambda answer: _hromadas_in(answer.texts) == {OWN})
async def _(world: World) -> Message:
    return notices_pb2.GetNoticeTextsRequest(parent=parent(OWN))


@method("spilno.reception.v1.Notices.UpdateNoticeText", HEAD, lambda answer: answer.text.subject == MARKER)
async def _(world: World) -> Message:
    with as_whom(world.tokens[HEAD]):
        listed = await world.notices.GetNoticeTexts(notices_pb2.GetNoticeTextsRequest(parent=parent(OWN)))
    etag = next(one.etag for one in listed.texts if one.name == _OWN_TEXT)
    return notices_pb2.UpdateNoticeTextRequest(name=_OWN_TEXT, text=_WORDS, etag=etag)


@method("spilno.reception.v1.Notices.ResetNoticeText", HEAD, lambda answer: not answer.changed)
async def _(world: World) -> Message:
    return notices_pb2.ResetNoticeTextRequest(name=_OWN_TEXT)


@method("spilno.reception.v1.Notices.PreviewNoticeText", HEAD, lambda answer: answer.text.subject == MARKER)
async def _(world: World) -> Message:
    return notices_pb2.PreviewNoticeTextRequest(name=_OWN_TEXT, text=_WORDS)
