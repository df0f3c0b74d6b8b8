"""A small world on a real house: two hromadas that must never see each other, a third that is suspended, and everyone
who might try."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import grpc.aio
from cctv_gateway.testing import onvif, papers
from cctv_gateway.testing.filming import film
from cctv_gateway.testing.footage import packaged, recorded
from kit.database import Database
from kit.names import uid
from kit.rpc.client import SERVICE, Acting, ServiceIdentity, acting, dial
from kit.servers.postgres import database_name
from machine import demo, pages
from machine.house import House
from machine.services import SERVICES
from spilno.cctv.v1 import cameras_pb2, evidence_pb2, probes_pb2, recordings_pb2, signs_pb2, views_pb2
from spilno.cctv.v1.cameras_pb2_grpc import CamerasStub
from spilno.cctv.v1.evidence_pb2_grpc import EvidenceRequestsStub
from spilno.cctv.v1.health_pb2_grpc import HealthStub
from spilno.cctv.v1.probes_pb2_grpc import ProbesStub
from spilno.cctv.v1.recordings_pb2_grpc import RecordingsStub
from spilno.cctv.v1.signs_pb2_grpc import SignPhotosStub
from spilno.cctv.v1.views_pb2_grpc import ViewsStub
from spilno.identity.v1 import hromadas_pb2, integrators_pb2, members_pb2, trail_pb2
from spilno.identity.v1.archives_pb2_grpc import ArchivesStub, ErasuresStub
from spilno.identity.v1.hromadas_pb2_grpc import HromadasStub
from spilno.identity.v1.integrators_pb2_grpc import IntegratorsStub
from spilno.identity.v1.members_pb2_grpc import MembersStub
from spilno.identity.v1.provisioning_pb2_grpc import ProvisioningsStub, TemplatesStub
from spilno.identity.v1.trail_pb2_grpc import TrailStub
from spilno.reception.v1 import appeals_pb2, attachments_pb2, hazards_pb2, officers_pb2, photos_pb2, receptions_pb2
from spilno.reception.v1.appeals_pb2_grpc import AppealsStub
from spilno.reception.v1.attachments_pb2_grpc import AttachmentsStub
from spilno.reception.v1.cases_pb2_grpc import CasesStub
from spilno.reception.v1.clocks_pb2_grpc import ClocksStub
from spilno.reception.v1.duties_pb2_grpc import DutiesStub
from spilno.reception.v1.figures_pb2_grpc import FiguresStub
from spilno.reception.v1.hazards_pb2_grpc import HazardsStub
from spilno.reception.v1.maps_pb2_grpc import MapsStub
from spilno.reception.v1.mediations_pb2_grpc import MediationsStub
from spilno.reception.v1.notices_pb2_grpc import NoticesStub
from spilno.reception.v1.officers_pb2_grpc import BeatsStub, OfficersStub
from spilno.reception.v1.persons_pb2_grpc import PersonsStub
from spilno.reception.v1.photos_pb2_grpc import HazardPhotosStub
from spilno.reception.v1.proceedings_pb2_grpc import ProceedingsStub
from spilno.reception.v1.receptions_pb2_grpc import ReceptionsStub
from spilno.reception.v1.referrals_pb2_grpc import ReferralsStub
from spilno.reception.v1.register_pb2_grpc import RegistersStub
from spilno.reception.v1.triage_pb2_grpc import TriageStub
from spilno.reception.v1.wordings_pb2_grpc import WordingsStub

from tests.prepared import copied

OWN, OTHER, SUSPENDED = "tatarbunary", "kamianets-podilskyi", "suspended-hromada"
KATOTTH = {OWN: "UA51040250000099866", OTHER: "UA68020110000071202", SUSPENDED: "UA51060030000044366"}
PASSWORD = "a long enough phrase 7"
MARKER = "Позначка лише для своїх"
"""A text that stands in the first hromada's records and must never be seen by anyone else."""


FILMED_AT = datetime.now(UTC) - timedelta(hours=1)
"""When footage was filmed."""
FILM = "film.mp4"
"""What the cameras show."""


@contextmanager
def as_whom(token: str | None, locale: str = "uk") -> Any:
    """Calls inside carry the token."""
    before = acting.set(Acting(token, locale))
    try:
        yield
    finally:
        acting.reset(before)


