"""Translates: agreements and their signatories."""

from uuid import UUID

from kit.call import Call, Hromada
from kit.days import day, day_or_none, written
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.enums import from_contract, to_contract
from kit.rpc.masks import judge, merged
from kit.rpc.paging import DEFAULT_SIZE, start_of, token_for
from spilno.identity.v1 import agreements_pb2 as pb

from identity.agreements import actions
from identity.agreements.model import Agreement
from identity.agreements.rules import Kind


class Agreements(Servicer, contract=pb.DESCRIPTOR.services_by_name["Agreements"]):
    async def CreateAgreement(self, request: pb.CreateAgreementRequest, call: Call) -> pb.Agreement:
        return _message(call.hromada, await actions.conclude(call, _draft(request.agreement)))

    async def GetAgreement(self, request: pb.GetAgreementRequest, call: Call) -> pb.Agreement:
        on = day_or_none(request.as_of, "as_of") or call.today
        return _message(call.hromada, await actions.find(call, uid(request.name), on))

    async def ListAgreements(self, request: pb.ListAgreementsRequest, call: Call) -> pb.ListAgreementsResponse:
        size = request.page_size or DEFAULT_SIZE
        on = day_or_none(request.as_of, "as_of") or call.today
        start = start_of(call, request, request.page_token)
        found = await actions.page(call, on, UUID(start[0]) if start else None, size + 1)
        shown = found[:size]
        more = token_for(call, request, [str(shown[-1].agreement.id)]) if len(found) > size else ""
        return pb.ListAgreementsResponse(
            agreements=[_message(call.hromada, each) for each in shown], next_page_token=more
        )

    async def UpdateAgreement(self, request: pb.UpdateAgreementRequest, call: Call) -> pb.Agreement:
        held = await actions.hold(call, uid(request.name), request.etag)
        draft = merged(_as_draft(held), request.agreement, request.update_mask)
        judge(pb.CreateAgreementRequest(parent=call.hromada.name, agreement=draft, request_id=str(held.id)))
        return _message(call.hromada, await actions.change(call, held, _draft(draft)))

    async def ListSignatories(self, request: pb.ListSignatoriesRequest, call: Call) -> pb.ListSignatoriesResponse:
        on = day_or_none(request.as_of, "as_of") or call.today
        found = await actions.parties(call, uid(request.parent, "parent"), None if request.show_all else on)
        return pb.ListSignatoriesResponse(
            signatories=[_signatory(call.hromada, each) for each in found],
            as_of="" if request.show_all else written(on),
        )

    async def AddSignatory(self, request: pb.AddSignatoryRequest, call: Call) -> pb.Signatory:
        joined = await actions.join(
            call,
            uid(request.parent, "parent"),
            uid(request.organisation, "organisation"),
            day(request.joined_on, "joined_on"),
            day_or_none(request.left_on, "left_on"),
            request.post,
            request.authority,
        )
        return _signatory(call.hromada, joined)

    async def EndSignatory(self, request: pb.EndSignatoryRequest, call: Call) -> pb.Signatory:
        agreement = uid(request.name.partition("/signatories/")[0])
        left = await actions.leave(call, agreement, uid(request.name), request.etag, day(request.left_on, "left_on"))
        return _signatory(call.hromada, left)


def _draft(message: pb.AgreementDraft) -> actions.Draft:
    return actions.Draft(
        title=message.title,
        kind=from_contract(Kind, pb.AgreementKind, message.kind),
        number=message.number,
        concluded_on=day(message.concluded_on, "agreement.concluded_on"),
        valid_until=day_or_none(message.valid_until, "agreement.valid_until"),
        decision_number=message.decision_number,
        decided_on=day_or_none(message.decided_on, "agreement.decided_on"),
        basis=message.basis,
        subject=message.subject,
        personal_data_clause=message.personal_data_clause,
        accession=message.accession,
        note=message.note,
    )


def _as_draft(agreement: Agreement) -> pb.AgreementDraft:
    return pb.AgreementDraft(
        title=agreement.title,
        kind=to_contract(pb.AgreementKind, agreement.kind),
        number=agreement.number,
        concluded_on=written(agreement.concluded_on),
        valid_until=written(agreement.valid_until),
        decision_number=agreement.decision_number,
        decided_on=written(agreement.decided_on),
        basis=agreement.basis,
        subject=agreement.subject,
        personal_data_clause=agreement.personal_data_clause,
        accession=agreement.accession,
        note=agreement.note,
    )


def _message(hromada: Hromada, counted: actions.Counted) -> pb.Agreement:
    agreement = counted.agreement
    return pb.Agreement(
        name=f"{hromada.name}/agreements/{agreement.id}",
        title=agreement.title,
        kind=to_contract(pb.AgreementKind, agreement.kind),
        number=agreement.number,
        concluded_on=written(agreement.concluded_on),
        valid_until=written(agreement.valid_until),
        decision_number=agreement.decision_number,
        decided_on=written(agreement.decided_on),
        basis=agreement.basis,
        subject=agreement.subject,
        personal_data_clause=agreement.personal_data_clause,
        accession=agreement.accession,
        note=agreement.note,
        as_of=written(counted.on),
        signatory_count=counted.count,
        etag=agreement.etag,
    )


def _signatory(hromada: Hromada, party: actions.Party) -> pb.Signatory:
    signatory, organisation = party.signatory, party.organisation
    return pb.Signatory(
        name=f"{hromada.name}/agreements/{signatory.agreement_id}/signatories/{signatory.id}",
        organisation=f"{hromada.name}/organisations/{organisation.id}",
        organisation_title=organisation.title,
        joined_on=written(signatory.joined_on),
        left_on=written(signatory.left_on),
        post=signatory.post,
        authority=signatory.authority,
        etag=signatory.etag,
        organisation_existed_until=written(organisation.existed_until),
    )
