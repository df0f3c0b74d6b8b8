"""What officers owe the hromada: reports and meetings, planned and held."""

import uuid
from datetime import date
from typing import Any
from uuid import UUID

import grpc
from fastapi import APIRouter
from kit.names import last
from kit.pages import Form, Language, Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import duties_pb2 as pb
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, casework, words
from web.days import written
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft
from web.words import Say, Word

router = APIRouter(prefix="/{slug}/office")
_FIELDS = {
    "beat": "beat",
    "kind": "kind",
    "duty.planned_on": "planned_on",
    "duty.held_on": "held_on",
    "duty.note": "note",
}


def kinds(_: Say) -> list[Word]:
    return [
        Word(pb.DUTY_KIND_REPORT, "report", _("Звіт дільничного"), "megaphone", _("двічі на рік")),
        Word(pb.DUTY_KIND_MEETING, "meeting", _("Зустріч із радою"), "users", _("раз на два місяці")),
    ]


def alarms(_: Say) -> list[Word]:
    return [
        Word(pb.DUTY_ALARM_NONE, "none", _("Є час"), "circle-check", "done"),
        Word(pb.DUTY_ALARM_PLANNED, "planned", _("День призначено"), "clock", "plain"),
        Word(pb.DUTY_ALARM_NEAR, "near", _("Час призначити день"), "hourglass", "work"),
        Word(pb.DUTY_ALARM_UNCONFIRMED, "unconfirmed", _("День минув: чи відбулося?"), "info", "work"),
        Word(pb.DUTY_ALARM_LAST_DAY, "last-day", _("Останні дні"), "hourglass", "work"),
        Word(pb.DUTY_ALARM_OVERDUE, "overdue", _("Прострочено"), "triangle-alert", "late"),
    ]


async def pressing(web: Web, staff: Staff, language: Language) -> list[dict[str, Any]]:
    """What needs somebody's attention, for the desk."""
    listed = await web.duties.ListDuties(pb.ListDutiesRequest(parent=staff.office.parent))
    return [_standing(each, language) for each in listed.standings if each.alarm > pb.DUTY_ALARM_PLANNED][:5]


@router.get("/duties")
async def duties(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("duties.read")
    language = request.state.language
    listed = await web.duties.ListDuties(pb.ListDutiesRequest(parent=staff.office.parent))
    numbers = {each.beat: each.beat_number for each in listed.standings}
    return web.pages.show(
        request,
        "office/duties.html",
        rows=[_standing(each, language) for each in listed.standings],
        held=[
            {
                "id": last(each.name),
                "kind": words.word(kinds(language.gettext), each.kind),
                "day": written(each.duty.held_on),
                "beat": numbers.get(each.beat, 0),
                "note": each.duty.note,
            }
            for each in listed.held
        ],
    )


@router.get("/duties/new")
async def ask_for_duty(request: Request, web: TheWeb, staff: Reading, beat: str = "", kind: str = "") -> Response:
    staff.require("duties.record")
    values = {"request_id": str(uuid.uuid4()), "beat": f"{staff.office.parent}/beats/{beat}", "kind": kind}
    form = await restore_draft(request, staff.subject) or Form(values, request.state.language)
    return await _form(request, web, staff, form)


@router.post("/duties/new")
async def create_duty(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("duties.record")
    asked = pb.CreateDutyRequest(
        parent=staff.office.parent,
        beat=form["beat"],
        kind=pb.DutyKind.ValueType(words.number(kinds(form.language.gettext), form["kind"])),
        duty=_draft(form),
        request_id=appeals.request_id(form),
    )
    if form.is_refused:
        return await _form(request, web, staff, form)
    try:
        await web.duties.CreateDuty(asked)
    except Failure as failure:
        _take(form, failure)
        return await _form(request, web, staff, form)
    return RedirectResponse(f"/{staff.office.slug}/office/duties?saved=yes", 303)


@router.get("/duties/{duty_id}")
async def show_duty(request: Request, web: TheWeb, staff: Reading, duty_id: UUID) -> Response:
    staff.require("duties.record")
    listed = await web.duties.ListDuties(pb.ListDutiesRequest(parent=staff.office.parent))
    known = [*listed.held, *(each.planned for each in listed.standings if each.HasField("planned"))]
    found = next((each for each in known if last(each.name) == str(duty_id)), None)
    if found is None:
        raise HTTPException(404)
    values = {
        "planned_on": written(found.duty.planned_on),
        "held_on": written(found.duty.held_on),
        "note": found.duty.note,
        "etag": found.etag,
    }
    form = await restore_draft(request, staff.subject) or Form(values, request.state.language)
    return await _form(request, web, staff, form)


@router.post("/duties/{duty_id}")
async def update_duty(request: Request, web: TheWeb, form: Submitted, staff: Writing, duty_id: UUID) -> Response:
    staff.require("duties.record")
    name = f"{staff.office.parent}/duties/{duty_id}"
    asked = pb.UpdateDutyRequest(name=name, duty=_draft(form), etag=form["etag"])
    if form.is_refused:
        return await _form(request, web, staff, form)
    try:
        await web.duties.UpdateDuty(asked)
    except Failure as failure:
        _take(form, failure)
        return await _form(request, web, staff, form)
    return RedirectResponse(f"/{staff.office.slug}/office/duties?saved=yes", 303)


def _draft(form: Form) -> pb.DutyDraft:
    return pb.DutyDraft(
        planned_on=casework.day(form, "planned_on"), held_on=casework.day(form, "held_on"), note=form["note"]
    )


def _take(form: Form, failure: Failure) -> None:
    if failure.code is grpc.StatusCode.ABORTED:
        form.refuse("", form.language.gettext("Запис щойно змінив хтось інший. Відкрийте сторінку знову."))
    elif failure.fields:
        form.refuse_all(failure.fields, _FIELDS)
    else:
        raise failure


async def _form(request: Request, web: Web, staff: Staff, form: Form) -> Response:
    say = request.state.language.gettext
    listed = await web.duties.ListDuties(pb.ListDutiesRequest(parent=staff.office.parent))
    served = {each.beat: f"№ {each.beat_number}, {each.officer_title}" for each in listed.standings}
    return web.pages.show(
        request,
        "office/duty.html",
        form=form,
        beats=sorted(served.items(), key=lambda each: each[1]),
        kinds=[(one.value, f"{one.text}: {one.hint}") for one in kinds(say)],
    )


def _standing(each: pb.DutyStanding, language: Language) -> dict[str, Any]:
    planned = each.planned if each.HasField("planned") else None
    return {
        "beat": each.beat_number,
        "beat_id": last(each.beat),
        "officer": each.officer_title,
        "kind": words.word(kinds(language.gettext), each.kind),
        "last": written(each.last_held_on),
        "due": language.day(date.fromisoformat(each.due_on)),
        "alarm": words.word(alarms(language.gettext), each.alarm),
        "planned_id": last(planned.name) if planned else "",
        "planned": written(planned.duty.planned_on) if planned else "",
    }
