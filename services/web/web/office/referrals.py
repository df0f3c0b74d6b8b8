"""Whom the office asks to help the person of a case."""

import asyncio
import uuid
from datetime import UTC
from typing import Any
from uuid import UUID

import grpc
from fastapi import APIRouter, HTTPException
from kit.clock import kyiv_date
from kit.names import last
from kit.pages import Form, Language, Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import prints_pb2
from spilno.reception.v1 import referrals_pb2 as pb
from spilno.reception.v1.particulars_pb2 import Body
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, casework, words
from web.days import written
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft
from web.words import Say

router = APIRouter(prefix="/{slug}/office")
_FIELDS = {name: name for name in ("organisation", "lawyer", "asks", "consented_on", "due_on")} | {"reply": ""}
_LETTERS = ("uk", "en")
_REFUSED = frozenset({grpc.StatusCode.ABORTED, grpc.StatusCode.FAILED_PRECONDITION})
_LARGEST_LETTER = 600 * 1024
"""More than reception takes, so that it says itself that it is too much."""
_OPEN = frozenset({pb.REFERRAL_STATE_SENT, pb.REFERRAL_STATE_ACCEPTED})


async def pressing(web: Web, staff: Staff) -> list[dict[str, Any]]:
    """What nobody has answered in time, for the desk."""
    return [_row(each) for each in await _waiting(web, staff, overdue=True)]


@router.get("/referrals")
async def waiting(request: Request, web: TheWeb, staff: Reading, due: str = "") -> Response:
    """All that waits for an answer, or only what is overdue."""
    staff.require("appeals.read")
    say = request.state.language.gettext
    is_overdue = due == "overdue"
    return web.pages.show(
        request,
        "office/referrals-waiting.html",
        is_overdue=is_overdue,
        rows=[
            {**_row(each), "state": words.word(casework.referral_states(say), each.state)}
            for each in await _waiting(web, staff, overdue=is_overdue)
        ],
    )


