"""What the three portals have in common: whom they ask, whom they speak for, and the office they show."""

import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Path
from kit.clock import Clock
from kit.names import last
from kit.pages import Form, Language, Pages
from kit.rpc.client import Acting, Failure, acting
from spilno.cctv.v1 import (
    cameras_pb2_grpc,
    datasets_pb2_grpc,
    evidence_pb2_grpc,
    health_pb2_grpc,
    probes_pb2_grpc,
    recordings_pb2_grpc,
    signs_pb2_grpc,
    views_pb2_grpc,
)
from spilno.identity.v1 import (
    agreements_pb2_grpc,
    archives_pb2_grpc,
    controllers_pb2_grpc,
    hromadas_pb2,
    hromadas_pb2_grpc,
    members_pb2_grpc,
    organisations_pb2_grpc,
    projects_pb2_grpc,
    provisioning_pb2_grpc,
    trail_pb2_grpc,
    venues_pb2_grpc,
)
from spilno.reception.v1 import (
    appeals_pb2_grpc,
    attachments_pb2_grpc,
    cases_pb2_grpc,
    clocks_pb2_grpc,
    duties_pb2_grpc,
    figures_pb2_grpc,
    hazards_pb2_grpc,
    leaflets_pb2_grpc,
    maps_pb2_grpc,
    mediations_pb2_grpc,
    notices_pb2_grpc,
    officers_pb2_grpc,
    persons_pb2_grpc,
    photos_pb2_grpc,
    prints_pb2_grpc,
    proceedings_pb2_grpc,
    receptions_pb2_grpc,
    referrals_pb2_grpc,
    register_pb2_grpc,
    triage_pb2_grpc,
    wordings_pb2_grpc,
)
from starlette.requests import Request

from web.sessions.keepsakes import Keepsakes
from web.sessions.sessions import Sessions
from web.settings import Settings
from web.sign_in.issuer import Issuer

DRAFT_KEPT = timedelta(minutes=30)
_FRESH_SECONDS = 2.0
_STALE_SECONDS = 3600.0
_MOST_OFFICES = 2000

Slug = Annotated[str, Path(pattern="^[a-z][a-z0-9-]{1,38}[a-z0-9]$")]


@dataclass(frozen=True)
class Office:
    """The office as its pages show it, in the person's language."""

    slug: str
    title: str
    address: str
    directions: str
    phones: list[str]
    email: str

    @property
    def parent(self) -> str:
        return f"hromadas/{self.slug}"

    @classmethod
    def told(cls, office: hromadas_pb2.Office, language: Language) -> "Office":
        is_english = language.code == "en"
        return cls(
            slug=last(office.name),
            title=(is_english and office.title_en) or office.title,
            address=language.bound((is_english and office.address_en) or office.address),
            directions=language.bound((is_english and office.directions_en) or office.directions),
            phones=list(office.phones),
            email=office.email,
        )


class Offices:
    """Offices by slug, asked of identity again after two seconds, and for an hour while it is away."""

    def __init__(self, stub: "hromadas_pb2_grpc.HromadasAsyncStub") -> None:
        self._stub = stub
        self._kept: OrderedDict[str, tuple[float, hromadas_pb2.Office]] = OrderedDict()

    async def get(self, slug: str, language: Language) -> Office:
        """The office.

        Raises:
            Failure: there is none, it is suspended, or identity is away and nothing is remembered.
        """
        kept = self._kept.get(slug)
        now = time.monotonic()
        if kept is None or now - kept[0] > _FRESH_SECONDS:
            try:
                found = await self._stub.GetOffice(hromadas_pb2.GetOfficeRequest(name=f"hromadas/{slug}"))
            except Failure as failure:
                if not is_away(failure) or kept is None or now - kept[0] > _STALE_SECONDS:
                    raise
                found = kept[1]
            else:
                self._kept[slug] = (now, found)
                self._kept.move_to_end(slug)
                if len(self._kept) > _MOST_OFFICES:
                    self._kept.popitem(last=False)
        else:
            found = kept[1]
        return Office.told(found, language)


