"""Hazards at the desk: what waits to be looked through, what becomes of each, the categories and the keys of others."""

import uuid
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
from fastapi import APIRouter
from kit.names import last
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.identity.v1 import organisations_pb2
from spilno.reception.v1 import appeals_pb2, photos_pb2
from spilno.reception.v1 import hazards_pb2 as pb
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, hazards, photos, plans, words
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft

router = APIRouter(prefix="/{slug}/office/hazards")

_KEY_KEPT = timedelta(minutes=15)
_TABS = ("waiting", "open", "closed", "all")
_MOVES = {
    pb.HAZARD_STATE_REPORTED: ("accepted", "handed-over", "fixed", "rejected", "merged"),
    pb.HAZARD_STATE_ACCEPTED: ("handed-over", "fixed", "rejected", "merged"),
    pb.HAZARD_STATE_WITH_BODY: ("handed-over", "fixed", "rejected", "merged"),
    pb.HAZARD_STATE_REOPENED: ("accepted", "handed-over", "fixed", "rejected", "merged"),
    pb.HAZARD_STATE_FIXED: ("reopened",),
    pb.HAZARD_STATE_REJECTED: ("reopened",),
    pb.HAZARD_STATE_DUPLICATE: ("reopened",),
}
_FIELDS = {
    "deed": "deed",
    "note": "note",
    "body.title": "body",
    "duplicate_of": "duplicate_of",
    "date": "date",
    "text": "text",
    "address": "address",
}


@router.get("")
async def queue(request: Request, web: TheWeb, staff: Reading, tab: str = "waiting", page: str = "") -> Response:
    staff.require("hazards.read")
    current = tab if tab in _TABS else "waiting"
    asked = pb.ListHazardsRequest(parent=staff.office.parent, page_size=50, page_token=page[:512])
    if current == "waiting":
        asked.publications.append(pb.HAZARD_PUBLICATION_WAITING)
    elif current != "all":
        asked.status = pb.HAZARD_STATUS_OPEN if current == "open" else pb.HAZARD_STATUS_CLOSED
    found = await web.hazards.ListHazards(asked)
    listed = await hazards.categories(web, staff.office)
    language = request.state.language
    say = language.gettext
    told = {"waiting": found.waiting, "open": found.open, "closed": found.closed, "all": found.open + found.closed}
    titles = dict(zip(_TABS, (say("Чекають перевірки"), say("Відкриті"), say("Закриті"), say("Усі")), strict=True))
    return web.pages.show(
        request,
        "office/hazards.html",
        tabs=[
            {"href": f"/{staff.office.slug}/office/hazards?tab={one}", "text": titles[one], "count": told[one]}
            | {"is_current": one == current}
            for one in _TABS
        ],
        tab=current,
        rows=[
            {**hazards.row(each.hazard, listed.categories, language), "id": last(each.name), "doubts": len(each.doubts)}
            for each in found.hazards
        ],
        next_page=found.next_page_token,
    )


