"""Tatarbunary's partners for the demo: what its book tells of them, and, marked as such, what it does not.

The book counts sixteen signatories in February 2017 and twenty by the end of 2018, and names eight of them. The others
are «демонстраційна організація N», and so are the days on which the last four joined.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import grpc
from spilno.identity.v1 import (
    agreements_pb2,
    agreements_pb2_grpc,
    controllers_pb2,
    controllers_pb2_grpc,
    organisations_pb2,
    organisations_pb2_grpc,
    projects_pb2,
    projects_pb2_grpc,
    venues_pb2,
    venues_pb2_grpc,
)

SLUG = "tatarbunary"
_DEMO = uuid.UUID("3f9a3f0e-7d0c-4d6c-9a8e-51c0a1f0de30")
_RAION_ABOLISHED = "2020-07-19"
_CONCLUDED = "2017-02-01"
_LATER = ("2017-09-01", "2018-03-01", "2018-06-01", "2018-10-01")

_NAMED = (
    ("Татарбунарська районна рада", organisations_pb2.ORGANISATION_KIND_COUNCIL, _RAION_ABOLISHED),
    ("Татарбунарська районна державна адміністрація", organisations_pb2.ORGANISATION_KIND_EXECUTIVE, _RAION_ABOLISHED),
    ("Татарбунарська міська рада", organisations_pb2.ORGANISATION_KIND_COUNCIL, ""),
    ("Національна поліція, Татарбунари", organisations_pb2.ORGANISATION_KIND_POLICE, ""),
    ("ДСНС, Татарбунари", organisations_pb2.ORGANISATION_KIND_DSNS, ""),
    ("Міграційна служба, Татарбунари", organisations_pb2.ORGANISATION_KIND_MIGRATION, ""),
    ("Пробація, Татарбунари", organisations_pb2.ORGANISATION_KIND_PROBATION, ""),
    ("Бюро правової допомоги, Татарбунари", organisations_pb2.ORGANISATION_KIND_LEGAL_AID, ""),
)
_SYNTHETIC = tuple(
    (f"Демонстраційна організація {number}", organisations_pb2.ORGANISATION_KIND_OTHER, "") for number in range(1, 13)
)
PARTNERS = (*_NAMED, *_SYNTHETIC)
"""All that signed, in the order in which they joined."""
_FIRST = 16

_MOST = 500
_DONOR = "Міжнародний фонд «Відродження»"
_OFFICE = "Одеська обласна організація ВГО «Комітет виборців України»"


async def enter(channel: grpc.aio.Channel, slug: str, metadata: Sequence[tuple[str, str]]) -> str:
    """Enters the partners as the head, and tells the memorandum's name. What is there is left as it is."""
    parent = f"hromadas/{slug}"
    agreements: Any = agreements_pb2_grpc.AgreementsStub(channel)
    concluded = await agreements.ListAgreements(
        agreements_pb2.ListAgreementsRequest(parent=parent, page_size=_MOST), metadata=metadata
    )
    memorandum = next(iter(concluded.agreements), None) or await agreements.CreateAgreement(
        agreements_pb2.CreateAgreementRequest(
            parent=parent,
            agreement=agreements_pb2.AgreementDraft(
                title="Меморандум про співпрацю у сфері безпеки",
                kind=agreements_pb2.AGREEMENT_KIND_MEMORANDUM,
                concluded_on=_CONCLUDED,
                subject="Спільна робота координаційного офісу безпеки в Татарбунарах",
                note="Книга називає лютий 2017 року і вісім сторін. День, інші сторони та дні їх приєднання — для "
                "демонстрації.",
            ),
            request_id=_request_id(slug, "memorandum"),
        ),
        metadata=metadata,
    )
    asked = agreements_pb2.ListSignatoriesRequest(parent=memorandum.name, show_all=True)
    signed = await agreements.ListSignatories(asked, metadata=metadata)
    joined = {each.organisation for each in signed.signatories}
    known = await _known(channel, slug, metadata)
    for place, (title, kind, until) in enumerate(PARTNERS):
        organisation = known.get(title) or await _organisation(channel, slug, title, kind, metadata, until)
        if organisation in joined:
            continue
        await agreements.AddSignatory(
            agreements_pb2.AddSignatoryRequest(
                parent=memorandum.name,
                organisation=organisation,
                joined_on=_CONCLUDED if place < _FIRST else _LATER[place - _FIRST],
                request_id=_request_id(slug, f"signatory/{title}"),
            ),
            metadata=metadata,
        )
    await _surroundings(channel, slug, metadata, known)
    return str(memorandum.name)