@dataclass
class World:
    """Who there is, and how to speak to the services."""

    house: House
    device: str = ""
    """Where a camera that speaks ONVIF answers."""
    channels: dict[str, grpc.aio.Channel] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    """By name: operator, head:<slug>, officer:<slug>, int:<slug>, revoked:<slug>."""
    _recorded: dict[str, cameras_pb2.Camera] = field(default_factory=dict)

    @property
    def appeals(self) -> Any:
        return AppealsStub(self.channels["reception"])

    @property
    def officers(self) -> Any:
        return OfficersStub(self.channels["reception"])

    @property
    def beats(self) -> Any:
        return BeatsStub(self.channels["reception"])

    @property
    def maps(self) -> Any:
        return MapsStub(self.channels["reception"])

    @property
    def receptions(self) -> Any:
        return ReceptionsStub(self.channels["reception"])

    @property
    def notices(self) -> Any:
        return NoticesStub(self.channels["reception"])

    @property
    def cameras(self) -> Any:
        return CamerasStub(self.channels["cctv"])

    @property
    def probes(self) -> Any:
        return ProbesStub(self.channels["cctv"])

    @property
    def evidence_requests(self) -> Any:
        return EvidenceRequestsStub(self.channels["cctv"])

    @property
    def views(self) -> Any:
        return ViewsStub(self.channels["cctv"])

    @property
    def health(self) -> Any:
        return HealthStub(self.channels["cctv"])

    @property
    def recordings(self) -> Any:
        return RecordingsStub(self.channels["cctv"])

    @property
    def clocks(self) -> Any:
        return ClocksStub(self.channels["reception"])

    @property
    def proceedings(self) -> Any:
        return ProceedingsStub(self.channels["reception"])

    @property
    def registers(self) -> Any:
        return RegistersStub(self.channels["reception"])

    @property
    def cases(self) -> Any:
        return CasesStub(self.channels["reception"])

    @property
    def referrals(self) -> Any:
        return ReferralsStub(self.channels["reception"])

    @property
    def figures(self) -> Any:
        return FiguresStub(self.channels["reception"])

    @property
    def hazards(self) -> Any:
        return HazardsStub(self.channels["reception"])

    async def hazard(self, slug: str, *, shown: bool = True) -> hazards_pb2.RegisterHazardResponse:
        """A hazard of the hromada, written down by its officer and let through."""
        with as_whom(self.tokens[f"officer:{slug}"]):
            registered: hazards_pb2.RegisterHazardResponse = await self.hazards.RegisterHazard(
                hazards_pb2.RegisterHazardRequest(
                    parent=f"hromadas/{slug}",
                    hazard=hazards_pb2.HazardDraft(category="pit", address=MARKER, text=MARKER),
                    channel=hazards_pb2.HAZARD_CHANNEL_PHONE,
                    request_id=str(uuid4()),
                )
            )
            moderating = hazards_pb2.ModerateHazardRequest(
                name=registered.hazard.name, etag=registered.hazard.etag, shown=shown, text=MARKER, address=MARKER
            )
            registered.hazard.CopyFrom(await self.hazards.ModerateHazard(moderating))
        return registered

    async def photo_ticket(self, slug: str, data: bytes) -> str:
        """Of a photo that is still of no hazard."""

        async def messages() -> AsyncIterator[Any]:
            yield photos_pb2.SubmitHazardPhotoRequest(
                parent=f"hromadas/{slug}", request_id=str(uuid4()), size=len(data), sha256=sha256(data).digest()
            )
            yield photos_pb2.SubmitHazardPhotoRequest(chunk=data)

        stub: Any = HazardPhotosStub(self.channels["reception"])
        return str((await stub.SubmitHazardPhoto(messages(), metadata=await self.through_web())).ticket)

    async def hazard_photo(self, name: str) -> bytes:
        """What a photo of a hazard holds, as staff."""
        stub: Any = HazardPhotosStub(self.channels["reception"])
        stream = stub.DownloadHazardPhoto(photos_pb2.DownloadHazardPhotoRequest(name=name))
        return b"".join([message.chunk async for message in stream])

    async def photo(self, slug: str, data: bytes) -> hazards_pb2.Hazard:
        """A hazard of the hromada with a photo, both let through."""
        ticket = await self.photo_ticket(slug, data)
        with as_whom(self.tokens[f"officer:{slug}"]):
            draft = hazards_pb2.HazardDraft(category="pit", address=MARKER, text=MARKER, photos=[ticket])
            made = await self.hazards.RegisterHazard(
                hazards_pb2.RegisterHazardRequest(
                    parent=f"hromadas/{slug}",
                    hazard=draft,
                    channel=hazards_pb2.HAZARD_CHANNEL_PHONE,
                    request_id=str(uuid4()),
                )
            )
            shown: hazards_pb2.Hazard = await self.hazards.ModerateHazard(
                hazards_pb2.ModerateHazardRequest(
                    name=made.hazard.name,
                    etag=made.hazard.etag,
                    shown=True,
                    text=MARKER,
                    address=MARKER,
                    photos=[each.name.rpartition("/")[2] for each in made.hazard.photos],
                )
            )
        return shown

    async def moved(self, slug: str, asked: hazards_pb2.MoveHazardRequest) -> hazards_pb2.Hazard:
        """The same, after its officer has said what became of it."""
        with as_whom(self.tokens[f"officer:{slug}"]):
            hazard: hazards_pb2.Hazard = await self.hazards.MoveHazard(asked)
        return hazard

    async def hazard_settings(self, slug: str) -> hazards_pb2.HazardSettings:
        with as_whom(self.tokens[f"officer:{slug}"]):
            settings: hazards_pb2.HazardSettings = await self.hazards.GetHazardSettings(
                hazards_pb2.GetHazardSettingsRequest(parent=f"hromadas/{slug}")
            )
        return settings

    async def report_key(self, slug: str) -> hazards_pb2.CreateReportKeyResponse:
        """A key with which another system reports hazards of the hromada."""
        with as_whom(self.tokens[f"head:{slug}"]):
            made: hazards_pb2.CreateReportKeyResponse = await self.hazards.CreateReportKey(
                hazards_pb2.CreateReportKeyRequest(parent=f"hromadas/{slug}", title=MARKER, request_id=str(uuid4()))
            )
        return made

    @property
    def triage(self) -> Any:
        return TriageStub(self.channels["reception"])

    @property
    def wordings(self) -> Any:
        return WordingsStub(self.channels["reception"])

    @property
    def duties(self) -> Any:
        return DutiesStub(self.channels["reception"])

    @property
    def mediations(self) -> Any:
        return MediationsStub(self.channels["reception"])

    @property
    def persons(self) -> Any:
        return PersonsStub(self.channels["reception"])

    @property
    def hromadas(self) -> Any:
        return HromadasStub(self.channels["identity"])

    @property
    def provisionings(self) -> Any:
        return ProvisioningsStub(self.channels["identity"])

    @property
    def templates(self) -> Any:
        return TemplatesStub(self.channels["identity"])

    @property
    def members(self) -> Any:
        return MembersStub(self.channels["identity"])

    @property
    def archives(self) -> Any:
        return ArchivesStub(self.channels["identity"])

    @property
    def erasures(self) -> Any:
        return ErasuresStub(self.channels["identity"])

    @property
    def trail(self) -> Any:
        return TrailStub(self.channels["identity"])

    async def sealed(self, slug: str) -> None:
        """Waits until the hromada's trail has a seal."""
        with as_whom(self.tokens[f"head:{slug}"]):
            async with asyncio.timeout(30):
                asked = trail_pb2.GetSealsRequest(parent=f"hromadas/{slug}")
                while True:
                    if (await self.trail.GetSeals(asked)).seals:
                        return
                    await asyncio.sleep(0.3)

    @property
    def integrators(self) -> Any:
        return IntegratorsStub(self.channels["identity"])

    async def service_token(self, name: str) -> str:
        return await ServiceIdentity(self.house.issuer_url, *self.house.client(name)).token()

    async def through_web(self) -> tuple[tuple[str, str], ...]:
        """Metadata of a call that web makes for a resident."""
        return ((SERVICE, f"Bearer {await self.service_token('web')}"),)

    async def appeal(self, slug: str, text: str = MARKER, **changes: Any) -> appeals_pb2.RegisterAppealResponse:
        """An appeal of the hromada, entered by its officer."""
        with as_whom(self.tokens[f"officer:{slug}"]):
            answer: appeals_pb2.RegisterAppealResponse = await self.appeals.RegisterAppeal(
                appeal_request(slug, text, **changes)
            )
        return answer

    async def attach(self, first: Any, data: bytes, metadata: tuple[tuple[str, str], ...] = ()) -> Any:
        """Adds a file to an appeal: as staff by `UploadAttachment`, by the code by `SubmitAttachment`; or a photo of a
        sign to a camera."""

        async def messages() -> AsyncIterator[Any]:
            yield first
            yield type(first)(chunk=data)

        if isinstance(first, signs_pb2.UploadSignPhotoRequest):
            signs: Any = SignPhotosStub(self.channels["cctv"])
            return await signs.UploadSignPhoto(messages(), metadata=metadata)
        stub: Any = AttachmentsStub(self.channels["reception"])
        is_upload = isinstance(first, attachments_pb2.UploadAttachmentRequest)
        send = stub.UploadAttachment if is_upload else stub.SubmitAttachment
        return await send(messages(), metadata=metadata)

    async def download(self, name: str) -> bytes:
        """What a file holds, as staff."""
        stub: Any = AttachmentsStub(self.channels["reception"])
        stream = stub.DownloadAttachment(attachments_pb2.DownloadAttachmentRequest(name=name))
        return b"".join([message.chunk async for message in stream])

    async def officer(self, slug: str, display_name: str = MARKER) -> officers_pb2.Officer:
        """A public card of an officer of the hromada."""
        with as_whom(self.tokens[f"head:{slug}"]):
            officer: officers_pb2.Officer = await self.officers.CreateOfficer(
                officers_pb2.CreateOfficerRequest(
                    parent=f"hromadas/{slug}",
                    officer=officers_pb2.OfficerDraft(
                        display_name=display_name,
                        kind=officers_pb2.OFFICER_KIND_DISTRICT,
                        phone="+380971234567",
                        public=True,
                    ),
                    request_id=str(uuid4()),
                )
            )
        return officer

    async def free_beat_number(self, slug: str) -> int:
        with as_whom(self.tokens[f"head:{slug}"]):
            listed = await self.beats.ListBeats(officers_pb2.ListBeatsRequest(parent=f"hromadas/{slug}"))
        return 1 + max((one.beat.number for one in listed.beats), default=0)

    async def beat(self, slug: str, *streets: str, officer: str = "") -> officers_pb2.Beat:
        """A beat of the hromada with a number that no other has."""
        number = await self.free_beat_number(slug)
        with as_whom(self.tokens[f"head:{slug}"]):
            beat: officers_pb2.Beat = await self.beats.CreateBeat(
                officers_pb2.CreateBeatRequest(
                    parent=f"hromadas/{slug}",
                    beat=officers_pb2.BeatDraft(number=number, title=MARKER, streets=streets, officer=officer),
                    request_id=str(uuid4()),
                )
            )
        return beat

    async def camera(self, slug: str, *, lit: bool = False) -> cameras_pb2.Camera:
        """A camera of the hromada: a draft, or one that may be watched and shows a film."""
        marked = papers.draft(purpose=MARKER)
        with as_whom(self.tokens[f"head:{slug}"]):
            if lit:
                return await papers.lit(self.cameras, slug, FILM, marked)
            camera: cameras_pb2.Camera = await self.cameras.CreateCamera(papers.creating(slug, marked))
        return camera

    async def recorded(self, slug: str) -> cameras_pb2.Camera:
        """A camera of the hromada of which there is footage; the same one each time."""
        if slug in self._recorded:
            return self._recorded[slug]
        camera = await self.camera(slug, lit=True)
        now = datetime.now(UTC)
        asked = recordings_pb2.ListFootageRequest(parent=camera.name)
        asked.start.FromDatetime(now - timedelta(hours=1))
        asked.end.FromDatetime(now + timedelta(hours=1))
        with as_whom(self.tokens[f"head:{slug}"]):
            await self.recordings.SetRecordingPlan(
                recordings_pb2.SetRecordingPlanRequest(
                    name=camera.name,
                    etag="0",
                    mode=recordings_pb2.RECORDING_MODE_ALWAYS,
                    stream=recordings_pb2.RECORDED_STREAM_SUB,
                )
            )
            async with asyncio.timeout(60):
                while True:
                    if (await self.recordings.ListFootage(asked)).stretches:
                        break
                    await asyncio.sleep(0.5)
        self._recorded[slug] = camera
        return camera

    async def probed_camera(self, slug: str) -> cameras_pb2.Camera:
        """A camera of the hromada that was asked about itself."""
        camera = await self.camera(slug)
        with as_whom(self.tokens[f"head:{slug}"]):
            await self.probes.ProbeCamera(probing(camera, self.device))
        return camera

    async def filmed_camera(self, slug: str) -> cameras_pb2.Camera:
        """A camera of the hromada with some seconds of footage, an hour old."""
        camera = await self.camera(slug)
        init, parts = await asyncio.to_thread(packaged, self.house.films / FILM, 2)
        id = uid(camera.name)
        connection = await asyncpg.connect(self.house.postgres.url(database=database_name("cctv")))
        hromada = await connection.fetchval("SELECT hromada_id FROM camera WHERE id = $1", id)
        await connection.close()
        database = Database(self.house.database_url("cctv"), size=1)
        await database.open()
        async with database.transaction(hromada) as db:
            recorded(db, self.house.recordings, id, init, parts, FILMED_AT)
        await database.close()
        return camera

    async def coordinator(self, slug: str) -> None:
        """Has the hromada have one beside its head."""
        if f"coordinator:{slug}" not in self.tokens:
            _, self.tokens[f"coordinator:{slug}"] = await self.invite(slug, "Координатор", members_pb2.ROLE_COORDINATOR)

    async def evidence(self, slug: str) -> evidence_pb2.Evidence:
        """Footage that the hromada's coordinator entered a request for."""
        camera = await self.filmed_camera(slug)
        await self.coordinator(slug)
        with as_whom(self.tokens[f"coordinator:{slug}"]):
            made: evidence_pb2.Evidence = await self.evidence_requests.RequestEvidence(letter(slug, camera))
        return made

    async def approved_evidence(self, slug: str) -> evidence_pb2.Evidence:
        """The same, approved by the head."""
        made = await self.evidence(slug)
        with as_whom(self.tokens[f"head:{slug}"]):
            approved: evidence_pb2.Evidence = await self.evidence_requests.ApproveEvidence(
                evidence_pb2.ApproveEvidenceRequest(name=made.name, etag=made.etag)
            )
        return approved

    async def view(self, slug: str, *cameras: cameras_pb2.Camera) -> views_pb2.ViewPasses:
        """The hromada's head looks at cameras of its own."""
        with as_whom(self.tokens[f"head:{slug}"]):
            passes: views_pb2.ViewPasses = await self.views.StartView(looking(slug, *cameras))
        return passes

    async def free_slot(self, slug: str) -> Any:
        """When the hromada's next free slot begins."""
        listed = await self.receptions.ListSlots(
            receptions_pb2.ListSlotsRequest(parent=f"hromadas/{slug}", days=12), metadata=await self.through_web()
        )
        return next(slot.start_time for day in listed.days for slot in day.slots if slot.free)

    async def visit(self, slug: str, visitor: str = MARKER) -> receptions_pb2.BookVisitForCallerResponse:
        """A visit to the hromada's next free slot, booked by its officer for a caller."""
        start = await self.free_slot(slug)
        with as_whom(self.tokens[f"officer:{slug}"]):
            booked: receptions_pb2.BookVisitForCallerResponse = await self.receptions.BookVisitForCaller(
                receptions_pb2.BookVisitForCallerRequest(
                    parent=f"hromadas/{slug}", visit=visit_draft(start, visitor), request_id=str(uuid4())
                )
            )
        return booked

    async def visit_told(self, slug: str, email: str) -> receptions_pb2.BookVisitForCallerResponse:
        """The same, for somebody who agreed to be told of it by letters."""
        visit = visit_draft(await self.free_slot(slug))
        visit.reminder.channel = receptions_pb2.REMINDER_CHANNEL_EMAIL
        visit.reminder.email, visit.reminder.language = email, "uk"
        with as_whom(self.tokens[f"officer:{slug}"]):
            booked: receptions_pb2.BookVisitForCallerResponse = await self.receptions.BookVisitForCaller(
                receptions_pb2.BookVisitForCallerRequest(
                    parent=f"hromadas/{slug}", visit=visit, request_id=str(uuid4())
                )
            )
        return booked

    async def invite(self, slug: str, display_name: str, *roles: Any, mailbox: str = "") -> tuple[str, str]:
        """A role account that has accepted its invitation: the member's name and an access token."""
        email = f"{mailbox or uuid4().hex[:8]}@{slug}.example.org"
        with as_whom(self.tokens[f"head:{slug}"]):
            invitation = await self.members.InviteMember(
                members_pb2.InviteMemberRequest(
                    parent=f"hromadas/{slug}",
                    member=members_pb2.MemberDraft(display_name=display_name, email=email),
                    roles=roles,
                    request_id=str(uuid4()),
                )
            )
        await pages.accept_invitation(invitation.url, PASSWORD)
        return invitation.member.name, await demo.token(self.house, email, PASSWORD, slug)

    async def integrator(self, slug: str, name: str) -> tuple[str, str]:
        """A municipal system of the hromada: client id and secret."""
        with as_whom(self.tokens[f"head:{slug}"]):
            made = await self.integrators.CreateIntegrator(
                integrators_pb2.CreateIntegratorRequest(
                    parent=f"hromadas/{slug}",
                    integrator_id=name,
                    display_name="Міське освітлення",
                    request_id=str(uuid4()),
                )
            )
        return made.integrator.client_id, made.client_secret


