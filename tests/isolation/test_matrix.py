"""Every method of the contract × everyone who might call it. A method that has no row here fails the run."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from typing import Any
from uuid import uuid4

import grpc
import grpc.aio
import pytest
from google.protobuf import descriptor_pool, text_format
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc import StatusCode as Code
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from kit.clock import kyiv_date
from kit.rpc.access import rule_of
from kit.rpc.client import SERVICE, Failure
from machine import demo
from reception.template import template
from spilno.feed.v1 import feed_pb2
from spilno.identity.v1 import (
    agreements_pb2,
    authority_pb2,
    controllers_pb2,
    hromadas_pb2,
    integrators_pb2,
    members_pb2,
    organisations_pb2,
    projects_pb2,
    provisioning_pb2,
    trail_pb2,
    venues_pb2,
)
from spilno.reception.v1 import appeals_pb2, officers_pb2, receptions_pb2
from spilno.tenancy.v1 import tenancy_pb2

from tests import partners
from tests.isolation.minting import claims_of, mint
from tests.world import MARKER, OTHER, OWN, SUSPENDED, World, appeal_draft, appeal_request, as_whom, office, visit_draft

Metadata = tuple[tuple[str, str], ...]
Carries = Callable[[str, str], Awaitable[Metadata]]
"""What an actor's call carries; the second argument says whose token is the row's own."""
NOT_OURS = {"grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}


def parent(slug: str) -> str:
    return f"hromadas/{slug}"


async def _members(world: World, slug: str) -> members_pb2.Member:
    """A fresh member of the hromada."""
    name, _ = await world.invite(slug, MARKER, members_pb2.ROLE_COORDINATOR)
    with as_whom(world.tokens[f"head:{slug}"]):
        listed = await world.members.ListMembers(members_pb2.ListMembersRequest(parent=parent(slug), page_size=200))
    found: members_pb2.Member = next(member for member in listed.members if member.name == name)
    return found


async def _integrator(world: World, slug: str) -> integrators_pb2.Integrator:
    name = f"i-{uuid4().hex[:10]}"
    await world.integrator(slug, name)
    with as_whom(world.tokens[f"head:{slug}"]):
        listed = await world.integrators.ListIntegrators(integrators_pb2.ListIntegratorsRequest(parent=parent(slug)))
    found: integrators_pb2.Integrator = next(one for one in listed.integrators if one.name.endswith(name))
    return found


async def _taken(world: World, slug: str) -> appeals_pb2.Appeal:
    appeal = (await world.appeal(slug)).appeal
    with as_whom(world.tokens[f"officer:{slug}"]):
        taken: appeals_pb2.Appeal = await world.appeals.TakeAppeal(
            appeals_pb2.TakeAppealRequest(name=appeal.name, etag=appeal.etag)
        )
    return taken


def _new_hromada() -> hromadas_pb2.CreateHromadaRequest:
    place, number = uuid4().int % 1000, uuid4().int % 100_000
    return hromadas_pb2.CreateHromadaRequest(
        hromada_id=f"h-{uuid4().hex[:10]}",
        katotth=f"UA3208{place:03}00000{number:05}",
        office=office("Нова громада"),
        head=members_pb2.MemberDraft(display_name="Керівник", email=f"{uuid4().hex[:8]}@new.example.org"),
        request_id=str(uuid4()),
    )


async def _ready_hromada(world: World) -> hromadas_pb2.Hromada:
    name = (await world.hromadas.CreateHromada(_new_hromada())).hromada.name
    await demo.until_ready(world.channels["identity"], name.removeprefix("hromadas/"), world.tokens["operator"])
    found: hromadas_pb2.Hromada = await world.hromadas.GetHromada(hromadas_pb2.GetHromadaRequest(name=name))
    return found


@dataclass(frozen=True)
class Row:
    """One method: a good request of the first hromada's, made fresh, and who may rightly make it."""

    request: Callable[[World], Awaitable[Message]]
    own: str
    """Whose token succeeds: a key of the world's tokens, "web", "reception" or "identity" for a service's own."""
    shows: Callable[[Any], bool]
    """The answer holds what the others must miss."""


ROWS: dict[str, Row] = {}


def method(name: str, own: str, shows: Callable[[Any], bool]) -> Callable[[Any], Any]:
    def declare(request: Callable[[World], Awaitable[Message]]) -> Any:
        ROWS[name] = Row(request, own, shows)
        return request

    return declare