async def _known(channel: grpc.aio.Channel, slug: str, metadata: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Organisations that have been entered: their names by title."""
    asked = organisations_pb2.ListOrganisationsRequest(parent=f"hromadas/{slug}", show_all=True, page_size=_MOST)
    found = await organisations_pb2_grpc.OrganisationsStub(channel).ListOrganisations(asked, metadata=metadata)
    return {each.title: each.name for each in found.organisations}


async def _organisation(
    channel: grpc.aio.Channel,
    slug: str,
    title: str,
    kind: "organisations_pb2.OrganisationKind.ValueType",
    metadata: Sequence[tuple[str, str]],
    until: str = "",
) -> str:
    made = await organisations_pb2_grpc.OrganisationsStub(channel).CreateOrganisation(
        organisations_pb2.CreateOrganisationRequest(
            parent=f"hromadas/{slug}",
            organisation=organisations_pb2.OrganisationDraft(title=title, kind=kind, existed_until=until),
            request_id=_request_id(slug, f"organisation/{title}"),
        ),
        metadata=metadata,
    )
    return str(made.name)


async def _surroundings(
    channel: grpc.aio.Channel, slug: str, metadata: Sequence[tuple[str, str]], known: Mapping[str, str]
) -> None:
    """The office's venue, its project with the donor, and who answers for its data."""
    await _venue(venues_pb2_grpc.VenuesStub(channel), slug, metadata)
    donor = known.get(_DONOR) or await _organisation(
        channel, slug, _DONOR, organisations_pb2.ORGANISATION_KIND_NGO, metadata
    )
    await _project(projects_pb2_grpc.ProjectsStub(channel), slug, metadata, donor)
    await _controller(controllers_pb2_grpc.ControllersStub(channel), slug, metadata)


async def _venue(venues: Any, slug: str, metadata: Sequence[tuple[str, str]]) -> None:
    parent = f"hromadas/{slug}"
    if (await venues.ListVenues(venues_pb2.ListVenuesRequest(parent=parent), metadata=metadata)).venues:
        return
    await venues.CreateVenue(
        venues_pb2.CreateVenueRequest(
            parent=parent,
            venue=venues_pb2.VenueDraft(
                title="Кімната офісу безпеки",
                title_en="The safety office’s room",
                address="вул. Центральна, 50, м. Татарбунари, 68100",
                address_en="50 Tsentralna Street, Tatarbunary, 68100",
                locator="Будівля міської ради, окремий вхід з вулиці",
                neutral_ground=venues_pb2.PRESENCE_YES,
                own_entrance=venues_pb2.PRESENCE_YES,
                distances="Пішки до органів влади, ринку й автостанції",
            ),
            request_id=_request_id(slug, "venue"),
        ),
        metadata=metadata,
    )


async def _project(projects: Any, slug: str, metadata: Sequence[tuple[str, str]], donor: str) -> None:
    parent = f"hromadas/{slug}"
    if (await projects.ListProjects(projects_pb2.ListProjectsRequest(parent=parent), metadata=metadata)).projects:
        return
    await projects.CreateProject(
        projects_pb2.CreateProjectRequest(
            parent=parent,
            project=projects_pb2.ProjectDraft(
                title="Координаційний офіс безпеки (програма «Права людини і правосуддя»)", starts_on="2017-01-01"
            ),
            donor=donor,
            request_id=_request_id(slug, "project"),
        ),
        metadata=metadata,
    )


async def _controller(controllers: Any, slug: str, metadata: Sequence[tuple[str, str]]) -> None:
    parent = f"hromadas/{slug}"
    asked = controllers_pb2.ListControllersRequest(parent=parent)
    if (await controllers.ListControllers(asked, metadata=metadata)).controllers:
        return
    await controllers.RecordController(
        controllers_pb2.RecordControllerRequest(
            parent=parent,
            controller=controllers_pb2.BODY_KIND_NGO,
            controller_title=_OFFICE,
            processor=controllers_pb2.BODY_KIND_NGO,
            processor_title=_OFFICE,
            basis="Згода суб’єкта персональних даних (демонстраційний запис)",
            since=_CONCLUDED,
            request_id=_request_id(slug, "controller"),
        ),
        metadata=metadata,
    )


def _request_id(slug: str, what: str) -> str:
    return str(uuid.uuid5(_DEMO, f"{slug}/partners/{what}"))
