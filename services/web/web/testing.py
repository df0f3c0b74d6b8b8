"""Web with services that stand in: what it asks is held against the contract and kept, what they answer is given."""

import re
import uuid
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

import grpc
import httpx
from kit.localisation import Catalogue
from kit.pages import Pages
from kit.rpc.client import Failure, acting
from kit.rpc.errors import Invalid, check
from pydantic import SecretStr
from spilno.identity.v1 import hromadas_pb2, members_pb2, provisioning_pb2
from spilno.reception.v1 import (
    appeals_pb2,
    clocks_pb2,
    duties_pb2,
    figures_pb2,
    maps_pb2,
    mediations_pb2,
    officers_pb2,
    particulars_pb2,
    persons_pb2,
    prints_pb2,
    referrals_pb2,
    register_pb2,
    wordings_pb2,
)

from web.portal import Offices, Web
from web.service import application
from web.sessions.sessions import SignedIn, Tokens
from web.settings import Settings
from web.sign_in.issuer import Asked
from web.testing_answers import NOW, OFFICER, at, failure
from web.testing_appeals import Appeals
from web.testing_archives import Archives
from web.testing_cameras import Cameras
from web.testing_hazards import Hazards
from web.testing_partners import Partners
from web.testing_visits import Visits

ACCESS = "access"
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


async def hidden(browser: httpx.AsyncClient, path: str) -> dict[str, str]:
    """What a page's form sends without being asked: the proof that it is ours, and its id."""
    page = await browser.get(path)
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))


KIT_TEXTS = Catalogue(["kit"])


@dataclass
class House(Appeals, Visits, Cameras, Partners, Archives, Hazards):
    """Identity, reception and the gateway, as web sees them."""

    permissions: tuple[str, ...] = EVERYTHING
    works_at: str = "tatarbunary"
    suspended: set[str] = field(default_factory=set)
    failing: Failure | None = None
    failing_for: type = object
    asked: list[Any] = field(default_factory=list)
    map: maps_pb2.Map = field(default_factory=lambda: maps_pb2.Map(etag="0"))
    beats: list[officers_pb2.Beat] = field(default_factory=list)
    directory: officers_pb2.Directory = field(default_factory=officers_pb2.Directory)
    records: list[persons_pb2.PersonRecord] = field(default_factory=list)
    person_requests: list[persons_pb2.PersonRequest] = field(default_factory=list)
    mediation: mediations_pb2.Mediation = field(default_factory=mediations_pb2.Mediation)
    mediations: mediations_pb2.ListMediationsResponse = field(default_factory=mediations_pb2.ListMediationsResponse)
    duties: duties_pb2.ListDutiesResponse = field(default_factory=duties_pb2.ListDutiesResponse)
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

    async def ListHolds(self, request: Any) -> Any:
        """Of footage, or of what is known of persons."""
        if not isinstance(request, persons_pb2.ListHoldsRequest):
            return await super().ListHolds(request)
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

    async def GetPublicFigures(self, request: figures_pb2.GetPublicFiguresRequest) -> figures_pb2.PublicFigures:
        self._met(request)
        told = figures_pb2.PublicFigures(year=request.year, total=figures_pb2.PublicCount(count=1234))
        for area in appeals_pb2.SafetyArea.values()[1:]:
            told.areas.add(area=area).count.count = 100
        for state in appeals_pb2.AppealState.values()[1:]:
            told.states.add(state=state).count.suppressed = True
        return told

    async def ListReferrals(self, request: referrals_pb2.ListReferralsRequest) -> referrals_pb2.ListReferralsResponse:
        self._met(request)
        return referrals_pb2.ListReferralsResponse()

    async def GetWordings(self, request: wordings_pb2.GetWordingsRequest) -> wordings_pb2.WordingSet:
        """There is always one."""
        wording = wordings_pb2.Wording(title="Ліхтар", text="Ліхтар замінять до п’ятниці.")
        return wordings_pb2.WordingSet(wordings=[wording], etag="1")

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


class _Portal:
    """One application for all tests of a process, since its routes take long to lay out; who stands in behind it is
    told anew for each."""

    def __init__(self) -> None:
        self.house, self.memory, self.issuer = House(), Memory(), AnIssuer()
        self.app = application(settings(), self._connect)

    async def _connect(self, settings: Settings, pages: Pages, stack: AsyncExitStack) -> Web:
        anything = cast(Any, self.house)
        kept = cast(Any, self.memory)
        return Web(
            settings=settings,
            pages=pages,
            clock=cast(Any, Standing()),
            sessions=kept,
            keepsakes=kept,
            issuer=cast(Any, self.issuer),
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


_portal = cache(_Portal)


def portal(house: House, memory: Memory, issuer: AnIssuer) -> Any:
    """The application with everything it asks standing in, from the next start of its lifespan."""
    one = _portal()
    one.house, one.memory, one.issuer = house, memory, issuer
    return one.app
