"""A resident finds the officer of a street, books a visit without an account, and cancels it by its code."""

from datetime import UTC, datetime
from uuid import UUID

import grpc
from fastapi import APIRouter
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import officers_pb2
from spilno.reception.v1 import receptions_pb2 as pb
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, areas, plans, visits, words
from web.portal import Office, TheWeb, Web
from web.resident.routes import TheOffice

router = APIRouter(prefix="/{slug}")


@router.get("/officer")
async def ask_for_address(request: Request, web: TheWeb, office: TheOffice) -> Response:
    return await _officer(request, web, office, Form({}, request.state.language), officers_pb2.FindOfficerResponse())


@router.post("/officer")
async def find_officer(request: Request, web: TheWeb, form: Submitted, office: TheOffice) -> Response:
    """By POST, though it changes nothing: where somebody lives does not belong into an address bar."""
    found = officers_pb2.FindOfficerResponse()
    asked = officers_pb2.FindOfficerRequest(parent=office.parent, address=form["address"], point=_point(form))
    if asked.address or asked.HasField("point"):
        try:
            found = await web.beats.FindOfficer(asked)
        except Failure as failure:
            if not failure.fields:
                raise
            form.refuse_all(failure.fields, {"address": "address"})
    return await _officer(request, web, office, form, found)


def _point(form: Form) -> officers_pb2.Point | None:
    """Where the map was touched; None if it was not."""
    try:
        return officers_pb2.Point(latitude=float(form["latitude"]), longitude=float(form["longitude"]))
    except ValueError:
        return None


async def _officer(
    request: Request, web: Web, office: Office, form: Form, found: officers_pb2.FindOfficerResponse
) -> Response:
    kinds = words.officer_kinds(request.state.language.gettext)
    is_by_point = _point(form) is not None
    plan = await plans.plan(web, office, [(f"№ {beat.number}", beat.area, True) for beat in found.beats])
    return web.pages.show(
        request,
        "resident/officer.html",
        form=form,
        is_asked=bool(form["address"] or is_by_point) and not form.is_refused,
        is_by_point=is_by_point,
        exact=found.exact,
        plan=plan,
        scripts=plan is not None,
        beats=[
            (
                beat,
                words.word(kinds, beat.officer.kind) if beat.HasField("officer") else None,
                areas.drawing([(f"№ {beat.number}", beat.area)]),
            )
            for beat in found.beats
        ],
    )


@router.get("/visits/new")
async def ask_for_visit(request: Request, web: TheWeb, office: TheOffice, day: str = "") -> Response:
    return await _form(request, web, office, visits.blank(request.state.language, day))


@router.post("/visits/new")
async def book(request: Request, web: TheWeb, form: Submitted, office: TheOffice) -> Response:
    request_id = appeals.request_id(form)
    asked = pb.BookVisitRequest(parent=office.parent, visit=visits.draft(form), request_id=request_id)
    try:
        receipt = await web.receptions.BookVisit(asked)
    except Failure as failure:
        return await _form(request, web, office, form, visits.take_refusal(form, failure))
    kept = {"at": str(receipt.start_time.seconds), "code": receipt.code}
    await web.keepsakes.keep("visit", request.state.visitor, request_id, kept, lasting=appeals.RECEIPT_KEPT)
    return RedirectResponse(f"/{office.slug}/visits/receipts/{request_id}", 303)


async def _form(request: Request, web: Web, office: Office, form: Form, status: int | None = None) -> Response:
    offer = await visits.offer(web, office.parent, request.state.language)
    return web.pages.show(
        request, "resident/visit.html", form=form, status=status, offer=offer, chosen=offer.chosen(form)
    )


@router.get("/visits/receipts/{request_id}")
async def show_receipt(request: Request, web: TheWeb, office: TheOffice, request_id: UUID) -> Response:
    kept = await web.keepsakes.look("visit", request.state.visitor, str(request_id))
    if kept is None:
        return web.pages.show(request, "resident/visit-gone.html", status=410)
    return web.pages.show(request, "resident/visit-receipt.html", when=_when(kept), code=appeals.grouped(kept["code"]))


