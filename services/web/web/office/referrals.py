"""Whom the office asks to help the person of a case."""

import uuid
from typing import Any
from uuid import UUID

import grpc
from fastapi import APIRouter
from kit.clock import kyiv_date
from kit.names import last
from kit.pages import Form, Submitted
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

router = APIRouter(prefix="/{slug}/office")
_FIELDS = {name: name for name in ("organisation", "lawyer", "asks", "consented_on", "due_on")} | {"reply": ""}
_REFUSED = frozenset({grpc.StatusCode.ABORTED, grpc.StatusCode.FAILED_PRECONDITION})
_OPEN = frozenset({pb.REFERRAL_STATE_SENT, pb.REFERRAL_STATE_ACCEPTED})


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
    printed = await web.referrals.PrintReferralLetter(
        pb.PrintReferralLetterRequest(
            name=f"{staff.office.parent}/referrals/{referral_id}",
            format=formats.get(format, prints_pb2.DOCUMENT_FORMAT_PDF),
            office=staff.office.title,
            language="en" if language == "en" else "uk",
        )
    )
    headers = {"content-disposition": f'attachment; filename="{printed.file_name}"'}
    return Response(printed.content, media_type=printed.content_type, headers=headers)


async def _page(request: Request, web: Web, staff: Staff, appeal_id: UUID, form: Form) -> Response:
    say = request.state.language.gettext
    asked = pb.ListReferralsRequest(parent=staff.office.parent, appeal=f"{staff.office.parent}/appeals/{appeal_id}")
    found = await web.referrals.ListReferrals(asked)
    partners = await casework.partners(web, staff, kyiv_date(web.clock.now()))
    return web.pages.show(
        request,
        "office/referrals.html",
        form=form,
        id=appeal_id,
        may_change=staff.may("appeals.take"),
        organisations=[("", say("Оберіть організацію")), *partners],
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
