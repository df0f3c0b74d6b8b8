"""Footage for the police and the courts: entered, decided by another, handed over."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from google.protobuf.timestamp_pb2 import Timestamp
from kit.names import last
from kit.pages import Form, Language, Submitted
from kit.rpc.client import Failure
from spilno.cctv.v1 import cameras_pb2
from spilno.cctv.v1 import evidence_pb2 as pb
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from web import appeals, partners, words
from web.attachments import disposition
from web.days import moment_of
from web.office.staff import Reading, Staff, Writing
from web.office.watching import MOST
from web.portal import TheWeb, Web, restore_draft
from web.words import Say, Word

router = APIRouter(prefix="/{slug}/office/evidence")

_SECONDS = 3600.0
"""For a package, on its way to a browser."""
_TEXTS = ("authority_name", "signatory", "letter_number", "letter_date", "case_reference", "ground")
_FIELDS = {f"evidence.{name}": name for name in ("authority", *_TEXTS, "cameras", "start_time", "end_time")}
_GUARDED = {
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "content-encoding": "identity",
    "cache-control": "no-store",
}


def authorities(_: Say) -> list[Word]:
    return [
        Word(pb.EVIDENCE_AUTHORITY_POLICE, "police", _("Поліція"), "shield-check"),
        Word(pb.EVIDENCE_AUTHORITY_COURT, "court", _("Суд"), "scale"),
        Word(pb.EVIDENCE_AUTHORITY_PROSECUTOR, "prosecutor", _("Прокуратура"), "landmark"),
    ]


def states(_: Say) -> list[Word]:
    return [
        Word(pb.EVIDENCE_STATE_REQUESTED, "requested", _("Чекає на рішення"), "hourglass"),
        Word(pb.EVIDENCE_STATE_APPROVED, "approved", _("Дозволено"), "circle-check"),
        Word(pb.EVIDENCE_STATE_REFUSED, "refused", _("Відмовлено"), "x"),
        Word(pb.EVIDENCE_STATE_EXPIRED, "expired", _("Строк минув"), "clock"),
    ]


def steps(_: Say) -> list[Word]:
    return [
        Word(pb.CUSTODY_STEP_REQUESTED, "requested", _("Запит внесено"), "file-text"),
        Word(pb.CUSTODY_STEP_LOCKED, "locked", _("Запис замкнено від видалення"), "lock"),
        Word(pb.CUSTODY_STEP_APPROVED, "approved", _("Передачу дозволено"), "circle-check"),
        Word(pb.CUSTODY_STEP_REFUSED, "refused", _("У передачі відмовлено"), "x"),
        Word(pb.CUSTODY_STEP_DOWNLOADED, "downloaded", _("Запис завантажено"), "send"),
    ]


@router.get("")
async def overview(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("evidence.read")
    language = request.state.language
    listed = await web.evidence.ListEvidence(pb.ListEvidenceRequest(parent=staff.office.parent, page_size=MOST))
    return web.pages.show(
        request, "office/evidence-list.html", listed=[_shown(each, language) for each in listed.evidence]
    )


@router.get("/new")
async def ask(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("evidence.request")
    blank = Form({"request_id": str(uuid.uuid4()), "authority": "police"}, request.state.language)
    return await _asking(request, web, staff, await restore_draft(request, staff.subject) or blank)


@router.post("/new")
async def enter(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("evidence.request")
    found = next((each for each in authorities(str) if each.value == form["authority"]), None)
    texts: dict[str, Any] = {name: form[name] for name in _TEXTS}
    draft = pb.EvidenceDraft(
        authority=pb.EvidenceAuthority.ValueType(found.number if found is not None else 0),
        cameras=[value for name, value in form.values.items() if name.startswith("camera-") and value],
        start_time=_moment(form, "start_time"),
        end_time=_moment(form, "end_time"),
        **texts,
    )
    if form.is_refused:
        return await _asking(request, web, staff, form, 422)
    asked = pb.RequestEvidenceRequest(parent=staff.office.parent, evidence=draft, request_id=appeals.request_id(form))
    try:
        made = await web.evidence.RequestEvidence(asked)
    except Failure as failure:
        return await _asking(request, web, staff, form, partners.take_refusal(form, failure, _FIELDS))
    return RedirectResponse(f"/{staff.office.slug}/office/evidence/{last(made.name)}?saved=yes", 303)


@router.get("/{evidence_id}")
async def show(request: Request, web: TheWeb, staff: Reading, evidence_id: UUID) -> Response:
    staff.require("evidence.read")
    return await _one(request, web, staff, evidence_id, Form({}, request.state.language))


@router.post("/{evidence_id}/decide")
async def decide(request: Request, web: TheWeb, form: Submitted, staff: Writing, evidence_id: UUID) -> Response:
    staff.require("evidence.approve")
    name, etag = _name(staff, evidence_id), form["etag"]
    try:
        if form["to"] == "approve":
            await web.evidence.ApproveEvidence(pb.ApproveEvidenceRequest(name=name, etag=etag))
        else:
            asked = pb.RefuseEvidenceRequest(name=name, etag=etag, reason=form["refused_because"])
            await web.evidence.RefuseEvidence(asked)
    except Failure as failure:
        if failure.reason == "evidence.never-the-requester":
            form.refuse("", failure.message)
            return await _one(request, web, staff, evidence_id, form, 403)
        status = partners.take_refusal(form, failure, {"reason": "refused_because"})
        return await _one(request, web, staff, evidence_id, form, status)
    return RedirectResponse(f"/{staff.office.slug}/office/evidence/{evidence_id}?saved=yes", 303)


@router.get("/{evidence_id}/package")
async def download(web: TheWeb, staff: Reading, evidence_id: UUID) -> Response:
    """The package, as it is made. Each download is in the trail and in the package's own chain."""
    staff.require("evidence.export")
    asked = pb.DownloadEvidenceRequest(name=_name(staff, evidence_id))
    stream = aiter(web.evidence.DownloadEvidence(asked, timeout=_SECONDS))
    evidence = (await anext(stream)).evidence

    async def chunks() -> AsyncIterator[bytes]:
        async for message in stream:
            yield message.chunk

    case = "".join(letter if letter.isalnum() else "-" for letter in evidence.request.case_reference)
    headers = {**_GUARDED, "content-disposition": disposition(f"evidence-{case}.zip")}
    return StreamingResponse(chunks(), media_type="application/zip", headers=headers)


