"""Sensitive cases: opened for a purpose, seen by named staff, their circle changed with a reason."""

from datetime import UTC
from typing import Any
from uuid import UUID

import grpc
from fastapi import APIRouter
from kit.names import last
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import appeals_pb2, particulars_pb2
from spilno.reception.v1 import cases_pb2 as pb
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import casework, words
from web.days import written
from web.office.staff import PURPOSE_KEPT, Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft

router = APIRouter(prefix="/{slug}/office")
_FIELDS = {
    "mark.sensitivity": "sensitivity",
    "mark.reason": "reason",
    "reason": "reason",
    "staff": "staff",
    "staff.id": "staff",
}


@router.get("/cases")
async def own(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("appeals.read")
    say = request.state.language.gettext
    listed = await web.cases.ListSensitiveCases(pb.ListSensitiveCasesRequest(parent=staff.office.parent))
    is_open = {appeals_pb2.APPEAL_STATE_REGISTERED, appeals_pb2.APPEAL_STATE_IN_WORK}
    rows = [
        {
            "id": last(each.name),
            "number": each.number,
            "kind": words.word(casework.sensitivities(say), each.sensitivity),
            "state": words.word(words.states(say), each.state),
            "due": say("до %s") % written(each.due.safe_on) if each.state in is_open else "",
        }
        for each in listed.cases
    ]
    abandoned = await _abandoned(web, staff) if staff.may("appeals.decide") else []
    nobodys = [{"id": last(each.name), "number": each.number} for each in abandoned]
    return web.pages.show(request, "office/cases.html", rows=rows, abandoned=nobodys)


@router.get("/appeals/{appeal_id}/purpose")
async def ask_for_purpose(request: Request, web: TheWeb, staff: Reading, appeal_id: UUID) -> Response:
    staff.require("appeals.read")
    return _purpose_page(request, web, Form({}, request.state.language))


@router.post("/appeals/{appeal_id}/purpose")
async def open_for(request: Request, web: TheWeb, form: Submitted, staff: Writing, appeal_id: UUID) -> Response:
    say = form.language.gettext
    if not words.number(casework.purposes(say), form["purpose"]):
        form.refuse("purpose", say("Оберіть мету"))
        return _purpose_page(request, web, form)
    kept = {"purpose": form["purpose"], "by": staff.subject}
    await web.keepsakes.keep("purpose", request.state.visitor, str(appeal_id), kept, lasting=PURPOSE_KEPT)
    return RedirectResponse(f"/{staff.office.slug}/office/appeals/{appeal_id}", 303)


def _purpose_page(request: Request, web: Web, form: Form) -> Response:
    say = request.state.language.gettext
    return web.pages.show(request, "office/purpose.html", form=form, purposes=casework.purposes(say))


@router.get("/appeals/{appeal_id}/access")
async def access(request: Request, web: TheWeb, staff: Reading, appeal_id: UUID) -> Response:
    staff.require("appeals.read")
    form = await restore_draft(request, staff.subject) or Form({}, request.state.language)
    return await _access_page(request, web, staff, appeal_id, form)


@router.post("/appeals/{appeal_id}/access")
async def change(request: Request, web: TheWeb, form: Submitted, staff: Writing, appeal_id: UUID) -> Response:
    staff.require("appeals.take")
    say = form.language.gettext
    people = await casework.colleagues(web, staff)
    common: dict[str, Any] = {"name": f"{staff.office.parent}/appeals/{appeal_id}", "etag": form["etag"]}
    if (form["do"] == "name" and form["staff"] not in people) or (form["do"] == "remove" and not form["staff"]):
        form.refuse("staff", say("Оберіть працівника"))
    if form["do"] not in {"mark", "name", "remove", "end"}:
        form.refuse("do", say("Оберіть, що зробити"))
    if form.is_refused:
        return await _access_page(request, web, staff, appeal_id, form)
    try:
        await _asked(web, form, people, common)
    except Failure as failure:
        if failure.fields:
            form.refuse_all(failure.fields, _FIELDS)
        elif failure.code is grpc.StatusCode.ABORTED:
            form.refuse("", say("Справу щойно змінив хтось інший. Ось вона тепер: перевірте й повторіть."))
        elif failure.code in {grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.PERMISSION_DENIED}:
            form.refuse("", failure.message)
        else:
            raise
        return await _access_page(request, web, staff, appeal_id, form)
    if form["do"] == "mark":
        kept = {"purpose": "case-work", "by": staff.subject}
        await web.keepsakes.keep("purpose", request.state.visitor, str(appeal_id), kept, lasting=PURPOSE_KEPT)
    return RedirectResponse(f"/{staff.office.slug}/office/appeals/{appeal_id}/access?saved=yes", 303)


@router.get("/cases/{appeal_id}/recover")
async def ask_to_recover(request: Request, web: TheWeb, staff: Reading, appeal_id: UUID) -> Response:
    staff.require("appeals.decide")
    form = await restore_draft(request, staff.subject) or Form({}, request.state.language)
    return await _recover_page(request, web, staff, appeal_id, form)


@router.post("/cases/{appeal_id}/recover")
async def recover(request: Request, web: TheWeb, form: Submitted, staff: Writing, appeal_id: UUID) -> Response:
    """Takes up a case that nobody sees any more; what for is kept, as when a case is opened."""
    staff.require("appeals.decide")
    if form["purpose"] not in {each.value for each in casework.purposes(form.language.gettext)}:
        form.refuse("purpose", form.language.gettext("Оберіть мету"))
        return await _recover_page(request, web, staff, appeal_id, form)
    name = f"{staff.office.parent}/appeals/{appeal_id}"
    asked = pb.RecoverCaseRequest(name=name, etag=form["etag"], purpose=form["purpose"], reason=form["reason"])
    try:
        await web.cases.RecoverCase(asked)
    except Failure as failure:
        if failure.fields:
            form.refuse_all(failure.fields, {"reason": "reason"})
        elif failure.code is grpc.StatusCode.ABORTED:
            form.refuse("", form.language.gettext("Справу щойно змінив хтось інший. Відкрийте сторінку знову."))
        else:
            raise
        return await _recover_page(request, web, staff, appeal_id, form)
    kept = {"purpose": form["purpose"], "by": staff.subject}
    await web.keepsakes.keep("purpose", request.state.visitor, str(appeal_id), kept, lasting=PURPOSE_KEPT)
    return RedirectResponse(f"/{staff.office.slug}/office/appeals/{appeal_id}/access?saved=yes", 303)


async def _abandoned(web: Web, staff: Staff) -> list[pb.AbandonedCase]:
    listed = await web.cases.ListAbandonedCases(pb.ListAbandonedCasesRequest(parent=staff.office.parent))
    return list(listed.cases)


async def _recover_page(request: Request, web: Web, staff: Staff, appeal_id: UUID, form: Form) -> Response:
    found = next((each for each in await _abandoned(web, staff) if last(each.name) == str(appeal_id)), None)
    if found is None:
        raise HTTPException(404)
    return web.pages.show(
        request,
        "office/recover.html",
        form=form,
        number=found.number,
        etag=found.etag,
        purposes=casework.purposes(request.state.language.gettext),
    )


async def _asked(web: Web, form: Form, people: dict[str, str], common: dict[str, Any]) -> None:
    whom = appeals_pb2.Actor(id=form["staff"], display_name=people.get(form["staff"], ""))
    match form["do"]:
        case "mark":
            number = words.number(casework.sensitivities(form.language.gettext), form["sensitivity"])
            mark = appeals_pb2.CaseMark(
                sensitivity=particulars_pb2.Sensitivity.ValueType(number),
                staff=[
                    appeals_pb2.Actor(id=id, display_name=name) for id, name in people.items() if form[f"staff-{id}"]
                ],
                reason=form["reason"],
            )
            await web.cases.MarkSensitive(pb.MarkSensitiveRequest(**common, mark=mark))
        case "name":
            await web.cases.NameStaff(pb.NameStaffRequest(**common, staff=whom, reason=form["reason"]))
        case "remove":
            await web.cases.RemoveStaff(pb.RemoveStaffRequest(**common, staff=form["staff"], reason=form["reason"]))
        case _:
            await web.cases.EndSensitivity(pb.EndSensitivityRequest(**common, reason=form["reason"]))


async def _access_page(request: Request, web: Web, staff: Staff, appeal_id: UUID, form: Form) -> Response:
    language = request.state.language
    say = language.gettext
    name = f"{staff.office.parent}/appeals/{appeal_id}"
    told = await web.cases.GetCaseAccess(pb.GetCaseAccessRequest(name=name))
    people = await casework.colleagues(web, staff) if staff.may("appeals.take") else {}
    return web.pages.show(
        request,
        "office/access.html",
        form=form,
        id=appeal_id,
        etag=told.etag,
        restricted=words.word(casework.sensitivities(say), told.sensitivity) if told.sensitivity else None,
        named=told.named,
        may_change=staff.may("appeals.take"),
        changes=[
            ("", say("Оберіть")),
            ("name", say("Дати доступ")),
            ("remove", say("Забрати доступ")),
            ("end", say("Зняти обмеження зі справи")),
        ],
        people=[
            ("", say("Оберіть працівника")),
            *({each.id: each.display_name for each in told.named} | people).items(),
        ],
        colleagues=[(id, name) for id, name in people.items() if id != staff.subject],
        sensitivities=casework.sensitivities(say),
        history=[
            {
                "what": words.word(casework.case_changes(say), each.kind).text,
                "whom": each.staff.display_name,
                "by": each.changed_by.display_name,
                "when": language.stamp(each.changed_at.ToDatetime(UTC)),
                "reason": each.reason,
            }
            for each in told.changes
        ],
    )