OFFICER, HEAD, INTEGRATOR = f"officer:{OWN}", f"head:{OWN}", f"int:{OWN}"


@method("spilno.reception.v1.Appeals.SubmitAppeal", "web", lambda answer: bool(answer.code))
async def _(world: World) -> Message:
    return appeals_pb2.SubmitAppealRequest(parent=parent(OWN), appeal=appeal_draft(), request_id=str(uuid4()))


@method("spilno.reception.v1.Appeals.FollowAppeal", "web", lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    return appeals_pb2.FollowAppealRequest(parent=parent(OWN), code=(await world.appeal(OWN)).code)


@method("spilno.reception.v1.Appeals.RegisterAppeal", OFFICER, lambda answer: MARKER in answer.appeal.text)
async def _(world: World) -> Message:
    return appeal_request(OWN)


@method("spilno.reception.v1.Appeals.GetAppeal", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    return appeals_pb2.GetAppealRequest(name=(await world.appeal(OWN)).appeal.name)


@method(
    "spilno.reception.v1.Appeals.ListAppeals",
    OFFICER,
    lambda answer: any(MARKER in appeal.text for appeal in answer.appeals),
)
async def _(world: World) -> Message:
    await world.appeal(OWN)
    return appeals_pb2.ListAppealsRequest(parent=parent(OWN))


@method("spilno.reception.v1.Appeals.TakeAppeal", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    appeal = (await world.appeal(OWN)).appeal
    return appeals_pb2.TakeAppealRequest(name=appeal.name, etag=appeal.etag)


@method("spilno.reception.v1.Appeals.AnswerAppeal", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    taken = await _taken(world, OWN)
    return appeals_pb2.AnswerAppealRequest(name=taken.name, etag=taken.etag, answer="Відповідь лише для своїх")


def _card() -> officers_pb2.OfficerDraft:
    return officers_pb2.OfficerDraft(
        display_name=MARKER, kind=officers_pb2.OFFICER_KIND_DISTRICT, phone="+380971234567", public=True
    )


@method("spilno.reception.v1.Officers.CreateOfficer", HEAD, lambda answer: answer.card.display_name == MARKER)
async def _(world: World) -> Message:
    return officers_pb2.CreateOfficerRequest(parent=parent(OWN), officer=_card(), request_id=str(uuid4()))


@method("spilno.reception.v1.Officers.UpdateOfficer", HEAD, lambda answer: answer.card.display_name == MARKER)
async def _(world: World) -> Message:
    officer = await world.officer(OWN)
    return officers_pb2.UpdateOfficerRequest(name=officer.name, officer=_card(), etag=officer.etag)


@method(
    "spilno.reception.v1.Officers.ListOfficerCards",
    HEAD,
    lambda answer: any(officer.card.display_name == MARKER for officer in answer.officers),
)
async def _(world: World) -> Message:
    await world.officer(OWN)
    return officers_pb2.ListOfficerCardsRequest(parent=parent(OWN))


@method(
    "spilno.reception.v1.Officers.ListOfficers",
    INTEGRATOR,
    lambda answer: any(officer.display_name == MARKER for officer in answer.officers),
)
async def _(world: World) -> Message:
    await world.officer(OWN)
    return officers_pb2.ListOfficersRequest(parent=parent(OWN))


@method("spilno.reception.v1.Beats.CreateBeat", HEAD, lambda answer: answer.beat.title == MARKER)
async def _(world: World) -> Message:
    beat = officers_pb2.BeatDraft(number=await world.free_beat_number(OWN), title=MARKER)
    return officers_pb2.CreateBeatRequest(parent=parent(OWN), beat=beat, request_id=str(uuid4()))


@method("spilno.reception.v1.Beats.UpdateBeat", HEAD, lambda answer: answer.beat.title == MARKER)
async def _(world: World) -> Message:
    beat = await world.beat(OWN)
    return officers_pb2.UpdateBeatRequest(name=beat.name, beat=beat.beat, etag=beat.etag)


@method(
    "spilno.reception.v1.Beats.ListBeats", HEAD, lambda answer: any(one.beat.title == MARKER for one in answer.beats)
)
async def _(world: World) -> Message:
    await world.beat(OWN)
    return officers_pb2.ListBeatsRequest(parent=parent(OWN))


@method("spilno.reception.v1.Beats.FindOfficer", "web", lambda answer: answer.beats[0].officer.display_name == MARKER)
async def _(world: World) -> Message:
    street = f"вул. Нічия{''.join(chr(ord('а') + int(digit, 16)) for digit in uuid4().hex[:12])}"
    await world.beat(OWN, street, officer=(await world.officer(OWN)).name)
    return officers_pb2.FindOfficerRequest(parent=parent(OWN), address=f"{street}, 12/3-А")


async def _own_schedule(world: World) -> receptions_pb2.Schedule:
    asked = receptions_pb2.GetScheduleRequest(parent=parent(OWN))
    found: receptions_pb2.Schedule = await world.receptions.GetSchedule(asked, metadata=await world.through_web())
    return found


@method("spilno.reception.v1.Receptions.GetSchedule", "web", lambda answer: bool(answer.schedule.hosts))
async def _(world: World) -> Message:
    return receptions_pb2.GetScheduleRequest(parent=parent(OWN))


@method("spilno.reception.v1.Receptions.UpdateSchedule", HEAD, lambda answer: bool(answer.schedule.hosts))
async def _(world: World) -> Message:
    own = await _own_schedule(world)
    return receptions_pb2.UpdateScheduleRequest(parent=parent(OWN), schedule=own.schedule, etag=own.etag)


@method("spilno.reception.v1.Receptions.ListSlots", INTEGRATOR, lambda answer: bool(answer.days))
async def _(world: World) -> Message:
    return receptions_pb2.ListSlotsRequest(parent=parent(OWN))


@method("spilno.reception.v1.Receptions.BookVisit", "web", lambda answer: bool(answer.code))
async def _(world: World) -> Message:
    visit = visit_draft(await world.free_slot(OWN))
    return receptions_pb2.BookVisitRequest(parent=parent(OWN), visit=visit, request_id=str(uuid4()))


@method("spilno.reception.v1.Receptions.CancelVisit", "web", lambda answer: answer.HasField("start_time"))
async def _(world: World) -> Message:
    return receptions_pb2.CancelVisitRequest(parent=parent(OWN), code=(await world.visit(OWN)).code)


@method("spilno.reception.v1.Receptions.BookVisitForCaller", OFFICER, lambda answer: answer.visit.visitor == MARKER)
async def _(world: World) -> Message:
    visit = visit_draft(await world.free_slot(OWN))
    return receptions_pb2.BookVisitForCallerRequest(parent=parent(OWN), visit=visit, request_id=str(uuid4()))


@method("spilno.reception.v1.Receptions.AddWalkIn", OFFICER, lambda answer: answer.visitor == MARKER)
async def _(world: World) -> Message:
    return receptions_pb2.AddWalkInRequest(parent=parent(OWN), visitor=MARKER, topic=MARKER, request_id=str(uuid4()))


@method("spilno.reception.v1.Receptions.CancelVisitForCaller", OFFICER, lambda answer: answer.visitor == MARKER)
async def _(world: World) -> Message:
    visit = (await world.visit(OWN)).visit
    return receptions_pb2.CancelVisitForCallerRequest(name=visit.name, etag=visit.etag)


@method("spilno.reception.v1.Receptions.GetVisit", OFFICER, lambda answer: answer.visitor == MARKER)
async def _(world: World) -> Message:
    return receptions_pb2.GetVisitRequest(name=(await world.visit(OWN)).visit.name)


@method(
    "spilno.reception.v1.Receptions.ListVisits",
    OFFICER,
    lambda answer: any(visit.visitor == MARKER for visit in answer.visits),
)
async def _(world: World) -> Message:
    start = (await world.visit(OWN)).visit.start_time.ToDatetime(UTC)
    return receptions_pb2.ListVisitsRequest(parent=parent(OWN), date=kyiv_date(start).isoformat())


@method("spilno.reception.v1.Receptions.CheckIn", OFFICER, lambda answer: answer.visitor == MARKER)
async def _(world: World) -> Message:
    visit = (await world.visit(OWN)).visit
    return receptions_pb2.CheckInRequest(name=visit.name, etag=visit.etag)


@method("spilno.reception.v1.Receptions.RecordVisit", OFFICER, lambda answer: answer.visitor == MARKER)
async def _(world: World) -> Message:
    visit = (await world.visit(OWN)).visit
    return receptions_pb2.RecordVisitRequest(
        name=visit.name,
        etag=visit.etag,
        hosts=(await _own_schedule(world)).schedule.hosts,
        outcome=receptions_pb2.VISIT_OUTCOME_ADVISED,
    )


@method("spilno.feed.v1.Feed.Watch", HEAD, lambda event: event.subject.startswith(parent(OWN)))
async def _(world: World) -> Message:
    return feed_pb2.WatchRequest(parent=parent(OWN))


@method("spilno.feed.v1.Feed.Backfill", HEAD, lambda event: event.subject.startswith(parent(OWN)))
async def _(world: World) -> Message:
    await world.appeal(OWN)
    return feed_pb2.BackfillRequest(parent=parent(OWN))


@method("spilno.identity.v1.Hromadas.CreateHromada", "operator", lambda answer: bool(answer.invitation.url))
async def _(world: World) -> Message:
    return _new_hromada()


@method("spilno.identity.v1.Hromadas.ListHromadas", "operator", lambda answer: len(answer.hromadas) >= 3)
async def _(world: World) -> Message:
    return hromadas_pb2.ListHromadasRequest(page_size=200)


@method("spilno.identity.v1.Hromadas.GetHromada", "operator", lambda answer: OWN in answer.title)
async def _(world: World) -> Message:
    return hromadas_pb2.GetHromadaRequest(name=parent(OWN))


@method("spilno.identity.v1.Provisionings.GetProvisioning", "operator", lambda answer: answer.done)
async def _(world: World) -> Message:
    return provisioning_pb2.GetProvisioningRequest(name=f"{parent(OWN)}/provisioning")


@method("spilno.identity.v1.Provisionings.Announce", "reception", lambda answer: answer is not None)
async def _(world: World) -> Message:
    own = template.own
    part = provisioning_pb2.TemplatePart(
        service="reception", text=template.text, name=own.name, version=own.version, digest=own.digest
    )
    return provisioning_pb2.AnnounceRequest(address=world.house.grpc_address("reception"), template=part)


@method("spilno.identity.v1.Templates.ListTemplates", "operator", lambda answer: len(answer.standard.parts) >= 1)
async def _(world: World) -> Message:
    return provisioning_pb2.ListTemplatesRequest()


@method("spilno.identity.v1.Templates.PublishTemplate", "operator", lambda answer: bool(answer.name))
async def _(world: World) -> Message:
    text = template.text.replace("name: tatarbunary", f"name: t-{uuid4().hex[:10]}")
    part = provisioning_pb2.TemplatePart(service="reception", text=text)
    return provisioning_pb2.PublishTemplateRequest(parts=[part], request_id=str(uuid4()))


@method("spilno.tenancy.v1.Tenancy.Apply", "identity", lambda answer: "schedule" in answer.kept and not answer.written)
async def _(world: World) -> Message:
    return tenancy_pb2.ApplyRequest(name=parent(OWN))


@method("spilno.tenancy.v1.Tenancy.CheckTemplate", "identity", lambda answer: answer.name == "tatarbunary")
async def _(world: World) -> Message:
    return tenancy_pb2.CheckTemplateRequest(text=template.text)


@method("spilno.tenancy.v1.Tenancy.CheckIsolation", "identity", lambda answer: not answer.open_tables)
async def _(world: World) -> Message:
    return tenancy_pb2.CheckIsolationRequest(name=parent(OWN))


@method("spilno.identity.v1.Hromadas.SuspendHromada", "operator", lambda answer: bool(answer.name))
async def _(world: World) -> Message:
    with as_whom(world.tokens["operator"]):
        fresh = await _ready_hromada(world)
    return hromadas_pb2.SuspendHromadaRequest(name=fresh.name, etag=fresh.etag, reason="Перевірка матриці")


@method("spilno.identity.v1.Hromadas.ResumeHromada", "operator", lambda answer: bool(answer.name))
async def _(world: World) -> Message:
    with as_whom(world.tokens["operator"]):
        fresh = await _ready_hromada(world)
        shut = await world.hromadas.SuspendHromada(
            hromadas_pb2.SuspendHromadaRequest(name=fresh.name, etag=fresh.etag, reason="Перевірка матриці")
        )
    return hromadas_pb2.ResumeHromadaRequest(name=shut.name, etag=shut.etag)


@method("spilno.identity.v1.Hromadas.GetOffice", "web", lambda answer: OWN in answer.title)
async def _(world: World) -> Message:
    return hromadas_pb2.GetOfficeRequest(name=parent(OWN))


@method(
    "spilno.identity.v1.Hromadas.ListOffices",
    "web",
    lambda answer: (
        parent(OWN) in [one.name for one in answer.offices]
        and parent(SUSPENDED) not in [one.name for one in answer.offices]
    ),
)
async def _(world: World) -> Message:
    return hromadas_pb2.ListOfficesRequest()


@method("spilno.identity.v1.Members.InviteMember", HEAD, lambda answer: MARKER in answer.member.display_name)
async def _(world: World) -> Message:
    return members_pb2.InviteMemberRequest(
        parent=parent(OWN),
        member=members_pb2.MemberDraft(display_name=MARKER, email=f"{uuid4().hex[:8]}@{OWN}.example.org"),
        roles=[members_pb2.ROLE_COORDINATOR],
        request_id=str(uuid4()),
    )


@method("spilno.identity.v1.Members.ListMembers", HEAD, lambda answer: len(answer.members) >= 2)
async def _(world: World) -> Message:
    return members_pb2.ListMembersRequest(parent=parent(OWN))


@method("spilno.identity.v1.Members.RevokeMember", HEAD, lambda answer: MARKER in answer.display_name)
async def _(world: World) -> Message:
    member = await _members(world, OWN)
    return members_pb2.RevokeMemberRequest(name=member.name, etag=member.etag)


@method("spilno.identity.v1.Members.ChangeRoles", HEAD, lambda answer: MARKER in answer.display_name)
async def _(world: World) -> Message:
    member = await _members(world, OWN)
    return members_pb2.ChangeRolesRequest(
        name=member.name, roles=[members_pb2.ROLE_COORDINATOR, members_pb2.ROLE_LAWYER], etag=member.etag
    )


@method("spilno.identity.v1.Members.CreateRecoveryLink", HEAD, lambda answer: "/recovery/" in answer.url)
async def _(world: World) -> Message:
    member = await _members(world, OWN)
    return members_pb2.CreateRecoveryLinkRequest(name=member.name, request_id=str(uuid4()))


@method("spilno.identity.v1.Members.GetOwnMembership", HEAD, lambda answer: "members.invite" in answer.permissions)
async def _(world: World) -> Message:
    return members_pb2.GetOwnMembershipRequest(parent=parent(OWN))


@method(
    "spilno.identity.v1.Members.GetOwnAccess",
    HEAD,
    lambda answer: any(each.held and each.permission == "members.invite" for each in answer.abilities),
)
async def _(world: World) -> Message:
    return members_pb2.GetOwnAccessRequest(parent=parent(OWN))


@method("spilno.identity.v1.Integrators.CreateIntegrator", HEAD, lambda answer: bool(answer.client_secret))
async def _(world: World) -> Message:
    return integrators_pb2.CreateIntegratorRequest(
        parent=parent(OWN), integrator_id=f"i-{uuid4().hex[:8]}", display_name=MARKER, request_id=str(uuid4())
    )


@method("spilno.identity.v1.Integrators.ListIntegrators", HEAD, lambda answer: len(answer.integrators) >= 1)
async def _(world: World) -> Message:
    return integrators_pb2.ListIntegratorsRequest(parent=parent(OWN))


@method("spilno.identity.v1.Integrators.RevokeIntegrator", HEAD, lambda answer: answer.HasField("revoked_at"))
async def _(world: World) -> Message:
    one = await _integrator(world, OWN)
    return integrators_pb2.RevokeIntegratorRequest(name=one.name, etag=one.etag)


@method("spilno.identity.v1.Authority.GetAuthority", "reception", lambda answer: bool(answer.hromada_id))
async def _(world: World) -> Message:
    return authority_pb2.GetAuthorityRequest(hromada=OWN, subject="")


@method("spilno.identity.v1.Organisations.CreateOrganisation", HEAD, lambda answer: MARKER in answer.title)
async def _(world: World) -> Message:
    return partners.organisation_request(OWN)


@method("spilno.identity.v1.Organisations.GetOrganisation", HEAD, lambda answer: MARKER in answer.title)
async def _(world: World) -> Message:
    return organisations_pb2.GetOrganisationRequest(name=(await partners.organisation(world, OWN)).name)


@method("spilno.identity.v1.Organisations.ListOrganisations", HEAD, lambda answer: MARKER in str_of(answer))
async def _(world: World) -> Message:
    await partners.organisation(world, OWN)
    return organisations_pb2.ListOrganisationsRequest(parent=parent(OWN), page_size=500)


@method("spilno.identity.v1.Organisations.UpdateOrganisation", HEAD, lambda answer: MARKER in answer.title)
async def _(world: World) -> Message:
    one = await partners.organisation(world, OWN)
    return organisations_pb2.UpdateOrganisationRequest(
        name=one.name, etag=one.etag, update_mask=FieldMask(paths=["short_title"])
    )


@method("spilno.identity.v1.Agreements.CreateAgreement", HEAD, lambda answer: MARKER in answer.title)
async def _(world: World) -> Message:
    return partners.agreement_request(OWN)


@method("spilno.identity.v1.Agreements.GetAgreement", HEAD, lambda answer: MARKER in answer.title)
async def _(world: World) -> Message:
    return agreements_pb2.GetAgreementRequest(name=(await partners.agreement(world, OWN)).name)


@method("spilno.identity.v1.Agreements.ListAgreements", HEAD, lambda answer: MARKER in str_of(answer))
async def _(world: World) -> Message:
    await partners.agreement(world, OWN)
    return agreements_pb2.ListAgreementsRequest(parent=parent(OWN), page_size=500)


@method("spilno.identity.v1.Agreements.UpdateAgreement", HEAD, lambda answer: MARKER in answer.title)
async def _(world: World) -> Message:
    one = await partners.agreement(world, OWN)
    return agreements_pb2.UpdateAgreementRequest(name=one.name, etag=one.etag, update_mask=FieldMask(paths=["note"]))


@method("spilno.identity.v1.Agreements.ListSignatories", HEAD, lambda answer: MARKER in str_of(answer))
async def _(world: World) -> Message:
    agreement, _ = await partners.signatory(world, OWN)
    return agreements_pb2.ListSignatoriesRequest(parent=agreement.name)


@method("spilno.identity.v1.Agreements.AddSignatory", HEAD, lambda answer: MARKER in answer.organisation_title)
async def _(world: World) -> Message:
    return await partners.signatory_request(world, OWN)


@method("spilno.identity.v1.Agreements.EndSignatory", HEAD, lambda answer: answer.left_on == "2018-01-01")
async def _(world: World) -> Message:
    _, one = await partners.signatory(world, OWN)
    return agreements_pb2.EndSignatoryRequest(name=one.name, etag=one.etag, left_on="2018-01-01")


@method("spilno.identity.v1.Venues.CreateVenue", HEAD, lambda answer: MARKER in answer.title)
async def _(world: World) -> Message:
    return partners.venue_request(OWN)


@method("spilno.identity.v1.Venues.GetVenue", HEAD, lambda answer: MARKER in answer.title)
async def _(world: World) -> Message:
    return venues_pb2.GetVenueRequest(name=(await partners.venue(world, OWN)).name)


@method("spilno.identity.v1.Venues.ListVenues", HEAD, lambda answer: MARKER in str_of(answer))
async def _(world: World) -> Message:
    await partners.venue(world, OWN)
    return venues_pb2.ListVenuesRequest(parent=parent(OWN), page_size=500)


@method("spilno.identity.v1.Venues.ListOpenVenues", "web", lambda answer: MARKER in str_of(answer))
async def _(world: World) -> Message:
    await partners.venue(world, OWN)
    return venues_pb2.ListOpenVenuesRequest(parent=parent(OWN))


@method("spilno.identity.v1.Venues.UpdateVenue", HEAD, lambda answer: MARKER in answer.title)
async def _(world: World) -> Message:
    one = await partners.venue(world, OWN)
    return venues_pb2.UpdateVenueRequest(name=one.name, etag=one.etag, update_mask=FieldMask(paths=["steps"]))


@method("spilno.identity.v1.Projects.CreateProject", HEAD, lambda answer: MARKER in answer.title)
async def _(world: World) -> Message:
    return await partners.project_request(world, OWN)


@method("spilno.identity.v1.Projects.GetProject", HEAD, lambda answer: MARKER in answer.title)
async def _(world: World) -> Message:
    return projects_pb2.GetProjectRequest(name=(await partners.project(world, OWN)).name)


@method("spilno.identity.v1.Projects.ListProjects", HEAD, lambda answer: MARKER in str_of(answer))
async def _(world: World) -> Message:
    await partners.project(world, OWN)
    return projects_pb2.ListProjectsRequest(parent=parent(OWN), page_size=500)


@method("spilno.identity.v1.Projects.UpdateProject", HEAD, lambda answer: MARKER in answer.title)
async def _(world: World) -> Message:
    one = await partners.project(world, OWN)
    return projects_pb2.UpdateProjectRequest(name=one.name, etag=one.etag, update_mask=FieldMask(paths=["ends_on"]))


@method("spilno.identity.v1.Controllers.RecordController", HEAD, lambda answer: MARKER in answer.controller_title)
async def _(world: World) -> Message:
    return partners.controller_request(OWN)


@method("spilno.identity.v1.Controllers.ListControllers", HEAD, lambda answer: MARKER in str_of(answer))
async def _(world: World) -> Message:
    await partners.controller(world, OWN)
    return controllers_pb2.ListControllersRequest(parent=parent(OWN))


@method("spilno.identity.v1.Trail.ListEntries", HEAD, lambda answer: any(one.actor for one in answer.entries))
async def _(world: World) -> Message:
    await world.sealed(OWN)
    return trail_pb2.ListEntriesRequest(parent=parent(OWN))


@method("spilno.identity.v1.Trail.GetSeals", HEAD, lambda answer: bool(answer.seals) and not answer.faults)
async def _(world: World) -> Message:
    await world.sealed(OWN)
    return trail_pb2.GetSealsRequest(parent=parent(OWN))


@method("spilno.identity.v1.Trail.SealTrail", HEAD, lambda answer: bool(answer.seals) and not answer.faults)
async def _(world: World) -> Message:
    await world.sealed(OWN)
    return trail_pb2.SealTrailRequest(parent=parent(OWN))


@method("spilno.identity.v1.Trail.ExportTrail", HEAD, lambda part: b'"signature"' in part.lines)
async def _(world: World) -> Message:
    await world.sealed(OWN)
    return trail_pb2.ExportTrailRequest(parent=parent(OWN))


def str_of(answer: Message) -> str:
    return str(text_format.MessageToString(answer, as_utf8=True))


ACTORS = (
    "own",
    "other hromada",
    "suspended",
    "no hromada",
    "two hromadas",
    "operator",
    "revoked",
    "foreign integrator",
    "expired",
    "anonymous",
)

STRANGERS = {
    "other hromada": Code.NOT_FOUND,
    "suspended": Code.NOT_FOUND,
    "no hromada": Code.PERMISSION_DENIED,
    "two hromadas": Code.PERMISSION_DENIED,
    "operator": Code.PERMISSION_DENIED,
    "revoked": Code.PERMISSION_DENIED,
    "foreign integrator": Code.NOT_FOUND,
    "expired": Code.UNAUTHENTICATED,
    "anonymous": Code.UNAUTHENTICATED,
}
OUTSIDERS = {
    **dict.fromkeys(STRANGERS, Code.PERMISSION_DENIED),
    "expired": Code.UNAUTHENTICATED,
    "anonymous": Code.UNAUTHENTICATED,
}
EXPECTED: dict[str, dict[str, Code]] = {
    "permission": STRANGERS,
    "signed_in": STRANGERS,
    "public": STRANGERS,
    "platform": {name: code for name, code in OUTSIDERS.items() if name != "operator"},
    "service": OUTSIDERS,
}
"""What each is answered, by what the method declares. A public method is for web and for the hromada's integrators."""


async def served(world: World) -> dict[str, tuple[str, MethodDescriptor]]:
    """Every method that the running services serve, by their own reflection: its service and its descriptor."""
    found = {}
    for service in world.channels:
        stub = reflection_pb2_grpc.ServerReflectionStub(grpc.aio.insecure_channel(world.house.grpc_address(service)))
        ask = reflection_pb2.ServerReflectionRequest(list_services="")
        async for answer in stub.ServerReflectionInfo(iter([ask])):
            for listed in answer.list_services_response.service:
                if listed.name not in NOT_OURS:
                    contract = descriptor_pool.Default().FindServiceByName(listed.name)
                    found.update({one.full_name: (service, one) for one in contract.methods})
    return found


async def metadata(world: World, actor: str, own: str) -> Metadata:
    """What the actor's call carries."""
    match actor:
        case "own" if own in {"web", "reception", "identity"}:
            return ((SERVICE, f"Bearer {await world.service_token(own)}"),)
        case "own":
            token = world.tokens[own]
        case "other hromada":
            token = world.tokens[f"head:{OTHER}"]
        case "suspended":
            token = world.tokens[f"head:{SUSPENDED}"]
        case "no hromada":
            token = await mint(world, subject=str(uuid4()))
        case "two hromadas":
            token = await mint(world, subject=_subject(world.tokens[HEAD]), hromadas=(OWN, OTHER))
        case "operator":
            token = world.tokens["operator"]
        case "revoked":
            token = world.tokens[f"revoked:{OWN}"]
        case "foreign integrator":
            token = world.tokens[f"int:{OTHER}"]
        case "expired":
            token = await mint(world, subject=_subject(world.tokens[HEAD]), hromadas=(OWN,), lasts=-60)
        case _:
            return ()
    return (("authorization", f"Bearer {token}"),)


def _subject(token: str) -> str:
    return str(claims_of(token)["sub"])


async def answer(
    world: World, channel: grpc.aio.Channel, method: MethodDescriptor, request: Message, carried: Metadata
) -> Any:
    """The answer, or the first message of a stream."""
    path = f"/{method.containing_service.full_name}/{method.name}"
    serialise, read = type(request).SerializeToString, GetMessageClass(method.output_type).FromString
    if not method.server_streaming:
        call = channel.unary_unary(path, serialise, read)
        return await call(request, metadata=carried, timeout=15)
    stream = channel.unary_stream(path, serialise, read)(request, metadata=carried, timeout=15)
    first = asyncio.ensure_future(anext(aiter(stream)))
    await asyncio.wait([first], timeout=0.5)
    if not first.done():
        await world.appeal(OWN)
    return await first


async def judge(world: World, name: str, channel: grpc.aio.Channel, carries: Carries) -> None:
    """Holds a method against its row: each stranger is refused as is due, its own caller is shown what they miss."""
    method, row = descriptor_pool.Default().FindMethodByName(name), ROWS[name]
    expected = EXPECTED[str(rule_of(method).access.WhichOneof("who"))]
    request = await row.request(world)
    got: dict[str, Code] = {}
    for actor in ACTORS:
        if actor not in expected:
            continue
        with pytest.raises(Failure) as refused:
            await answer(world, channel, method, request, await carries(actor, row.own))
        got[actor] = refused.value.code
    assert got == expected
    assert row.shows(await answer(world, channel, method, request, await carries("own", row.own)))


async def test_every_method_has_a_row_and_every_row_a_method(world: World) -> None:
    assert set(ROWS) == set(await served(world))


@pytest.mark.parametrize("name", sorted(ROWS))
async def test_each_actor_gets_what_is_due(world: World, name: str) -> None:
    service, _ = (await served(world))[name]
    await judge(world, name, world.channels[service], partial(metadata, world))


@pytest.mark.parametrize(
    "name", sorted(name for name in ROWS if ".List" in name and "Offices" not in name and "Signatories" not in name)
)
async def test_a_list_of_one_hromada_holds_nothing_of_another(world: World, name: str) -> None:
    service, method = (await served(world))[name]
    row = ROWS[name]
    if row.own == "operator":
        return
    request: Any = await row.request(world)
    request.parent = parent(OTHER)
    neighbour = await metadata(world, "own", row.own.replace(OWN, OTHER))
    shown = await answer(world, world.channels[service], method, request, neighbour)
    written = str_of(shown)
    assert MARKER not in written
    assert OWN not in written


async def test_staff_of_a_suspended_hromada_are_told_so(world: World) -> None:
    carried = (("authorization", f"Bearer {world.tokens[f'officer:{SUSPENDED}']}"),)
    with pytest.raises(Failure) as refused:
        await world.appeals.ListAppeals(appeals_pb2.ListAppealsRequest(parent=parent(SUSPENDED)), metadata=carried)
    assert (refused.value.code, refused.value.reason) == (Code.FAILED_PRECONDITION, "hromada.suspended")


async def test_residents_of_a_suspended_hromada_are_told_so(world: World) -> None:
    request = appeals_pb2.SubmitAppealRequest(parent=parent(SUSPENDED), appeal=appeal_draft(), request_id=str(uuid4()))
    with pytest.raises(Failure) as refused:
        await world.appeals.SubmitAppeal(request, metadata=await world.through_web())
    assert refused.value.reason == "hromada.suspended"


async def test_the_count_of_methods_and_actors_is_told(world: World, record_property: Any) -> None:
    methods = len(await served(world))
    record_property("figures", f"isolation matrix: {methods} methods × {len(ACTORS)} actors")
    assert methods * len(ACTORS) == len(ROWS) * len(ACTORS)
