"""The office's settings: who answers for its personal data, and who processes it for them."""

import uuid

from fastapi import APIRouter
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.identity.v1 import controllers_pb2 as pb
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, partners, words
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft

router = APIRouter(prefix="/{slug}/office/settings")

FIELDS = {name: name for name in ("controller", "controller_title", "processor", "processor_title", "basis", "since")}


@router.get("")
async def show(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("controllers.read")
    blank = Form({"request_id": str(uuid.uuid4())}, request.state.language)
    return await _page(request, web, staff, await restore_draft(request, staff.subject) or blank)


@router.post("")
async def record(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("controllers.record")
    bodies = partners.bodies(str)
    asked = pb.RecordControllerRequest(
        parent=staff.office.parent,
        controller=pb.BodyKind.ValueType(words.number(bodies, form["controller"])),
        controller_title=form["controller_title"],
        processor=pb.BodyKind.ValueType(words.number(bodies, form["processor"])),
        processor_title=form["processor_title"],
        basis=form["basis"],
        since=form["since"],
        request_id=appeals.request_id(form),
    )
    try:
        await web.controllers.RecordController(asked)
    except Failure as failure:
        return await _page(request, web, staff, form, partners.take_refusal(form, failure, FIELDS))
    return RedirectResponse(f"/{staff.office.slug}/office/settings?saved=yes", 303)


async def _page(request: Request, web: Web, staff: Staff, form: Form, status: int | None = None) -> Response:
    language = request.state.language
    say = language.gettext
    bodies = partners.bodies(say)
    listed = await web.controllers.ListControllers(pb.ListControllersRequest(parent=staff.office.parent))
    return web.pages.show(
        request,
        "office/settings.html",
        form=form,
        status=status,
        bodies=partners.options(bodies, say("Оберіть вид")),
        records=[
            {
                "one": each,
                "controller": words.word(bodies, each.controller),
                "processor": words.word(bodies, each.processor),
                "since": partners.day(each.since, language),
            }
            for each in listed.controllers
        ],
    )
