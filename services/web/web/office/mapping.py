"""The office brings the hromada's map."""

import grpc
from fastapi import APIRouter
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import maps_pb2 as pb
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import plans
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft

router = APIRouter(prefix="/{slug}/office")
_FIELDS = {"features": "features", "attribution": "attribution"}


@router.get("/map")
async def ask(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("beats.manage")
    found = await plans.kept(web, staff.office)
    values = {"attribution": found.attribution, "etag": found.etag}
    form = await restore_draft(request, staff.subject) or Form(values, request.state.language)
    return await _shown(request, web, staff, form)


@router.post("/map")
async def bring(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("beats.manage")
    if not form["features"]:
        form.refuse("features", form.language.gettext("Оберіть файл карти або вставте його вміст"))
        return await _shown(request, web, staff, form)
    asked = pb.UpdateMapRequest(
        parent=staff.office.parent, features=form["features"], attribution=form["attribution"], etag=form["etag"]
    )
    try:
        await web.maps.UpdateMap(asked)
    except Failure as failure:
        if failure.code in {grpc.StatusCode.ABORTED, grpc.StatusCode.ALREADY_EXISTS}:
            form.refuse("", form.language.gettext("Карту щойно змінив хтось інший. Відкрийте сторінку знову."))
        elif failure.fields:
            form.refuse_all(failure.fields, _FIELDS)
        else:
            raise
        return await _shown(request, web, staff, form)
    return RedirectResponse(f"/{staff.office.slug}/office/map?saved=yes", 303)


async def _shown(request: Request, web: Web, staff: Staff, form: Form) -> Response:
    plan = await plans.plan(web, staff.office)
    return web.pages.show(request, "office/map.html", form=form, plan=plan, scripts=True)
