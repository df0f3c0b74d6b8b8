"""The office's venues, and what residents are told of the way in."""

import uuid
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from kit.names import last
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.identity.v1 import venues_pb2 as pb
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, partners
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft

router = APIRouter(prefix="/{slug}/office/venues")

_TEXTS = ("title", "title_en", "address", "address_en", "locator", "transport", "distances", "closed_on")
_ANSWERS = ("neutral_ground", "own_entrance", "ramp", "accessible_toilet", "hearing_loop")
FIELDS = {f"venue.{name}": name for name in (*_TEXTS[:5], *_ANSWERS[:2], "steps", *_ANSWERS[2:], *_TEXTS[5:])}


@router.get("")
async def overview(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("venues.read")
    listed = await web.venues.ListVenues(pb.ListVenuesRequest(parent=staff.office.parent, page_size=500))
    language = request.state.language
    return web.pages.show(
        request,
        "office/venues.html",
        venues=[
            {
                "id": last(each.name),
                "one": each,
                "closed": partners.day(each.closed_on, language),
                "answers": partners.accessibility(each, language),
            }
            for each in listed.venues
        ],
    )


@router.get("/new")
async def ask(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("venues.write")
    blank = Form({"request_id": str(uuid.uuid4())}, request.state.language)
    return _form(request, web, await restore_draft(request, staff.subject) or blank, is_new=True)


@router.post("/new")
async def enter(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("venues.write")
    asked = pb.CreateVenueRequest(parent=staff.office.parent, venue=_draft(form), request_id=appeals.request_id(form))
    return await _sent(request, web, form, staff, web.venues.CreateVenue, asked, is_new=True)


@router.get("/{venue_id}")
async def show(request: Request, web: TheWeb, staff: Reading, venue_id: UUID) -> Response:
    staff.require("venues.write")
    one = await web.venues.GetVenue(pb.GetVenueRequest(name=f"{staff.office.parent}/venues/{venue_id}"))
    kept = {name: str(getattr(one, name)) for name in _TEXTS} | {
        name: partners.ANSWER.get(getattr(one, name), "") for name in _ANSWERS
    }
    steps = str(one.steps) if one.HasField("steps") else ""
    form = Form({**kept, "steps": steps, "etag": one.etag}, request.state.language)
    return _form(request, web, await restore_draft(request, staff.subject) or form, is_new=False)


@router.post("/{venue_id}")
async def change(request: Request, web: TheWeb, form: Submitted, staff: Writing, venue_id: UUID) -> Response:
    staff.require("venues.write")
    name = f"{staff.office.parent}/venues/{venue_id}"
    asked = pb.UpdateVenueRequest(name=name, etag=form["etag"], venue=_draft(form))
    return await _sent(request, web, form, staff, web.venues.UpdateVenue, asked, is_new=False)


async def _sent(
    request: Request, web: Web, form: Form, staff: Staff, method: Any, asked: Any, *, is_new: bool
) -> Response:
    if form.is_refused:
        return _form(request, web, form, is_new=is_new)
    try:
        await method(asked)
    except Failure as failure:
        return _form(request, web, form, is_new=is_new, status=partners.take_refusal(form, failure, FIELDS))
    return RedirectResponse(f"/{staff.office.slug}/office/venues?saved=yes", 303)


def _draft(form: Form) -> pb.VenueDraft:
    said: dict[str, Any] = {name: form[name] for name in _TEXTS}
    said |= {name: partners.PRESENCE.get(form[name], pb.PRESENCE_UNSPECIFIED) for name in _ANSWERS}
    draft = pb.VenueDraft(**said)
    if form["steps"]:
        try:
            draft.steps = int(form["steps"])
        except ValueError:  # no number, or one that no staircase has
            form.refuse("steps", form.language.gettext("Напишіть кількість сходинок числом, наприклад 3"))
    return draft


def _form(request: Request, web: Web, form: Form, *, is_new: bool, status: int | None = None) -> Response:
    presences = partners.presences(request.state.language.gettext)
    return web.pages.show(request, "office/venue.html", form=form, status=status, presences=presences, is_new=is_new)
