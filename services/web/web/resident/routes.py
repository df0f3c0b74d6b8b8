"""What residents do without an account: choose their hromada, submit an appeal, follow it by its code."""

from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

import grpc
from fastapi import APIRouter, Depends
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.identity.v1 import hromadas_pb2
from spilno.reception.v1 import appeals_pb2 as pb
from spilno.reception.v1 import persons_pb2, receptions_pb2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, attachments, casework, notices, persons, visits, words
from web.portal import Office, Slug, TheWeb, Web

FOLLOWING_KEPT = timedelta(minutes=15)

router = APIRouter()


async def _office(request: Request, web: TheWeb, slug: Slug) -> Office:
    office = await web.offices.get(slug, request.state.language)
    request.state.surroundings = {"shell": "resident/shell.html", "office": office, "here": f"/{slug}"}
    return office


TheOffice = Annotated[Office, Depends(_office)]


@router.get("/")
async def front(request: Request, web: TheWeb) -> Response:
    listed = await web.hromadas.ListOffices(hromadas_pb2.ListOfficesRequest())
    offices = [Office.told(office, request.state.language) for office in listed.offices]
    return web.pages.show(request, "resident/front.html", offices=offices)


@router.get("/{slug}")
async def home(request: Request, web: TheWeb, office: TheOffice) -> Response:
    return web.pages.show(request, "resident/home.html", hours=await hours_of(request, web, office))


async def hours_of(request: Request, web: Web, office: Office) -> list[str]:
    """The hours of reception; while they cannot be had, the page does without."""
    try:
        schedule = await web.receptions.GetSchedule(receptions_pb2.GetScheduleRequest(parent=office.parent))
    except Failure:
        return []
    return visits.hours(schedule.schedule, request.state.language)


@router.get("/{slug}/appeals/new")
async def ask_for_appeal(request: Request, web: TheWeb, office: TheOffice) -> Response:
    return await _appeal_form(request, web, office, appeals.blank(request.state.language))


@router.post("/{slug}/appeals/new")
async def submit(request: Request, web: TheWeb, form: Submitted, office: TheOffice) -> Response:
    appeal = appeals.draft(form)
    if not form["phone"] and not form["email"]:
        form.refuse("phone", form.language.gettext("Залиште телефон або пошту, щоб ми могли відповісти"))
    await attachments.judge(form)
    if attachments.FIELD in form.errors:
        return await _appeal_form(request, web, office, form)
    request_id = appeals.request_id(form)
    asked = pb.SubmitAppealRequest(parent=office.parent, appeal=appeal, request_id=request_id)
    try:
        receipt = await web.appeals.SubmitAppeal(asked)
    except Failure as failure:
        return await _appeal_form(request, web, office, form, appeals.take_refusal(form, failure))
    objections = await attachments.submit(web, form, office.parent, receipt.code)
    await web.keepsakes.keep(
        "receipt",
        request.state.visitor,
        request_id,
        {"number": receipt.number, "code": receipt.code, "not_added": attachments.kept(objections)},
        lasting=appeals.RECEIPT_KEPT,
    )
    return RedirectResponse(f"/{office.slug}/appeals/receipts/{request_id}", 303)


async def _appeal_form(request: Request, web: Web, office: Office, form: Form, status: int | None = None) -> Response:
    say = request.state.language.gettext
    return web.pages.show(
        request,
        "resident/appeal.html",
        form=form,
        status=status,
        scripts=True,
        kinds=words.kinds(say),
        areas=words.areas(say),
        wishes=await notices.wishes(web, office.parent, request.state.language),
    )


@router.get("/{slug}/appeals/receipts/{request_id}")
async def show_receipt(request: Request, web: TheWeb, office: TheOffice, request_id: UUID) -> Response:
    """Shows the code to the browser that sent the form, for a quarter of an hour; reloading does not lose it."""
    receipt = await web.keepsakes.look("receipt", request.state.visitor, str(request_id))
    if receipt is None:
        return web.pages.show(request, "resident/receipt-gone.html", status=410)
    return web.pages.show(
        request,
        "resident/receipt.html",
        scripts=True,
        number=receipt["number"],
        code=appeals.grouped(receipt["code"]),
        request_id=request_id,
        not_added=attachments.recalled(receipt.get("not_added")),
    )


@router.post("/{slug}/appeals/receipts/{request_id}")
async def put_receipt_away(
    request: Request, web: TheWeb, form: Submitted, office: TheOffice, request_id: UUID
) -> Response:
    """The person has the code: on a shared computer nobody else should."""
    await web.keepsakes.take("receipt", request.state.visitor, str(request_id))
    return RedirectResponse(f"/{office.slug}", 303)


@router.get("/{slug}/appeals/follow")
async def ask_for_code(request: Request, web: TheWeb, office: TheOffice) -> Response:
    return web.pages.show(request, "resident/follow.html", scripts=True)


@router.post("/{slug}/appeals/follow")
async def follow(request: Request, web: TheWeb, form: Submitted, office: TheOffice) -> Response:
    _ = form.language.gettext
    if not form["code"]:
        form.refuse("code", _("Введіть код із дванадцяти цифр"))
        return web.pages.show(request, "resident/follow.html", scripts=True, form=form)
    try:
        await web.appeals.FollowAppeal(pb.FollowAppealRequest(parent=office.parent, code=form["code"]))
    except Failure as failure:
        return _unknown_code(request, web, form, failure)
    await web.keepsakes.keep(
        "follow", request.state.visitor, office.slug, {"code": form["code"]}, lasting=FOLLOWING_KEPT
    )
    return RedirectResponse(f"/{office.slug}/appeals/status", 303)


