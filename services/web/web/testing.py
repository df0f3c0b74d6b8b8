"""Web with services that stand in: what it asks is held against the contract and kept, what they answer is given."""

import re
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, cast

import grpc
import httpx
from google.protobuf.timestamp_pb2 import Timestamp
from kit.localisation import Catalogue
from kit.pages import Pages
from kit.rpc.client import Failure, acting
from kit.rpc.errors import Invalid, check
from pydantic import SecretStr
from spilno.identity.v1 import hromadas_pb2, members_pb2, provisioning_pb2
from spilno.reception.v1 import appeals_pb2 as pb
from spilno.reception.v1 import (
    attachments_pb2,
    clocks_pb2,
    duties_pb2,
    maps_pb2,
    mediations_pb2,
    notices_pb2,
    officers_pb2,
    particulars_pb2,
    persons_pb2,
    prints_pb2,
    proceedings_pb2,
    receptions_pb2,
    referrals_pb2,
    register_pb2,
    triage_pb2,
    wordings_pb2,
)

from web.portal import Offices, Web
from web.service import application
from web.sessions.sessions import SignedIn, Tokens
from web.settings import Settings
from web.sign_in.issuer import Asked
from web.testing_archives import Archives
from web.testing_cameras import Cameras
from web.testing_partners import Partners

ACCESS = "access"
OFFICER = "0198c0de-0000-7000-8000-000000000001"
COLLEAGUE = "0198c0de-0000-7000-8000-000000000002"
EVERYTHING = (
    "appeals.read",
    "appeals.register",
    "appeals.take",
    "appeals.answer",
    "appeals.decide",
    "organisations.read",
    "agreements.read",
    "receptions.read",
    "receptions.book",
    "receptions.record",
    "receptions.manage",
    "officers.manage",
    "beats.manage",
    "duties.read",
    "duties.record",
    "mediations.work",
    "persons.read",
    "persons.correct",
    "persons.erase",
    "persons.hold",
    "mediations.assign",
    "figures.read",
    "notices.read",
    "notices.send",
    "notices.write",
    "calendar.read",
    "calendar.manage",
)
WAITING = "482177300099"
"""The code of what waits to be sorted, or was."""
ERASED = "erased"
TATARBUNARY = hromadas_pb2.Office(
    name="hromadas/tatarbunary",
    title="Татарбунарська громада",
    title_en="Tatarbunary hromada",
    address="вул. Центральна, 50, м. Татарбунари, 68100",
    address_en="50 Tsentralna Street, Tatarbunary, 68100",
    directions="Кімната в будівлі міської ради, окремий вхід з вулиці, поруч ринок і автостанція",
    directions_en="A room in the city council with an entrance of its own, near the market and the bus station",
    phones=["+380484432124", "+380949623024"],
    email="odesakvu@gmail.com",
)
KAMIANETS = hromadas_pb2.Office(
    name="hromadas/kamianets-podilskyi",
    title="Кам’янець-Подільська громада",
    address="м. Кам’янець-Подільський, 32300",
    phones=["+380800000000"],
)


STANDARD = provisioning_pb2.Template(
    title="tatarbunary",
    version=1,
    parts=[
        provisioning_pb2.TemplatePart(
            service="reception", name="tatarbunary", version=1, text="name: tatarbunary\nversion: 1\n"
        )
    ],
)


def failure(code: grpc.StatusCode, reason: str = "", message: str = "", /, **fields: str) -> Failure:
    made = Failure(code, None)
    made.reason, made.message = reason, message
    made.fields = {name.replace("__", "."): text for name, text in fields.items()}
    return made


async def hidden(browser: httpx.AsyncClient, path: str) -> dict[str, str]:
    """What a page's form sends without being asked: the proof that it is ours, and its id."""
    page = await browser.get(path)
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))


