"""The office's cameras on the hromada's map, and as a data set."""

from typing import Any

from fastapi import APIRouter
from kit.names import last
from spilno.cctv.v1 import cameras_pb2 as pb
from spilno.cctv.v1 import datasets_pb2
from starlette.requests import Request
from starlette.responses import Response

from web import plans, words
from web.attachments import disposition
from web.office.cameras import states
from web.office.staff import Reading
from web.office.watching import MOST
from web.portal import TheWeb

router = APIRouter(prefix="/{slug}/office/cameras")

_FORMATS = {
    "csv": datasets_pb2.DATASET_FORMAT_CSV,
    "json": datasets_pb2.DATASET_FORMAT_JSON,
    "geojson": datasets_pb2.DATASET_FORMAT_GEOJSON,
}


@router.get("/map")
async def show(request: Request, web: TheWeb, staff: Reading) -> Response:
    """Where cameras hang, where they look, how wide and how far."""
    staff.require("cameras.read")
    listed = await web.cameras.ListCameras(pb.ListCamerasRequest(parent=staff.office.parent, page_size=MOST))
    placed = [each for each in listed.cameras if each.dossier.HasField("latitude")]
    say = request.state.language.gettext
    return web.pages.show(
        request,
        "office/camera-map.html",
        plan=await plans.plan(web, staff.office),
        scripts=True,
        drawn=[_drawn(each, f"/{staff.office.slug}/office/cameras/{last(each.name)}") for each in placed],
        cameras=[{"id": last(each.name), "one": each, "state": words.word(states(say), each.state)} for each in placed],
        elsewhere=[{"id": last(each.name), "one": each} for each in listed.cameras if each not in placed],
    )


@router.get("/dataset.{format}")
async def export(web: TheWeb, staff: Reading, format: str) -> Response:
    """The data set, for whoever in the office needs it: nothing of it is published."""
    staff.require("cameras.write")
    if format not in _FORMATS:
        return Response(status_code=404)
    asked = datasets_pb2.ExportCameraDatasetRequest(parent=staff.office.parent, format=_FORMATS[format])
    made = await web.datasets.ExportCameraDataset(asked)
    headers = {"content-disposition": disposition(made.filename), "cache-control": "no-store"}
    return Response(made.content, media_type=made.media_type, headers=headers)


def _drawn(camera: pb.Camera, href: str) -> dict[str, Any]:
    dossier = camera.dossier
    return {
        "title": dossier.title,
        "href": href,
        "at": [dossier.latitude, dossier.longitude],
        "direction": dossier.direction,
        "angle": dossier.angle if dossier.HasField("angle") else 0,
        "range": dossier.range if dossier.HasField("range") else 0,
        "lit": camera.lit,
    }
