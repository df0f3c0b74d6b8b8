"""The operator's desk: which hromadas there are and which are open. No data of theirs."""

from collections.abc import AsyncIterator
from typing import Annotated

import grpc
from fastapi import APIRouter, Depends
from kit.pages import Form, Submitted
from kit.rpc.client import Acting, Failure, acting
from spilno.identity.v1 import hromadas_pb2 as pb
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.portal import SignInNeeded, Slug, TheWeb, Web, address, restore_draft
from web.sign_in.routes import OPERATOR

PAGE = 50

router = APIRouter(prefix="/operator")


async def _reading(request: Request, web: TheWeb) -> str:
    return await _at_desk(request, web, None)


async def _writing(request: Request, web: TheWeb, form: Submitted) -> str:
    return await _at_desk(request, web, form)


async def _at_desk(request: Request, web: Web, form: Form | None) -> str:
    session = await web.sessions.find(web.cookie(request))
    if session is None or session.place != OPERATOR:
        raise SignInNeeded(OPERATOR, request.url.path.removesuffix("/resume"), form)
    acting.set(Acting(session.access, request.state.language.code, address(request)))
    request.state.surroundings = {"shell": "operator/shell.html"}
    return session.subject


Reading = Annotated[str, Depends(_reading)]
Writing = Annotated[str, Depends(_writing)]


@router.get("")
async def hromadas(request: Request, web: TheWeb, subject: Reading, page: str = "") -> Response:
    return await _list(request, web, page, None)


async def _list(request: Request, web: Web, page: str, form: Form | None) -> Response:
    listed = await web.hromadas.ListHromadas(pb.ListHromadasRequest(page_size=PAGE, page_token=page))
    return web.pages.show(
        request,
        "operator/hromadas.html",
        form=form,
        rows=[_row(hromada, request) for hromada in listed.hromadas],
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
    return RedirectResponse("/operator", 303)


@router.post("/hromadas/{slug}/resume")
async def resume(request: Request, web: TheWeb, form: Submitted, subject: Writing, slug: Slug) -> Response:
    try:
        await web.hromadas.ResumeHromada(pb.ResumeHromadaRequest(name=f"hromadas/{slug}", etag=form["etag"]))
    except Failure as failure:
        _take_refusal(form, failure)
        return await _list(request, web, "", form)
    return RedirectResponse("/operator", 303)


async def _reason_form(request: Request, web: Web, slug: str, form: Form | None) -> Response:
    async for hromada in _every(web):
        if hromada.name == f"hromadas/{slug}":
            return web.pages.show(request, "operator/suspend.html", form=form, hromada=_row(hromada, request))
    raise HTTPException(404)


async def _every(web: Web) -> AsyncIterator[pb.Hromada]:
    token = ""
    while True:
        listed = await web.hromadas.ListHromadas(pb.ListHromadasRequest(page_size=500, page_token=token))
        for hromada in listed.hromadas:
            yield hromada
        token = listed.next_page_token
        if not token:
            return


def _row(hromada: pb.Hromada, request: Request) -> dict[str, object]:
    return {
        "slug": hromada.name.rpartition("/")[2],
        "title": hromada.title,
        "katotth": hromada.katotth,
        "is_active": hromada.state == pb.HROMADA_STATE_ACTIVE,
        "created": request.state.language.stamp(hromada.created_at.ToDatetime()).partition(",")[0],
        "etag": hromada.etag,
    }


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