def probing(camera: cameras_pb2.Camera, device: str) -> probes_pb2.ProbeCameraRequest:
    return probes_pb2.ProbeCameraRequest(
        name=camera.name, address=device, username=onvif.USERNAME, password=onvif.PASSWORD, request_id=str(uuid4())
    )


def letter(slug: str, camera: cameras_pb2.Camera) -> evidence_pb2.RequestEvidenceRequest:
    """The police ask for a camera's footage."""
    draft = evidence_pb2.EvidenceDraft(
        authority=evidence_pb2.EVIDENCE_AUTHORITY_POLICE,
        authority_name="Відділ поліції № 1",
        signatory="Начальник відділу",
        letter_number="147/05",
        letter_date=str(FILMED_AT.date()),
        case_reference="12019160000000147",
        ground=MARKER,
        cameras=[camera.name],
    )
    draft.start_time.FromDatetime(FILMED_AT + timedelta(seconds=1))
    draft.end_time.FromDatetime(FILMED_AT + timedelta(seconds=6))
    return evidence_pb2.RequestEvidenceRequest(parent=f"hromadas/{slug}", evidence=draft, request_id=str(uuid4()))


def looking(slug: str, *cameras: cameras_pb2.Camera) -> views_pb2.StartViewRequest:
    return views_pb2.StartViewRequest(
        parent=f"hromadas/{slug}",
        cameras=[each.name for each in cameras],
        reason=views_pb2.VIEW_REASON_DUTY,
        case_reference=MARKER,
        browser="0" * 64,
        request_id=str(uuid4()),
    )


