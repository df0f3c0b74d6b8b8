"""The rows of identity."""

from uuid import uuid4

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from kit.names import last
from machine import demo
from reception.template import template
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

from tests import partners
from tests.isolation.rows.declared import HEAD, method, parent, str_of
from tests.world import MARKER, OWN, SUSPENDED, World, as_whom, office


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


def _new_hromada() -> hromadas_pb2.CreateHromadaRequest:
    place, number = uuid4().int % 1000, uuid4().int % 100_000
    return hromadas_pb2.CreateHromadaRequest(
        hromada_id=f"h-{uuid4().hex[:10]}",
        katotth=f"UA3208{place:03}00000{number:05}",
        office=office("Нова громада"),
        head=members_pb2.MemberDraft(display_name="Керівник", email=f"{uuid4().hex[:8]}@new.example.org"),
        request_id=str(uuid4()),
    )


async def ready_hromada(world: World) -> hromadas_pb2.Hromada:
    name = (await world.hromadas.CreateHromada(_new_hromada())).hromada.name
    await demo.until_ready(world.channels["identity"], name.removeprefix("hromadas/"), world.tokens["operator"])
    found: hromadas_pb2.Hromada = await world.hromadas.GetHromada(hromadas_pb2.GetHromadaRequest(name=name))
    return found


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


@method("spilno.identity.v1.Hromadas.SuspendHromada", "operator", lambda answer: bool(answer.name))
async def _(world: World) -> Message:
    with as_whom(world.tokens["operator"]):
        fresh = await ready_hromada(world)
    return hromadas_pb2.SuspendHromadaRequest(name=fresh.name, etag=fresh.etag, reason="Перевірка матриці")


@method("spilno.identity.v1.Hromadas.ResumeHromada", "operator", lambda answer: bool(answer.name))
async def _(world: World) -> Message:
    with as_whom(world.tokens["operator"]):
        fresh = await ready_hromada(world)
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


@method("spilno.identity.v1.Members.ListColleagues", HEAD, lambda answer: bool(answer.colleagues))
async def _(world: World) -> Message:
    return members_pb2.ListColleaguesRequest(parent=parent(OWN))


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


@method("spilno.identity.v1.Authority.GetMailboxes", "reception", lambda answer: len(answer.staff) >= 1)
async def _(world: World) -> Message:
    return authority_pb2.GetMailboxesRequest(hromada=OWN, permission="appeals.decide")


@method("spilno.identity.v1.Authority.GetKin", "reception", lambda answer: bool(answer.parent))
async def _(world: World) -> Message:
    above = await partners.organisation(world, OWN)
    below = organisations_pb2.UpdateOrganisationRequest(
        name=(one := await partners.organisation(world, OWN)).name,
        etag=one.etag,
        organisation=organisations_pb2.OrganisationDraft(parent_organisation=above.name),
        update_mask=FieldMask(paths=["parent_organisation"]),
    )
    with as_whom(world.tokens[f"head:{OWN}"]):
        await partners.organisations(world).UpdateOrganisation(below)
    return authority_pb2.GetKinRequest(hromada=OWN, organisation=last(one.name))


@method("spilno.identity.v1.Authority.GetPartner", "reception", lambda answer: answer.title == MARKER)
async def _(world: World) -> Message:
    _, joined = await partners.signatory(world, OWN)
    return authority_pb2.GetPartnerRequest(hromada=OWN, organisation=last(joined.organisation), as_of="2026-01-30")


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
