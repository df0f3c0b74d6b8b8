"""What web is made of: three portals over gRPC, and nothing of its own but sessions. Read it first."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import structlog
from fastapi import Depends, FastAPI
from kit.clock import clock_for
from kit.database import Database
from kit.errors import Away
from kit.keys import Keys
from kit.pages import Pages
from kit.pages.security import FILES_LIMIT
from kit.rpc.client import ServiceIdentity, dial
from kit.service import end
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
from starlette.responses import JSONResponse, Response

from web import failures, open311
from web.attachments import FORMS
from web.office.agreements import router as agreements
from web.office.attachments import router as attachments
from web.office.audit import router as audit
from web.office.beats import router as office_beats
from web.office.calendar import router as office_calendar
from web.office.camera_map import router as camera_map
from web.office.cameras import router as cameras
from web.office.cases import router as cases
from web.office.dossiers import router as dossiers
from web.office.duties import router as duties
from web.office.evidence import router as evidence
from web.office.faring import router as faring
from web.office.footage import router as footage
from web.office.forwarding import router as forwarding
from web.office.hazards import router as office_hazards
from web.office.mapping import router as mapping
from web.office.masks import router as masks
from web.office.mediations import router as mediations
from web.office.members import router as members
from web.office.notices import router as notices
from web.office.organisations import router as organisations
from web.office.outside import router as outside
from web.office.partners import router as partners
from web.office.persons import router as persons
from web.office.prints import router as prints
from web.office.probes import router as probes
from web.office.proceedings import router as proceedings
from web.office.processing import router as processing
from web.office.projects import router as projects
from web.office.referrals import router as referrals
from web.office.registers import router as registers
from web.office.routes import router as office
from web.office.searching import router as searching
from web.office.signs import router as signs
from web.office.submissions import router as submissions
from web.office.venues import router as venues
from web.office.visits import router as office_visits
from web.office.watching import router as watching
from web.office.wordings import router as wordings
from web.operator.archives import LARGEST, UPLOAD
from web.operator.archives import router as archives
from web.operator.arrivals import router as arrivals
from web.operator.routes import router as operator
from web.operator.templates import router as templates
from web.portal import Offices, Web, speak_for_nobody
from web.resident.about import router as about
from web.resident.directory import router as directory
from web.resident.evidence_key import router as evidence_key
from web.resident.hazards import router as resident_hazards
from web.resident.mapped import router as mapped
from web.resident.routes import router as resident
from web.resident.safe import router as safe
from web.resident.visits import router as resident_visits
from web.sessions.erased import forget_erased
from web.sessions.keepsakes import Keepsakes
from web.sessions.sessions import Sessions
from web.settings import Settings
from web.sign_in.issuer import Issuer
from web.sign_in.routes import router as sign_in

HERE = Path(__file__).parent
_log = structlog.get_logger("web")


Connect = Callable[[Settings, Pages, AsyncExitStack], Awaitable[Web]]


async def connect(settings: Settings, pages: Pages, stack: AsyncExitStack) -> Web:
    """Opens the sessions' database and the ways to the other services; the stack closes them."""
    clock = clock_for(settings.environment, settings.clock_file)
    keys = Keys(settings.secret.get_secret_value())
    secret = settings.client_secret.get_secret_value()
    database = Database(settings.database_url.get_secret_value(), application="web")
    await _patiently(database)
    stack.push_async_callback(database.close)
    callback = f"{settings.web_url.rstrip('/')}/callback"
    issuer = Issuer(settings.issuer_url, (settings.sign_in_client_id, secret), callback, clock)
    stack.push_async_callback(issuer.close)
    itself = ServiceIdentity(settings.issuer_url, settings.client_id, secret)
    identity = dial(settings.identity_address, itself)
    reception = dial(settings.reception_address, itself)
    cctv = dial(settings.cctv_address, itself)
    for channel in (identity, reception, cctv):
        stack.push_async_callback(channel.close, 2)
    hromadas = hromadas_pb2_grpc.HromadasStub(identity)
    return Web(
        settings=settings,
        pages=pages,
        clock=clock,
        sessions=Sessions(database, keys, clock, issuer.renew),
        keepsakes=Keepsakes(database, keys, clock),
        issuer=issuer,
        offices=Offices(hromadas),
        hromadas=hromadas,
        provisionings=provisioning_pb2_grpc.ProvisioningsStub(identity),
        templates=provisioning_pb2_grpc.TemplatesStub(identity),
        archives=archives_pb2_grpc.ArchivesStub(identity),
        erasures=archives_pb2_grpc.ErasuresStub(identity),
        members=members_pb2_grpc.MembersStub(identity),
        appeals=appeals_pb2_grpc.AppealsStub(reception),
        attachments=attachments_pb2_grpc.AttachmentsStub(reception),
        photos=photos_pb2_grpc.HazardPhotosStub(reception),
        organisations=organisations_pb2_grpc.OrganisationsStub(identity),
        agreements=agreements_pb2_grpc.AgreementsStub(identity),
        venues=venues_pb2_grpc.VenuesStub(identity),
        projects=projects_pb2_grpc.ProjectsStub(identity),
        controllers=controllers_pb2_grpc.ControllersStub(identity),
        trail=trail_pb2_grpc.TrailStub(identity),
        officers=officers_pb2_grpc.OfficersStub(reception),
        beats=officers_pb2_grpc.BeatsStub(reception),
        maps=maps_pb2_grpc.MapsStub(reception),
        receptions=receptions_pb2_grpc.ReceptionsStub(reception),
        notices=notices_pb2_grpc.NoticesStub(reception),
        cameras=cameras_pb2_grpc.CamerasStub(cctv),
        signs=signs_pb2_grpc.SignPhotosStub(cctv),
        datasets=datasets_pb2_grpc.DatasetsStub(cctv),
        evidence=evidence_pb2_grpc.EvidenceRequestsStub(cctv),
        probes=probes_pb2_grpc.ProbesStub(cctv),
        views=views_pb2_grpc.ViewsStub(cctv),
        health=health_pb2_grpc.HealthStub(cctv),
        recordings=recordings_pb2_grpc.RecordingsStub(cctv),
        clocks=clocks_pb2_grpc.ClocksStub(reception),
        proceedings=proceedings_pb2_grpc.ProceedingsStub(reception),
        registers=register_pb2_grpc.RegistersStub(reception),
        prints=prints_pb2_grpc.PrintsStub(reception),
        triage=triage_pb2_grpc.TriageStub(reception),
        wordings=wordings_pb2_grpc.WordingsStub(reception),
        duties=duties_pb2_grpc.DutiesStub(reception),
        leaflets=leaflets_pb2_grpc.LeafletsStub(reception),
        mediations=mediations_pb2_grpc.MediationsStub(reception),
        persons=persons_pb2_grpc.PersonsStub(reception),
        hazards=hazards_pb2_grpc.HazardsStub(reception),
        cases=cases_pb2_grpc.CasesStub(reception),
        figures=figures_pb2_grpc.FiguresStub(reception),
        referrals=referrals_pb2_grpc.ReferralsStub(reception),
    )