def visit_draft(start: Any, visitor: str = MARKER) -> receptions_pb2.VisitDraft:
    phone = f"+38097{uuid4().int % 10_000_000:07}"
    return receptions_pb2.VisitDraft(start_time=start, visitor=visitor, phone=phone, topic=MARKER)


def appeal_draft(text: str = MARKER) -> appeals_pb2.AppealDraft:
    return appeals_pb2.AppealDraft(
        kind=appeals_pb2.APPEAL_KIND_APPLICATION,
        area=appeals_pb2.SAFETY_AREA_INFRASTRUCTURE,
        applicant=appeals_pb2.Applicant(name="Мешканка Олена", residence="вул. Центральна, 1", phone="+380971234567"),
        text=text,
    )


def appeal_request(slug: str, text: str = MARKER, **changes: Any) -> appeals_pb2.RegisterAppealRequest:
    return appeals_pb2.RegisterAppealRequest(
        **{
            "parent": f"hromadas/{slug}",
            "appeal": appeal_draft(text),
            "channel": appeals_pb2.APPEAL_CHANNEL_PHONE,
            "request_id": str(uuid4()),
            **changes,
        }
    )


def office(title: str) -> hromadas_pb2.Office:
    return hromadas_pb2.Office(title=title, address="вул. Центральна, 50", phones=["+380484432124"])


