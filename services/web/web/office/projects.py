"""Projects, and who gives the money for them."""

from uuid import UUID

from fastapi import APIRouter
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.identity.v1 import projects_pb2
from starlette.requests import Request
from starlette.responses import Response

from web import appeals, partners
from web.office.partners import back, blank, choices
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft

router = APIRouter(prefix="/{slug}/office/partners")

PROJECT = {
    "project.title": "title",
    "donor": "donor",
    "project.starts_on": "starts_on",
    "project.ends_on": "ends_on",
}


@router.get("/projects/new")
async def ask_for_project(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("projects.write")
    form = await restore_draft(request, staff.subject) or blank(request)
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
    return back(staff)


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
    return back(staff)


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
    donors = [] if kept else await choices(web, staff, say("Оберіть організацію"))
    return web.pages.show(request, "office/project.html", form=form, status=status, donors=donors, kept=kept)
