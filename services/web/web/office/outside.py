"""What is no appeal: anonymous tips outside the register, and what was handed to another body."""

import uuid
from datetime import UTC
from typing import Any

from fastapi import APIRouter
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import appeals_pb2
from spilno.reception.v1 import triage_pb2 as pb
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import words
from web.office import submissions
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft

router = APIRouter(prefix="/{slug}/office")
_FIELDS = {"text": "text", "area": "area", "track": "track", "unit": "unit", "record_number": "record_number"}


@router.get("/outside")
async def show(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("appeals.take")
    form = await restore_draft(request, staff.subject)
    return await _page(request, web, staff, form or _blank(request))


@router.post("/outside/tip")
async def keep_tip(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("appeals.take")
    area = words.number(words.areas(form.language.gettext), form["area"])
    asked = pb.RecordTipRequest(
        parent=staff.office.parent,
        area=appeals_pb2.SafetyArea.ValueType(area),
        text=form["text"],
        request_id=_request_id(form),
    )
    try:
        await web.triage.RecordTip(asked)
    except Failure as failure:
        return await _refused(request, web, staff, form, failure)
    return RedirectResponse(f"/{staff.office.slug}/office/outside?saved=yes", 303)


@router.post("/outside/handover")
async def keep_handover(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("appeals.take")
    track = words.number(words.tracks(form.language.gettext), form["track"])
    asked = pb.RecordHandoverRequest(
        parent=staff.office.parent,
        track=pb.Track.ValueType(track),
        unit=form["unit"],
        record_number=form["record_number"],
        request_id=_request_id(form),
    )
    try:
        await web.triage.RecordHandover(asked)
    except Failure as failure:
        return await _refused(request, web, staff, form, failure)
    return RedirectResponse(f"/{staff.office.slug}/office/outside?saved=yes", 303)


async def _refused(request: Request, web: Web, staff: Staff, form: Form, failure: Failure) -> Response:
    if not failure.fields:
        raise failure
    form.refuse_all(failure.fields, _FIELDS)
    return await _page(request, web, staff, form)


async def _page(request: Request, web: Web, staff: Staff, form: Form) -> Response:
    language = request.state.language
    say = language.gettext
    waiting = await submissions.waiting(web, staff, language) if staff.may("appeals.register") else []
    tips = (await web.triage.ListTips(pb.ListTipsRequest(parent=staff.office.parent))).tips
    handed = (await web.triage.ListHandovers(pb.ListHandoversRequest(parent=staff.office.parent))).handovers
    return web.pages.show(
        request,
        "office/outside.html",
        form=form,
        waiting=waiting,
        areas=words.areas(say),
        track_options=[("", say("Оберіть, що це")), *((one.value, one.text) for one in words.tracks(say))],
        tips=[
            {
                "text": each.text,
                "area": words.word(words.areas(say), each.area),
                "when": language.stamp(each.received_at.ToDatetime(UTC)),
            }
            for each in tips
        ],
        handovers=[_handover(each, language) for each in handed],
    )


def _handover(each: pb.Handover, language: Any) -> dict[str, Any]:
    return {
        "track": words.word(words.tracks(language.gettext), each.track),
        "unit": each.unit,
        "number": each.record_number,
        "when": language.stamp(each.handed_at.ToDatetime(UTC)),
        "due": language.stamp(each.due_at.ToDatetime(UTC)) if each.HasField("due_at") else "",
    }


def _blank(request: Request) -> Form:
    return Form({"request_id": str(uuid.uuid4())}, request.state.language)


def _request_id(form: Form) -> str:
    try:
        return str(uuid.UUID(form["request_id"]))
    except ValueError:
        form.values["request_id"] = str(uuid.uuid4())
        return form["request_id"]
