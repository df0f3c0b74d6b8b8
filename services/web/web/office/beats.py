"""The officers' cards and the beats, as staff keep them."""

import uuid
from uuid import UUID

import grpc
from fastapi import APIRouter
from kit.names import last
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import officers_pb2 as pb
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, areas, plans, words
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft

router = APIRouter(prefix="/{slug}/office")
_OFFICER_FIELDS = {
    "officer.display_name": "display_name",
    "officer.kind": "kind",
    "officer.phone": "phone",
    "officer.email": "email",
    "officer.text": "text",
}
_BEAT_FIELDS = {
    "beat.number": "number",
    "beat.title": "title",
    "beat.settlements": "settlements",
    "beat.streets": "streets",
    "beat.officer": "officer",
    "beat.population": "population",
    "beat.area": "area",
}


@router.get("/beats")
async def beats(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("beats.manage", "officers.manage")
    officers = await _officers(web, staff)
    names = {officer.name: officer.card.display_name for officer in officers}
    listed = await web.beats.ListBeats(pb.ListBeatsRequest(parent=staff.office.parent))
    plan = await plans.plan(web, staff.office, [(f"№ {one.beat.number}", one.beat.area, False) for one in listed.beats])
    return web.pages.show(
        request,
        "office/beats.html",
        drawing=areas.drawing([(str(each.beat.number), each.beat.area) for each in listed.beats]),
        plan=plan,
        scripts=plan is not None,
        beats=[(last(beat.name), beat, names.get(beat.beat.officer, "")) for beat in listed.beats],
        officers=[(last(officer.name), officer.card) for officer in officers],
    )


@router.get("/officers/new")
async def ask_for_officer(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("beats.manage", "officers.manage")
    form = await restore_draft(request, staff.subject) or Form(_fresh(), request.state.language)
    return _officer_form(request, web, form)


@router.get("/officers/{officer_id}")
async def show_officer(request: Request, web: TheWeb, staff: Reading, officer_id: UUID) -> Response:
    staff.require("beats.manage", "officers.manage")
    found = next((one for one in await _officers(web, staff) if last(one.name) == str(officer_id)), None)
    if found is None:
        raise HTTPException(404)
    card = found.card
    values = {
        "display_name": card.display_name,
        "kind": words.word(words.officer_kinds(str), card.kind).value,
        "phone": card.phone,
        "email": card.email,
        "public": "yes" if card.public else "no",
        "text": card.text,
        "etag": found.etag,
    }
    return _officer_form(
        request, web, await restore_draft(request, staff.subject) or Form(values, request.state.language)
    )


@router.post("/officers/new")
async def create_officer(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("beats.manage", "officers.manage")
    asked = pb.CreateOfficerRequest(
        parent=staff.office.parent, officer=_card(form), request_id=appeals.request_id(form)
    )
    try:
        await web.officers.CreateOfficer(asked)
    except Failure as failure:
        _take(form, failure, _OFFICER_FIELDS)
        return _officer_form(request, web, form)
    return RedirectResponse(f"/{staff.office.slug}/office/beats?saved=yes", 303)


@router.post("/officers/{officer_id}")
async def update_officer(request: Request, web: TheWeb, form: Submitted, staff: Writing, officer_id: UUID) -> Response:
    staff.require("beats.manage", "officers.manage")
    name = f"{staff.office.parent}/officers/{officer_id}"
    try:
        await web.officers.UpdateOfficer(pb.UpdateOfficerRequest(name=name, officer=_card(form), etag=form["etag"]))
    except Failure as failure:
        _take(form, failure, _OFFICER_FIELDS)
        return _officer_form(request, web, form)
    return RedirectResponse(f"/{staff.office.slug}/office/beats?saved=yes", 303)


@router.get("/beats/new")
async def ask_for_beat(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("beats.manage", "officers.manage")
    form = await restore_draft(request, staff.subject) or Form(_fresh(), request.state.language)
    return await _beat_form(request, web, staff, form)


@router.get("/beats/{beat_id}")
async def show_beat(request: Request, web: TheWeb, staff: Reading, beat_id: UUID) -> Response:
    staff.require("beats.manage", "officers.manage")
    listed = await web.beats.ListBeats(pb.ListBeatsRequest(parent=staff.office.parent))
    found = next((one for one in listed.beats if last(one.name) == str(beat_id)), None)
    if found is None:
        raise HTTPException(404)
    beat = found.beat
    values = {
        "number": str(beat.number),
        "title": beat.title,
        "settlements": "\n".join(beat.settlements),
        "streets": "\n".join(beat.streets),
        "officer": beat.officer,
        "population": str(beat.population) if beat.population else "",
        "rural": "yes" if beat.rural else "no",
        "area": areas.points(beat.area) if beat.area else "",
        "etag": found.etag,
    }
    form = await restore_draft(request, staff.subject) or Form(values, request.state.language)
    return await _beat_form(request, web, staff, form, found.name)


@router.post("/beats/new")
async def create_beat(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("beats.manage", "officers.manage")
    asked = pb.CreateBeatRequest(parent=staff.office.parent, beat=_beat(form), request_id=appeals.request_id(form))
    if form.is_refused:
        return await _beat_form(request, web, staff, form)
    try:
        await web.beats.CreateBeat(asked)
    except Failure as failure:
        _take(form, failure, _BEAT_FIELDS)
        return await _beat_form(request, web, staff, form)
    return RedirectResponse(f"/{staff.office.slug}/office/beats?saved=yes", 303)


@router.post("/beats/{beat_id}")
async def update_beat(request: Request, web: TheWeb, form: Submitted, staff: Writing, beat_id: UUID) -> Response:
    staff.require("beats.manage", "officers.manage")
    own = f"{staff.office.parent}/beats/{beat_id}"
    asked = pb.UpdateBeatRequest(name=own, beat=_beat(form), etag=form["etag"])
    if form.is_refused:
        return await _beat_form(request, web, staff, form, own)
    try:
        await web.beats.UpdateBeat(asked)
    except Failure as failure:
        _take(form, failure, _BEAT_FIELDS)
        return await _beat_form(request, web, staff, form, own)
    return RedirectResponse(f"/{staff.office.slug}/office/beats?saved=yes", 303)


def _card(form: Form) -> pb.OfficerDraft:
    return pb.OfficerDraft(
        display_name=form["display_name"],
        kind=pb.OfficerKind.ValueType(words.number(words.officer_kinds(str), form["kind"])),
        phone=appeals.dialled(form),
        email=form["email"],
        public=form["public"] != "no",
        text=form["text"],
    )


def _beat(form: Form) -> pb.BeatDraft:
    return pb.BeatDraft(
        number=_number(form["number"]),
        title=form["title"],
        streets=[line.strip() for line in form["streets"].splitlines() if line.strip()],
        settlements=[line.strip() for line in form["settlements"].splitlines() if line.strip()],
        officer=form["officer"],
        population=_number(form["population"]),
        rural=form["rural"] == "yes",
        area=areas.entered(form, "area"),
    )


def _number(text: str) -> int:
    """What was typed as a number; -1, which the service refuses at the field, for what is none."""
    plain = "".join(text.split())
    if not plain:
        return 0
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 8 else -1


def _take(form: Form, failure: Failure, names: dict[str, str]) -> None:
    if failure.code is grpc.StatusCode.ABORTED:
        form.refuse("", form.language.gettext("Запис щойно змінив хтось інший. Відкрийте сторінку знову."))
    elif failure.fields:
        form.refuse_all(failure.fields, names)
    else:
        raise failure


async def _officers(web: Web, staff: Staff) -> list[pb.Officer]:
    listed = await web.officers.ListOfficerCards(pb.ListOfficerCardsRequest(parent=staff.office.parent))
    return list(listed.officers)


def _officer_form(request: Request, web: Web, form: Form) -> Response:
    kinds = words.officer_kinds(request.state.language.gettext)
    return web.pages.show(request, "office/officer.html", form=form, kinds=kinds)


async def _beat_form(request: Request, web: Web, staff: Staff, form: Form, own: str = "") -> Response:
    say = request.state.language.gettext
    options = [("", say("Ще не призначено"))]
    options += [(officer.name, officer.card.display_name) for officer in await _officers(web, staff)]
    border = areas.entered(Form({"area": form["area"]}, form.language), "area")
    listed = await web.beats.ListBeats(pb.ListBeatsRequest(parent=staff.office.parent))
    others = [(f"№ {one.beat.number}", one.beat.area, False) for one in listed.beats if one.name != own]
    plan = await plans.plan(web, staff.office, others)
    return web.pages.show(
        request,
        "office/beat.html",
        form=form,
        officers=options,
        drawing=areas.drawing([(form["number"], border)]),
        plan=plan,
        scripts=plan is not None,
    )


def _fresh() -> dict[str, str]:
    return {"request_id": str(uuid.uuid4()), "public": "yes", "rural": "no"}