@router.get("/referrals/letters")
async def letters(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("appeals.read")
    return await _letters(request, web, staff, Form(language=request.state.language))


@router.get("/referrals/letters/{language}")
async def unfilled(web: TheWeb, staff: Reading, language: str) -> Response:
    """The letter with its fields unfilled."""
    staff.require("appeals.read")
    asked = pb.DownloadReferralLetterRequest(name=_letter_name(staff, language))
    return _file(await web.referrals.DownloadReferralLetter(asked))


@router.post("/referrals/letters/{language}")
async def bring(request: Request, web: TheWeb, form: Submitted, staff: Writing, language: str) -> Response:
    """Takes the office's own letter, or goes back to the platform's."""
    staff.require("notices.write")
    name = _letter_name(staff, language)
    try:
        if form["do"] == "reset":
            await web.referrals.ResetReferralLetter(pb.ResetReferralLetterRequest(name=name, etag=form["etag"]))
        elif not form.files:
            form.refuse(f"letter-{language}", form.language.gettext("Виберіть файл"))
        else:
            content = await asyncio.to_thread(form.files[0].file.read, _LARGEST_LETTER)
            asked = pb.UpdateReferralLetterRequest(name=name, content=content, etag=form["etag"])
            await web.referrals.UpdateReferralLetter(asked)
    except Failure as failure:
        if failure.code in {grpc.StatusCode.ABORTED, grpc.StatusCode.ALREADY_EXISTS}:
            form.refuse("", form.language.gettext("Лист щойно змінив хтось інший. Відкрийте сторінку знову."))
        elif failure.fields:
            form.refuse_all(failure.fields, {"content": f"letter-{language}"})
        else:
            raise
    if form.is_refused:
        form.files = []  # the other language's field asks for nothing again
        return await _letters(request, web, staff, form)
    return RedirectResponse(f"/{staff.office.slug}/office/referrals/letters?saved=yes", 303)


@router.get("/appeals/{appeal_id}/referrals")
async def listed(request: Request, web: TheWeb, staff: Reading, appeal_id: UUID) -> Response:
    staff.require("appeals.read")
    blank = Form({"request_id": str(uuid.uuid4())}, request.state.language)
    form = await restore_draft(request, staff.subject) or blank
    return await _page(request, web, staff, appeal_id, form)


@router.post("/appeals/{appeal_id}/referrals")
async def change(request: Request, web: TheWeb, form: Submitted, staff: Writing, appeal_id: UUID) -> Response:
    staff.require("appeals.take")
    try:
        await _asked(web, staff, appeal_id, form)
    except Failure as failure:
        if failure.fields:
            form.refuse_all(failure.fields, _FIELDS)
        elif failure.code in _REFUSED and failure.reason != "case.purpose-missing":
            form.refuse("", failure.message)
        else:
            raise
    if form.is_refused:
        return await _page(request, web, staff, appeal_id, form)
    return RedirectResponse(f"/{staff.office.slug}/office/appeals/{appeal_id}/referrals?saved=yes", 303)


async def _asked(web: Web, staff: Staff, appeal_id: UUID, form: Form) -> None:
    say = form.language.gettext
    common: dict[str, Any] = {"name": f"{staff.office.parent}/referrals/{form['referral']}", "etag": form["etag"]}
    match form["do"]:
        case "accept":
            await web.referrals.AcceptReferral(pb.AcceptReferralRequest(**common))
        case "reply" | "decline":
            ended = pb.EndReferralRequest(**common, reply=form["reply"], declined=form["do"] == "decline")
            await web.referrals.EndReferral(ended)
        case _:
            titles = dict(await casework.partners(web, staff, kyiv_date(web.clock.now())))
            if form["organisation"] not in titles and not form["lawyer"]:
                form.refuse("organisation", say("Оберіть організацію або назвіть юриста"))
            consented_on, due_on = casework.day(form, "consented_on"), casework.day(form, "due_on")
            if form.is_refused:
                return
            to: dict[str, Any] = (
                {"organisation": Body(organisation=form["organisation"], title=titles[form["organisation"]])}
                if form["organisation"] in titles
                else {"lawyer": form["lawyer"]}
            )
            await web.referrals.ReferAppeal(
                pb.ReferAppealRequest(
                    appeal=f"{staff.office.parent}/appeals/{appeal_id}",
                    **to,
                    asks=form["asks"],
                    consented_on=consented_on,
                    due_on=due_on,
                    request_id=appeals.request_id(form),
                )
            )


@router.get("/appeals/{appeal_id}/referrals/{referral_id}")
async def letter(
    request: Request,
    web: TheWeb,
    staff: Reading,
    appeal_id: UUID,
    referral_id: UUID,
    language: str = "uk",
    format: str = "pdf",
) -> Response:
    staff.require("appeals.read")
    formats = {"pdf": prints_pb2.DOCUMENT_FORMAT_PDF, "docx": prints_pb2.DOCUMENT_FORMAT_DOCX}
    written_in = "en" if language == "en" else "uk"
    office = await web.offices.get(staff.office.slug, Language(written_in))
    printed = await web.referrals.PrintReferralLetter(
        pb.PrintReferralLetterRequest(
            name=f"{staff.office.parent}/referrals/{referral_id}",
            format=formats.get(format, prints_pb2.DOCUMENT_FORMAT_PDF),
            office=office.title,
            language=written_in,
        )
    )
    return _file(printed)


def _file(document: prints_pb2.Document) -> Response:
    headers = {"content-disposition": f'attachment; filename="{document.file_name}"', "cache-control": "no-store"}
    return Response(document.content, media_type=document.content_type, headers=headers)


def _letter_name(staff: Staff, language: str) -> str:
    if language not in _LETTERS:
        raise HTTPException(404)
    return f"{staff.office.parent}/referralLetters/{language}"


async def _waiting(web: Web, staff: Staff, *, overdue: bool) -> list[pb.Referral]:
    asked = pb.ListReferralsRequest(parent=staff.office.parent, overdue=overdue)
    return list((await web.referrals.ListReferrals(asked)).referrals)


def _row(referral: pb.Referral) -> dict[str, Any]:
    return {
        "appeal": last(referral.appeal),
        "number": referral.appeal_number,
        "title": referral.title,
        "due": written(referral.due_on),
        "is_overdue": referral.overdue,
        "sent_by": referral.sent_by.display_name,
    }


async def _kept(web: Web, staff: Staff, language: str) -> pb.ReferralLetter:
    return await web.referrals.GetReferralLetter(pb.GetReferralLetterRequest(name=_letter_name(staff, language)))


async def _letters(request: Request, web: Web, staff: Staff, form: Form) -> Response:
    language: Language = request.state.language
    found = {each: await _kept(web, staff, each) for each in _LETTERS}
    say = language.gettext
    means = {
        "office": say("назва офісу"),
        "number": say("номер справи"),
        "to": say("кому лист"),
        "help": say("«допомогу» або «правничу допомогу»"),
        "asks": say("про що просите"),
        "who": say("ім’я людини"),
        "contact": say("її телефон і пошта"),
        "sent_on": say("день листа"),
        "due_on": say("до якого дня чекаєте відповіді"),
        "signed": say("хто скерував"),
    }
    return web.pages.show(
        request,
        "office/referral-letters.html",
        form=form,
        may_change=staff.may("notices.write"),
        fields=[(each, means.get(each, "")) for each in found["uk"].fields],
        letters=[
            {
                "language": code,
                "is_own": each.own,
                "etag": each.etag,
                "who": each.changed_by.display_name,
                "when": language.stamp(each.changed_at.ToDatetime(UTC)) if each.own else "",
            }
            for code, each in found.items()
        ],
    )


async def _page(request: Request, web: Web, staff: Staff, appeal_id: UUID, form: Form) -> Response:
    say = request.state.language.gettext
    asked = pb.ListReferralsRequest(parent=staff.office.parent, appeal=f"{staff.office.parent}/appeals/{appeal_id}")
    found = await web.referrals.ListReferrals(asked)
    partners = await casework.partners(web, staff, kyiv_date(web.clock.now()))
    own = {each for each in _LETTERS if found.referrals and (await _kept(web, staff, each)).own}
    return web.pages.show(
        request,
        "office/referrals.html",
        form=form,
        id=appeal_id,
        may_change=staff.may("appeals.take"),
        organisations=[("", say("Оберіть організацію")), *partners],
        prints=[each for each in _prints(say) if each[1] == "docx" or each[0] not in own],
        rows=[
            {
                "id": last(each.name),
                "title": each.title,
                "state": words.word(casework.referral_states(say), each.state),
                "is_overdue": each.overdue,
                "is_open": each.state in _OPEN,
                "is_waiting": each.state == pb.REFERRAL_STATE_SENT,
                "due": written(each.due_on),
                "asks": each.asks,
                "reply": each.reply,
                "etag": each.etag,
            }
            for each in found.referrals
        ],
    )


def _prints(say: Say) -> list[tuple[str, str, str]]:
    """Language, format and words of each file that a letter is printed as."""
    return [
        ("uk", "pdf", say("Лист PDF")),
        ("uk", "docx", say("Лист DOCX")),
        ("en", "pdf", say("Англійською, PDF")),
        ("en", "docx", say("Англійською, DOCX")),
    ]