def at(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp


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


KIT_TEXTS = Catalogue(["kit"])
NOW = datetime(2026, 11, 22, 16, 18, tzinfo=UTC)


@dataclass
class House(Cameras, Partners, Archives):
    """Identity, reception and the gateway, as web sees them."""

    permissions: tuple[str, ...] = EVERYTHING
    works_at: str = "tatarbunary"
    suspended: set[str] = field(default_factory=set)
    failing: Failure | None = None
    failing_for: type = object
    appeals: dict[str, pb.Appeal] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    receipts: dict[str, pb.Receipt] = field(default_factory=dict)
    sent: list[triage_pb2.Submission] = field(default_factory=list)
    """What waits to be sorted."""
    asked: list[Any] = field(default_factory=list)
    visits: dict[str, receptions_pb2.Visit] = field(default_factory=dict)
    reminder_channels: "list[receptions_pb2.ReminderChannel.ValueType]" = field(default_factory=list)
    map: maps_pb2.Map = field(default_factory=lambda: maps_pb2.Map(etag="0"))
    notices: list[notices_pb2.Notice] = field(default_factory=list)
    notice_texts: dict[str, notices_pb2.NoticeText] = field(default_factory=_notice_texts)
    files: dict[str, tuple[attachments_pb2.Attachment, bytes]] = field(default_factory=dict)
    beats: list[officers_pb2.Beat] = field(default_factory=list)
    directory: officers_pb2.Directory = field(default_factory=officers_pb2.Directory)
    records: list[persons_pb2.PersonRecord] = field(default_factory=list)
    person_requests: list[persons_pb2.PersonRequest] = field(default_factory=list)
    mediation: mediations_pb2.Mediation = field(default_factory=mediations_pb2.Mediation)
    mediations: mediations_pb2.ListMediationsResponse = field(default_factory=mediations_pb2.ListMediationsResponse)
    duties: duties_pb2.ListDutiesResponse = field(default_factory=duties_pb2.ListDutiesResponse)
    appeal_notices: list[pb.AppealNotice] = field(default_factory=list)
    duplicates: list[proceedings_pb2.Duplicate] = field(default_factory=list)
    way: proceedings_pb2.AppealProceedings = field(default_factory=proceedings_pb2.AppealProceedings)
    calendar: clocks_pb2.CalendarDraft = field(
        default_factory=lambda: clocks_pb2.CalendarDraft(
            weeks=[clocks_pb2.WeekSince(since="2018-06-01", week=clocks_pb2.WORKING_WEEK_FIVE_DAYS)],
            martial_law=[clocks_pb2.MartialLaw(since="2022-02-24")],
            terms=[clocks_pb2.Terms(since="1996-10-02", forward=5, missing=5, defect=10, simple=15, months=1, most=45)],
        )
    )
    progress: provisioning_pb2.Provisioning = field(default_factory=provisioning_pb2.Provisioning)
    templates_published: list[provisioning_pb2.Template] = field(default_factory=list)

    def _met(self, request: Any) -> None:
        self.asked.append(request)
        if self.failing is not None and isinstance(request, self.failing_for):
            raise self.failing
        try:
            check(request, KIT_TEXTS, acting.get().locale)
        except Invalid as invalid:
            objections = {violation.field.replace(".", "__"): violation.text for violation in invalid.violations}
            raise failure(grpc.StatusCode.INVALID_ARGUMENT, "request.invalid", **objections) from invalid

    # identity

    async def GetOffice(self, request: hromadas_pb2.GetOfficeRequest) -> hromadas_pb2.Office:
        self._met(request)
        if request.name in self.suspended:
            raise failure(grpc.StatusCode.FAILED_PRECONDITION, "hromada.suspended")
        for office in (TATARBUNARY, KAMIANETS):
            if office.name == request.name:
                return office
        raise failure(grpc.StatusCode.NOT_FOUND)

    async def ListOffices(self, request: hromadas_pb2.ListOfficesRequest) -> hromadas_pb2.ListOfficesResponse:
        self._met(request)
        return hromadas_pb2.ListOfficesResponse(offices=[TATARBUNARY, KAMIANETS])

    async def ListHromadas(self, request: hromadas_pb2.ListHromadasRequest) -> hromadas_pb2.ListHromadasResponse:
        self._met(request)
        return hromadas_pb2.ListHromadasResponse(
            hromadas=[
                hromadas_pb2.Hromada(
                    name=office.name,
                    title=office.title,
                    katotth=katotth,
                    state=hromadas_pb2.HROMADA_STATE_SUSPENDED
                    if office.name in self.suspended
                    else hromadas_pb2.HROMADA_STATE_ACTIVE,
                    created_at=at(NOW),
                    etag="1",
                )
                for office, katotth in ((TATARBUNARY, "UA51040250000099866"), (KAMIANETS, "UA68020110000071202"))
            ]
        )

    async def GetHromada(self, request: hromadas_pb2.GetHromadaRequest) -> hromadas_pb2.Hromada:
        listed = await self.ListHromadas(hromadas_pb2.ListHromadasRequest())
        found = next((one for one in listed.hromadas if one.name == request.name), None)
        if found is None:
            raise failure(grpc.StatusCode.NOT_FOUND)
        if self.progress.steps and not self.progress.done:
            found.state = hromadas_pb2.HROMADA_STATE_PROVISIONING
        return found

    async def CreateHromada(self, request: hromadas_pb2.CreateHromadaRequest) -> hromadas_pb2.CreateHromadaResponse:
        self._met(request)
        return hromadas_pb2.CreateHromadaResponse(invitation=members_pb2.Invitation(url="http://issuer.test/invite/1"))

    async def GetProvisioning(self, request: provisioning_pb2.GetProvisioningRequest) -> provisioning_pb2.Provisioning:
        self._met(request)
        return self.progress

    async def ListTemplates(
        self, request: provisioning_pb2.ListTemplatesRequest
    ) -> provisioning_pb2.ListTemplatesResponse:
        self._met(request)
        return provisioning_pb2.ListTemplatesResponse(standard=STANDARD, templates=self.templates_published)

    async def PublishTemplate(self, request: provisioning_pb2.PublishTemplateRequest) -> provisioning_pb2.Template:
        self._met(request)
        self.templates_published.append(
            provisioning_pb2.Template(name="templates/own-2", title="own", version=2, parts=request.parts)
        )
        return self.templates_published[-1]

    async def SuspendHromada(self, request: hromadas_pb2.SuspendHromadaRequest) -> hromadas_pb2.Hromada:
        self._met(request)
        self.suspended.add(request.name)
        return hromadas_pb2.Hromada()

    async def ResumeHromada(self, request: hromadas_pb2.ResumeHromadaRequest) -> hromadas_pb2.Hromada:
        self._met(request)
        self.suspended.discard(request.name)
        return hromadas_pb2.Hromada()

    async def GetOwnMembership(self, request: members_pb2.GetOwnMembershipRequest) -> members_pb2.OwnMembership:
        self._met(request)
        if acting.get().token != ACCESS:
            raise failure(grpc.StatusCode.UNAUTHENTICATED)
        if request.parent != f"hromadas/{self.works_at}":
            raise failure(grpc.StatusCode.PERMISSION_DENIED)
        return members_pb2.OwnMembership(
            display_name="Дільничний офіцер, дільниця 1", permissions=list(self.permissions)
        )

    # reception

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

    async def _printed(self, request: Any) -> prints_pb2.Document:
        self._met(request)
        return prints_pb2.Document(file_name="card-1-2026.pdf", content_type="application/pdf", content=b"%PDF-")

    PrintAppealCard = PrintReceipt = PrintVisitCard = _printed
    PrintAppealJournal = PrintReceptionJournal = PrintReport = _printed
    PrintBooklet = PrintCards = PrintPoster = _printed

    async def ListDuties(self, request: duties_pb2.ListDutiesRequest) -> duties_pb2.ListDutiesResponse:
        self._met(request)
        return self.duties

    async def CreateDuty(self, request: duties_pb2.CreateDutyRequest) -> duties_pb2.Duty:
        self._met(request)
        return duties_pb2.Duty(duty=request.duty)

    UpdateDuty = CreateDuty

    async def ListColleagues(self, request: members_pb2.ListColleaguesRequest) -> members_pb2.ListColleaguesResponse:
        self._met(request)
        both = {OFFICER: "Дільничний офіцер, дільниця 1", COLLEAGUE: "Юристка"}
        return members_pb2.ListColleaguesResponse(
            colleagues=[members_pb2.Colleague(id=id, display_name=name) for id, name in both.items()]
        )

    async def FindPersonRecords(
        self, request: persons_pb2.FindPersonRecordsRequest
    ) -> persons_pb2.FindPersonRecordsResponse:
        self._met(request)
        return persons_pb2.FindPersonRecordsResponse(records=self.records)

    async def ExportPersonRecords(self, request: persons_pb2.ExportPersonRecordsRequest) -> persons_pb2.PersonExport:
        self._met(request)
        return persons_pb2.PersonExport(
            data=prints_pb2.Document(file_name="person.json", content_type="application/json", content=b"{}"),
            readable=prints_pb2.Document(file_name="person.pdf", content_type="application/pdf", content=b"%PDF-"),
        )

    async def ListHolds(self, request: persons_pb2.ListHoldsRequest) -> persons_pb2.ListHoldsResponse:
        self._met(request)
        return persons_pb2.ListHoldsResponse()

    async def ListPersonRequests(
        self, request: persons_pb2.ListPersonRequestsRequest
    ) -> persons_pb2.ListPersonRequestsResponse:
        self._met(request)
        return persons_pb2.ListPersonRequestsResponse(requests=self.person_requests)

    async def FollowOwnRequests(
        self, request: persons_pb2.FollowOwnRequestsRequest
    ) -> persons_pb2.FollowOwnRequestsResponse:
        self._met(request)
        return persons_pb2.FollowOwnRequestsResponse(requests=[each.request for each in self.person_requests])

    async def GetRetention(self, request: persons_pb2.GetRetentionRequest) -> persons_pb2.Retention:
        self._met(request)
        return persons_pb2.Retention(years=5, etag="0")

    async def _kept(self, request: Any) -> persons_pb2.PersonRecord:
        self._met(request)
        return persons_pb2.PersonRecord()

    CorrectPersonRecord = EraseRecord = SetHold = RemoveHold = UpdateRetention = _kept
    RequestOwnData = RecordPersonRequest = AnswerPersonRequest = _kept

    async def ListMediations(
        self, request: mediations_pb2.ListMediationsRequest
    ) -> mediations_pb2.ListMediationsResponse:
        self._met(request)
        return self.mediations

    async def GetMediationFigures(
        self, request: mediations_pb2.GetMediationFiguresRequest
    ) -> mediations_pb2.MediationFigures:
        self._met(request)
        return mediations_pb2.MediationFigures(total=mediations_pb2.MediationFigure(withheld=True))

    async def _mediated(self, request: Any) -> mediations_pb2.Mediation:
        self._met(request)
        return self.mediation

    OpenMediation = GetMediation = AddParty = RecordConsent = SaveMeeting = _mediated
    WriteAgreement = SignAgreement = SaveFollowUp = NameMediationStaff = CloseMediation = _mediated

    async def GetDirectory(self, request: officers_pb2.GetDirectoryRequest) -> officers_pb2.Directory:
        self._met(request)
        return self.directory

    async def SuggestTracks(self, request: triage_pb2.SuggestTracksRequest) -> triage_pb2.SuggestTracksResponse:
        self._met(request)
        return triage_pb2.SuggestTracksResponse(tracks=[triage_pb2.TRACK_CRIME] if "вкрали" in request.text else [])

    async def ListReferrals(self, request: referrals_pb2.ListReferralsRequest) -> referrals_pb2.ListReferralsResponse:
        self._met(request)
        return referrals_pb2.ListReferralsResponse()

    async def GetWordings(self, request: wordings_pb2.GetWordingsRequest) -> wordings_pb2.WordingSet:
        """There is always one."""
        wording = wordings_pb2.Wording(title="Ліхтар", text="Ліхтар замінять до п’ятниці.")
        return wordings_pb2.WordingSet(wordings=[wording], etag="1")

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

    async def GetRegister(self, request: register_pb2.GetRegisterRequest) -> register_pb2.Register:
        self._met(request)
        draft = register_pb2.RegisterDraft(index_mode=register_pb2.INDEX_MODE_SEQUENTIAL)
        draft.privileged.add(since="2026-01-01", code="7.5", priority=particulars_pb2.PRIORITY_FIRST)
        year = register_pb2.RegisterYear(year=2026, last=150, missing=[17])
        return register_pb2.Register(register=draft, years=[year], etag="1")

    async def UpdateRegister(self, request: register_pb2.UpdateRegisterRequest) -> register_pb2.Register:
        self._met(request)
        return register_pb2.Register(register=request.register, etag="2")

    async def GetClassifier(self, request: register_pb2.GetClassifierRequest) -> register_pb2.Classifier:
        self._met(request)
        return register_pb2.Classifier(
            author=[register_pb2.ClassifierCode(code="7.5", title="учасник бойових дій")],
            subjects=[register_pb2.ClassifierCode(code="12", title="законність і правопорядок")],
        )

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

    async def GetMap(self, request: maps_pb2.GetMapRequest) -> maps_pb2.Map:
        self._met(request)
        return self.map

    async def UpdateMap(self, request: maps_pb2.UpdateMapRequest) -> maps_pb2.Map:
        self._met(request)
        if "FeatureCollection" not in request.features:
            raise failure(grpc.StatusCode.INVALID_ARGUMENT, features="Це не карта")
        self.map = maps_pb2.Map(features=request.features, attribution=request.attribution, etag="2")
        return self.map

    async def GetCalendar(self, request: clocks_pb2.GetCalendarRequest) -> clocks_pb2.Calendar:
        self._met(request)
        return clocks_pb2.Calendar(calendar=self.calendar, etag="1")

    async def UpdateCalendar(self, request: clocks_pb2.UpdateCalendarRequest) -> clocks_pb2.Calendar:
        self._met(request)
        self.calendar.CopyFrom(request.calendar)
        return clocks_pb2.Calendar(calendar=self.calendar, etag="2")

    async def ListProvisions(self, request: clocks_pb2.ListProvisionsRequest) -> clocks_pb2.ListProvisionsResponse:
        self._met(request)
        analogy = clocks_pb2.Provision(
            number="L9", law="Цивільний кодекс, ст. 253", text="За аналогією.", certainty=clocks_pb2.CERTAINTY_PARTLY
        )
        return clocks_pb2.ListProvisionsResponse(provisions=[analogy])

    async def FindOfficer(self, request: officers_pb2.FindOfficerRequest) -> officers_pb2.FindOfficerResponse:
        self._met(request)
        officer = officers_pb2.PublicOfficer(display_name="Дільничний 1", kind=officers_pb2.OFFICER_KIND_DISTRICT)
        found = [officers_pb2.ServedBeat(number=1, streets=["вул. Центральна"], officer=officer)]
        return officers_pb2.FindOfficerResponse(beats=found if "ентральн" in request.address else [], exact=True)

    async def ListOfficerCards(
        self, request: officers_pb2.ListOfficerCardsRequest
    ) -> officers_pb2.ListOfficerCardsResponse:
        self._met(request)
        return officers_pb2.ListOfficerCardsResponse()

    async def ListBeats(self, request: officers_pb2.ListBeatsRequest) -> officers_pb2.ListBeatsResponse:
        self._met(request)
        return officers_pb2.ListBeatsResponse(beats=self.beats)

    async def CreateBeat(self, request: officers_pb2.CreateBeatRequest) -> officers_pb2.Beat:
        self._met(request)
        name = f"hromadas/tatarbunary/beats/{uuid.uuid4()}"
        self.beats.append(officers_pb2.Beat(name=name, beat=request.beat, etag="1"))
        return self.beats[-1]


async def _again(first: Any, rest: AsyncIterator[Any]) -> AsyncIterator[Any]:
    yield first
    async for message in rest:
        yield message


@dataclass
class Memory:
    """Sessions and keepsakes without a database."""

    sessions: dict[str, SignedIn] = field(default_factory=dict)
    kept: dict[tuple[str, str, str], dict[str, str]] = field(default_factory=dict)

    async def find(self, cookie: str) -> SignedIn | None:
        return self.sessions.get(cookie)

    async def author(self, cookie: str) -> str:
        return OFFICER

    async def open(self, place: str, subject: str, tokens: Tokens, *, instead_of: str = "") -> str:
        self.sessions.pop(instead_of, None)
        self.sessions["fresh"] = SignedIn(place, subject, tokens.access)
        return "fresh"

    async def close(self, place: str, subject: str) -> None:
        theirs = (place, subject)
        self.sessions = {key: one for key, one in self.sessions.items() if (one.place, one.subject) != theirs}

    async def end(self, cookie: str) -> str:
        self.sessions.pop(cookie, None)
        return "id-token"

    async def keep(self, purpose: str, visitor: str, name: str, content: dict[str, str], *, lasting: timedelta) -> None:
        self.kept[purpose, visitor, name] = content

    async def look(self, purpose: str, visitor: str, name: str) -> dict[str, str] | None:
        found = self.kept.get((purpose, visitor, name))
        return dict(found) if found is not None else None

    async def take(self, purpose: str, visitor: str, name: str) -> dict[str, str] | None:
        return self.kept.pop((purpose, visitor, name), None)


@dataclass
class AnIssuer:
    """An issuer that lets everyone in as the officer."""

    subject: str = OFFICER

    async def question(self, asked: Asked, scope: str, language: str, *, anew: bool = False) -> str:
        return f"http://issuer.test/authorize?state={asked.state}&scope={scope}"

    async def is_from(self, iss: str) -> bool:
        return iss == "http://issuer.test"

    async def redeem(self, code: str, asked: Asked) -> tuple[str, Tokens]:
        return self.subject, Tokens(ACCESS, "refresh", "id-token", 300)

    async def farewell(self, id_token: str, back_to: str) -> str:
        return f"http://issuer.test/end?id_token_hint={id_token}"


def settings() -> Settings:
    return Settings(
        environment="test",
        database_url=SecretStr("postgresql://nowhere"),
        web_url="http://portal.test:8080",
        identity_address="nowhere:1",
        reception_address="nowhere:2",
        cctv_address="nowhere:3",
        media_url="http://portal.test:8081",
        issuer_url="http://issuer.test",
        client_secret=SecretStr("s"),
        secret=SecretStr("c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"),
    )


class Standing:
    """A clock that stands where the house's appeals arrive."""

    def now(self) -> datetime:
        return NOW


def portal(house: House, memory: Memory, issuer: AnIssuer) -> Any:
    """The application with everything it asks standing in."""

    async def connect(settings: Settings, pages: Pages, stack: AsyncExitStack) -> Web:
        anything = cast(Any, house)
        kept = cast(Any, memory)
        return Web(
            settings=settings,
            pages=pages,
            clock=cast(Any, Standing()),
            sessions=kept,
            keepsakes=kept,
            issuer=cast(Any, issuer),
            offices=Offices(anything),
            hromadas=anything,
            provisionings=anything,
            templates=anything,
            archives=anything,
            erasures=anything,
            members=anything,
            appeals=anything,
            attachments=anything,
            photos=anything,
            signs=anything,
            organisations=anything,
            agreements=anything,
            venues=anything,
            projects=anything,
            controllers=anything,
            trail=anything,
            officers=anything,
            beats=anything,
            maps=anything,
            receptions=anything,
            notices=anything,
            cameras=anything,
            datasets=anything,
            evidence=anything,
            probes=anything,
            views=anything,
            health=anything,
            recordings=anything,
            clocks=anything,
            proceedings=anything,
            registers=anything,
            prints=anything,
            triage=anything,
            wordings=anything,
            duties=anything,
            leaflets=anything,
            mediations=anything,
            persons=anything,
            hazards=anything,
            cases=anything,
            figures=anything,
            referrals=anything,
        )

    return application(settings(), connect)
