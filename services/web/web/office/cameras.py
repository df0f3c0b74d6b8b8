"""The office's cameras: which there are, what they lack, where their pictures come from, and whether they are on."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from kit.names import last
from kit.pages import Form, Language, Submitted
from kit.rpc.client import Failure
from spilno.cctv.v1 import cameras_pb2 as pb
from spilno.cctv.v1 import recordings_pb2, signs_pb2, views_pb2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import partners, words
from web.office import faring, planning, watching
from web.office.dossiers import to_camera
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web
from web.sizes import measured
from web.words import Say, Word

router = APIRouter(prefix="/{slug}/office/cameras")

_EVENT_LASTS = timedelta(hours=1)
_CONNECTING = {name: name for name in ("kind", "main_url", "sub_url", "username", "password")}


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


@router.get("")
async def overview(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("cameras.read")
    form = Form({"request_id": str(uuid.uuid4()), "reason": "duty"}, request.state.language)
    return await _overview(request, web, staff, form)


@router.post("/watch")
async def watch_all(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    """A wall of every camera that may be watched today."""
    staff.require("cameras.view")
    lit = [each.name for each in await watching.listed(web, staff) if each.lit][: watching.MOST_AT_ONCE]
    try:
        return await watching.look(request, web, form, staff, lit)
    except Failure as failure:
        return await _overview(request, web, staff, form, partners.take_refusal(form, failure, watching.FIELDS))


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
    return to_camera(staff, connected)


@router.get("/{camera_id}")
async def show(request: Request, web: TheWeb, staff: Reading, camera_id: UUID) -> Response:
    staff.require("cameras.read")
    form = Form({"request_id": str(uuid.uuid4()), "reason": "duty"}, request.state.language)
    return await show_camera(request, web, staff, camera_id, form)


@router.post("/{camera_id}/watch")
async def watch(request: Request, web: TheWeb, form: Submitted, staff: Writing, camera_id: UUID) -> Response:
    staff.require("cameras.view")
    try:
        return await watching.look(request, web, form, staff, [_name(staff, camera_id)])
    except Failure as failure:
        status = partners.take_refusal(form, failure, watching.FIELDS)
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


async def _overview(request: Request, web: Web, staff: Staff, form: Form, status: int | None = None) -> Response:
    cameras = await watching.listed(web, staff)
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
        reasons=[(each.value, each.text) for each in watching.reasons(language.gettext)],
    )


async def show_camera(
    request: Request, web: Web, staff: Staff, camera_id: UUID, form: Form, status: int | None = None
) -> Response:
    language = request.state.language
    camera = await web.cameras.GetCamera(pb.GetCameraRequest(name=_name(staff, camera_id)))
    views: list[dict[str, Any]] = []
    if staff.may("views.read"):
        listed = await web.views.ListViews(views_pb2.ListViewsRequest(parent=camera.name, page_size=20))
        views = [watching.seen(each, language) for each in listed.views]
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
        reasons=[(each.value, each.text) for each in watching.reasons(language.gettext)],
        ways=[(each.value, each.text) for each in ways(language.gettext)],
    )


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


def _name(staff: Staff, camera_id: UUID) -> str:
    return f"{staff.office.parent}/cameras/{camera_id}"
