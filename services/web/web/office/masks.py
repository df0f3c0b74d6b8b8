"""What a camera must not show: drawn over its picture, or written in numbers."""

import re
import uuid
from collections.abc import Iterable
from uuid import UUID

import grpc
from fastapi import APIRouter
from kit.names import last
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.cctv.v1 import cameras_pb2 as pb
from spilno.cctv.v1 import views_pb2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, partners
from web.office import watching
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft

router = APIRouter(prefix="/{slug}/office/cameras/{camera_id}/masks")

_FIELDS = {
    "camera.masks": "masks",
    "camera.masks_itself": "masks_itself",
    "camera.unmasked_ground": "unmasked_ground",
}
_MOST = 20
_POINT = re.compile(r"(\d{1,3}(?:[.,]\d)?)\s+(\d{1,3}(?:[.,]\d)?)")


@router.get("")
async def ask(request: Request, web: TheWeb, staff: Reading, camera_id: UUID, view: UUID | None = None) -> Response:
    """The masks, over the camera's picture once the viewer has begun to look."""
    staff.require("cameras.write")
    camera = await web.cameras.GetCamera(pb.GetCameraRequest(name=_name(staff, camera_id)))
    kept = Form(
        {
            "masks": written(camera.dossier.masks),
            "masks_itself": "yes" if camera.dossier.masks_itself else "",
            "unmasked_ground": camera.dossier.unmasked_ground,
        },
        request.state.language,
    )
    form = await restore_draft(request, staff.subject) or kept
    picture = await _picture(request, web, staff, view) if view is not None and staff.may("cameras.view") else ""
    return _shown(request, web, form, camera, picture, view)


@router.post("")
async def change(
    request: Request, web: TheWeb, form: Submitted, staff: Writing, camera_id: UUID, view: UUID | None = None
) -> Response:
    staff.require("cameras.write")
    masks = _read(form)
    camera = await web.cameras.GetCamera(pb.GetCameraRequest(name=_name(staff, camera_id)))
    status = None
    if not form.is_refused:
        asked = pb.UpdateCameraRequest(
            name=camera.name,
            etag=form["etag"],
            camera=pb.CameraDraft(
                masks=masks, masks_itself=form["masks_itself"] == "yes", unmasked_ground=form["unmasked_ground"]
            ),
        )
        asked.update_mask.paths.extend(("masks", "masks_itself", "unmasked_ground"))
        try:
            await web.cameras.UpdateCamera(asked)
        except Failure as failure:
            status = partners.take_refusal(form, failure, _FIELDS)
        else:
            return RedirectResponse(f"/{staff.office.slug}/office/cameras/{camera_id}?saved=yes", 303)
    picture = await _picture(request, web, staff, view) if view is not None and staff.may("cameras.view") else ""
    return _shown(request, web, form, camera, picture, view, status)


@router.post("/picture")
async def look(request: Request, web: TheWeb, form: Submitted, staff: Writing, camera_id: UUID) -> Response:
    """To see the picture is a view, with a beginning and an end in the trail."""
    staff.require("cameras.view")
    started = await web.views.StartView(
        views_pb2.StartViewRequest(
            parent=staff.office.parent,
            cameras=[_name(staff, camera_id)],
            reason=views_pb2.VIEW_REASON_CHECK,
            browser=watching.browser_of(request, web),
            request_id=appeals.request_id(form),
        )
    )
    to = f"/{staff.office.slug}/office/cameras/{camera_id}/masks?view={last(started.view.name)}"
    return RedirectResponse(to, 303)


def written(masks: Iterable[pb.Mask]) -> str:
    """Masks as people type them: one a line, corners in percent from the left and from the top."""
    return "\n".join(", ".join(f"{corner.x / 10:g} {corner.y / 10:g}" for corner in mask.corners) for mask in masks)


def _read(form: Form) -> list[pb.Mask]:
    """The masks as they were typed; two corners are those of a rectangle."""
    masks = list[pb.Mask]()
    for number, line in enumerate((each for each in form["masks"].splitlines() if each.strip()), 1):
        points = [_POINT.fullmatch(each.strip()) for each in re.split(r"[;,](?=\s)", line.strip())]
        found = [(_thousandths(each[1]), _thousandths(each[2])) for each in points if each is not None]
        if len(found) != len(points) or len(found) < 2 or any(max(each) > 1000 for each in found):
            said = form.language.gettext("Рядок %(number)s: напишіть кути через кому, відсотки від 0 до 100")
            form.refuse("masks", said % {"number": number})
            return []
        if len(found) == 2:
            (left, top), (right, bottom) = found
            found = [(left, top), (right, top), (right, bottom), (left, bottom)]
        masks.append(pb.Mask(corners=[pb.Corner(x=x, y=y) for x, y in found]))
    if len(masks) > _MOST:
        form.refuse("masks", form.language.gettext("Щонайбільше двадцять масок"))
    return masks


def _thousandths(percent: str) -> int:
    return round(float(percent.replace(",", ".")) * 10)


async def _picture(request: Request, web: Web, staff: Staff, view: UUID) -> str:
    """Where the picture is; nowhere once the view has ended."""
    try:
        passes = await watching.renewed(request, web, staff, view)
    except Failure as failure:
        if failure.code not in (grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.NOT_FOUND):
            raise
        return ""
    return f"{web.settings.media_urls[0]}{passes.passes[0].path}/picture.jpg" if passes.passes else ""


def _shown(
    request: Request,
    web: Web,
    form: Form,
    camera: pb.Camera,
    picture: str,
    view: UUID | None,
    status: int | None = None,
) -> Response:
    response = web.pages.show(
        request,
        "office/camera-masks.html",
        form=form,
        status=status,
        media=web.settings.media_url,
        one=camera,
        camera_id=last(camera.name),
        picture=picture,
        view=view if picture else None,
        fresh=str(uuid.uuid4()),
    )
    return watching.with_cookie(request, web, response) if picture else response


def _name(staff: Staff, camera_id: UUID) -> str:
    return f"{staff.office.parent}/cameras/{camera_id}"
