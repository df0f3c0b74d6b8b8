"""The office's partners, one by one: what each is, and since when."""

from uuid import UUID

from fastapi import APIRouter
from kit.names import last
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.identity.v1 import organisations_pb2
from starlette.requests import Request
from starlette.responses import Response

from web import appeals, partners, words
from web.office.partners import back, blank, choices
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft

router = APIRouter(prefix="/{slug}/office/partners")

ORGANISATION = {
    "organisation.title": "title",
    "organisation.short_title": "short_title",
    "organisation.kind": "kind",
    "organisation.edrpou": "edrpou",
    "organisation.address": "address",
    "organisation.phones": "phone",
    "organisation.existed_from": "existed_from",
    "organisation.existed_until": "existed_until",
    "organisation.parent_organisation": "parent",
}


@router.get("/organisations/new")
async def ask_for_organisation(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("organisations.write")
    form = await restore_draft(request, staff.subject) or blank(request)
    return await _organisation_form(request, web, staff, form, is_new=True)


@router.post("/organisations/new")
async def enter_organisation(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("organisations.write")
    asked = organisations_pb2.CreateOrganisationRequest(
        parent=staff.office.parent, organisation=_organisation(staff, form), request_id=appeals.request_id(form)
    )
    try:
        await web.organisations.CreateOrganisation(asked)
    except Failure as failure:
        status = partners.take_refusal(form, failure, ORGANISATION)
        return await _organisation_form(request, web, staff, form, is_new=True, status=status)
    return back(staff)


@router.get("/organisations/{organisation_id}")
async def show_organisation(request: Request, web: TheWeb, staff: Reading, organisation_id: UUID) -> Response:
    staff.require("organisations.write")
    name = f"{staff.office.parent}/organisations/{organisation_id}"
    one = await web.organisations.GetOrganisation(organisations_pb2.GetOrganisationRequest(name=name))
    form = await restore_draft(request, staff.subject) or Form(
        {
            "title": one.title,
            "short_title": one.short_title,
            "kind": words.word(partners.organisation_kinds(str), one.kind).value,
            "edrpou": one.edrpou,
            "address": one.address,
            "phone": ", ".join(one.phones),
            "existed_from": one.existed_from,
            "existed_until": one.existed_until,
            "parent": last(one.parent_organisation),
            "etag": one.etag,
        },
        request.state.language,
    )
    return await _organisation_form(request, web, staff, form, is_new=False)


@router.post("/organisations/{organisation_id}")
async def change_organisation(
    request: Request, web: TheWeb, form: Submitted, staff: Writing, organisation_id: UUID
) -> Response:
    staff.require("organisations.write")
    asked = organisations_pb2.UpdateOrganisationRequest(
        name=f"{staff.office.parent}/organisations/{organisation_id}",
        etag=form["etag"],
        organisation=_organisation(staff, form),
    )
    try:
        await web.organisations.UpdateOrganisation(asked)
    except Failure as failure:
        status = partners.take_refusal(form, failure, ORGANISATION)
        return await _organisation_form(request, web, staff, form, is_new=False, status=status)
    return back(staff)


def _organisation(staff: Staff, form: Form) -> organisations_pb2.OrganisationDraft:
    return organisations_pb2.OrganisationDraft(
        title=form["title"],
        short_title=form["short_title"],
        kind=organisations_pb2.OrganisationKind.ValueType(words.number(partners.organisation_kinds(str), form["kind"])),
        edrpou=form["edrpou"],
        address=form["address"],
        phones=[_dialled(each) for each in form["phone"].split(",") if each.strip()],
        existed_from=form["existed_from"],
        existed_until=form["existed_until"],
        parent_organisation=f"{staff.office.parent}/organisations/{form['parent']}" if form["parent"] else "",
    )


def _dialled(text: str) -> str:
    """As the network wants it, when it is a number of ours; else as it stands, for the service to judge."""
    number = "".join(sign for sign in text if sign.isdigit() or sign == "+")
    return f"+38{number}" if number.startswith("0") and len(number) == 10 else number or text.strip()


async def _organisation_form(
    request: Request, web: Web, staff: Staff, form: Form, *, is_new: bool, status: int | None = None
) -> Response:
    say = request.state.language.gettext
    parents = await choices(web, staff, say("Нічий підрозділ"))
    kinds = partners.options(partners.organisation_kinds(say), say("Оберіть вид"))
    return web.pages.show(
        request, "office/organisation.html", form=form, status=status, kinds=kinds, parents=parents, is_new=is_new
    )
