"""Organisations, agreements, venues and the like of a hromada of the world, entered by its head."""

from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from spilno.identity.v1 import agreements_pb2, controllers_pb2, organisations_pb2, projects_pb2, venues_pb2
from spilno.identity.v1.agreements_pb2_grpc import AgreementsStub
from spilno.identity.v1.controllers_pb2_grpc import ControllersStub
from spilno.identity.v1.organisations_pb2_grpc import OrganisationsStub
from spilno.identity.v1.projects_pb2_grpc import ProjectsStub
from spilno.identity.v1.venues_pb2_grpc import VenuesStub

from tests.world import MARKER, World, as_whom

_days = count()


def organisations(world: World) -> Any:
    return OrganisationsStub(world.channels["identity"])


def agreements(world: World) -> Any:
    return AgreementsStub(world.channels["identity"])


def venues(world: World) -> Any:
    return VenuesStub(world.channels["identity"])


def projects(world: World) -> Any:
    return ProjectsStub(world.channels["identity"])


def controllers(world: World) -> Any:
    return ControllersStub(world.channels["identity"])


def organisation_request(slug: str, title: str = MARKER) -> organisations_pb2.CreateOrganisationRequest:
    return organisations_pb2.CreateOrganisationRequest(
        parent=f"hromadas/{slug}",
        organisation=organisations_pb2.OrganisationDraft(title=title, kind=organisations_pb2.ORGANISATION_KIND_NGO),
        request_id=str(uuid4()),
    )


async def organisation(world: World, slug: str, title: str = MARKER) -> organisations_pb2.Organisation:
    with as_whom(world.tokens[f"head:{slug}"]):
        made: organisations_pb2.Organisation = await organisations(world).CreateOrganisation(
            organisation_request(slug, title)
        )
    return made


def agreement_request(slug: str, title: str = MARKER) -> agreements_pb2.CreateAgreementRequest:
    return agreements_pb2.CreateAgreementRequest(
        parent=f"hromadas/{slug}",
        agreement=agreements_pb2.AgreementDraft(
            title=title, kind=agreements_pb2.AGREEMENT_KIND_MEMORANDUM, concluded_on="2017-02-01"
        ),
        request_id=str(uuid4()),
    )


async def agreement(world: World, slug: str, title: str = MARKER) -> agreements_pb2.Agreement:
    with as_whom(world.tokens[f"head:{slug}"]):
        made: agreements_pb2.Agreement = await agreements(world).CreateAgreement(agreement_request(slug, title))
    return made


async def signatory_request(world: World, slug: str) -> agreements_pb2.AddSignatoryRequest:
    return agreements_pb2.AddSignatoryRequest(
        parent=(await agreement(world, slug)).name,
        organisation=(await organisation(world, slug)).name,
        joined_on="2017-02-01",
        request_id=str(uuid4()),
    )


async def signatory(world: World, slug: str) -> tuple[agreements_pb2.Agreement, agreements_pb2.Signatory]:
    request = await signatory_request(world, slug)
    with as_whom(world.tokens[f"head:{slug}"]):
        joined = await agreements(world).AddSignatory(request)
    return agreements_pb2.Agreement(name=request.parent), joined


def venue_request(slug: str) -> venues_pb2.CreateVenueRequest:
    return venues_pb2.CreateVenueRequest(
        parent=f"hromadas/{slug}",
        venue=venues_pb2.VenueDraft(title=MARKER, address="вул. Центральна, 50"),
        request_id=str(uuid4()),
    )


async def venue(world: World, slug: str) -> venues_pb2.Venue:
    with as_whom(world.tokens[f"head:{slug}"]):
        made: venues_pb2.Venue = await venues(world).CreateVenue(venue_request(slug))
    return made


async def project_request(world: World, slug: str) -> projects_pb2.CreateProjectRequest:
    return projects_pb2.CreateProjectRequest(
        parent=f"hromadas/{slug}",
        project=projects_pb2.ProjectDraft(title=MARKER, starts_on="2017-01-01"),
        donor=(await organisation(world, slug)).name,
        request_id=str(uuid4()),
    )


async def project(world: World, slug: str) -> projects_pb2.Project:
    request = await project_request(world, slug)
    with as_whom(world.tokens[f"head:{slug}"]):
        made: projects_pb2.Project = await projects(world).CreateProject(request)
    return made


def controller_request(slug: str) -> controllers_pb2.RecordControllerRequest:
    """Each time of a later day than the last."""
    return controllers_pb2.RecordControllerRequest(
        parent=f"hromadas/{slug}",
        controller=controllers_pb2.BODY_KIND_NGO,
        controller_title=MARKER,
        processor=controllers_pb2.BODY_KIND_NGO,
        processor_title=MARKER,
        basis="Згода суб’єкта персональних даних",
        since=str(date(2017, 1, 1) + timedelta(days=next(_days))),
        request_id=str(uuid4()),
    )


async def controller(world: World, slug: str) -> controllers_pb2.Controller:
    with as_whom(world.tokens[f"head:{slug}"]):
        made: controllers_pb2.Controller = await controllers(world).RecordController(controller_request(slug))
    return made
