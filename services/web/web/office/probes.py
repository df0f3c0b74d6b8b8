"""The office asks a camera about itself, and takes streams that it offers."""

import uuid
from typing import Any
from uuid import UUID

import grpc
from fastapi import APIRouter
from kit.pages import Form, Language, Submitted
from kit.rpc.client import Failure
from spilno.cctv.v1 import cameras_pb2, probes_pb2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, partners
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web

router = APIRouter(prefix="/{slug}/office/cameras/{camera_id}/probe")

_ASKING = {name: name for name in ("address", "username", "password")}
_CHOOSING = {name: name for name in ("main_profile", "sub_profile")}
_DRIFT_SECONDS = 2.0
"""A clock that differs by more puts wrong times under pictures."""


@router.get("")
async def ask(request: Request, web: TheWeb, staff: Reading, camera_id: UUID) -> Response:
    staff.require("cameras.write")
    found_at = request.query_params.get("address", "")[:500]
    return await _shown(request, web, staff, camera_id, Form({**_fresh(), "address": found_at}, request.state.language))


@router.post("")
async def probe(request: Request, web: TheWeb, form: Submitted, staff: Writing, camera_id: UUID) -> Response:
    staff.require("cameras.write")
    asked = probes_pb2.ProbeCameraRequest(
        name=_name(staff, camera_id),
        address=form["address"],
        username=form["username"],
        password=form["password"],
        request_id=appeals.request_id(form),
    )
    try:
        await web.probes.ProbeCamera(asked)
    except Failure as failure:
        status = partners.take_refusal(form, failure, _ASKING)
        return await _shown(request, web, staff, camera_id, form, status)
    return RedirectResponse(f"/{staff.office.slug}/office/cameras/{camera_id}/probe", 303)


@router.post("/adopt")
async def adopt(request: Request, web: TheWeb, form: Submitted, staff: Writing, camera_id: UUID) -> Response:
    """The camera is connected to the chosen streams with the sign-in that the vault holds."""
    staff.require("cameras.write")
    asked = probes_pb2.AdoptProfilesRequest(
        name=_name(staff, camera_id),
        etag=form["etag"],
        main_profile=form["main_profile"],
        sub_profile=form["sub_profile"],
    )
    try:
        await web.probes.AdoptProfiles(asked)
    except Failure as failure:
        status = partners.take_refusal(form, failure, _CHOOSING)
        return await _shown(request, web, staff, camera_id, form, status)
    return RedirectResponse(f"/{staff.office.slug}/office/cameras/{camera_id}?saved=yes", 303)


async def _shown(
    request: Request, web: Web, staff: Staff, camera_id: UUID, form: Form, status: int | None = None
) -> Response:
    camera = await web.cameras.GetCamera(cameras_pb2.GetCameraRequest(name=_name(staff, camera_id)))
    language = request.state.language
    try:
        told = await web.probes.GetCameraProbe(probes_pb2.GetCameraProbeRequest(name=camera.name))
    except Failure as failure:
        if failure.code is not grpc.StatusCode.NOT_FOUND:
            raise
        told = None
    if told is not None and not form["main_profile"] and len(told.profiles) > 1:
        form.values["sub_profile"] = told.profiles[-1].token
    return web.pages.show(
        request,
        "office/camera-probe.html",
        form=form,
        status=status,
        camera_id=camera_id,
        title=camera.dossier.title,
        etag=camera.etag,
        fresh=_fresh(),
        told=told,
        facts=_facts(told, language) if told is not None else [],
        streams=[(each.token, _stream(each, language)) for each in told.profiles] if told is not None else [],
    )


def _fresh() -> dict[str, str]:
    return {"request_id": str(uuid.uuid4())}


def _stream(profile: probes_pb2.StreamProfile, language: Language) -> str:
    said: dict[str, Any] = {
        "title": profile.title,
        "encoding": profile.encoding,
        "width": profile.width,
        "height": profile.height,
        "rate": profile.frames_per_second,
    }
    return language.gettext("%(title)s: %(encoding)s, %(width)s×%(height)s, %(rate)s кадрів за секунду") % said


def _facts(told: probes_pb2.CameraProbe, language: Language) -> list[tuple[str, str]]:
    say = language.gettext
    clock = ""
    if told.HasField("seconds_ahead"):
        seconds = language.number(round(abs(told.seconds_ahead)))
        is_right = abs(told.seconds_ahead) <= _DRIFT_SECONDS
        words = say("спішить на %(seconds)s с") if told.seconds_ahead > 0 else say("відстає на %(seconds)s с")
        clock = say("іде правильно") if is_right else words % {"seconds": seconds}
    facts = [
        (say("Адреса"), told.host),
        (say("Виробник"), told.manufacturer),
        (say("Модель"), told.model),
        (say("Серійний номер"), told.serial_number),
        (say("Прошивка"), told.firmware),
        (say("Годинник камери"), clock),
    ]
    return [each for each in facts if each[1]]


def _name(staff: Staff, camera_id: UUID) -> str:
    return f"{staff.office.parent}/cameras/{camera_id}"
