"""A camera's dossier: entered, perhaps for a device that the network was asked for, and changed."""

import uuid
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from kit.names import last
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.cctv.v1 import cameras_pb2 as pb
from spilno.cctv.v1 import probes_pb2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, partners, words
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft
from web.words import Say, Word

router = APIRouter(prefix="/{slug}/office/cameras")

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
_CHOSEN = {"device": 500, "model": 120}
"""What is known of a device that was found, and how long it may be."""
_ON_THE_FORM = (*_TEXTS, *_NUMBERS, *_PLACE, "owner", "agreement", "regulation", "always_on")


def owners(_: Say) -> list[Word]:
    return [
        Word(pb.CAMERA_OWNER_MUNICIPAL, "municipal", _("Громади"), "landmark"),
        Word(pb.CAMERA_OWNER_PRIVATE, "private", _("Приватна: крамниця, підприємство, мешканець"), "house"),
    ]


@router.get("/new")
async def ask(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("cameras.write")
    asked = request.query_params
    chosen = {name: asked.get(name, "")[:length] for name, length in _CHOSEN.items()}
    blank = Form({**_blank(), **chosen}, request.state.language)
    return _dossier_form(request, web, await restore_draft(request, staff.subject) or blank, "")


@router.post("/new/discover")
async def discover(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    """Which cameras answer in the hromada's networks, each to be entered."""
    staff.require("cameras.write")
    asked = probes_pb2.DiscoverCamerasRequest(parent=staff.office.parent, request_id=appeals.request_id(form))
    blank = Form(_blank(), request.state.language)
    try:
        told = await web.probes.DiscoverCameras(asked)
    except Failure as failure:
        return _dossier_form(request, web, blank, "", partners.take_refusal(blank, failure, {}))
    return _dossier_form(request, web, blank, "", found=list(told.devices))


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
    if form["device"]:
        place = f"/{staff.office.slug}/office/cameras/{last(made.name)}/probe"
        return RedirectResponse(f"{place}?{urlencode({'address': form['device']})}", 303)
    return to_camera(staff, made)


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
    return to_camera(staff, changed)


def _blank() -> dict[str, str]:
    return {"request_id": str(uuid.uuid4()), "owner": "municipal"}


def _dossier_form(
    request: Request,
    web: Web,
    form: Form,
    camera_id: str,
    status: int | None = None,
    found: list[probes_pb2.DiscoveredDevice] | None = None,
) -> Response:
    return web.pages.show(
        request,
        "office/camera-dossier.html",
        form=form,
        status=status,
        owners=[(each.value, each.text) for each in owners(request.state.language.gettext)],
        camera_id=camera_id,
        found=found,
        fresh=_blank(),
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


def to_camera(staff: Staff, camera: pb.Camera) -> Response:
    return RedirectResponse(f"/{staff.office.slug}/office/cameras/{last(camera.name)}?saved=yes", 303)


def _name(staff: Staff, camera_id: UUID) -> str:
    return f"{staff.office.parent}/cameras/{camera_id}"