def application(settings: Settings, connect: Connect = connect) -> FastAPI:
    """The whole of web."""
    pages = Pages(
        base_url=settings.web_url,
        secret=settings.secret.get_secret_value(),
        templates=HERE,
        locale=HERE / "locale",
        form_targets=[settings.issuer_url],
        static=[HERE / "static"],
        large={UPLOAD: LARGEST, **dict.fromkeys(FORMS, FILES_LIMIT)},
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.web = web = await connect(settings, pages, stack)
            forgetting = asyncio.create_task(forget_erased(web.erasures, web.sessions))
            stack.push_async_callback(end, [forgetting])
            yield

    app = FastAPI(lifespan=lifespan, openapi_url=None, redirect_slashes=False, dependencies=[Depends(speak_for_nobody)])
    failures.install(app)
    app.add_exception_handler(open311.WrongCall, open311.refused)
    pages.install(app)
    app.add_api_route("/healthz", _healthy, include_in_schema=False)
    # The words before the slugs: no hromada may be called `operator` or `sign-in`.
    routers = (
        sign_in,
        open311.router,
        operator,
        archives,
        arrivals,
        templates,
        searching,
        forwarding,
        wordings,
        mapping,
        office_hazards,
        office,
        proceedings,
        prints,
        outside,
        registers,
        submissions,
        attachments,
        cases,
        referrals,
        office_visits,
        office_beats,
        duties,
        mediations,
        persons,
        office_calendar,
        members,
        notices,
        partners,
        organisations,
        agreements,
        projects,
        venues,
        processing,
        audit,
        mapped,
        directory,
        camera_map,
        evidence,
        evidence_key,
        masks,
        probes,
        signs,
        dossiers,
        watching,
        footage,
        cameras,
        faring,
        resident,
        resident_hazards,
        resident_visits,
        about,
        safe,
    )
    for router in routers:
        app.include_router(router)
    return app


async def _patiently(database: Database) -> None:
    """Whoever starts first waits for the others."""
    while True:
        try:
            await database.open()
        except Away:
            _log.warning("waiting", dependency="database")
            await asyncio.sleep(1)
        else:
            return


async def _healthy() -> Response:
    return JSONResponse({"status": "serving"})
