"""A resident tells what frightens them, sees what others told, says that they saw it too, follows it by a code."""

import uuid
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import grpc
from fastapi import APIRouter, Path
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import hazards_pb2 as pb
from spilno.reception.v1 import photos_pb2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, hazards, notices, photos, plans
from web.portal import Office, TheWeb, Web
from web.resident.routes import TheOffice

router = APIRouter(prefix="/{slug}/hazards")

FOLLOWING_KEPT = timedelta(minutes=15)
_ON_A_PAGE = 50
Number = Annotated[int, Path(gt=0, lt=2**31)]


@router.get("")
async def everything(
    request: Request, web: TheWeb, office: TheOffice, status: str = "", category: str = "", page: str = ""
) -> Response:
    listed = await hazards.categories(web, office)
    statuses = {"open": pb.HAZARD_STATUS_OPEN, "closed": pb.HAZARD_STATUS_CLOSED}
    known = {each.code for each in listed.categories}
    asked = pb.ListPublicHazardsRequest(
        parent=office.parent,
        page_size=_ON_A_PAGE,
        page_token=page[:512],
        status=statuses.get(status, pb.HAZARD_STATUS_UNSPECIFIED),
        categories=[category] if category in known else [],
    )
    found = await web.hazards.ListPublicHazards(asked)
    language = request.state.language
    rows = [hazards.row(each, listed.categories, language) for each in found.hazards]
    plan = await plans.plan(web, office)
    return web.pages.show(
        request,
        "resident/hazards.html",
        form=Form({"status": status, "category": category}, language),
        rows=rows,
        pins=hazards.pins(found.hazards, rows, f"/{office.slug}/hazards"),
        options=[
            ("", language.gettext("Усі")),
            *((each.value, each.text) for each in hazards.choices(listed.categories, language)),
        ],
        next_page=found.next_page_token,
        plan=plan,
        scripts=plan is not None,
    )


@router.get("/new")
async def ask(request: Request, web: TheWeb, office: TheOffice) -> Response:
    return await _form(request, web, office, appeals.blank(request.state.language))


@router.post("/new")
async def report(request: Request, web: TheWeb, form: Submitted, office: TheOffice) -> Response:
    """What may be the same is shown once before it is sent."""
    request_id = appeals.request_id(form)
    await photos.take(web, form, office.parent)
    hazard = hazards.draft(form)
    if form.is_refused:
        return await _form(request, web, office, form)
    try:
        if form["looked"] != "yes":
            asked = pb.SuggestHazardsRequest(parent=office.parent, hazard=hazard)
            alike = list((await web.hazards.SuggestHazards(asked)).hazards)
            if alike:
                return await _form(request, web, office, form, alike=alike)
        receipt = await web.hazards.ReportHazard(
            pb.ReportHazardRequest(parent=office.parent, hazard=hazard, request_id=request_id)
        )
    except Failure as failure:
        return await _form(request, web, office, form, hazards.take_refusal(form, failure))
    kept = {
        "number": str(receipt.number),
        "code": receipt.code,
        "body": receipt.body,
        "shown": "yes" if receipt.publication == pb.HAZARD_PUBLICATION_SHOWN else "",
    }
    await web.keepsakes.keep("hazard", request.state.visitor, request_id, kept, lasting=appeals.RECEIPT_KEPT)
    return RedirectResponse(f"/{office.slug}/hazards/receipts/{request_id}", 303)


async def _form(
    request: Request,
    web: Web,
    office: Office,
    form: Form,
    status: int | None = None,
    alike: list[pb.PublicHazard] | None = None,
) -> Response:
    language = request.state.language
    listed = await hazards.categories(web, office)
    plan = await plans.plan(web, office)
    return web.pages.show(
        request,
        "resident/hazard-new.html",
        form=form,
        status=status,
        categories=hazards.choices(listed.categories, language),
        alike=[hazards.row(each, listed.categories, language) for each in alike or ()],
        wishes=await notices.wishes(web, office.parent, language),
        plan=plan,
        scripts=plan is not None,
    )