@dataclass(frozen=True)
class Web:
    """Everything that a page may need, made once in service.py."""

    settings: Settings
    pages: Pages
    clock: Clock
    sessions: Sessions
    keepsakes: Keepsakes
    issuer: Issuer
    offices: Offices
    hromadas: "hromadas_pb2_grpc.HromadasAsyncStub"
    provisionings: "provisioning_pb2_grpc.ProvisioningsAsyncStub"
    templates: "provisioning_pb2_grpc.TemplatesAsyncStub"
    archives: "archives_pb2_grpc.ArchivesAsyncStub"
    erasures: "archives_pb2_grpc.ErasuresAsyncStub"
    members: "members_pb2_grpc.MembersAsyncStub"
    appeals: "appeals_pb2_grpc.AppealsAsyncStub"
    attachments: "attachments_pb2_grpc.AttachmentsAsyncStub"
    photos: "photos_pb2_grpc.HazardPhotosAsyncStub"
    organisations: "organisations_pb2_grpc.OrganisationsAsyncStub"
    agreements: "agreements_pb2_grpc.AgreementsAsyncStub"
    venues: "venues_pb2_grpc.VenuesAsyncStub"
    projects: "projects_pb2_grpc.ProjectsAsyncStub"
    controllers: "controllers_pb2_grpc.ControllersAsyncStub"
    trail: "trail_pb2_grpc.TrailAsyncStub"
    officers: "officers_pb2_grpc.OfficersAsyncStub"
    beats: "officers_pb2_grpc.BeatsAsyncStub"
    maps: "maps_pb2_grpc.MapsAsyncStub"
    receptions: "receptions_pb2_grpc.ReceptionsAsyncStub"
    notices: "notices_pb2_grpc.NoticesAsyncStub"
    cameras: "cameras_pb2_grpc.CamerasAsyncStub"
    signs: "signs_pb2_grpc.SignPhotosAsyncStub"
    datasets: "datasets_pb2_grpc.DatasetsAsyncStub"
    evidence: "evidence_pb2_grpc.EvidenceRequestsAsyncStub"
    probes: "probes_pb2_grpc.ProbesAsyncStub"
    views: "views_pb2_grpc.ViewsAsyncStub"
    health: "health_pb2_grpc.HealthAsyncStub"
    recordings: "recordings_pb2_grpc.RecordingsAsyncStub"
    clocks: "clocks_pb2_grpc.ClocksAsyncStub"
    proceedings: "proceedings_pb2_grpc.ProceedingsAsyncStub"
    registers: "register_pb2_grpc.RegistersAsyncStub"
    prints: "prints_pb2_grpc.PrintsAsyncStub"
    triage: "triage_pb2_grpc.TriageAsyncStub"
    wordings: "wordings_pb2_grpc.WordingsAsyncStub"
    duties: "duties_pb2_grpc.DutiesAsyncStub"
    leaflets: "leaflets_pb2_grpc.LeafletsAsyncStub"
    mediations: "mediations_pb2_grpc.MediationsAsyncStub"
    persons: "persons_pb2_grpc.PersonsAsyncStub"
    hazards: "hazards_pb2_grpc.HazardsAsyncStub"
    cases: "cases_pb2_grpc.CasesAsyncStub"
    figures: "figures_pb2_grpc.FiguresAsyncStub"
    referrals: "referrals_pb2_grpc.ReferralsAsyncStub"

    def cookie(self, request: Request) -> str:
        """What the browser shows as its session."""
        return request.cookies.get(self.pages.safety.cookie_name("spilno"), "")


def of(request: Request) -> Web:
    web: Web = request.app.state.web
    return web


TheWeb = Annotated[Web, Depends(of)]


async def speak_for_nobody(request: Request) -> None:
    """Calls of this request go out in the person's language, from their address, without a token."""
    acting.set(Acting(None, request.state.language.code, address(request)))


def address(request: Request) -> str:
    return request.client.host if request.client else ""


def is_away(failure: Failure) -> bool:
    return failure.code.name in {"UNAVAILABLE", "DEADLINE_EXCEEDED"}


class SignInNeeded(Exception):
    """The page is for people who signed in. What was typed is kept and comes back."""

    def __init__(self, place: str, to: str, form: Form | None = None) -> None:
        super().__init__(place)
        self.place = place
        self.to = to
        self.form = form


class AccessEnded(Exception):
    """Whoever is signed in works here no more. What was typed is kept for a while: it may have been a mistake."""

    def __init__(self, office: Office, to: str, form: Form | None = None) -> None:
        super().__init__(office.slug)
        self.office = office
        self.to = to
        self.form = form


async def keep_draft(request: Request, path: str, form: Form) -> None:
    """Keeps what was typed until its author has signed in again."""
    web = of(request)
    author = await web.sessions.author(web.cookie(request))
    await web.keepsakes.keep("draft", request.state.visitor, path, {**form.values, "": author}, lasting=DRAFT_KEPT)


async def restore_draft(request: Request, subject: str) -> Form | None:
    """What this person had typed on this page before they had to sign in again."""
    kept = await of(request).keepsakes.take("draft", request.state.visitor, request.url.path)
    if kept is None or kept.pop("") not in {"", subject}:
        return None
    return Form(kept, request.state.language)
