"""The partners of an office, as web sees them: part of the house that stands in for identity."""

from dataclasses import dataclass, field
from typing import Any

from spilno.identity.v1 import agreements_pb2, controllers_pb2, organisations_pb2, projects_pb2, venues_pb2

from web.testing_answers import StandIn

POLICE = organisations_pb2.Organisation(
    name="hromadas/tatarbunary/organisations/0198c0de-0000-7000-8000-0000000000a1",
    title="Татарбунарське відділення поліції",
    kind=organisations_pb2.ORGANISATION_KIND_POLICE,
    etag="1",
)
MEMORANDUM = agreements_pb2.Agreement(
    name="hromadas/tatarbunary/agreements/0198c0de-0000-7000-8000-0000000000b1",
    title="Меморандум про співпрацю",
    kind=agreements_pb2.AGREEMENT_KIND_MEMORANDUM,
    concluded_on="2017-02-01",
    etag="1",
)
SIGNATORY = agreements_pb2.Signatory(
    name=f"{MEMORANDUM.name}/signatories/0198c0de-0000-7000-8000-0000000000c1",
    organisation=POLICE.name,
    organisation_title=POLICE.title,
    joined_on="2017-02-01",
    etag="1",
)
VENUE = venues_pb2.Venue(
    name="hromadas/tatarbunary/venues/0198c0de-0000-7000-8000-0000000000d1",
    title="Кімната офісу безпеки",
    address="вул. Центральна, 50, м. Татарбунари",
    own_entrance=venues_pb2.PRESENCE_YES,
    ramp=venues_pb2.PRESENCE_NO,
    steps=3,
    etag="1",
)

PROJECT = projects_pb2.Project(
    name="hromadas/tatarbunary/projects/0198c0de-0000-7000-8000-0000000000e1",
    title="Офіс безпеки громади",
    starts_on="2017-01-01",
    donor=POLICE.name,
    donor_title=POLICE.title,
    etag="1",
)


@dataclass
class Partners(StandIn):
    """One organisation, one memorandum with it, one venue."""

    controllers: list[controllers_pb2.Controller] = field(default_factory=list)

    async def CreateOrganisation(self, request: Any) -> Any:
        self._met(request)
        return POLICE

    async def GetOrganisation(self, request: Any) -> Any:
        self._met(request)
        return POLICE

    async def ListOrganisations(self, request: Any) -> Any:
        self._met(request)
        return organisations_pb2.ListOrganisationsResponse(organisations=[POLICE])

    async def UpdateOrganisation(self, request: Any) -> Any:
        self._met(request)
        return POLICE

    async def CreateAgreement(self, request: Any) -> Any:
        self._met(request)
        return MEMORANDUM

    async def GetAgreement(self, request: Any) -> Any:
        self._met(request)
        counted = agreements_pb2.Agreement(as_of=request.as_of or "2026-11-22", signatory_count=1)
        counted.MergeFrom(MEMORANDUM)
        return counted

    async def ListAgreements(self, request: Any) -> Any:
        self._met(request)
        return agreements_pb2.ListAgreementsResponse(agreements=[MEMORANDUM])

    async def ListSignatories(self, request: Any) -> Any:
        self._met(request)
        return agreements_pb2.ListSignatoriesResponse(signatories=[SIGNATORY])

    async def AddSignatory(self, request: Any) -> Any:
        self._met(request)
        return SIGNATORY

    async def EndSignatory(self, request: Any) -> Any:
        self._met(request)
        return SIGNATORY

    async def CreateVenue(self, request: Any) -> Any:
        self._met(request)
        return VENUE

    async def GetVenue(self, request: Any) -> Any:
        self._met(request)
        return VENUE

    async def UpdateVenue(self, request: Any) -> Any:
        self._met(request)
        return VENUE

    async def ListVenues(self, request: Any) -> Any:
        self._met(request)
        return venues_pb2.ListVenuesResponse(venues=[VENUE])

    async def ListOpenVenues(self, request: Any) -> Any:
        self._met(request)
        return venues_pb2.ListOpenVenuesResponse(venues=[VENUE])

    async def ListProjects(self, request: Any) -> Any:
        self._met(request)
        return projects_pb2.ListProjectsResponse(projects=[PROJECT])

    async def GetProject(self, request: Any) -> Any:
        self._met(request)
        return PROJECT

    async def UpdateProject(self, request: Any) -> Any:
        self._met(request)
        return PROJECT

    async def UpdateAgreement(self, request: Any) -> Any:
        self._met(request)
        return MEMORANDUM

    async def CreateProject(self, request: Any) -> Any:
        self._met(request)
        return projects_pb2.Project()

    async def RecordController(self, request: Any) -> Any:
        self._met(request)
        return controllers_pb2.Controller()

    async def ListControllers(self, request: Any) -> Any:
        self._met(request)
        return controllers_pb2.ListControllersResponse(controllers=self.controllers)