@router.get("/receipts/{request_id}")
async def show_receipt(request: Request, web: TheWeb, office: TheOffice, request_id: UUID) -> Response:
    receipt = await web.keepsakes.look("hazard", request.state.visitor, str(request_id))
    if receipt is None:
        return web.pages.show(request, "resident/receipt-gone.html", status=410)
    return web.pages.show(
        request, "resident/hazard-receipt.html", receipt=receipt, code=appeals.grouped(receipt["code"])
    )


@router.post("/receipts/{request_id}")
async def put_receipt_away(
    request: Request, web: TheWeb, form: Submitted, office: TheOffice, request_id: UUID
) -> Response:
    await web.keepsakes.take("hazard", request.state.visitor, str(request_id))
    return RedirectResponse(f"/{office.slug}/hazards", 303)


@router.get("/follow")
async def ask_for_code(request: Request, web: TheWeb, office: TheOffice) -> Response:
    return web.pages.show(request, "resident/hazard-follow.html")


@router.post("/follow")
async def follow(request: Request, web: TheWeb, form: Submitted, office: TheOffice) -> Response:
    _ = form.language.gettext
    try:
        await web.hazards.FollowHazard(pb.FollowHazardRequest(parent=office.parent, code=form["code"]))
    except Failure as failure:
        if failure.code is grpc.StatusCode.RESOURCE_EXHAUSTED:
            form.refuse("code", failure.message)
            return web.pages.show(request, "resident/hazard-follow.html", form=form, status=429)
        if failure.code not in {grpc.StatusCode.NOT_FOUND, grpc.StatusCode.INVALID_ARGUMENT}:
            raise
        form.refuse("code", _("Такого коду немає. Перевірте всі дванадцять цифр"))
        return web.pages.show(request, "resident/hazard-follow.html", form=form)
    kept = {"code": form["code"]}
    await web.keepsakes.keep("hazard-follow", request.state.visitor, office.slug, kept, lasting=FOLLOWING_KEPT)
    return RedirectResponse(f"/{office.slug}/hazards/mine", 303)


@router.get("/mine")
async def followed(request: Request, web: TheWeb, office: TheOffice) -> Response:
    kept = await web.keepsakes.look("hazard-follow", request.state.visitor, office.slug)
    if kept is None:
        return RedirectResponse(f"/{office.slug}/hazards/follow", 303)
    found = await web.hazards.FollowHazard(pb.FollowHazardRequest(parent=office.parent, code=kept["code"]))
    return await _one(request, web, office, found.hazard, followed=found)


@router.post("/mine")
async def change_followed(request: Request, web: TheWeb, form: Submitted, office: TheOffice) -> Response:
    """Stops the notices, reopens the hazard, or puts the page away."""
    kept = await web.keepsakes.look("hazard-follow", request.state.visitor, office.slug)
    if kept is None:
        return RedirectResponse(f"/{office.slug}/hazards/follow", 303)
    if form["verb"] == "away":
        await web.keepsakes.take("hazard-follow", request.state.visitor, office.slug)
        return RedirectResponse(f"/{office.slug}/hazards", 303)
    request_id = appeals.request_id(form)
    if form["verb"] == "stop":
        stopped = pb.StopHazardNoticesRequest(parent=office.parent, code=kept["code"], request_id=request_id)
        await web.hazards.StopHazardNotices(stopped)
        return RedirectResponse(f"/{office.slug}/hazards/mine", 303)
    found = await web.hazards.FollowHazard(pb.FollowHazardRequest(parent=office.parent, code=kept["code"]))
    reopening = pb.ReopenHazardRequest(
        parent=office.parent,
        number=found.hazard.number,
        reason=form["reason"],
        code=kept["code"],
        request_id=request_id,
    )
    try:
        await web.hazards.ReopenHazard(reopening)
    except Failure as failure:
        status = hazards.take_refusal(form, failure)
        return await _one(request, web, office, found.hazard, form=form, status=status, followed=found)
    return RedirectResponse(f"/{office.slug}/hazards/mine", 303)