@asynccontextmanager
async def living(folder: Path, *, durable: bool = False) -> AsyncIterator[World]:
    """A house with its world, made through the front doors."""
    with onvif.speaking() as port:
        async with await copied(folder, durable=durable) as house:
            house.films.mkdir()
            film(house.films / FILM, seconds=4)
            world = World(house, f"127.0.0.1:{port}")
            for name in (each.name for each in SERVICES if each.grpc is not None):
                world.channels[name] = dial(house.grpc_address(name), None)
            try:
                await _settle(world)
                yield world
            finally:
                for channel in world.channels.values():
                    await channel.close()


async def _settle(world: World) -> None:
    world.tokens["operator"] = await demo.token(world.house, *world.house.operator)
    for slug in (OWN, OTHER, SUSPENDED):
        await _open(world, slug)
    client, secret = await world.integrator(OTHER, "lighting")
    world.tokens[f"int:{OTHER}"] = await ServiceIdentity(world.house.issuer_url, client, secret).token()
    client, secret = await world.integrator(OWN, "lighting")
    world.tokens[f"int:{OWN}"] = await ServiceIdentity(world.house.issuer_url, client, secret).token()
    name, token = await world.invite(OWN, "Колишній координатор", members_pb2.ROLE_HEAD)
    world.tokens[f"revoked:{OWN}"] = token
    await revoke(world, name)
    await _suspend(world, SUSPENDED)


