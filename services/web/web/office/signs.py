"""Photos of a camera's sign: added to its dossier, seen, taken away."""

import uuid
from uuid import UUID

from fastapi import APIRouter
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.cctv.v1 import signs_pb2 as pb
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, attachments, partners
from web.office.cameras import show_camera
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web

router = APIRouter(prefix="/{slug}/office/cameras/{camera_id}/signs")


@router.post("")
async def add(request: Request, web: TheWeb, form: Submitted, staff: Writing, camera_id: UUID) -> Response:
    staff.require("cameras.write")
    await attachments.take(form, lambda: _send(web, form, _camera(staff, camera_id)))
    if form.is_refused:
        form.values.setdefault("request_id", str(uuid.uuid4()))
        return await show_camera(request, web, staff, camera_id, form)
    return RedirectResponse(_page(staff, camera_id), 303)


@router.get("/{photo_id}")
async def give(web: TheWeb, staff: Reading, camera_id: UUID, photo_id: UUID) -> Response:
    staff.require("cameras.read")
    return await _given(web, pb.DownloadSignPhotoRequest(name=_name(staff, camera_id, photo_id)))


@router.get("/{photo_id}/thumbnail")
async def show(web: TheWeb, staff: Reading, camera_id: UUID, photo_id: UUID) -> Response:
    staff.require("cameras.read")
    name = _name(staff, camera_id, photo_id)
    return await _given(web, pb.DownloadSignPhotoRequest(name=name, view=pb.SIGN_PHOTO_VIEW_THUMBNAIL))


@router.post("/{photo_id}/delete")
async def take_away(
    request: Request, web: TheWeb, form: Submitted, staff: Writing, camera_id: UUID, photo_id: UUID
) -> Response:
    staff.require("cameras.write")
    try:
        await web.signs.DeleteSignPhoto(
            pb.DeleteSignPhotoRequest(name=_name(staff, camera_id, photo_id), etag=form["etag"])
        )
    except Failure as failure:
        status = partners.take_refusal(form, failure, {"name": "", "etag": ""})
        return await show_camera(request, web, staff, camera_id, form, status)
    return RedirectResponse(_page(staff, camera_id), 303)


async def _send(web: Web, form: Form, camera: str) -> list[str]:
    """Adds a form's photos; tells of each that was not taken, why."""
    return await attachments.send_all(
        form, web.signs.UploadSignPhoto, pb.UploadSignPhotoRequest, {"parent": camera}, appeals.request_id(form)
    )


async def _given(web: Web, request: pb.DownloadSignPhotoRequest) -> Response:
    stream = aiter(web.signs.DownloadSignPhoto(request, timeout=attachments.SECONDS))
    photo = (await anext(stream)).sign_photo
    return attachments.passed_on(stream, photo, is_thumbnail=request.view == pb.SIGN_PHOTO_VIEW_THUMBNAIL)


def _camera(staff: Staff, camera_id: UUID) -> str:
    return f"{staff.office.parent}/cameras/{camera_id}"


def _name(staff: Staff, camera_id: UUID, photo_id: UUID) -> str:
    return f"{_camera(staff, camera_id)}/signPhotos/{photo_id}"


def _page(staff: Staff, camera_id: UUID) -> str:
    return f"/{staff.office.slug}/office/cameras/{camera_id}?saved=yes"
