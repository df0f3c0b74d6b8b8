"""The office's desk: the register of appeals, a case, an appeal written down for a caller or a visitor."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import grpc
from fastapi import APIRouter
from kit.names import last
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import appeals_pb2 as pb
from spilno.reception.v1 import receptions_pb2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, attachments, words
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft

PAGE = 25

router = APIRouter(prefix="/{slug}/office")


@router.get("/appeals")
async def register(
    request: Request,
    web: TheWeb,
    staff: Reading,
    state: str = "",
    area: str = "",
    mine: str = "",
    overdue: str = "",
    page: str = "",
) -> Response:
    staff.require("appeals.read")
    say = request.state.language.gettext
    states, areas = words.tabs(say), words.areas(say)
    wanted_state, wanted_area = words.number(states, state), words.number(areas, area)
    listed = await web.appeals.ListAppeals(
        pb.ListAppealsRequest(
            parent=staff.office.parent,
            page_size=PAGE,
            page_token=page,
            states=[pb.AppealState.ValueType(wanted_state)] if wanted_state else [],
            areas=[pb.SafetyArea.ValueType(wanted_area)] if wanted_area else [],
            mine=mine == "yes",
            overdue=overdue == "yes",
        )
    )
    counts: dict[int, int] = {count.state: count.count for count in listed.counts}
    filters = {
        "area": area if wanted_area else "",
        "mine": "yes" if mine == "yes" else "",
        "overdue": "yes" if overdue == "yes" else "",
    }

    def href(**changes: str) -> str:
        query = {name: value for name, value in {**filters, **changes}.items() if value}
        path = f"/{staff.office.slug}/office/appeals"
        return f"{path}?{urlencode(query)}" if query else path

    tabs = [
        {
            "text": one.text,
            "href": href(state=one.value),
            "count": counts.get(one.number, 0),
            "is_current": one.number == wanted_state,
        }
        for one in states
    ]
    everything = {"text": say("Усі"), "href": href(), "count": sum(counts.values()), "is_current": not wanted_state}
    chosen_state = state if wanted_state else ""
    return web.pages.show(
        request,
        "office/register.html",
        form=Form({**filters, "state": chosen_state}, request.state.language),
        tabs=[everything, *tabs],
        area_options=[("", say("Усі сфери")), *((one.value, one.text) for one in areas)],
        rows=[_row(appeal, request) for appeal in listed.appeals],
        is_filtered=bool(wanted_state or any(filters.values())),
        first_href=href(state=chosen_state) if page else "",
        next_href=href(state=chosen_state, page=listed.next_page_token) if listed.next_page_token else "",
    )


@router.get("/appeals/new")
async def ask_for_appeal(request: Request, web: TheWeb, staff: Reading, visit: UUID | None = None) -> Response:
    staff.require("appeals.register")
    form = await restore_draft(request, staff.subject) or await _blank(request, web, staff, visit)
    return _appeal_form(request, web, form)


@router.post("/appeals/new")
async def write_down(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("appeals.register")
    say = form.language.gettext
    appeal = appeals.draft(form)
    await attachments.judge(form)
    if attachments.FIELD in form.errors:
        return _appeal_form(request, web, form)
    request_id = appeals.request_id(form)
    asked = pb.RegisterAppealRequest(
        parent=staff.office.parent,
        appeal=appeal,
        channel=pb.AppealChannel.ValueType(words.number(words.channels(say), form["channel"])),
        request_id=request_id,
        visit=f"{staff.office.parent}/visits/{form['visit']}" if form["visit"] else "",
    )
    try:
        registered = await web.appeals.RegisterAppeal(asked)
    except Failure as failure:
        return _appeal_form(request, web, form, appeals.take_refusal(form, failure))
    objections = await attachments.upload(web, form, registered.appeal.name)
    await web.keepsakes.keep(
        "receipt",
        request.state.visitor,
        request_id,
        {
            "not_added": attachments.kept(objections),
            "number": registered.appeal.number,
            "code": registered.code,
            "appeal": last(registered.appeal.name),
            "author": staff.subject,
        },
        lasting=appeals.RECEIPT_KEPT,
    )
    return RedirectResponse(f"/{staff.office.slug}/office/appeals/receipts/{request_id}", 303)


async def _blank(request: Request, web: Web, staff: Staff, visit_id: UUID | None) -> Form:
    """An empty form; of a visit, with what the visitor has said already."""
    form = appeals.blank(request.state.language)
    if visit_id is not None and staff.may("receptions.read"):
        name = f"{staff.office.parent}/visits/{visit_id}"
        visit = await web.receptions.GetVisit(receptions_pb2.GetVisitRequest(name=name))
        form.values |= {"visit": str(visit_id), "channel": "reception", "name": visit.visitor, "phone": visit.phone}
    return form


def _appeal_form(request: Request, web: Web, form: Form, status: int | None = None) -> Response:
    say = request.state.language.gettext
    return web.pages.show(
        request,
        "office/appeal.html",
        form=form,
        status=status,
        kinds=words.kinds(say),
        areas=words.areas(say),
        channels=words.channels(say),
    )


@router.get("/appeals/receipts/{request_id}")
async def show_receipt(request: Request, web: TheWeb, staff: Reading, request_id: UUID) -> Response:
    receipt = await web.keepsakes.look("receipt", request.state.visitor, str(request_id))
    if receipt is None or receipt.get("author") != staff.subject:
        return web.pages.show(request, "office/receipt-gone.html", status=410)
    return web.pages.show(
        request,
        "office/receipt.html",
        number=receipt["number"],
        code=appeals.grouped(receipt["code"]),
        appeal=receipt["appeal"],
        not_added=attachments.recalled(receipt.get("not_added")),
    )


@router.get("/appeals/{appeal_id}")
async def case(request: Request, web: TheWeb, staff: Reading, appeal_id: UUID) -> Response:
    staff.require("appeals.read")
    form = await restore_draft(request, staff.subject)
    return await show_case(request, web, staff, appeal_id, form)


@router.post("/appeals/{appeal_id}/take")
async def take(request: Request, web: TheWeb, form: Submitted, staff: Writing, appeal_id: UUID) -> Response:
    try:
        await web.appeals.TakeAppeal(pb.TakeAppealRequest(name=_name(staff, appeal_id), etag=form["etag"]))
    except Failure as failure:
        return await _refused_case(request, web, staff, appeal_id, form, failure)
    return RedirectResponse(f"/{staff.office.slug}/office/appeals/{appeal_id}", 303)


@router.post("/appeals/{appeal_id}/answer")
async def answer(request: Request, web: TheWeb, form: Submitted, staff: Writing, appeal_id: UUID) -> Response:
    if not form["answer"]:
        form.refuse("answer", form.language.gettext("Напишіть відповідь"))
        return await show_case(request, web, staff, appeal_id, form)
    asked = pb.AnswerAppealRequest(name=_name(staff, appeal_id), etag=form["etag"], answer=form["answer"])
    try:
        await web.appeals.AnswerAppeal(asked)
    except Failure as failure:
        return await _refused_case(request, web, staff, appeal_id, form, failure)
    return RedirectResponse(f"/{staff.office.slug}/office/appeals/{appeal_id}", 303)


async def _refused_case(
    request: Request, web: Web, staff: Staff, appeal_id: UUID, form: Form, failure: Failure
) -> Response:
    """The case as it stands now, with what was refused and what was typed."""
    status = 422
    match failure.code:
        case grpc.StatusCode.ABORTED:
            form.refuse(
                "", form.language.gettext("Справу щойно змінив хтось інший. Ось вона тепер: перевірте й повторіть.")
            )
        case grpc.StatusCode.INVALID_ARGUMENT if failure.fields:
            form.refuse_all(failure.fields, {"answer": "answer"})
        case grpc.StatusCode.FAILED_PRECONDITION if failure.reason != "hromada.suspended":
            form.refuse("", failure.message)
        case grpc.StatusCode.UNAVAILABLE | grpc.StatusCode.DEADLINE_EXCEEDED:
            _ = form.language.gettext
            form.refuse("", _("Служба не відповідає. Написане на місці: надішліть ще раз за хвилину."))
            status = 503
        case _:
            raise failure
    return await show_case(request, web, staff, appeal_id, form, status)


async def show_case(
    request: Request, web: Web, staff: Staff, appeal_id: UUID, form: Form | None, status: int | None = None
) -> Response:
    """The case with its files."""
    name = _name(staff, appeal_id)
    appeal = await web.appeals.GetAppeal(pb.GetAppealRequest(name=name))
    is_open = appeal.state != pb.APPEAL_STATE_ANSWERED
    return web.pages.show(
        request,
        "office/case.html",
        form=form,
        status=status,
        files=await attachments.listed(web, request, name),
        may_add=is_open and staff.may("appeals.register"),
        may_remove=is_open and staff.may("appeals.answer"),
        request_id=str(uuid4()),
        **_told(appeal, request, staff),
    )


def _told(appeal: pb.Appeal, request: Request, staff: Staff) -> dict[str, Any]:
    is_mine = appeal.taken_by.id == staff.subject
    in_work = appeal.state == pb.APPEAL_STATE_IN_WORK
    return {
        **_row(appeal, request),
        "applicant": appeal.applicant,
        "answer": appeal.answer,
        "answered_by": appeal.answered_by.display_name,
        "registered_by": appeal.registered_by.display_name,
        "etag": appeal.etag,
        "steps": appeals.way(appeal, request.state.language, exact=True),
        "may_take": appeal.state == pb.APPEAL_STATE_REGISTERED and staff.may("appeals.take"),
        "may_answer": in_work and is_mine and staff.may("appeals.answer"),
        "is_others": in_work and not is_mine,
    }


def _row(appeal: pb.Appeal, request: Request) -> dict[str, Any]:
    language = request.state.language
    say = language.gettext
    return {
        "id": last(appeal.name),
        "number": appeal.number,
        "received": language.short(appeals.moment(appeal.received_at)),
        "state": words.word(words.states(say), appeal.state),
        "kind": words.word(words.kinds(say), appeal.kind),
        "area": words.word(words.areas(say), appeal.area),
        "channel": words.word(words.all_channels(say), appeal.channel),
        "said": appeal.text,
        "taken_by": appeal.taken_by.display_name,
    }


def _name(staff: Staff, appeal_id: UUID) -> str:
    return f"{staff.office.parent}/appeals/{appeal_id}"
