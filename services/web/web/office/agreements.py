"""The memorandum and other agreements: what is in them, who has joined, and who has left."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from kit.names import last
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.identity.v1 import agreements_pb2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from web import appeals, partners, words
from web.office.partners import asked_day, back, blank, choices
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft

router = APIRouter(prefix="/{slug}/office/partners")

AGREEMENT = {
    "agreement.title": "title",
    "agreement.kind": "kind",
    "agreement.number": "number",
    "agreement.concluded_on": "concluded_on",
    "agreement.valid_until": "valid_until",
    "agreement.decision_number": "decision_number",
    "agreement.decided_on": "decided_on",
    "agreement.basis": "basis",
    "agreement.subject": "subject",
    "agreement.personal_data_clause": "personal_data_clause",
    "agreement.accession": "accession",
    "agreement.note": "note",
}
JOINING = {
    "organisation": "organisation",
    "joined_on": "joined_on",
    "left_on": "left_on",
    "post": "post",
    "authority": "authority",
}


@router.get("/agreements/new")
async def ask_for_agreement(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("agreements.write")
    form = await restore_draft(request, staff.subject) or blank(request, kind="memorandum")
    return _agreement_form(request, web, form)


@router.post("/agreements/new")
async def conclude(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("agreements.write")
    asked = agreements_pb2.CreateAgreementRequest(
        parent=staff.office.parent, agreement=_agreement(form), request_id=appeals.request_id(form)
    )
    try:
        made = await web.agreements.CreateAgreement(asked)
    except Failure as failure:
        return _agreement_form(request, web, form, partners.take_refusal(form, failure, AGREEMENT))
    return back(staff, f"/agreements/{last(made.name)}")


@router.get("/agreements/{agreement_id}/change")
async def ask_what_changes(request: Request, web: TheWeb, staff: Reading, agreement_id: UUID) -> Response:
    staff.require("agreements.write")
    name = _agreement_name(staff, agreement_id)
    kept = await web.agreements.GetAgreement(agreements_pb2.GetAgreementRequest(name=name))
    values = {name: str(getattr(kept, field.partition(".")[2])) for field, name in AGREEMENT.items()}
    values |= {"kind": words.word(partners.agreement_kinds(str), kept.kind).value, "etag": kept.etag}
    form = await restore_draft(request, staff.subject) or Form(values, request.state.language)
    return _agreement_form(request, web, form, id=agreement_id)


@router.post("/agreements/{agreement_id}/change")
async def change_agreement(
    request: Request, web: TheWeb, form: Submitted, staff: Writing, agreement_id: UUID
) -> Response:
    staff.require("agreements.write")
    asked = agreements_pb2.UpdateAgreementRequest(
        name=_agreement_name(staff, agreement_id), etag=form["etag"], agreement=_agreement(form)
    )
    try:
        await web.agreements.UpdateAgreement(asked)
    except Failure as failure:
        status = partners.take_refusal(form, failure, AGREEMENT)
        return _agreement_form(request, web, form, status, id=agreement_id)
    return back(staff, f"/agreements/{agreement_id}")


def _agreement(form: Form) -> agreements_pb2.AgreementDraft:
    kind = words.number(partners.agreement_kinds(str), form["kind"])
    texts = {field.partition(".")[2]: form[name] for field, name in AGREEMENT.items() if name != "kind"}
    draft: dict[str, Any] = {**texts, "kind": agreements_pb2.AgreementKind.ValueType(kind)}
    return agreements_pb2.AgreementDraft(**draft)


def _agreement_form(
    request: Request, web: Web, form: Form, status: int | None = None, id: UUID | None = None
) -> Response:
    say = request.state.language.gettext
    kinds = partners.options(partners.agreement_kinds(say), say("Оберіть вид"))
    return web.pages.show(request, "office/agreement-new.html", form=form, status=status, kinds=kinds, id=id)


@router.get("/agreements/{agreement_id}")
async def show_agreement(
    request: Request, web: TheWeb, staff: Reading, agreement_id: UUID, as_of: str = ""
) -> Response:
    staff.require("agreements.read")
    form = Form({"as_of": as_of}, request.state.language)
    on = asked_day(form)
    name, language = _agreement_name(staff, agreement_id), request.state.language
    agreement = await web.agreements.GetAgreement(agreements_pb2.GetAgreementRequest(name=name, as_of=on))
    listed = await web.agreements.ListSignatories(agreements_pb2.ListSignatoriesRequest(parent=name, as_of=on))
    everyone = await web.agreements.ListSignatories(agreements_pb2.ListSignatoriesRequest(parent=name, show_all=True))
    form.values["as_of"] = form["as_of"] or agreement.as_of
    return web.pages.show(
        request,
        "office/agreement.html",
        form=form,
        id=agreement_id,
        agreement=agreement,
        kind=words.word(partners.agreement_kinds(language.gettext), agreement.kind),
        concluded=partners.day(agreement.concluded_on, language),
        valid_until=partners.day(agreement.valid_until, language),
        decided=partners.day(agreement.decided_on, language),
        shown_day=partners.day(agreement.as_of, language),
        shown_iso=agreement.as_of,
        parties=[_party(each, language) for each in listed.signatories],
        everyone=[_party(each, language) for each in everyone.signatories],
    )


def _party(signatory: agreements_pb2.Signatory, language: Any) -> dict[str, Any]:
    ended = min(filter(None, (signatory.left_on, signatory.organisation_existed_until)), default="")
    return {
        "id": last(signatory.name),
        "title": signatory.organisation_title,
        "post": signatory.post,
        "joined": partners.day(signatory.joined_on, language),
        "left": partners.day(ended, language),
        "is_gone": bool(ended) and ended == signatory.organisation_existed_until,
        "may_leave": not signatory.left_on,
    }


@router.get("/agreements/{agreement_id}/join")
async def ask_who_joins(request: Request, web: TheWeb, staff: Reading, agreement_id: UUID) -> Response:
    staff.require("agreements.write")
    form = await restore_draft(request, staff.subject) or blank(request)
    return await _join_form(request, web, staff, agreement_id, form)


@router.post("/agreements/{agreement_id}/join")
async def join(request: Request, web: TheWeb, form: Submitted, staff: Writing, agreement_id: UUID) -> Response:
    staff.require("agreements.write")
    chosen = f"{staff.office.parent}/organisations/{form['organisation']}" if form["organisation"] else ""
    asked = agreements_pb2.AddSignatoryRequest(
        parent=_agreement_name(staff, agreement_id),
        organisation=chosen,
        joined_on=form["joined_on"],
        post=form["post"],
        authority=form["authority"],
        request_id=appeals.request_id(form),
    )
    try:
        await web.agreements.AddSignatory(asked)
    except Failure as failure:
        status = partners.take_refusal(form, failure, JOINING)
        return await _join_form(request, web, staff, agreement_id, form, status)
    return back(staff, f"/agreements/{agreement_id}")


async def _join_form(
    request: Request, web: Web, staff: Staff, agreement_id: UUID, form: Form, status: int | None = None
) -> Response:
    say = request.state.language.gettext
    return web.pages.show(
        request,
        "office/join.html",
        form=form,
        status=status,
        id=agreement_id,
        organisations=await choices(web, staff, say("Оберіть організацію")),
    )


@router.get("/agreements/{agreement_id}/signatories/{signatory_id}")
async def ask_when_left(
    request: Request, web: TheWeb, staff: Reading, agreement_id: UUID, signatory_id: UUID
) -> Response:
    staff.require("agreements.write")
    form = await restore_draft(request, staff.subject)
    return await _leave_form(request, web, staff, agreement_id, signatory_id, form)


@router.post("/agreements/{agreement_id}/signatories/{signatory_id}")
async def leave(
    request: Request, web: TheWeb, form: Submitted, staff: Writing, agreement_id: UUID, signatory_id: UUID
) -> Response:
    staff.require("agreements.write")
    name = f"{_agreement_name(staff, agreement_id)}/signatories/{signatory_id}"
    asked = agreements_pb2.EndSignatoryRequest(name=name, etag=form["etag"], left_on=form["left_on"])
    try:
        await web.agreements.EndSignatory(asked)
    except Failure as failure:
        status = partners.take_refusal(form, failure, JOINING)
        return await _leave_form(request, web, staff, agreement_id, signatory_id, form, status)
    return back(staff, f"/agreements/{agreement_id}")


async def _leave_form(
    request: Request,
    web: Web,
    staff: Staff,
    agreement_id: UUID,
    signatory_id: UUID,
    form: Form | None,
    status: int | None = None,
) -> Response:
    listed = await web.agreements.ListSignatories(
        agreements_pb2.ListSignatoriesRequest(parent=_agreement_name(staff, agreement_id), show_all=True)
    )
    one = next((each for each in listed.signatories if last(each.name) == str(signatory_id)), None)
    if one is None:
        raise HTTPException(404)
    language = request.state.language
    return web.pages.show(
        request,
        "office/leave.html",
        form=form or Form({"etag": one.etag}, language),
        status=status,
        id=agreement_id,
        party=_party(one, language),
    )


def _agreement_name(staff: Staff, agreement_id: UUID) -> str:
    return f"{staff.office.parent}/agreements/{agreement_id}"