async def _asking(request: Request, web: Web, staff: Staff, form: Form, status: int | None = None) -> Response:
    listed = await web.cameras.ListCameras(cameras_pb2.ListCamerasRequest(parent=staff.office.parent, page_size=MOST))
    return web.pages.show(
        request,
        "office/evidence-new.html",
        form=form,
        status=status,
        authorities=[(each.value, each.text) for each in authorities(request.state.language.gettext)],
        cameras=[(each.name, each.dossier.title, each.dossier.address) for each in listed.cameras],
    )


async def _one(
    request: Request, web: Web, staff: Staff, evidence_id: UUID, form: Form, status: int | None = None
) -> Response:
    language = request.state.language
    found = await web.evidence.GetEvidence(pb.GetEvidenceRequest(name=_name(staff, evidence_id)))
    listed = await web.cameras.ListCameras(cameras_pb2.ListCamerasRequest(parent=staff.office.parent, page_size=MOST))
    titles = {each.name: each.dossier.title for each in listed.cameras}
    key = await web.evidence.GetEvidenceKey(pb.GetEvidenceKeyRequest(parent=staff.office.parent))
    return web.pages.show(
        request,
        "office/evidence.html",
        form=form,
        status=status,
        shown=_shown(found, language),
        one=found,
        facts=_facts(found, titles, language),
        steps=[_step(each, language) for each in found.custody],
        fingerprint=key.fingerprint,
    )


def _moment(form: Form, name: str) -> Timestamp | None:
    """A moment as the wall clock in Ukraine shows it."""
    if not form[name]:
        return None
    try:
        stamp = moment_of(datetime.fromisoformat(form[name]))
    except ValueError:
        stamp = None
    if stamp is None:
        form.refuse(name, form.language.gettext("Напишіть день і час, наприклад 2026-03-07 18:30"))
    return stamp


def _shown(evidence: pb.Evidence, language: Language) -> dict[str, Any]:
    say = language.gettext
    return {
        "id": last(evidence.name),
        "one": evidence,
        "state": words.word(states(say), evidence.state),
        "authority": words.word(authorities(say), evidence.request.authority),
        "when": language.moment(evidence.create_time.ToDatetime(UTC)),
        "due": _due(evidence, language),
    }


def _due(evidence: pb.Evidence, language: Language) -> tuple[str, str, str] | None:
    """A badge: by which day the request is to be studied; none once it is decided."""
    say, day = language.gettext, partners.day(evidence.study_until, language)
    if evidence.due == pb.EVIDENCE_DUE_LATE:
        return "late", say("Строк вивчення минув %(day)s") % {"day": day}, "triangle-alert"
    if evidence.due == pb.EVIDENCE_DUE_NEAR:
        return "work", say("Вивчити вже до %(day)s") % {"day": day}, "clock"
    return ("plain", say("Вивчити до %(day)s") % {"day": day}, "clock") if evidence.due else None


def _facts(evidence: pb.Evidence, titles: dict[str, str], language: Language) -> list[tuple[str, str]]:
    say, asked = language.gettext, evidence.request
    told = [
        (say("Хто просить"), asked.authority_name),
        (say("Лист підписано"), asked.signatory),
        (say("Лист"), f"№ {asked.letter_number}, {partners.day(asked.letter_date, language)}"),
        (say("Номер справи"), asked.case_reference),
        (say("Підстава"), asked.ground),
        (say("Камери"), ", ".join(titles.get(each, "") for each in asked.cameras)),
        (say("Від"), language.stamp(asked.start_time.ToDatetime(UTC))),
        (say("До"), language.stamp(asked.end_time.ToDatetime(UTC))),
        (say("Запит вніс"), evidence.requested_by_display_name),
        (say("Вирішив"), evidence.decided_by_display_name),
        (say("Чому відмовлено"), evidence.refused_because),
        (
            say("Завантажити можна до"),
            language.moment(evidence.expire_time.ToDatetime(UTC)) if evidence.HasField("expire_time") else "",
        ),
    ]
    return [each for each in told if each[1]]


def _step(link: pb.CustodyLink, language: Language) -> dict[str, str]:
    word = words.word(steps(language.gettext), link.step)
    moment = link.time.ToDatetime(UTC)
    return {
        "state": "done",
        "icon": word.icon,
        "title": f"{word.text}: {link.display_name}" if link.display_name else word.text,
        "when": language.stamp(moment),
        "iso": moment.isoformat(),
    }


def _name(staff: Staff, evidence_id: UUID) -> str:
    return f"{staff.office.parent}/evidence/{evidence_id}"
