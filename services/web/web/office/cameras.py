"""The office's cameras: which there are and what they lack, and looking at them with a reason."""

import uuid
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import grpc
from fastapi import APIRouter
from kit.keys import Keys
from kit.names import last
from kit.pages import Form, Language, Submitted
from kit.rpc.client import Failure
from spilno.cctv.v1 import cameras_pb2 as pb
from spilno.cctv.v1 import recordings_pb2, signs_pb2, views_pb2
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from web import appeals, partners, words
from web.office import faring, planning
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft
from web.sizes import measured
from web.words import Say, Word

router = APIRouter(prefix="/{slug}/office/cameras")

MOST = 500
_EVENT_LASTS = timedelta(hours=1)
MOST_AT_ONCE = 64
_COOKIE = "spilno-viewer"
"""By which the media server knows that a pass is shown by the browser it was given to."""
_TEXTS = (
    "title",
    "address",
    "owner_name",
    "purpose",
    "sign_posted_on",
    "inventory_number",
    "model",
    "installed_on",
)
_NUMBERS = ("direction", "angle", "range", "retention_hours")
_PLACE = ("latitude", "longitude")
_AGREEMENT = ("number", "valid_from", "valid_until")
_REGULATION = ("act", "number", "adopted_on", "valid_until", "retention_limit_hours")
DOSSIER = {
    **{f"camera.{name}": name for name in ("title", "address", *_PLACE, *_NUMBERS[:3], "owner", "owner_name")},
    **{f"camera.agreement.{name}": f"agreement_{name}" for name in _AGREEMENT},
    "camera.purpose": "purpose",
    **{f"camera.regulation.{name}": f"regulation_{name}" for name in _REGULATION},
    **{f"camera.{name}": name for name in ("sign_posted_on", "retention_hours", "inventory_number", "model")},
    "camera.installed_on": "installed_on",
}
"""The service's fields and the form's; masks have a page of their own, and what a camera recognises is entered over
the contract alone."""
_ON_THE_FORM = (*_TEXTS, *_NUMBERS, *_PLACE, "owner", "agreement", "regulation", "always_on")
_CONNECTING = {name: name for name in ("kind", "main_url", "sub_url", "username", "password")}
_LOOKING = {"reason": "reason", "case_reference": "case_reference", "cameras": ""}


def reasons(_: Say) -> list[Word]:
    return [
        Word(views_pb2.VIEW_REASON_DUTY, "duty", _("Чергування"), "clock"),
        Word(views_pb2.VIEW_REASON_INCIDENT, "incident", _("Щось відбувається"), "siren"),
        Word(views_pb2.VIEW_REASON_MASS_EVENT, "mass-event", _("Масовий захід"), "users"),
        Word(views_pb2.VIEW_REASON_CHECK, "check", _("Перевірка, чи працює камера"), "check"),
    ]


def owners(_: Say) -> list[Word]:
    return [
        Word(pb.CAMERA_OWNER_MUNICIPAL, "municipal", _("Громади"), "landmark"),
        Word(pb.CAMERA_OWNER_PRIVATE, "private", _("Приватна: крамниця, підприємство, мешканець"), "house"),
    ]


def ways(_: Say) -> list[Word]:
    return [
        Word(pb.SOURCE_KIND_RTSP, "rtsp", _("RTSP, найчастіше"), "cctv"),
        Word(pb.SOURCE_KIND_RTSP_UDP, "rtsp-udp", _("RTSP через UDP"), "cctv"),
        Word(pb.SOURCE_KIND_MJPEG, "mjpeg", _("Знімки через HTTP (MJPEG)"), "cctv"),
        Word(pb.SOURCE_KIND_HLS, "hls", _("HLS"), "cctv"),
        Word(pb.SOURCE_KIND_RTMP, "rtmp", _("RTMP"), "cctv"),
    ]


def states(_: Say) -> list[Word]:
    return [
        Word(pb.CAMERA_STATE_DRAFT, "draft", _("Чернетка"), "file-text"),
        Word(pb.CAMERA_STATE_DOCUMENTED, "documented", _("Документи готові"), "file-text"),
        Word(pb.CAMERA_STATE_ACTIVE, "active", _("Працює"), "circle-check"),
        Word(pb.CAMERA_STATE_SUSPENDED, "suspended", _("Зупинено"), "x"),
    ]


def standings(_: Say) -> list[Word]:
    return [
        Word(pb.OWNER_STANDING_UNSPECIFIED, "", _("Камера громади"), "landmark"),
        Word(pb.OWNER_STANDING_UNDER_NEGOTIATION, "talks", _("З власником домовляються"), "users"),
        Word(pb.OWNER_STANDING_AGREED, "agreed", _("З власником домовлено"), "check"),
        Word(pb.OWNER_STANDING_CONNECTED, "connected", _("Приватна, підключено за договором"), "circle-check"),
        Word(pb.OWNER_STANDING_ENDED, "ended", _("Договір із власником закінчився"), "x"),
    ]


