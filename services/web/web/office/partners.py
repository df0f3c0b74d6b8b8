"""The office's partners as of a day: organisations, agreements, projects; and what their pages share."""

import uuid
from datetime import date

from fastapi import APIRouter
from kit.names import last
from kit.pages import Form
from spilno.identity.v1 import agreements_pb2, organisations_pb2, projects_pb2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import partners, words
from web.office.staff import Reading, Staff
from web.portal import TheWeb, Web

MOST = 500

router = APIRouter(prefix="/{slug}/office/partners")


@router.get("")
async def overview(request: Request, web: TheWeb, staff: Reading, as_of: str = "") -> Response:
    """Organisations and agreements on a day; a day that is none is told at its field, and today is shown."""
    staff.require("organisations.read")
    form = Form({"as_of": as_of}, request.state.language)
    on = asked_day(form)
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


async def choices(web: Web, staff: Staff, first: str) -> list[tuple[str, str]]:
    """Every organisation for a select: one that is no more may have joined while it was."""
    listed = await web.organisations.ListOrganisations(
        organisations_pb2.ListOrganisationsRequest(parent=staff.office.parent, show_all=True, page_size=MOST)
    )
    return [("", first), *((last(each.name), each.title) for each in listed.organisations)]


def blank(request: Request, **values: str) -> Form:
    """A form that nobody has filled in."""
    return Form({"request_id": str(uuid.uuid4()), **values}, request.state.language)


def asked_day(form: Form) -> str:
    """The day that a filter asks for; empty, and refused at its field, when it is none."""
    try:
        return date.fromisoformat(form["as_of"]).isoformat() if form["as_of"] else ""
    except ValueError:
        form.refuse("as_of", form.language.gettext("Оберіть день, що є в календарі"))
        return ""


def back(staff: Staff, to: str = "") -> Response:
    """To the page of what was saved."""
    return RedirectResponse(f"/{staff.office.slug}/office/partners{to}?saved=yes", 303)
