"""The office's partners: organisations, the memorandum as of a day, its parties, projects and their donors."""

import uuid
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from kit.names import last
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.identity.v1 import agreements_pb2, organisations_pb2, projects_pb2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, partners, words
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft

MOST = 500

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
PROJECT = {
    "project.title": "title",
    "donor": "donor",
    "project.starts_on": "starts_on",
    "project.ends_on": "ends_on",
}


@router.get("")
async def overview(request: Request, web: TheWeb, staff: Reading, as_of: str = "") -> Response:
    """Organisations and agreements on a day; a day that is none is told at its field, and today is shown."""
    staff.require("organisations.read")
    form = Form({"as_of": as_of}, request.state.language)
    on = _asked_day(form)
    parent = staff.office.parent
    listed = await web.organisations.ListOrganisations(
        organisations_pb2.ListOrganisationsRequest(parent=parent, as_of=on, page_size=MOST)
    )
    concluded = await web.agreements.ListAgreements(
        agreements_pb2.ListAgreementsRequest(parent=parent, as_of=on, page_size=MOST)
    )
    funded = await web.projects.ListProjects(projects_pb2.ListProjectsRequest(parent=parent, page_size=MOST))
    say, language = request.state.language.gettext, request.state.language
    return web.pages.show(
        request,
        "office/partners.html",
        form=form,
        organisations=[
            {"id": last(each.name), "kind": words.word(partners.organisation_kinds(say), each.kind), "one": each}
            for each in listed.organisations
        ],
        agreements=[
            {
                "id": last(each.name),
                "kind": words.word(partners.agreement_kinds(say), each.kind),
                "concluded": partners.day(each.concluded_on, language),
                "one": each,
            }
            for each in concluded.agreements
        ],
        projects=[
            {
                "id": last(each.name),
                "one": each,
                "from": partners.day(each.starts_on, language),
                "until": partners.day(each.ends_on, language),
            }
            for each in funded.projects
        ],
    )


@router.get("/organisations/new")
async def ask_for_organisation(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("organisations.write")
    form = await restore_draft(request, staff.subject) or _blank(request)
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
    return _back(staff)


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
    return _back(staff)


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
    parents = await _choices(web, staff, say("Нічий підрозділ"))
    kinds = partners.options(partners.organisation_kinds(say), say("Оберіть вид"))
    return web.pages.show(
        request, "office/organisation.html", form=form, status=status, kinds=kinds, parents=parents, is_new=is_new
    )


@router.get("/agreements/new")
async def ask_for_agreement(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("agreements.write")
    form = await restore_draft(request, staff.subject) or _blank(request, kind="memorandum")
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
    return _back(staff, f"/agreements/{last(made.name)}")


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
    return _back(staff, f"/agreements/{agreement_id}")


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
    on = _asked_day(form)
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
    form = await restore_draft(request, staff.subject) or _blank(request)
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
    return _back(staff, f"/agreements/{agreement_id}")


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
        organisations=await _choices(web, staff, say("Оберіть організацію")),
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
    return _back(staff, f"/agreements/{agreement_id}")


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


@router.get("/projects/new")
async def ask_for_project(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("projects.write")
    form = await restore_draft(request, staff.subject) or _blank(request)
    return await _project_form(request, web, staff, form)


@router.post("/projects/new")
async def enter_project(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("projects.write")
    asked = projects_pb2.CreateProjectRequest(
        parent=staff.office.parent,
        project=_project(form),
        donor=f"{staff.office.parent}/organisations/{form['donor']}" if form["donor"] else "",
        request_id=appeals.request_id(form),
    )
    try:
        await web.projects.CreateProject(asked)
    except Failure as failure:
        return await _project_form(request, web, staff, form, partners.take_refusal(form, failure, PROJECT))
    return _back(staff)


@router.get("/projects/{project_id}")
async def show_project(request: Request, web: TheWeb, staff: Reading, project_id: UUID) -> Response:
    staff.require("projects.write")
    kept = await _kept_project(web, staff, project_id)
    values = {"title": kept.title, "starts_on": kept.starts_on, "ends_on": kept.ends_on, "etag": kept.etag}
    form = await restore_draft(request, staff.subject) or Form(values, request.state.language)
    return await _project_form(request, web, staff, form, kept=kept)


@router.post("/projects/{project_id}")
async def change_project(request: Request, web: TheWeb, form: Submitted, staff: Writing, project_id: UUID) -> Response:
    staff.require("projects.write")
    kept = await _kept_project(web, staff, project_id)
    asked = projects_pb2.UpdateProjectRequest(name=kept.name, etag=form["etag"], project=_project(form))
    try:
        await web.projects.UpdateProject(asked)
    except Failure as failure:
        status = partners.take_refusal(form, failure, PROJECT)
        return await _project_form(request, web, staff, form, status, kept)
    return _back(staff)


async def _kept_project(web: Web, staff: Staff, project_id: UUID) -> projects_pb2.Project:
    name = f"{staff.office.parent}/projects/{project_id}"
    kept: projects_pb2.Project = await web.projects.GetProject(projects_pb2.GetProjectRequest(name=name))
    return kept


def _project(form: Form) -> projects_pb2.ProjectDraft:
    return projects_pb2.ProjectDraft(title=form["title"], starts_on=form["starts_on"], ends_on=form["ends_on"])


async def _project_form(
    request: Request,
    web: Web,
    staff: Staff,
    form: Form,
    status: int | None = None,
    kept: projects_pb2.Project | None = None,
) -> Response:
    say = request.state.language.gettext
    donors = [] if kept else await _choices(web, staff, say("Оберіть організацію"))
    return web.pages.show(request, "office/project.html", form=form, status=status, donors=donors, kept=kept)


async def _choices(web: Web, staff: Staff, first: str) -> list[tuple[str, str]]:
    """Every organisation for a select: one that is no more may have joined while it was."""
    listed = await web.organisations.ListOrganisations(
        organisations_pb2.ListOrganisationsRequest(parent=staff.office.parent, show_all=True, page_size=MOST)
    )
    return [("", first), *((last(each.name), each.title) for each in listed.organisations)]


def _blank(request: Request, **values: str) -> Form:
    return Form({"request_id": str(uuid.uuid4()), **values}, request.state.language)


def _asked_day(form: Form) -> str:
    """The day that a filter asks for; empty, and refused at its field, when it is none."""
    try:
        return date.fromisoformat(form["as_of"]).isoformat() if form["as_of"] else ""
    except ValueError:
        form.refuse("as_of", form.language.gettext("Оберіть день, що є в календарі"))
        return ""


def _back(staff: Staff, to: str = "") -> Response:
    return RedirectResponse(f"/{staff.office.slug}/office/partners{to}?saved=yes", 303)


def _agreement_name(staff: Staff, agreement_id: UUID) -> str:
    return f"{staff.office.parent}/agreements/{agreement_id}"
