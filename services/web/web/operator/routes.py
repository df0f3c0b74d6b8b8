"""The operator's desk: which hromadas there are and which are open. No data of theirs."""

import grpc
from fastapi import APIRouter
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.identity.v1 import hromadas_pb2 as pb
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.operator.desk import Reading, Writing, hromada_row
from web.portal import Slug, TheWeb, Web, restore_draft

PAGE = 50

router = APIRouter(prefix="/operator")


@router.get("")
async def hromadas(request: Request, web: TheWeb, subject: Reading, page: str = "") -> Response:
    return await _list(request, web, page, None)


async def _list(request: Request, web: Web, page: str, form: Form | None) -> Response:
    listed = await web.hromadas.ListHromadas(pb.ListHromadasRequest(page_size=PAGE, page_token=page))
    return web.pages.show(
        request,
        "operator/hromadas.html",
        form=form,
        rows=[hromada_row(hromada, request) for hromada in listed.hromadas],
        first_href="/operator" if page else "",
        next_page=listed.next_page_token,
    )


@router.get("/hromadas/{slug}/suspend")
async def ask_for_reason(request: Request, web: TheWeb, subject: Reading, slug: Slug) -> Response:
    form = await restore_draft(request, subject)
    return await _reason_form(request, web, slug, form)


@router.post("/hromadas/{slug}/suspend")
async def suspend(request: Request, web: TheWeb, form: Submitted, subject: Writing, slug: Slug) -> Response:
    _ = form.language.gettext
    if not form["reason"]:
        form.refuse("reason", _("Напишіть причину"))
        return await _reason_form(request, web, slug, form)
    asked = pb.SuspendHromadaRequest(name=f"hromadas/{slug}", etag=form["etag"], reason=form["reason"])
    try:
        await web.hromadas.SuspendHromada(asked)
    except Failure as failure:
        _take_refusal(form, failure)
        return await _reason_form(request, web, slug, form)
    return RedirectResponse(f"/operator/hromadas/{slug}", 303)


@router.post("/hromadas/{slug}/resume")
async def resume(request: Request, web: TheWeb, form: Submitted, subject: Writing, slug: Slug) -> Response:
    try:
        await web.hromadas.ResumeHromada(pb.ResumeHromadaRequest(name=f"hromadas/{slug}", etag=form["etag"]))
    except Failure as failure:
        _take_refusal(form, failure)
        return await _list(request, web, "", form)
    return RedirectResponse(f"/operator/hromadas/{slug}", 303)


async def _reason_form(request: Request, web: Web, slug: str, form: Form | None) -> Response:
    hromada = await web.hromadas.GetHromada(pb.GetHromadaRequest(name=f"hromadas/{slug}"))
    return web.pages.show(request, "operator/suspend.html", form=form, hromada=hromada_row(hromada, request))


def _take_refusal(form: Form, failure: Failure) -> None:
    match failure.code:
        case grpc.StatusCode.ABORTED:
            form.refuse("", form.language.gettext("Стан громади щойно змінили. Перевірте й повторіть."))
        case grpc.StatusCode.INVALID_ARGUMENT if failure.fields:
            form.refuse_all(failure.fields, {"reason": "reason"})
        case grpc.StatusCode.FAILED_PRECONDITION:
            form.refuse("", failure.message)
        case _:
            raise failure
