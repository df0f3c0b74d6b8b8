"""Translates the contract's officers."""

from kit.call import Call, Hromada
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.enums import from_contract, to_contract
from spilno.reception.v1 import officers_pb2 as pb

from reception.officers import actions
from reception.officers.actions import Card
from reception.officers.model import Kind, Officer


class Officers(Servicer, contract=pb.DESCRIPTOR.services_by_name["Officers"]):
    async def CreateOfficer(self, request: pb.CreateOfficerRequest, call: Call) -> pb.Officer:
        return _message(call.hromada, await actions.create(call, _said(request.officer)))

    async def UpdateOfficer(self, request: pb.UpdateOfficerRequest, call: Call) -> pb.Officer:
        officer = await actions.update(call, uid(request.name), request.etag, _said(request.officer))
        return _message(call.hromada, officer)

    async def ListOfficerCards(self, request: pb.ListOfficerCardsRequest, call: Call) -> pb.ListOfficerCardsResponse:
        found = await actions.cards(call, public_only=False)
        return pb.ListOfficerCardsResponse(officers=[_message(call.hromada, officer) for officer in found])

    async def ListOfficers(self, request: pb.ListOfficersRequest, call: Call) -> pb.ListOfficersResponse:
        found = await actions.cards(call, public_only=True)
        return pb.ListOfficersResponse(officers=[public(call.hromada, officer) for officer in found])


def name_of(hromada: Hromada, officer_id: object) -> str:
    return f"{hromada.name}/officers/{officer_id}"


def public(hromada: Hromada, officer: Officer) -> pb.PublicOfficer:
    """A card as residents see it."""
    return pb.PublicOfficer(
        name=name_of(hromada, officer.id),
        display_name=officer.display_name,
        kind=to_contract(pb.OfficerKind, officer.kind),
        phone=officer.phone,
        email=officer.email,
        text=officer.text,
    )


def _said(card: pb.OfficerDraft) -> Card:
    return Card(
        display_name=" ".join(card.display_name.split()),
        kind=from_contract(Kind, pb.OfficerKind, card.kind),
        phone=card.phone,
        email=card.email,
        public=card.public,
        text=card.text.strip(),
    )


def _message(hromada: Hromada, officer: Officer) -> pb.Officer:
    return pb.Officer(
        name=name_of(hromada, officer.id),
        card=pb.OfficerDraft(
            display_name=officer.display_name,
            kind=to_contract(pb.OfficerKind, officer.kind),
            phone=officer.phone,
            email=officer.email,
            public=officer.public,
            text=officer.text,
        ),
        etag=officer.etag,
    )
