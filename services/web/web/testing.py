"""Web with services that stand in: what it asks is held against the contract and kept, what they answer is given."""

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, cast

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from kit.localisation import Catalogue
from kit.pages import Pages
from kit.rpc.client import Failure, acting
from kit.rpc.errors import Invalid, check
from pydantic import SecretStr
from spilno.identity.v1 import hromadas_pb2, members_pb2, provisioning_pb2
from spilno.reception.v1 import appeals_pb2 as pb
from spilno.reception.v1 import attachments_pb2, officers_pb2, receptions_pb2

from web.portal import Offices, Web
from web.service import application
from web.sessions.sessions import SignedIn, Tokens
from web.settings import Settings
from web.sign_in.issuer import Asked
from web.testing_partners import Partners

ACCESS = "access"
OFFICER = "0198c0de-0000-7000-8000-000000000001"
COLLEAGUE = "0198c0de-0000-7000-8000-000000000002"
EVERYTHING = (
    "appeals.read",
    "appeals.register",
    "appeals.take",
    "appeals.answer",
    "receptions.read",
    "receptions.book",
    "receptions.record",
    "receptions.manage",
    "officers.manage",
    "beats.manage",
)
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


def failure(code: grpc.StatusCode, reason: str = "", message: str = "", **fields: str) -> Failure:
    made = Failure(code, None)
    made.reason, made.message = reason, message
    made.fields = {name.replace("__", "."): text for name, text in fields.items()}
    return made


def at(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp


KIT_TEXTS = Catalogue(["kit"])
NOW = datetime(2026, 11, 22, 16, 18, tzinfo=UTC)


@dataclass
class House(Partners):
    """Identity and reception, as web sees them."""

    permissions: tuple[str, ...] = EVERYTHING
    works_at: str = "tatarbunary"
    suspended: set[str] = field(default_factory=set)
    failing: Failure | None = None
    failing_for: type = object
    appeals: dict[str, pb.Appeal] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    receipts: dict[str, pb.Receipt] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    visits: dict[str, receptions_pb2.Visit] = field(default_factory=dict)
    reminder_channels: "list[receptions_pb2.ReminderChannel.ValueType]" = field(default_factory=list)
    files: dict[str, tuple[attachments_pb2.Attachment, bytes]] = field(default_factory=dict)
    beats: list[officers_pb2.Beat] = field(default_factory=list)
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
        )
        self.appeals[appeal.name] = appeal
        return appeal

    async def FollowAppeal(self, request: pb.FollowAppealRequest) -> pb.AppealStatus:
        self._met(request)
        code = "".join(sign for sign in request.code if sign.isdigit())
        if code not in self.codes:
            raise failure(grpc.StatusCode.NOT_FOUND, "appeal.code", "Немає такого коду")
        appeal = self.appeals[self.codes[code]]
        status = pb.AppealStatus(
            number=appeal.number, kind=appeal.kind, area=appeal.area, state=appeal.state, text=appeal.text
        )
        status.answer = appeal.answer
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
            and (not request.overdue or appeal.received_at.ToDatetime(UTC) < NOW - timedelta(days=31))
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
        appeal.answered_by.CopyFrom(appeal.taken_by)
        appeal.answered_at.CopyFrom(at(NOW + timedelta(days=3)))
        appeal.etag = "3"
        return appeal

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

    async def ListVisits(self, request: receptions_pb2.ListVisitsRequest) -> receptions_pb2.ListVisitsResponse:
        self._met(request)
        shown = [visit for visit in self.visits.values() if visit.outside_schedule or not request.outside_schedule]
        return receptions_pb2.ListVisitsResponse(visits=shown, date=request.date or "2026-11-24")

    async def GetVisit(self, request: receptions_pb2.GetVisitRequest) -> receptions_pb2.Visit:
        self._met(request)
        if request.name.rpartition("/")[2] not in self.visits:
            raise failure(grpc.StatusCode.NOT_FOUND)
        return self.visits[request.name.rpartition("/")[2]]

    async def RecordVisit(self, request: receptions_pb2.RecordVisitRequest) -> receptions_pb2.Visit:
        self._met(request)
        visit = self.visits[request.name.rpartition("/")[2]]
        if request.etag != visit.etag:
            raise failure(grpc.StatusCode.ABORTED, "resource.stale")
        visit.state, visit.outcome, visit.etag = receptions_pb2.VISIT_STATE_HELD, request.outcome, "2"
        visit.hosts.extend(request.hosts)
        return visit

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
        issuer_url="http://issuer.test",
        client_secret=SecretStr("s"),
        secret=SecretStr("c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"),
    )


def portal(house: House, memory: Memory, issuer: AnIssuer) -> Any:
    """The application with everything it asks standing in."""

    async def connect(settings: Settings, pages: Pages, stack: AsyncExitStack) -> Web:
        anything = cast(Any, house)
        kept = cast(Any, memory)
        return Web(
            settings=settings,
            pages=pages,
            sessions=kept,
            keepsakes=kept,
            issuer=cast(Any, issuer),
            offices=Offices(anything),
            hromadas=anything,
            provisionings=anything,
            templates=anything,
            members=anything,
            appeals=anything,
            attachments=anything,
            organisations=anything,
            agreements=anything,
            venues=anything,
            projects=anything,
            controllers=anything,
            trail=anything,
            officers=anything,
            beats=anything,
            receptions=anything,
        )

    return application(settings(), connect)
