"""The appeals of an office and what waits to be sorted, as web sees them: part of the house that stands in for
reception."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

import grpc
from kit.rpc.client import acting
from spilno.reception.v1 import appeals_pb2 as pb
from spilno.reception.v1 import (
    attachments_pb2,
    particulars_pb2,
    proceedings_pb2,
    triage_pb2,
)

from web.testing_answers import NOW, OFFICER, StandIn, at, failure

WAITING = "482177300099"
"""The code of what waits to be sorted, or was."""
ERASED = "erased"


@dataclass
class Appeals(StandIn):
    """A register, with its files and its ways."""

    appeals: dict[str, pb.Appeal] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    receipts: dict[str, pb.Receipt] = field(default_factory=dict)
    sent: list[triage_pb2.Submission] = field(default_factory=list)
    """What waits to be sorted."""
    files: dict[str, tuple[attachments_pb2.Attachment, bytes]] = field(default_factory=dict)
    appeal_notices: list[pb.AppealNotice] = field(default_factory=list)
    duplicates: list[proceedings_pb2.Duplicate] = field(default_factory=list)
    way: proceedings_pb2.AppealProceedings = field(default_factory=proceedings_pb2.AppealProceedings)

    async def SubmitAppeal(self, request: pb.SubmitAppealRequest) -> pb.Receipt:
        self._met(request)
        if acting.get().token is not None:
            raise failure(grpc.StatusCode.INTERNAL, "a resident's call carries somebody's token")
        if request.appeal.confidential:
            self.codes[WAITING] = f"hromadas/tatarbunary/submissions/{len(self.sent)}"
            self.sent.append(
                triage_pb2.Submission(
                    name=f"hromadas/tatarbunary/submissions/{uuid.uuid4()}",
                    kind=request.appeal.kind,
                    area=request.appeal.area,
                    applicant=request.appeal.applicant,
                    text=request.appeal.text,
                    tracks=[triage_pb2.TRACK_CRIME],
                    confidential=True,
                    received_at=at(NOW),
                    etag="1",
                )
            )
            return pb.Receipt(code=WAITING, received_at=at(NOW), in_triage=True)
        if request.request_id not in self.receipts:
            number = f"{147 + len(self.receipts)}/2026"
            code = f"{482177300016 + len(self.receipts)}"
            self.receipts[request.request_id] = pb.Receipt(number=number, code=code, received_at=at(NOW))
            appeal = self.enter(number, request.appeal, pb.APPEAL_CHANNEL_PORTAL)
            self.codes[code] = appeal.name
        return self.receipts[request.request_id]

    def enter(self, number: str, draft: pb.AppealDraft, channel: pb.AppealChannel.ValueType) -> pb.Appeal:
        appeal = pb.Appeal(
            name=f"hromadas/tatarbunary/appeals/{uuid.uuid4()}",
            number=number,
            kind=draft.kind,
            area=draft.area,
            channel=channel,
            state=pb.APPEAL_STATE_REGISTERED,
            applicant=draft.applicant,
            text=draft.text,
            received_at=at(NOW),
            etag="1",
            particulars=particulars_pb2.Particulars(received_on="2026-11-22", signatories=1),
            due=particulars_pb2.Due(
                safe_on="2026-12-22",
                legal_on="2026-12-22",
                term=particulars_pb2.TERM_GENERAL,
                alarm=particulars_pb2.ALARM_NONE,
            ),
        )
        self.appeals[appeal.name] = appeal
        return appeal

    async def FollowAppeal(self, request: pb.FollowAppealRequest) -> pb.AppealStatus:
        self._met(request)
        code = "".join(sign for sign in request.code if sign.isdigit())
        if code == WAITING:
            erased = self.codes.get(code) == ERASED
            return pb.AppealStatus(received_at=at(NOW), in_triage=not erased, erased=erased, sensitive=True)
        if code not in self.codes:
            raise failure(grpc.StatusCode.NOT_FOUND, "appeal.code", "Немає такого коду")
        appeal = self.appeals[self.codes[code]]
        status = pb.AppealStatus(
            number=appeal.number, kind=appeal.kind, area=appeal.area, state=appeal.state, text=appeal.text
        )
        status.answer = appeal.answer
        status.notices.extend(self.appeal_notices)
        for moment in ("received_at", "taken_at", "answered_at"):
            if appeal.HasField(moment):
                getattr(status, moment).CopyFrom(getattr(appeal, moment))
        return status

    async def RegisterAppeal(self, request: pb.RegisterAppealRequest) -> pb.RegisterAppealResponse:
        self._met(request)
        appeal = self.enter(f"{147 + len(self.appeals)}/2026", request.appeal, request.channel)
        appeal.registered_by.CopyFrom(pb.Actor(id=OFFICER, display_name="Дільничний офіцер, дільниця 1"))
        return pb.RegisterAppealResponse(appeal=appeal, code="482177300099")

    async def GetAppeal(self, request: pb.GetAppealRequest) -> pb.Appeal:
        self._met(request)
        if request.name not in self.appeals:
            raise failure(grpc.StatusCode.NOT_FOUND)
        return self.appeals[request.name]

    async def _taken_in(self, appeal: str, messages: AsyncIterator[Any], source: Any) -> attachments_pb2.Attachment:
        first = await anext(messages)
        self._met(first)
        data = b"".join([message.chunk async for message in messages])
        if (len(data), sha256(data).digest()) != (first.size, first.sha256):
            raise failure(grpc.StatusCode.INVALID_ARGUMENT, "files.not-as-declared", chunk="Не весь")
        name = f"{appeal}/attachments/{uuid.UUID(first.request_id)}"
        attachment = attachments_pb2.Attachment(
            name=name,
            filename=first.filename,
            media_type="image/jpeg",
            size=len(data),
            has_thumbnail=True,
            source=source,
            create_time=at(NOW),
            etag="1",
        )
        self.files[name] = (attachment, data)
        return attachment

    async def UploadAttachment(self, messages: AsyncIterator[Any], **options: Any) -> attachments_pb2.Attachment:
        first = await anext(messages)
        source = attachments_pb2.ATTACHMENT_SOURCE_OFFICE
        return await self._taken_in(first.parent, _again(first, messages), source)

    async def SubmitAttachment(
        self, messages: AsyncIterator[Any], **options: Any
    ) -> attachments_pb2.SubmittedAttachment:
        first = await anext(messages)
        appeal = self.codes["".join(sign for sign in first.code if sign.isdigit())]
        source = attachments_pb2.ATTACHMENT_SOURCE_RESIDENT
        added = await self._taken_in(appeal, _again(first, messages), source)
        return attachments_pb2.SubmittedAttachment(filename=added.filename, size=added.size)

    async def ListSubmittedAttachments(
        self, request: attachments_pb2.ListSubmittedAttachmentsRequest
    ) -> attachments_pb2.ListSubmittedAttachmentsResponse:
        self._met(request)
        appeal = self.codes["".join(sign for sign in request.code if sign.isdigit())]
        found = [each for name, (each, _) in self.files.items() if name.startswith(appeal)]
        return attachments_pb2.ListSubmittedAttachmentsResponse(
            attachments=[attachments_pb2.SubmittedAttachment(filename=each.filename, size=each.size) for each in found]
        )

    async def ListAttachments(
        self, request: attachments_pb2.ListAttachmentsRequest
    ) -> attachments_pb2.ListAttachmentsResponse:
        self._met(request)
        found = [each for name, (each, _) in self.files.items() if name.startswith(request.parent)]
        return attachments_pb2.ListAttachmentsResponse(attachments=found)

    async def DownloadAttachment(
        self, request: attachments_pb2.DownloadAttachmentRequest, **options: Any
    ) -> AsyncIterator[attachments_pb2.DownloadAttachmentResponse]:
        self._met(request)
        if request.name not in self.files:
            raise failure(grpc.StatusCode.NOT_FOUND)
        attachment, data = self.files[request.name]
        yield attachments_pb2.DownloadAttachmentResponse(attachment=attachment)
        yield attachments_pb2.DownloadAttachmentResponse(chunk=data[:10])
        yield attachments_pb2.DownloadAttachmentResponse(chunk=data[10:])

    async def DownloadSubmissionAttachment(
        self, request: attachments_pb2.DownloadSubmissionAttachmentRequest, **options: Any
    ) -> AsyncIterator[attachments_pb2.DownloadAttachmentResponse]:
        self._met(request)
        [(attachment, data)] = self.files.values()
        yield attachments_pb2.DownloadAttachmentResponse(attachment=attachment)
        yield attachments_pb2.DownloadAttachmentResponse(chunk=data)

    async def DeleteAttachment(self, request: attachments_pb2.DeleteAttachmentRequest) -> attachments_pb2.Attachment:
        self._met(request)
        attachment, _ = self.files[request.name]
        if request.etag != attachment.etag:
            raise failure(grpc.StatusCode.ABORTED, "resource.stale", "Запис тим часом змінили.")
        attachment.filename, attachment.etag = "", "2"
        attachment.delete_time.CopyFrom(at(NOW))
        return attachment

    async def ListAppeals(self, request: pb.ListAppealsRequest) -> pb.ListAppealsResponse:
        self._met(request)
        found = [
            appeal
            for appeal in reversed(self.appeals.values())
            if (not request.areas or appeal.area in request.areas)
            and (not request.mine or appeal.taken_by.id == OFFICER)
            and (not (request.overdue or request.due_soon) or appeal.due.safe_on < f"{NOW:%Y-%m-%d}")
            and (not request.awaiting_decision or appeal.due.asked_until)
        ]
        counts = [
            pb.StateCount(state=state, count=sum(appeal.state == state for appeal in found))
            for state in (pb.APPEAL_STATE_REGISTERED, pb.APPEAL_STATE_IN_WORK, pb.APPEAL_STATE_ANSWERED)
        ]
        shown = [appeal for appeal in found if not request.states or appeal.state in request.states]
        start = int(request.page_token or 0)
        token = str(start + request.page_size) if len(shown) > start + request.page_size else ""
        return pb.ListAppealsResponse(
            appeals=shown[start : start + request.page_size], next_page_token=token, counts=counts
        )

    async def SearchAppeals(self, request: pb.SearchAppealsRequest) -> pb.SearchAppealsResponse:
        self._met(request)
        found = [
            appeal for appeal in self.appeals.values() if request.query in f"{appeal.applicant.name} {appeal.text}"
        ]
        start = int(request.page_token or 0)
        return pb.SearchAppealsResponse(
            appeals=found[start : start + request.page_size],
            next_page_token=str(start + request.page_size) if len(found) > start + request.page_size else "",
            too_many=len(found) > 50,
        )

    async def TakeAppeal(self, request: pb.TakeAppealRequest) -> pb.Appeal:
        self._met(request)
        appeal = self.appeals[request.name]
        if request.etag != appeal.etag:
            raise failure(grpc.StatusCode.ABORTED, "resource.stale")
        appeal.state = pb.APPEAL_STATE_IN_WORK
        appeal.taken_by.CopyFrom(pb.Actor(id=OFFICER, display_name="Дільничний офіцер, дільниця 1"))
        appeal.taken_at.CopyFrom(at(NOW + timedelta(hours=1)))
        appeal.etag = "2"
        return appeal

    async def AnswerAppeal(self, request: pb.AnswerAppealRequest) -> pb.Appeal:
        self._met(request)
        appeal = self.appeals[request.name]
        if request.etag != appeal.etag:
            raise failure(grpc.StatusCode.ABORTED, "resource.stale")
        appeal.state = pb.APPEAL_STATE_ANSWERED
        appeal.answer = request.answer
        appeal.result.outcome = request.outcome
        appeal.answered_by.CopyFrom(appeal.taken_by)
        appeal.answered_at.CopyFrom(at(NOW + timedelta(days=3)))
        appeal.etag = "3"
        return appeal

    async def GetProceedings(self, request: proceedings_pb2.GetProceedingsRequest) -> proceedings_pb2.AppealProceedings:
        self._met(request)
        return self.way

    async def FindEarlierAppeals(
        self, request: proceedings_pb2.FindEarlierAppealsRequest
    ) -> proceedings_pb2.FindEarlierAppealsResponse:
        self._met(request)
        return proceedings_pb2.FindEarlierAppealsResponse()

    async def _decided(self, request: Any) -> pb.Appeal:
        self._met(request)
        return self.appeals[request.name]

    UpdateParticulars = MarkSimple = ReturnAppeal = ForwardAppeal = _decided
    ReassignAppeal = RecordBodyAnswer = AskExtension = DecideExtension = ShortenTerm = DecideNotToConsider = _decided
    DeclineShortening = _decided

    async def FindDuplicates(
        self, request: proceedings_pb2.FindDuplicatesRequest
    ) -> proceedings_pb2.FindDuplicatesResponse:
        self._met(request)
        return proceedings_pb2.FindDuplicatesResponse(duplicates=self.duplicates)

    async def AnswerWithDuplicates(
        self, request: proceedings_pb2.AnswerWithDuplicatesRequest
    ) -> proceedings_pb2.AnswerWithDuplicatesResponse:
        self._met(request)
        return proceedings_pb2.AnswerWithDuplicatesResponse(appeal=self.appeals[request.name])

    async def SuggestTracks(self, request: triage_pb2.SuggestTracksRequest) -> triage_pb2.SuggestTracksResponse:
        self._met(request)
        return triage_pb2.SuggestTracksResponse(tracks=[triage_pb2.TRACK_CRIME] if "вкрали" in request.text else [])

    async def RecordTip(self, request: triage_pb2.RecordTipRequest) -> triage_pb2.Tip:
        self._met(request)
        return triage_pb2.Tip(text=request.text)

    async def RecordHandover(self, request: triage_pb2.RecordHandoverRequest) -> triage_pb2.Handover:
        self._met(request)
        return triage_pb2.Handover(unit=request.unit)

    async def ListSubmissions(self, request: triage_pb2.ListSubmissionsRequest) -> triage_pb2.ListSubmissionsResponse:
        self._met(request)
        return triage_pb2.ListSubmissionsResponse(submissions=self.sent)

    async def RegisterSubmission(self, request: triage_pb2.RegisterSubmissionRequest) -> pb.Appeal:
        self._met(request)
        if not request.HasField("sensitive"):
            raise failure(grpc.StatusCode.INVALID_ARGUMENT, sensitive="Позначте справу обмеженою")
        [one] = self.sent
        self.sent.clear()
        draft = pb.AppealDraft(kind=one.kind, area=one.area, applicant=one.applicant, text=one.text)
        return self.enter("150/2026", draft, pb.APPEAL_CHANNEL_PORTAL)

    async def HandOverSubmission(self, request: triage_pb2.HandOverSubmissionRequest) -> triage_pb2.Handover:
        self._met(request)
        self.sent.clear()
        return triage_pb2.Handover(unit=request.unit)

    async def ListTips(self, request: triage_pb2.ListTipsRequest) -> triage_pb2.ListTipsResponse:
        self._met(request)
        return triage_pb2.ListTipsResponse()

    async def ListHandovers(self, request: triage_pb2.ListHandoversRequest) -> triage_pb2.ListHandoversResponse:
        self._met(request)
        return triage_pb2.ListHandoversResponse()


async def _again(first: Any, rest: AsyncIterator[Any]) -> AsyncIterator[Any]:
    yield first
    async for message in rest:
        yield message
