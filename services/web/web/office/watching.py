"""Looking at cameras, with a reason: the page that plays, its passes, and the cookie by which they are good."""

from datetime import UTC
from hashlib import sha256
from typing import Any
from uuid import UUID

import grpc
from fastapi import APIRouter
from kit.keys import Keys
from kit.names import last
from kit.pages import Form, Language, Submitted
from kit.rpc.client import Failure
from spilno.cctv.v1 import cameras_pb2, views_pb2
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from web import appeals, words
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web
from web.words import Say, Word

router = APIRouter(prefix="/{slug}/office/cameras")

MOST = 500
MOST_AT_ONCE = 64
FIELDS = {"reason": "reason", "case_reference": "case_reference", "cameras": ""}
_COOKIE = "spilno-viewer"
"""By which the media server knows that a pass is shown by the browser it was given to."""


def reasons(_: Say) -> list[Word]:
    return [
        Word(views_pb2.VIEW_REASON_DUTY, "duty", _("Чергування"), "clock"),
        Word(views_pb2.VIEW_REASON_INCIDENT, "incident", _("Щось відбувається"), "siren"),
        Word(views_pb2.VIEW_REASON_MASS_EVENT, "mass-event", _("Масовий захід"), "users"),
        Word(views_pb2.VIEW_REASON_CHECK, "check", _("Перевірка, чи працює камера"), "check"),
    ]


def endings(_: Say) -> dict[int, str]:
    return {
        views_pb2.VIEW_ENDING_UNSPECIFIED: _("триває"),
        views_pb2.VIEW_ENDING_ENDED: _("закінчено"),
        views_pb2.VIEW_ENDING_LAPSED: _("сторінку закрито"),
        views_pb2.VIEW_ENDING_REVOKED: _("доступ припинено"),
    }


@router.get("/live/{view_id}")
async def live(request: Request, web: TheWeb, staff: Reading, view_id: UUID) -> Response:
    """One camera, or a wall. The browser is given the cookie by which its passes are good."""
    staff.require("cameras.view")
    passes = await renewed(request, web, staff, view_id)
    if passes.view.HasField("range_start"):
        return RedirectResponse(f"/{staff.office.slug}/office/cameras/footage/{view_id}", 303)
    titles = {each.name: each.dossier.title for each in await listed(web, staff)}
    tiles = [
        {"id": last(each.camera), "title": titles.get(each.camera, ""), "path": each.path, "pass": each.ticket}
        for each in passes.passes
    ]
    is_wall = len(passes.view.cameras) > 1
    response = web.pages.show(
        request,
        "office/wall.html" if is_wall else "office/live.html",
        media=web.settings.media_url,
        origins=web.settings.media_urls,
        tiles=tiles,
        view_id=view_id,
        viewer=staff.display_name,
    )
    return with_cookie(request, web, response)


@router.get("/live/{view_id}/passes")
async def renew(request: Request, web: TheWeb, staff: Reading, view_id: UUID) -> Response:
    """New passes, for the page's script."""
    staff.require("cameras.view")
    try:
        passes = await renewed(request, web, staff, view_id)
    except Failure as failure:
        if failure.code not in (grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.NOT_FOUND):
            raise
        return JSONResponse({"ended": True}, 410)
    return JSONResponse(
        {"tiles": [{"id": last(each.camera), "path": each.path, "pass": each.ticket} for each in passes.passes]}
    )


@router.post("/live/{view_id}/end")
async def end(request: Request, web: TheWeb, form: Submitted, staff: Writing, view_id: UUID) -> Response:
    staff.require("cameras.view")
    try:
        await web.views.EndView(views_pb2.EndViewRequest(name=f"{staff.office.parent}/views/{view_id}"))
    except Failure as failure:
        if failure.code is not grpc.StatusCode.FAILED_PRECONDITION:  # it has ended by itself
            raise
    return RedirectResponse(f"/{staff.office.slug}/office/cameras", 303)


async def look(request: Request, web: Web, form: Form, staff: Staff, cameras: list[str]) -> Response:
    found = next((each for each in reasons(str) if each.value == form["reason"]), None)
    started = await web.views.StartView(
        views_pb2.StartViewRequest(
            parent=staff.office.parent,
            cameras=cameras,
            reason=views_pb2.ViewReason.ValueType(found.number if found is not None else 0),
            case_reference=form["case_reference"],
            browser=browser_of(request, web),
            request_id=appeals.request_id(form),
        )
    )
    return RedirectResponse(f"/{staff.office.slug}/office/cameras/live/{last(started.view.name)}", 303)


async def renewed(request: Request, web: Web, staff: Staff, view_id: UUID) -> views_pb2.ViewPasses:
    asked = views_pb2.RenewViewRequest(name=f"{staff.office.parent}/views/{view_id}", browser=browser_of(request, web))
    passes: views_pb2.ViewPasses = await web.views.RenewView(asked)
    return passes


async def listed(web: Web, staff: Staff) -> list[cameras_pb2.Camera]:
    listed = await web.cameras.ListCameras(cameras_pb2.ListCamerasRequest(parent=staff.office.parent, page_size=MOST))
    return list(listed.cameras)


def seen(view: views_pb2.View, language: Language) -> dict[str, Any]:
    say = language.gettext
    return {
        "who": view.viewer_display_name,
        "why": words.word(reasons(say), view.reason).text
        if not view.purpose
        else say("запис: %(purpose)s") % {"purpose": view.purpose},
        "case": view.case_reference,
        "from": language.moment(view.started_at.ToDatetime(UTC)),
        "until": language.moment(view.ended_at.ToDatetime(UTC)) if view.HasField("ended_at") else "",
        "ending": endings(say)[view.ending],
    }


def with_cookie(request: Request, web: Web, response: Response) -> Response:
    """A page that shows media, with what makes its passes good in this browser."""
    secure = "; Secure" if web.pages.safety.is_secure else ""
    cookie = f"{_COOKIE}={_viewer(request, web)}; Path=/; HttpOnly; SameSite=Strict{secure}"
    response.headers.append("set-cookie", cookie)
    return response


def _viewer(request: Request, web: Web) -> str:
    """A value of this browser that tells nobody who it is, and that no other browser has."""
    return Keys(web.settings.secret.get_secret_value()).digest("media viewer", request.state.visitor).hex()


def browser_of(request: Request, web: Web) -> str:
    return sha256(_viewer(request, web).encode()).hexdigest()