@router.get(".csv")
async def sheet(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("hazards.read")
    found = await web.hazards.ExportHazards(pb.ExportHazardsRequest(parent=staff.office.parent))
    headers = {"content-disposition": 'attachment; filename="hazards.csv"'}
    return Response(found.csv, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/new")
async def ask(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("hazards.moderate")
    form = await restore_draft(request, staff.subject)
    return await _new(request, web, staff, form or Form(_fresh() | {"channel": "phone"}, request.state.language))


@router.post("/new")
async def register(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("hazards.moderate")
    channel = words.number(hazards.channels(form.language.gettext), form["channel"])
    await photos.take(web, form, staff.office.parent)
    asked = pb.RegisterHazardRequest(
        parent=staff.office.parent,
        hazard=hazards.draft(form),
        channel=pb.HazardChannel.ValueType(channel),
        date=form["date"],
        request_id=appeals.request_id(form),
    )
    if form.is_refused:
        return await _new(request, web, staff, form)
    try:
        made = await web.hazards.RegisterHazard(asked)
    except Failure as failure:
        return await _new(request, web, staff, form, hazards.take_refusal(form, failure))
    kept = {"code": made.code}
    path = f"/{staff.office.slug}/office/hazards/{last(made.hazard.name)}"
    await web.keepsakes.keep("hazard-code", request.state.visitor, path, kept, lasting=appeals.RECEIPT_KEPT)
    return RedirectResponse(f"{path}?saved=yes", 303)


async def _new(request: Request, web: Web, staff: Staff, form: Form, status: int | None = None) -> Response:
    language = request.state.language
    listed = await hazards.categories(web, staff.office)
    plan = await plans.plan(web, staff.office)
    return web.pages.show(
        request,
        "office/hazard-new.html",
        form=form,
        status=status,
        categories=hazards.choices(listed.categories, language),
        channels=hazards.channels(language.gettext)[:2],
        plan=plan,
        scripts=plan is not None,
    )


@router.get("/settings")
async def settings(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("hazards.manage")
    kept = await web.hazards.GetHazardSettings(pb.GetHazardSettingsRequest(parent=staff.office.parent))
    form = await restore_draft(request, staff.subject)
    return await _settings(request, web, staff, form or Form(_values(kept), request.state.language))


@router.post("/settings")
async def save_settings(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("hazards.manage")
    kept = await web.hazards.GetHazardSettings(pb.GetHazardSettingsRequest(parent=staff.office.parent))
    said, fields = await _said(web, staff, form, kept)
    try:
        await web.hazards.UpdateHazardSettings(
            pb.UpdateHazardSettingsRequest(parent=staff.office.parent, settings=said, etag=form["etag"])
        )
    except Failure as failure:
        _take(form, failure, fields)
        return await _settings(request, web, staff, form)
    return RedirectResponse(f"/{staff.office.slug}/office/hazards/settings?saved=yes", 303)


@router.post("/keys")
async def issue_key(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("hazards.manage")
    asked = pb.CreateReportKeyRequest(
        parent=staff.office.parent, title=form["key_title"], request_id=appeals.request_id(form)
    )
    try:
        made = await web.hazards.CreateReportKey(asked)
    except Failure as failure:
        kept = await web.hazards.GetHazardSettings(pb.GetHazardSettingsRequest(parent=staff.office.parent))
        again = Form(_values(kept) | {"key_title": form["key_title"]}, form.language)
        _take(again, failure, {"title": "key_title"})
        return await _settings(request, web, staff, again)
    kept_key = {"secret": made.secret, "title": made.key.title}
    await web.keepsakes.keep("report-key", request.state.visitor, staff.office.slug, kept_key, lasting=_KEY_KEPT)
    return RedirectResponse(f"/{staff.office.slug}/office/hazards/settings", 303)


@router.post("/keys/{key_id}/revoke")
async def revoke_key(request: Request, web: TheWeb, form: Submitted, staff: Writing, key_id: UUID) -> Response:
    staff.require("hazards.manage")
    name = f"{staff.office.parent}/reportKeys/{key_id}"
    await web.hazards.RevokeReportKey(pb.RevokeReportKeyRequest(name=name, etag=form["etag"]))
    return RedirectResponse(f"/{staff.office.slug}/office/hazards/settings?saved=yes", 303)


@router.get("/{hazard_id}")
async def one(request: Request, web: TheWeb, staff: Reading, hazard_id: UUID) -> Response:
    staff.require("hazards.read")
    found = await _found(web, staff, hazard_id)
    form = await restore_draft(request, staff.subject)
    return await _one(request, web, staff, found, form)


@router.post("/{hazard_id}")
async def moderate(request: Request, web: TheWeb, form: Submitted, staff: Writing, hazard_id: UUID) -> Response:
    staff.require("hazards.moderate")
    name = f"{staff.office.parent}/hazards/{hazard_id}"
    asked = pb.ModerateHazardRequest(
        name=name,
        etag=form["etag"],
        shown=form["verb"] == "show",
        text=form["text"],
        address=form["address"],
        photos=photos.chosen(form),
    )
    try:
        await web.hazards.ModerateHazard(asked)
    except Failure as failure:
        _take(form, failure, _FIELDS)
        return await _one(request, web, staff, await _found(web, staff, hazard_id), form)
    return RedirectResponse(f"/{staff.office.slug}/office/hazards/{hazard_id}?saved=yes", 303)


@router.post("/{hazard_id}/photos")
async def add_photos(request: Request, web: TheWeb, form: Submitted, staff: Writing, hazard_id: UUID) -> Response:
    staff.require("hazards.moderate")
    if not form.files:
        form.refuse(photos.FIELD, form.language.gettext("Виберіть файл"))
    else:
        await photos.take(web, form, staff.office.parent)
    if not form.is_refused:
        asked = pb.AddHazardPhotosRequest(
            name=f"{staff.office.parent}/hazards/{hazard_id}", etag=form["etag"], photos=photos.tickets(form)
        )
        try:
            await web.hazards.AddHazardPhotos(asked)
        except Failure as failure:
            _take(form, failure, {"photos": photos.FIELD})
    if form.is_refused:
        return await _one(request, web, staff, await _found(web, staff, hazard_id), form)
    return RedirectResponse(f"/{staff.office.slug}/office/hazards/{hazard_id}?saved=yes", 303)


@router.get("/{hazard_id}/photos/{photo}")
async def give_photo(web: TheWeb, staff: Reading, hazard_id: UUID, photo: UUID, view: str = "") -> Response:
    staff.require("hazards.read")
    small = photos_pb2.HAZARD_PHOTO_VIEW_THUMBNAIL if view == "small" else photos_pb2.HAZARD_PHOTO_VIEW_UNSPECIFIED
    name = f"{staff.office.parent}/hazards/{hazard_id}/photos/{photo}"
    asked = photos_pb2.DownloadHazardPhotoRequest(name=name, view=small)
    return await photos.given(web.photos.DownloadHazardPhoto(asked, timeout=photos.SECONDS))


@router.post("/{hazard_id}/move")
async def move(request: Request, web: TheWeb, form: Submitted, staff: Writing, hazard_id: UUID) -> Response:
    staff.require("hazards.moderate")
    deed = words.number(hazards.deeds(form.language.gettext), form["deed"])
    number = form["duplicate_of"]
    asked = pb.MoveHazardRequest(
        name=f"{staff.office.parent}/hazards/{hazard_id}",
        etag=form["etag"],
        deed=pb.HazardDeed.ValueType(deed),
        note=form["note"],
        duplicate_of=int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 0,
        date=form["date"],
    )
    if form["body"] and deed == pb.HAZARD_DEED_HANDED_OVER:
        asked.body.CopyFrom(await _body(web, staff, form["body"]))
    try:
        await web.hazards.MoveHazard(asked)
    except Failure as failure:
        _take(form, failure, _FIELDS)
        return await _one(request, web, staff, await _found(web, staff, hazard_id), form)
    return RedirectResponse(f"/{staff.office.slug}/office/hazards/{hazard_id}?saved=yes", 303)


async def _found(web: Web, staff: Staff, hazard_id: UUID) -> pb.Hazard:
    found: pb.Hazard = await web.hazards.GetHazard(
        pb.GetHazardRequest(name=f"{staff.office.parent}/hazards/{hazard_id}")
    )
    return found


async def _one(request: Request, web: Web, staff: Staff, found: pb.Hazard, form: Form | None) -> Response:
    language = request.state.language
    say = language.gettext
    listed = await hazards.categories(web, staff.office)
    told = hazards.row(found.hazard, listed.categories, language)
    plan = await plans.plan(web, staff.office) if told["has_point"] else None
    kept = await web.keepsakes.look("hazard-code", request.state.visitor, request.url.path)
    moves = _MOVES.get(found.hazard.state, ())
    typed = dict(form.values) if form else {}
    pictures = photos.told(found.photos, language)
    chosen = {f"photo-{each.id}": "yes" for each in pictures if each.is_shown} if form is None else {}
    values = chosen | {"text": found.hazard.text, "address": found.hazard.address, "body": found.hazard.body, **typed}
    shown = Form(values | {"etag": found.etag}, language, dict(form.errors) if form else {})
    return web.pages.show(
        request,
        "office/hazard.html",
        form=shown,
        status=422 if shown.is_refused else None,
        one=told,
        hazard=found,
        hazard_id=last(found.name),
        code=appeals.grouped(kept["code"]) if kept else "",
        channel=words.word(hazards.channels(say), found.channel),
        doubts=[each.words for each in found.doubts],
        photos=pictures,
        request_id=str(uuid4()),
        steps=hazards.way(found.hazard, language),
        similar=[hazards.row(each, listed.categories, language) for each in found.similar],
        pins=hazards.pins([found.hazard], [told], f"/{staff.office.slug}/hazards"),
        moves=[("", say("Оберіть")), *((each.value, each.text) for each in hazards.deeds(say) if each.value in moves)],
        bodies=await _titles(web, staff),
        plan=plan,
        scripts=plan is not None,
    )


async def _organisations(web: Web, staff: Staff) -> list[organisations_pb2.Organisation]:
    if not staff.may("organisations.read"):
        return []
    asked = organisations_pb2.ListOrganisationsRequest(parent=staff.office.parent)
    return list((await web.organisations.ListOrganisations(asked)).organisations)


async def _titles(web: Web, staff: Staff) -> list[str]:
    return [each.title for each in await _organisations(web, staff)]


async def _body(web: Web, staff: Staff, title: str) -> pb.HazardBody:
    """An organisation of that title, or a body by its title alone."""
    found = next((each.name for each in await _organisations(web, staff) if each.title == title), "")
    return pb.HazardBody(organisation=found, title=title)


def _take(form: Form, failure: Failure, names: dict[str, str]) -> None:
    if failure.code is grpc.StatusCode.ABORTED:
        form.refuse("", form.language.gettext("Запис щойно змінив хтось інший. Відкрийте сторінку знову."))
    elif failure.fields:
        form.refuse_all(failure.fields, names)
    elif failure.code is grpc.StatusCode.FAILED_PRECONDITION:
        form.refuse("", failure.message)
    else:
        raise failure


def _fresh() -> dict[str, str]:
    return {"request_id": str(uuid.uuid4())}


def _values(kept: pb.HazardSettings) -> dict[str, str]:
    values = _fresh() | {
        "etag": kept.etag,
        "anyone_reopens": "yes" if kept.anyone_reopens else "no",
        "kept_days": str(kept.kept_days),
    }
    for each in kept.categories:
        values |= {
            f"title-{each.code}": each.title,
            f"title_en-{each.code}": each.title_en,
            f"body-{each.code}": each.body.title,
            f"passes-{each.code}": "yes" if each.shown_at_once else "no",
            f"closed-{each.code}": "yes" if each.closed else "no",
        }
    return values


async def _said(
    web: Web, staff: Staff, form: Form, kept: pb.HazardSettings
) -> tuple[pb.HazardSettings, dict[str, str]]:
    """The settings of the form, and where their fields stand in it. A new category is one with a code."""
    codes = [each.code for each in kept.categories]
    days = form["kept_days"]
    said = pb.HazardSettings(
        anyone_reopens=form["anyone_reopens"] == "yes",
        kept_days=int(days) if days.isascii() and days.isdigit() and len(days) < 6 else 0,
    )
    fields = {"settings.kept_days": "kept_days", "settings.anyone_reopens": "anyone_reopens"}
    for place, code in enumerate([*codes, *([form["new_code"]] if form["new_code"] else [])]):
        before = kept.categories[place] if place < len(codes) else pb.HazardCategory(code=code)
        end = f"-{code}" if place < len(codes) else "-new"
        one = pb.HazardCategory()
        one.CopyFrom(before)
        one.title, one.title_en = form[f"title{end}"], form[f"title_en{end}"]
        one.area = before.area or appeals_pb2.SAFETY_AREA_INFRASTRUCTURE
        if form[f"body{end}"] != before.body.title:
            one.body.CopyFrom(await _body(web, staff, form[f"body{end}"]))
        one.shown_at_once, one.closed = form[f"passes{end}"] == "yes", form[f"closed{end}"] == "yes"
        said.categories.append(one)
        path = f"settings.categories[{place}]"
        fields |= {
            f"{path}.title": f"title{end}",
            f"{path}.title_en": f"title_en{end}",
            f"{path}.body.title": f"body{end}",
            f"{path}.code": "new_code",
        }
    return said, fields


async def _settings(request: Request, web: Web, staff: Staff, form: Form) -> Response:
    language = request.state.language
    listed = await web.hazards.ListReportKeys(pb.ListReportKeysRequest(parent=staff.office.parent))
    kept = await web.hazards.GetHazardSettings(pb.GetHazardSettingsRequest(parent=staff.office.parent))
    fresh = await web.keepsakes.look("report-key", request.state.visitor, staff.office.slug)
    rows: list[dict[str, Any]] = [
        {
            "id": last(each.name),
            "title": each.title,
            "by": each.created_by,
            "when": language.date(appeals.moment(each.created_at)),
            "used": each.used_on,
            "revoked": each.HasField("revoked_at"),
            "etag": each.etag,
        }
        for each in listed.keys
    ]
    return web.pages.show(
        request,
        "office/hazard-settings.html",
        form=form,
        categories=list(kept.categories),
        bodies=await _titles(web, staff),
        keys=rows,
        fresh=fresh,
    )