async def _open(world: World, slug: str) -> None:
    email = f"head@{slug}.example.org"
    with as_whom(world.tokens["operator"]):
        opened = await world.hromadas.CreateHromada(
            hromadas_pb2.CreateHromadaRequest(
                hromada_id=slug,
                katotth=KATOTTH[slug],
                office=office(f"Громада {slug}"),
                head=members_pb2.MemberDraft(display_name="Керівник офісу", email=email),
                request_id=str(uuid4()),
            )
        )
    await pages.accept_invitation(opened.invitation.url, PASSWORD)
    await demo.until_ready(world.channels["identity"], slug, world.tokens["operator"])
    world.tokens[f"head:{slug}"] = await demo.token(world.house, email, PASSWORD, slug)
    _, officer = await world.invite(
        slug, "Дільничний офіцер, дільниця 1", members_pb2.ROLE_DISTRICT_OFFICER, mailbox="officer"
    )
    world.tokens[f"officer:{slug}"] = officer
    await world.appeal(slug, f"Перше звернення громади {slug}")


async def revoke(world: World, name: str) -> None:
    """Ends a member's work in the first hromada."""
    with as_whom(world.tokens[f"head:{OWN}"]):
        listed = await world.members.ListMembers(
            members_pb2.ListMembersRequest(parent=f"hromadas/{OWN}", page_size=100)
        )
        etag = next(member.etag for member in listed.members if member.name == name)
        await world.members.RevokeMember(members_pb2.RevokeMemberRequest(name=name, etag=etag))


async def _suspend(world: World, slug: str) -> None:
    with as_whom(world.tokens["operator"]):
        listed = await world.hromadas.ListHromadas(hromadas_pb2.ListHromadasRequest(page_size=100))
        one = next(hromada for hromada in listed.hromadas if hromada.name == f"hromadas/{slug}")
        await world.hromadas.SuspendHromada(
            hromadas_pb2.SuspendHromadaRequest(name=one.name, etag=one.etag, reason="Перевірка ізоляції")
        )


def one_street(name: str) -> str:
    """A map of one street, as GeoJSON."""
    line = {"type": "LineString", "coordinates": [[29.60, 45.83], [29.62, 45.85]]}
    street = {"type": "Feature", "properties": {"kind": "street", "name": name}, "geometry": line}
    return json.dumps({"type": "FeatureCollection", "features": [street]}, ensure_ascii=False)