def endings(_: Say) -> dict[int, str]:
    return {
        views_pb2.VIEW_ENDING_UNSPECIFIED: _("триває"),
        views_pb2.VIEW_ENDING_ENDED: _("закінчено"),
        views_pb2.VIEW_ENDING_LAPSED: _("сторінку закрито"),
        views_pb2.VIEW_ENDING_REVOKED: _("доступ припинено"),
    }


@router.get("")
async def overview(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("cameras.read")
    form = Form({"request_id": str(uuid.uuid4()), "reason": "duty"}, request.state.language)
    return await _overview(request, web, staff, form)


@router.post("/watch")
async def watch_all(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    """A wall of every camera that may be watched today."""
    staff.require("cameras.view")
    lit = [each.name for each in await _listed(web, staff) if each.lit][:MOST_AT_ONCE]
    try:
        return await _look(request, web, form, staff, lit)
    except Failure as failure:
        return await _overview(request, web, staff, form, partners.take_refusal(form, failure, _LOOKING))


@router.get("/live/{view_id}")
async def live(request: Request, web: TheWeb, staff: Reading, view_id: UUID) -> Response:
    """One camera, or a wall. The browser is given the cookie by which its passes are good."""
    staff.require("cameras.view")
    passes = await renewed(request, web, staff, view_id)
    titles = {each.name: each.dossier.title for each in await _listed(web, staff)}
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


@router.get("/new")
async def ask(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("cameras.write")
    blank = Form({"request_id": str(uuid.uuid4()), "owner": "municipal"}, request.state.language)
    return _dossier_form(request, web, await restore_draft(request, staff.subject) or blank, "")


@router.post("/new")
async def enter(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("cameras.write")
    draft = _draft(form)
    if form.is_refused:
        return _dossier_form(request, web, form, "")
    asked = pb.CreateCameraRequest(parent=staff.office.parent, camera=draft, request_id=appeals.request_id(form))
    try:
        made = await web.cameras.CreateCamera(asked)
    except Failure as failure:
        return _dossier_form(request, web, form, "", partners.take_refusal(form, failure, DOSSIER))
    return _to(staff, made)


@router.get("/{camera_id}/dossier")
async def show_dossier(request: Request, web: TheWeb, staff: Reading, camera_id: UUID) -> Response:
    staff.require("cameras.write")
    camera = await web.cameras.GetCamera(pb.GetCameraRequest(name=_name(staff, camera_id)))
    kept = Form({**_kept(camera.dossier), "etag": camera.etag}, request.state.language)
    return _dossier_form(request, web, await restore_draft(request, staff.subject) or kept, str(camera_id))


@router.post("/{camera_id}/dossier")
async def change(request: Request, web: TheWeb, form: Submitted, staff: Writing, camera_id: UUID) -> Response:
    staff.require("cameras.write")
    draft = _draft(form)
    if form.is_refused:
        return _dossier_form(request, web, form, str(camera_id))
    asked = pb.UpdateCameraRequest(name=_name(staff, camera_id), etag=form["etag"], camera=draft)
    asked.update_mask.paths.extend(_ON_THE_FORM)
    try:
        changed = await web.cameras.UpdateCamera(asked)
    except Failure as failure:
        return _dossier_form(request, web, form, str(camera_id), partners.take_refusal(form, failure, DOSSIER))
    return _to(staff, changed)


@router.post("/{camera_id}/connect")
async def connect(request: Request, web: TheWeb, form: Submitted, staff: Writing, camera_id: UUID) -> Response:
    """Where the picture comes from. What opens it is not shown again, to anybody."""
    staff.require("cameras.write")
    found = next((each for each in ways(str) if each.value == form["kind"]), None)
    asked = pb.ConnectCameraRequest(
        name=_name(staff, camera_id),
        etag=form["etag"],
        kind=pb.SourceKind.ValueType(found.number if found is not None else 0),
        main_url=form["main_url"],
        sub_url=form["sub_url"],
        username=form["username"],
        password=form["password"],
    )
    try:
        connected = await web.cameras.ConnectCamera(asked)
    except Failure as failure:
        status = partners.take_refusal(form, failure, _CONNECTING)
        return await show_camera(request, web, staff, camera_id, form, status)
    return _to(staff, connected)


@router.get("/{camera_id}")
async def show(request: Request, web: TheWeb, staff: Reading, camera_id: UUID) -> Response:
    staff.require("cameras.read")
    form = Form({"request_id": str(uuid.uuid4()), "reason": "duty"}, request.state.language)
    return await show_camera(request, web, staff, camera_id, form)


@router.post("/{camera_id}/watch")
async def watch(request: Request, web: TheWeb, form: Submitted, staff: Writing, camera_id: UUID) -> Response:
    staff.require("cameras.view")
    try:
        return await _look(request, web, form, staff, [_name(staff, camera_id)])
    except Failure as failure:
        status = partners.take_refusal(form, failure, _LOOKING)
        return await show_camera(request, web, staff, camera_id, form, status)


@router.post("/{camera_id}/switch")
async def switch(request: Request, web: TheWeb, form: Submitted, staff: Writing, camera_id: UUID) -> Response:
    """The dossier is whole; on; or off, with a reason."""
    name = _name(staff, camera_id)
    try:
        if form["to"] == "documented":
            staff.require("cameras.write")
            await web.cameras.DocumentCamera(pb.DocumentCameraRequest(name=name, etag=form["etag"]))
        elif form["to"] == "on":
            staff.require("cameras.activate")
            await web.cameras.ActivateCamera(pb.ActivateCameraRequest(name=name, etag=form["etag"]))
        else:
            staff.require("cameras.write")
            asked = pb.SuspendCameraRequest(name=name, etag=form["etag"], reason=form["suspended_because"])
            await web.cameras.SuspendCamera(asked)
    except Failure as failure:
        status = partners.take_refusal(form, failure, {"reason": "suspended_because"})
        return await show_camera(request, web, staff, camera_id, form, status)
    return RedirectResponse(f"/{staff.office.slug}/office/cameras/{camera_id}?saved=yes", 303)


@router.post("/{camera_id}/record")
async def record(request: Request, web: TheWeb, form: Submitted, staff: Writing, camera_id: UUID) -> Response:
    """Whether it is recorded, and which of its streams."""
    staff.require("recordings.write")
    try:
        await web.recordings.SetRecordingPlan(planning.asked(form, _name(staff, camera_id)))
    except Failure as failure:
        status = partners.take_refusal(form, failure, planning.FIELDS)
        return await show_camera(request, web, staff, camera_id, form, status)
    return RedirectResponse(f"/{staff.office.slug}/office/cameras/{camera_id}?saved=yes", 303)


@router.post("/{camera_id}/record-now")
async def record_now(request: Request, web: TheWeb, form: Submitted, staff: Writing, camera_id: UUID) -> Response:
    """Something happens: the next hour is recorded."""
    staff.require("cameras.view")
    asked = recordings_pb2.RecordEventRequest(name=_name(staff, camera_id))
    asked.until.FromDatetime(datetime.now(UTC) + _EVENT_LASTS)
    try:
        await web.recordings.RecordEvent(asked)
    except Failure as failure:
        status = partners.take_refusal(form, failure, {})
        return await show_camera(request, web, staff, camera_id, form, status)
    return RedirectResponse(f"/{staff.office.slug}/office/cameras/{camera_id}?saved=yes", 303)


async def _look(request: Request, web: Web, form: Form, staff: Staff, cameras: list[str]) -> Response:
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


async def _listed(web: Web, staff: Staff) -> list[pb.Camera]:
    listed = await web.cameras.ListCameras(pb.ListCamerasRequest(parent=staff.office.parent, page_size=MOST))
    return list(listed.cameras)


async def _overview(request: Request, web: Web, staff: Staff, form: Form, status: int | None = None) -> Response:
    cameras = await _listed(web, staff)
    language = request.state.language
    return web.pages.show(
        request,
        "office/cameras.html",
        form=form,
        status=status,
        cameras=[_shown(each, language) for each in cameras],
        health=await faring.of_all(web, staff),
        alarms=await faring.of_office(web, staff, language),
        lit=sum(each.lit for each in cameras),
        reasons=[(each.value, each.text) for each in reasons(language.gettext)],
    )


async def show_camera(
    request: Request, web: Web, staff: Staff, camera_id: UUID, form: Form, status: int | None = None
) -> Response:
    language = request.state.language
    camera = await web.cameras.GetCamera(pb.GetCameraRequest(name=_name(staff, camera_id)))
    views: list[dict[str, Any]] = []
    if staff.may("views.read"):
        listed = await web.views.ListViews(views_pb2.ListViewsRequest(parent=camera.name, page_size=20))
        views = [_seen(each, language) for each in listed.views]
    photos = await web.signs.ListSignPhotos(signs_pb2.ListSignPhotosRequest(parent=camera.name))
    return web.pages.show(
        request,
        "office/camera.html",
        form=form,
        status=status,
        shown=_shown(camera, language),
        one=camera,
        facts=_facts(camera, language),
        signs=[
            {"id": last(each.name), "name": each.filename, "etag": each.etag, "size": measured(each.size, language)}
            for each in photos.sign_photos
        ],
        views=views,
        plan=await planning.of_one(web, camera.name, form, language),
        health=await faring.of_one(web, staff, camera.name, language),
        reasons=[(each.value, each.text) for each in reasons(language.gettext)],
        ways=[(each.value, each.text) for each in ways(language.gettext)],
    )


def _dossier_form(request: Request, web: Web, form: Form, camera_id: str, status: int | None = None) -> Response:
    found = [(each.value, each.text) for each in owners(request.state.language.gettext)]
    return web.pages.show(
        request, "office/camera-dossier.html", form=form, status=status, owners=found, camera_id=camera_id
    )


def _draft(form: Form) -> pb.CameraDraft:
    """The dossier as it was typed; a number that is none is refused at its field."""
    found = next((each for each in owners(str) if each.value == form["owner"]), None)
    limit = _number(form, "regulation_retention_limit_hours")
    texts: dict[str, Any] = {name: form[name] for name in _TEXTS}
    draft = pb.CameraDraft(
        owner=pb.CameraOwner.ValueType(found.number if found is not None else 0),
        agreement=pb.OwnerAgreement(**{name: form[f"agreement_{name}"] for name in _AGREEMENT}),
        regulation=pb.Regulation(
            **{name: form[f"regulation_{name}"] for name in _REGULATION[:4]}, retention_limit_hours=limit or 0
        ),
        always_on=form["always_on"] == "yes",
        **texts,
    )
    for name in _NUMBERS:
        if (number := _number(form, name)) is not None:
            setattr(draft, name, number)
    for name in _PLACE:
        if form[name]:
            try:
                setattr(draft, name, float(form[name].replace(",", ".")))
            except ValueError:
                form.refuse(name, form.language.gettext("Напишіть градуси числом, наприклад 45.84"))
    return draft


def _number(form: Form, name: str) -> int | None:
    text = form[name]
    if not text:
        return None
    if not text.isdecimal() or len(text) > 6:
        form.refuse(name, form.language.gettext("Напишіть ціле число"))
        return None
    return int(text)


def _kept(dossier: Any) -> dict[str, str]:
    """A dossier as its form shows it."""
    numbers = {name: str(getattr(dossier, name)) for name in (*_NUMBERS, *_PLACE) if dossier.HasField(name)}
    limit = dossier.regulation.retention_limit_hours
    return {
        **{name: getattr(dossier, name) for name in _TEXTS},
        **numbers,
        **{f"agreement_{name}": getattr(dossier.agreement, name) for name in _AGREEMENT},
        **{f"regulation_{name}": getattr(dossier.regulation, name) for name in _REGULATION[:4]},
        "regulation_retention_limit_hours": str(limit) if limit else "",
        "owner": words.word(owners(str), dossier.owner).value,
        "always_on": "yes" if dossier.always_on else "",
    }


def _to(staff: Staff, camera: pb.Camera) -> Response:
    return RedirectResponse(f"/{staff.office.slug}/office/cameras/{last(camera.name)}?saved=yes", 303)


def _shown(camera: pb.Camera, language: Language) -> dict[str, Any]:
    say = language.gettext
    return {
        "id": last(camera.name),
        "one": camera,
        "state": words.word(states(say), camera.state),
        "standing": words.word(standings(say), camera.owner_standing),
    }


def _facts(camera: pb.Camera, language: Language) -> list[tuple[str, str]]:
    """The dossier, as people read it; what is not known is left out, and named among what is missing."""
    say, dossier = language.gettext, camera.dossier
    regulation = dossier.regulation
    act = f"{regulation.act} № {regulation.number}" if regulation.number else regulation.act
    told = [
        (say("Адреса"), dossier.address),
        (say("Чия камера"), dossier.owner_name),
        (say("Мета"), dossier.purpose),
        (say("Положення ради"), act),
        (say("Ухвалено"), partners.day(regulation.adopted_on, language)),
        (say("Табличку встановлено"), partners.day(dossier.sign_posted_on, language)),
        (
            say("Зберігання запису"),
            say("%(hours)s год") % {"hours": dossier.retention_hours} if dossier.HasField("retention_hours") else "",
        ),
        (
            say("Що бачить"),
            say("напрям %(direction)s°, кут %(angle)s°, до %(range)s м")
            % {"direction": dossier.direction, "angle": dossier.angle, "range": dossier.range}
            if dossier.HasField("angle")
            else "",
        ),
        (say("Підключено через"), camera.source_host),
        (say("Чому зупинено"), camera.suspended_because),
    ]
    return [each for each in told if each[1]]


def _seen(view: views_pb2.View, language: Language) -> dict[str, Any]:
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


def _name(staff: Staff, camera_id: UUID) -> str:
    return f"{staff.office.parent}/cameras/{camera_id}"


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
