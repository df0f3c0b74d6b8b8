"""The visits of an office and what their people are told, as web sees them: part of the house that stands in for
reception."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import grpc
from kit.rpc.client import acting
from spilno.reception.v1 import (
    notices_pb2,
    receptions_pb2,
)

from web.testing_answers import NOW, StandIn, at, failure


def _notice_texts() -> dict[str, notices_pb2.NoticeText]:
    """The texts with which a hromada begins: two of them."""
    known = [notices_pb2.NoticeValue(name="office", example="Офіс"), notices_pb2.NoticeValue(name="when", example="вт")]
    words = {
        "signature-uk": (notices_pb2.NoticeWords(body="Офіс безпеки громади"), []),
        "visit-booked-uk": (
            notices_pb2.NoticeWords(subject="Вас записано: {when}", body="{when}", sms="{when}"),
            known,
        ),
    }
    return {
        name: notices_pb2.NoticeText(
            name=name, kind=last.rpartition("-")[0], language="uk", text=text, values=values, etag="0"
        )
        for last, (text, values) in words.items()
        for name in [f"hromadas/tatarbunary/notice-texts/{last}"]
    }


@dataclass
class Visits(StandIn):
    """Days of reception, who comes, and notices."""

    visits: dict[str, receptions_pb2.Visit] = field(default_factory=dict)
    reminder_channels: "list[receptions_pb2.ReminderChannel.ValueType]" = field(default_factory=list)
    notices: list[notices_pb2.Notice] = field(default_factory=list)
    notice_texts: dict[str, notices_pb2.NoticeText] = field(default_factory=_notice_texts)

    async def GetSchedule(self, request: receptions_pb2.GetScheduleRequest) -> receptions_pb2.Schedule:
        self._met(request)
        hours = receptions_pb2.Hours(opens="10:00", closes="12:00")
        week = [receptions_pb2.WeeklyHours(weekday=weekday, hours=hours) for weekday in (2, 5)]
        schedule = receptions_pb2.ScheduleDraft(
            week=week, slot_minutes=20, hosts=["Дільничний офіцер", "Керівник офісу"], holidays_are_working=True
        )
        return receptions_pb2.Schedule(schedule=schedule, etag="1")

    async def UpdateSchedule(self, request: receptions_pb2.UpdateScheduleRequest) -> receptions_pb2.Schedule:
        self._met(request)
        return receptions_pb2.Schedule(schedule=request.schedule, etag="2")

    async def ListSlots(self, request: receptions_pb2.ListSlotsRequest) -> receptions_pb2.ListSlotsResponse:
        self._met(request)
        taken = {visit.start_time.seconds for visit in self.visits.values()}
        first = datetime(2026, 11, 24, 8, tzinfo=UTC)
        return receptions_pb2.ListSlotsResponse(
            days=[
                receptions_pb2.ReceptionDay(
                    date=(first + timedelta(days=days)).date().isoformat(),
                    slots=[
                        receptions_pb2.Slot(start_time=start, free=start.seconds not in taken)
                        for start in (at(first + timedelta(days=days, minutes=20 * place)) for place in range(6))
                    ],
                )
                for days in (0, 3)
            ],
            reminder_channels=self.reminder_channels,
        )

    async def BookVisit(self, request: receptions_pb2.BookVisitRequest) -> receptions_pb2.VisitReceipt:
        self._met(request)
        if acting.get().token is not None:
            raise failure(grpc.StatusCode.INTERNAL, "a resident's call carries somebody's token")
        if request.request_id not in self.visits:
            self.come(request.request_id, request.visit)
        return receptions_pb2.VisitReceipt(start_time=request.visit.start_time, code="482177300016")

    def come(self, visit_id: str, draft: receptions_pb2.VisitDraft) -> receptions_pb2.Visit:
        visit = receptions_pb2.Visit(
            name=f"hromadas/tatarbunary/visits/{visit_id}",
            state=receptions_pb2.VISIT_STATE_BOOKED,
            start_time=draft.start_time,
            visitor=draft.visitor,
            phone=draft.phone,
            topic=draft.topic,
            reminder=(
                receptions_pb2.Reminder(
                    channel=draft.reminder.channel,
                    email=draft.reminder.email,
                    language=draft.reminder.language,
                    agreed_at=at(NOW),
                )
                if draft.HasField("reminder")
                else None
            ),
            etag="1",
        )
        self.visits[visit_id] = visit
        return visit

    async def BookVisitForCaller(
        self, request: receptions_pb2.BookVisitForCallerRequest
    ) -> receptions_pb2.BookVisitForCallerResponse:
        self._met(request)
        visit = self.come(request.request_id, request.visit)
        return receptions_pb2.BookVisitForCallerResponse(visit=visit, code="482177300017")

    async def CancelVisit(self, request: receptions_pb2.CancelVisitRequest) -> receptions_pb2.CancelledVisit:
        self._met(request)
        if "".join(sign for sign in request.code if sign.isdigit()) != "482177300016":
            raise failure(grpc.StatusCode.NOT_FOUND, "visit.code-unknown", "Немає такого коду")
        return receptions_pb2.CancelledVisit(start_time=at(NOW))

    async def MoveVisit(self, request: receptions_pb2.MoveVisitRequest) -> receptions_pb2.MovedVisit:
        self._met(request)
        if "".join(sign for sign in request.code if sign.isdigit()) != "482177300016":
            raise failure(grpc.StatusCode.NOT_FOUND, "visit.code-unknown", "Немає такого коду")
        return receptions_pb2.MovedVisit(start_time=request.start_time, moved_from=at(NOW))

    async def MoveVisitForCaller(self, request: receptions_pb2.MoveVisitForCallerRequest) -> receptions_pb2.Visit:
        self._met(request)
        visit = self.visits[request.name.rpartition("/")[2]]
        visit.start_time.CopyFrom(request.start_time)
        return visit

    async def ListVisits(self, request: receptions_pb2.ListVisitsRequest) -> receptions_pb2.ListVisitsResponse:
        self._met(request)
        shown = [visit for visit in self.visits.values() if visit.outside_schedule or not request.outside_schedule]
        return receptions_pb2.ListVisitsResponse(visits=shown, date=request.date or "2026-11-24")

    async def GetVisit(self, request: receptions_pb2.GetVisitRequest) -> receptions_pb2.Visit:
        self._met(request)
        if request.name.rpartition("/")[2] not in self.visits:
            raise failure(grpc.StatusCode.NOT_FOUND)
        return self.visits[request.name.rpartition("/")[2]]

    async def GetNoticeChannels(self, request: notices_pb2.GetNoticeChannelsRequest) -> notices_pb2.NoticeChannels:
        self._met(request)
        offered = [notices_pb2.NoticeChannel(channel=channel, stays_here=True) for channel in self.reminder_channels]
        return notices_pb2.NoticeChannels(channels=offered)

    async def ListNotices(self, request: notices_pb2.ListNoticesRequest) -> notices_pb2.ListNoticesResponse:
        self._met(request)
        return notices_pb2.ListNoticesResponse(notices=self.notices)

    async def ResendNotice(self, request: notices_pb2.ResendNoticeRequest) -> notices_pb2.Notice:
        self._met(request)
        return notices_pb2.Notice(name=request.name)

    async def GetNoticeTexts(self, request: notices_pb2.GetNoticeTextsRequest) -> notices_pb2.NoticeTexts:
        self._met(request)
        return notices_pb2.NoticeTexts(texts=list(self.notice_texts.values()))

    async def UpdateNoticeText(self, request: notices_pb2.UpdateNoticeTextRequest) -> notices_pb2.NoticeText:
        self._met(request)
        text = self.notice_texts[request.name]
        if request.etag != text.etag:
            raise failure(grpc.StatusCode.ABORTED, "resource.stale")
        text.text.CopyFrom(request.text)
        text.changed, text.etag = True, "1"
        return text

    async def ResetNoticeText(self, request: notices_pb2.ResetNoticeTextRequest) -> notices_pb2.NoticeText:
        self._met(request)
        self.notice_texts |= _notice_texts()
        return self.notice_texts[request.name]

    async def PreviewNoticeText(self, request: notices_pb2.PreviewNoticeTextRequest) -> notices_pb2.NoticePreview:
        self._met(request)
        return notices_pb2.NoticePreview(text=request.text, sms_units=83, sms_segments=2)

    async def RecordVisit(self, request: receptions_pb2.RecordVisitRequest) -> receptions_pb2.Visit:
        self._met(request)
        visit = self.visits[request.name.rpartition("/")[2]]
        if request.etag != visit.etag:
            raise failure(grpc.StatusCode.ABORTED, "resource.stale")
        visit.state, visit.outcome, visit.etag = receptions_pb2.VISIT_STATE_HELD, request.outcome, "2"
        visit.hosts.extend(request.hosts)
        return visit
