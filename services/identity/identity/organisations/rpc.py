"""Translates: organisations."""

from uuid import UUID

from kit.call import Call, Hromada
from kit.days import day_or_none, written
from kit.errors import Refused
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.enums import from_contract, to_contract
from kit.rpc.masks import judge, merged
from kit.rpc.paging import DEFAULT_SIZE, start_of, token_for
from spilno.identity.v1 import organisations_pb2 as pb

from identity.organisations import actions
from identity.organisations.model import Organisation
from identity.organisations.rules import PARENT, Kind


class Organisations(Servicer, contract=pb.DESCRIPTOR.services_by_name["Organisations"]):
    async def CreateOrganisation(self, request: pb.CreateOrganisationRequest, call: Call) -> pb.Organisation:
        return _message(call.hromada, await actions.enter(call, _draft(call.hromada, request.organisation)))

    async def GetOrganisation(self, request: pb.GetOrganisationRequest, call: Call) -> pb.Organisation:
        return _message(call.hromada, await actions.find(call, uid(request.name)))

    async def ListOrganisations(self, request: pb.ListOrganisationsRequest, call: Call) -> pb.ListOrganisationsResponse:
        size = request.page_size or DEFAULT_SIZE
        on = day_or_none(request.as_of, "as_of") or call.today
        start = start_of(call, request, request.page_token)
        found = await actions.page(call, None if request.show_all else on, UUID(start[0]) if start else None, size + 1)
        shown = found[:size]
        more = token_for(call, request, [str(shown[-1].id)]) if len(found) > size else ""
        return pb.ListOrganisationsResponse(
            organisations=[_message(call.hromada, each) for each in shown], next_page_token=more
        )

    async def UpdateOrganisation(self, request: pb.UpdateOrganisationRequest, call: Call) -> pb.Organisation:
        held = await actions.hold(call, uid(request.name), request.etag)
        draft = merged(_as_draft(call.hromada, held), request.organisation, request.update_mask)
        judge(pb.CreateOrganisationRequest(parent=call.hromada.name, organisation=draft, request_id=str(held.id)))
        return _message(call.hromada, await actions.change(call, held, _draft(call.hromada, draft)))


def _draft(hromada: Hromada, message: pb.OrganisationDraft) -> actions.Draft:
    return actions.Draft(
        title=message.title,
        short_title=message.short_title,
        kind=from_contract(Kind, pb.OrganisationKind, message.kind),
        edrpou=message.edrpou,
        address=message.address,
        phones=list(message.phones),
        existed_from=day_or_none(message.existed_from, "organisation.existed_from"),
        existed_until=day_or_none(message.existed_until, "organisation.existed_until"),
        parent_id=_parent(hromada, message.parent_organisation) if message.parent_organisation else None,
    )


def _parent(hromada: Hromada, name: str) -> UUID:
    if not name.startswith(f"{hromada.name}/"):
        raise Refused(PARENT, "organisation.parent-unknown")
    return uid(name, PARENT)


def _as_draft(hromada: Hromada, organisation: Organisation) -> pb.OrganisationDraft:
    return pb.OrganisationDraft(
        title=organisation.title,
        short_title=organisation.short_title,
        kind=to_contract(pb.OrganisationKind, organisation.kind),
        edrpou=organisation.edrpou,
        address=organisation.address,
        phones=organisation.phones,
        existed_from=written(organisation.existed_from),
        existed_until=written(organisation.existed_until),
        parent_organisation=_parent_name(hromada, organisation),
    )


def _parent_name(hromada: Hromada, organisation: Organisation) -> str:
    return f"{hromada.name}/organisations/{organisation.parent_id}" if organisation.parent_id else ""


def _message(hromada: Hromada, organisation: Organisation) -> pb.Organisation:
    return pb.Organisation(
        name=f"{hromada.name}/organisations/{organisation.id}",
        title=organisation.title,
        short_title=organisation.short_title,
        kind=to_contract(pb.OrganisationKind, organisation.kind),
        edrpou=organisation.edrpou,
        address=organisation.address,
        phones=organisation.phones,
        existed_from=written(organisation.existed_from),
        existed_until=written(organisation.existed_until),
        etag=organisation.etag,
        parent_organisation=_parent_name(hromada, organisation),
    )
