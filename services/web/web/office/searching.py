"""The register, searched. What is looked for is a person's data: it travels in the form, never in an address."""

from fastapi import APIRouter
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import appeals_pb2 as pb
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import words
from web.office.routes import PAGE, row
from web.office.staff import Reading, Writing
from web.portal import TheWeb, Web

router = APIRouter(prefix="/{slug}/office")

_ORDERS = {"": pb.SEARCH_ORDER_UNSPECIFIED, "newest": pb.SEARCH_ORDER_NEWEST, "name": pb.SEARCH_ORDER_NAME}


@router.get("/appeals/search")
async def begin(request: Request, web: TheWeb, staff: Reading) -> Response:
    """Whoever comes back to the address of a search begins it anew."""
    return RedirectResponse(f"/{staff.office.slug}/office/appeals", 303)


@router.post("/appeals/search")
async def search(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("appeals.read")
    say = form.language.gettext
    if not form["query"]:
        form.refuse("query", say("Напишіть прізвище, вулицю, номер чи слово зі звернення"))
        return _shown(request, web, form, None)
    state = words.number(words.tabs(say), form["state"])
    try:
        found = await web.appeals.SearchAppeals(
            pb.SearchAppealsRequest(
                parent=staff.office.parent,
                query=form["query"],
                page_size=PAGE,
                page_token=form["page"],
                states=[pb.AppealState.ValueType(state)] if state else [],
                order=_ORDERS.get(form["order"], pb.SEARCH_ORDER_UNSPECIFIED),
            )
        )
    except Failure as failure:
        if set(failure.fields) != {"query"}:
            raise
        form.refuse_all(failure.fields, {"query": "query"})
        return _shown(request, web, form, None)
    return _shown(request, web, form, found)


def _shown(request: Request, web: Web, form: Form, found: pb.SearchAppealsResponse | None) -> Response:
    say = form.language.gettext
    return web.pages.show(
        request,
        "office/found.html",
        form=form,
        states=[("", say("Будь-який")), *((one.value, one.text) for one in words.tabs(say))],
        orders=[("", say("Найближчі")), ("newest", say("Найновіші")), ("name", say("За прізвищем"))],
        found=found,
        rows=[row(appeal, request, web) for appeal in found.appeals] if found else [],
    )