@router.get("/{number}")
async def one(request: Request, web: TheWeb, office: TheOffice, number: Number) -> Response:
    found = await web.hazards.GetPublicHazard(pb.GetPublicHazardRequest(parent=office.parent, number=number))
    return await _one(request, web, office, found)


@router.get("/{number}/photos/{photo}")
async def give_photo(web: TheWeb, office: TheOffice, number: Number, photo: UUID, view: str = "") -> Response:
    """A photo that the office has let everybody see."""
    small = photos_pb2.HAZARD_PHOTO_VIEW_THUMBNAIL if view == "small" else photos_pb2.HAZARD_PHOTO_VIEW_UNSPECIFIED
    asked = photos_pb2.DownloadPublicHazardPhotoRequest(
        parent=office.parent, number=number, photo=str(photo), view=small
    )
    return await photos.given(web.photos.DownloadPublicHazardPhoto(asked, timeout=photos.SECONDS))


@router.post("/{number}")
async def confirm_or_reopen(
    request: Request, web: TheWeb, form: Submitted, office: TheOffice, number: Number
) -> Response:
    found = await web.hazards.GetPublicHazard(pb.GetPublicHazardRequest(parent=office.parent, number=number))
    request_id = appeals.request_id(form)
    try:
        if form["verb"] == "reopen":
            await web.hazards.ReopenHazard(
                pb.ReopenHazardRequest(
                    parent=office.parent, number=number, reason=form["reason"], request_id=request_id
                )
            )
            return RedirectResponse(f"/{office.slug}/hazards/{number}", 303)
        answer = await web.hazards.ConfirmHazard(_confirming(request, form, office, number, request_id))
    except Failure as failure:
        status = hazards.take_refusal(form, failure)
        return await _one(request, web, office, found, form=form, status=status)
    if answer.code:
        kept = {"number": str(number), "code": answer.code, "body": found.body, "shown": "followed"}
        await web.keepsakes.keep("hazard", request.state.visitor, request_id, kept, lasting=appeals.RECEIPT_KEPT)
        return RedirectResponse(f"/{office.slug}/hazards/receipts/{request_id}", 303)
    return RedirectResponse(f"/{office.slug}/hazards/{number}?seen={'again' if answer.again else 'yes'}", 303)


def _confirming(request: Request, form: Form, office: Office, number: int, request_id: str) -> pb.ConfirmHazardRequest:
    asked = pb.ConfirmHazardRequest(
        parent=office.parent, number=number, visitor=request.state.visitor, request_id=request_id
    )
    wish = appeals.wish(form)
    if wish is not None:
        asked.notices.CopyFrom(wish)
        asked.contact.email, asked.contact.phone = form["email"], appeals.dialled(form)
    return asked


async def _one(
    request: Request,
    web: Web,
    office: Office,
    hazard: pb.PublicHazard,
    *,
    form: Form | None = None,
    status: int | None = None,
    followed: pb.FollowedHazard | None = None,
) -> Response:
    language = request.state.language
    listed = await hazards.categories(web, office)
    told = hazards.row(hazard, listed.categories, language)
    plan = await plans.plan(web, office) if told["has_point"] else None
    shown: dict[str, Any] = {
        "one": told,
        "steps": hazards.way(hazard, language),
        "pins": hazards.pins([hazard], [told], f"/{office.slug}/hazards"),
        "wishes": [] if followed else await notices.wishes(web, office.parent, language),
        "may_reopen": not told["is_open"] and not told["duplicate_of"] and bool(followed or listed.anyone_reopens),
        "followed": followed,
    }
    return web.pages.show(
        request,
        "resident/hazard.html",
        form=form
        or Form({"request_id": str(uuid.uuid4()), "notice": "no", "notice_language": language.code}, language),
        status=status,
        plan=plan,
        scripts=plan is not None,
        **shown,
    )