def _unknown_code(request: Request, web: Web, form: Form, failure: Failure) -> Response:
    _ = form.language.gettext
    match failure.code:
        case grpc.StatusCode.NOT_FOUND | grpc.StatusCode.INVALID_ARGUMENT:
            form.refuse("code", _("Такого коду немає. Перевірте всі дванадцять цифр"))
            return web.pages.show(request, "resident/follow.html", scripts=True, form=form)
        case grpc.StatusCode.RESOURCE_EXHAUSTED:
            form.refuse("code", failure.message or _("Забагато спроб. Зачекайте трохи й спробуйте ще раз."))
            response = web.pages.show(request, "resident/follow.html", scripts=True, form=form, status=429)
            if failure.retry_after is not None:
                response.headers["retry-after"] = str(int(failure.retry_after.total_seconds()))
            return response
        case _:
            raise failure


@router.get("/{slug}/appeals/status")
async def show_status(request: Request, web: TheWeb, office: TheOffice) -> Response:
    kept = await web.keepsakes.look("follow", request.state.visitor, office.slug)
    if kept is None:
        return RedirectResponse(f"/{office.slug}/appeals/follow", 303)
    return await _status(request, web, office, kept["code"], appeals.blank(request.state.language))


async def _status(
    request: Request, web: Web, office: Office, code: str, form: Form, status: int | None = None
) -> Response:
    followed = await web.appeals.FollowAppeal(pb.FollowAppealRequest(parent=office.parent, code=code))
    asked = await web.persons.FollowOwnRequests(persons_pb2.FollowOwnRequestsRequest(parent=office.parent, code=code))
    language = request.state.language
    is_registered = bool(followed.number)
    may_ask = is_registered or followed.in_triage
    return web.pages.show(
        request,
        "resident/status.html" if is_registered else "resident/sent.html",
        form=form,
        status=status,
        scripts=True,
        own_requests=[persons.told(each, language) for each in asked.requests],
        own_kinds=persons.kinds(language.gettext, is_registered=is_registered) if may_ask else [],
        files=await attachments.submitted(web, office.parent, code, language),
        may_add=followed.state in appeals.OPEN if is_registered else followed.in_triage,
        erased=followed.erased,
        **_told(followed, request),
    )


@router.post("/{slug}/appeals/status/files")
async def add_files(request: Request, web: TheWeb, form: Submitted, office: TheOffice) -> Response:
    """Whoever appeals may add materials."""
    kept = await web.keepsakes.look("follow", request.state.visitor, office.slug)
    if kept is None:
        return RedirectResponse(f"/{office.slug}/appeals/follow", 303)
    await attachments.take(form, lambda: attachments.submit(web, form, office.parent, kept["code"]))
    if form.is_refused:
        return await _status(request, web, office, kept["code"], form)
    return RedirectResponse(f"/{office.slug}/appeals/status", 303)


@router.post("/{slug}/appeals/own-data")
async def ask_for_own_data(request: Request, web: TheWeb, form: Submitted, office: TheOffice) -> Response:
    """By the code that the browser remembers for a while: a person asks for their data, their correction or erasure."""
    kept = await web.keepsakes.look("follow", request.state.visitor, office.slug)
    if kept is None:
        return RedirectResponse(f"/{office.slug}/appeals/follow", 303)
    asked = persons_pb2.RequestOwnDataRequest(
        parent=office.parent,
        code=kept["code"],
        kind=persons_pb2.PersonRequestKind.ValueType(words.number(persons.kinds(str), form["kind"])),
        text=form["text"],
        request_id=appeals.request_id(form),
    )
    try:
        await web.persons.RequestOwnData(asked)
    except Failure as failure:
        if failure.reason.startswith("person."):
            form.refuse("kind", failure.message)
        elif failure.fields:
            form.refuse_all(failure.fields, {"kind": "kind", "text": "text"})
        else:
            raise
        return await _status(request, web, office, kept["code"], form)
    return RedirectResponse(f"/{office.slug}/appeals/status", 303)


@router.post("/{slug}/appeals/status")
async def put_status_away(request: Request, web: TheWeb, form: Submitted, office: TheOffice) -> Response:
    await web.keepsakes.take("follow", request.state.visitor, office.slug)
    return RedirectResponse(f"/{office.slug}", 303)


def _told(status: pb.AppealStatus, request: Request) -> dict[str, Any]:
    language = request.state.language
    say = language.gettext
    return {
        "number": status.number,
        "state": words.word(words.states(say), status.state),
        "kind": words.word(words.kinds(say), status.kind),
        "area": words.word(words.areas(say), status.area),
        "said": status.text,
        "is_sensitive": status.sensitive,
        "answer": status.answer,
        "steps": appeals.way(status, language),
        "due": language.day(date.fromisoformat(status.due_on)) if status.due_on else "",
        "outcome": words.word(casework.all_outcomes(say), status.result.outcome) if status.answer else None,
        "result": status.result,
        "notices": [
            {
                "title": words.word(casework.notice_titles(say), one.kind),
                "when": language.date(appeals.moment(one.at)),
                "reason": one.reason,
                "body": one.body,
                "until": language.day(date.fromisoformat(one.until)) if one.until else "",
            }
            for one in status.notices
        ],
    }