@router.post("/visits/receipts/{request_id}")
async def put_receipt_away(
    request: Request, web: TheWeb, form: Submitted, office: TheOffice, request_id: UUID
) -> Response:
    await web.keepsakes.take("visit", request.state.visitor, str(request_id))
    return RedirectResponse(f"/{office.slug}", 303)


@router.get("/visits/cancel")
async def ask_for_code(request: Request, web: TheWeb, office: TheOffice) -> Response:
    return web.pages.show(request, "resident/visit-cancel.html")


@router.post("/visits/cancel")
async def cancel(request: Request, web: TheWeb, form: Submitted, office: TheOffice) -> Response:
    try:
        cancelled = await web.receptions.CancelVisit(pb.CancelVisitRequest(parent=office.parent, code=form["code"]))
    except Failure as failure:
        return _not_cancelled(request, web, form, failure)
    kept = {"at": str(cancelled.start_time.seconds)}
    await web.keepsakes.keep("cancelled", request.state.visitor, office.slug, kept, lasting=appeals.RECEIPT_KEPT)
    return RedirectResponse(f"/{office.slug}/visits/cancelled", 303)


def _not_cancelled(request: Request, web: Web, form: Form, failure: Failure) -> Response:
    status = 422
    match failure.code:
        case grpc.StatusCode.INVALID_ARGUMENT:
            form.refuse_all(failure.fields, {"code": "code"})
        case grpc.StatusCode.NOT_FOUND:
            form.refuse("code", failure.message)
        case grpc.StatusCode.FAILED_PRECONDITION if failure.reason.startswith("visit."):
            form.refuse("code", failure.message)
        case grpc.StatusCode.RESOURCE_EXHAUSTED:
            form.refuse("code", failure.message)
            status = 429
        case _:
            raise failure
    return web.pages.show(request, "resident/visit-cancel.html", form=form, status=status)


@router.get("/visits/cancelled")
async def show_cancelled(request: Request, web: TheWeb, office: TheOffice) -> Response:
    kept = await web.keepsakes.look("cancelled", request.state.visitor, office.slug)
    if kept is None:
        return RedirectResponse(f"/{office.slug}/visits/cancel", 303)
    return web.pages.show(request, "resident/visit-cancelled.html", when=_when(kept))


@router.get("/visits/move")
async def ask_where_to(request: Request, web: TheWeb, office: TheOffice, day: str = "") -> Response:
    return await _move_form(request, web, office, visits.blank(request.state.language, day))


@router.post("/visits/move")
async def move(request: Request, web: TheWeb, form: Submitted, office: TheOffice) -> Response:
    asked = pb.MoveVisitRequest(
        parent=office.parent,
        code=form["code"],
        start_time=visits.chosen_start(form),
        request_id=appeals.request_id(form),
    )
    try:
        moved = await web.receptions.MoveVisit(asked)
    except Failure as failure:
        return await _move_form(request, web, office, form, visits.take_move_refusal(form, failure))
    kept = {"at": str(moved.start_time.seconds)}
    await web.keepsakes.keep("moved", request.state.visitor, office.slug, kept, lasting=appeals.RECEIPT_KEPT)
    return RedirectResponse(f"/{office.slug}/visits/moved", 303)


async def _move_form(request: Request, web: Web, office: Office, form: Form, status: int | None = None) -> Response:
    offer = await visits.offer(web, office.parent, request.state.language)
    return web.pages.show(
        request, "resident/visit-move.html", form=form, status=status, offer=offer, chosen=offer.chosen(form)
    )


@router.get("/visits/moved")
async def show_moved(request: Request, web: TheWeb, office: TheOffice) -> Response:
    kept = await web.keepsakes.look("moved", request.state.visitor, office.slug)
    if kept is None:
        return RedirectResponse(f"/{office.slug}/visits/move", 303)
    return web.pages.show(request, "resident/visit-moved.html", when=_when(kept))


def _when(kept: dict[str, str]) -> datetime:
    return datetime.fromtimestamp(int(kept["at"]), UTC)
