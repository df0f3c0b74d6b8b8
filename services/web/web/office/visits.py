"""The desk of today, the visits of a day, a visit, a booking for a caller, the hours of reception."""

import re
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import grpc
from fastapi import APIRouter
from kit.clock import kyiv_date
from kit.names import last
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import appeals_pb2
from spilno.reception.v1 import receptions_pb2 as pb
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, casework, notices, visits, words
from web.days import day_of, written
from web.office import mediations, persons, referrals, submissions
from web.office.duties import pressing
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft

router = APIRouter(prefix="/{slug}/office")
_WEEKDAYS = ("пн", "вт", "ср", "чт", "пт", "сб", "нд")
_HOURS = re.compile(r"(\d{1,2}:\d{2})\s*[-–—]\s*(\d{1,2}:\d{2})")
_SCHEDULE_FIELDS = {
    "schedule.week": "week",
    "schedule.week.hours": "week",
    "schedule.week.hours.opens": "week",
    "schedule.week.hours.closes": "week",
    "schedule.slot_minutes": "slot_minutes",
    "schedule.hosts": "hosts",
    "schedule.exceptions": "exceptions",
    "schedule.exceptions.date": "exceptions",
    "schedule.exceptions.hours.opens": "exceptions",
    "schedule.exceptions.hours.closes": "exceptions",
    "schedule.exceptions.note": "exceptions",
}


@router.get("")
async def today(request: Request, web: TheWeb, staff: Reading) -> Response:
    if not staff.may("appeals.read") and not staff.may("receptions.read"):
        if staff.may("trail.read"):
            return RedirectResponse(f"/{staff.office.slug}/office/audit", 303)
        if staff.may("cameras.view"):
            return RedirectResponse(f"/{staff.office.slug}/office/cameras", 303)
        return web.pages.show(request, "office/nothing.html")
    day = kyiv_date(web.clock.now())
    fresh: list[dict[str, Any]] = []
    late: list[dict[str, Any]] = []
    asked_for: list[dict[str, Any]] = []
    if staff.may("appeals.read"):
        asked = appeals_pb2.ListAppealsRequest(parent=staff.office.parent, page_size=5)
        asked.states.append(appeals_pb2.APPEAL_STATE_REGISTERED)
        fresh = [_brief(one, request, day) for one in (await web.appeals.ListAppeals(asked)).appeals]
        late_asked = appeals_pb2.ListAppealsRequest(
            parent=staff.office.parent, page_size=5, due_soon=True, by_deadline=True
        )
        late = [_brief(one, request, day) for one in (await web.appeals.ListAppeals(late_asked)).appeals]
        if staff.may("appeals.decide"):
            waiting = appeals_pb2.ListAppealsRequest(
                parent=staff.office.parent, page_size=5, awaiting_decision=True, by_deadline=True
            )
            asked_for = [_brief(one, request, day) for one in (await web.appeals.ListAppeals(waiting)).appeals]
    rows, outside = [], 0
    if staff.may("receptions.read"):
        listed = await web.receptions.ListVisits(pb.ListVisitsRequest(parent=staff.office.parent))
        rows = [_row(visit, request) for visit in listed.visits]
        asked_outside = pb.ListVisitsRequest(parent=staff.office.parent, outside_schedule=True)
        outside = len((await web.receptions.ListVisits(asked_outside)).visits)
    return web.pages.show(
        request,
        "office/today.html",
        day=day,
        rows=rows,
        appeals=fresh,
        late=late,
        asked_for=asked_for,
        outside=outside,
        persons=await persons.pressing(web, staff, request.state.language) if staff.may("persons.read") else [],
        mediations=(
            await mediations.pressing(web, staff, request.state.language) if staff.may("mediations.work") else []
        ),
        sent=(
            await submissions.waiting(web, staff, request.state.language)
            if staff.may("appeals.register") and staff.may("appeals.take")
            else []
        ),
        referrals=await referrals.pressing(web, staff) if staff.may("appeals.read") else [],
        duties=await pressing(web, staff, request.state.language) if staff.may("duties.read") else [],
    )


def _brief(appeal: appeals_pb2.Appeal, request: Request, today: date) -> dict[str, Any]:
    language = request.state.language
    return {
        "id": last(appeal.name),
        "number": appeal.number,
        "received": language.date(kyiv_date(appeals.moment(appeal.received_at))),
        "said": appeal.text,
        "due": casework.due(appeal, language, today),
        "until": written(appeal.due.asked_until),
        "area": words.word(words.areas(language.gettext), appeal.area),
    }


@router.get("/visits")
async def day_list(request: Request, web: TheWeb, staff: Reading, day: str = "", outside: str = "") -> Response:
    staff.require("receptions.read")
    asked = pb.ListVisitsRequest(parent=staff.office.parent)
    if outside == "yes":
        asked.outside_schedule = True
    elif day:
        asked.date = _date(day).isoformat()
    listed = await web.receptions.ListVisits(asked)
    shown = None if asked.outside_schedule else date.fromisoformat(listed.date)
    return web.pages.show(
        request,
        "office/visits.html",
        day=shown,
        before=shown - timedelta(days=1) if shown else None,
        after=shown + timedelta(days=1) if shown else None,
        is_today=shown == kyiv_date(datetime.now(UTC)),
        rows=[_row(visit, request) for visit in listed.visits],
    )


@router.get("/visits/new")
async def ask_for_visit(request: Request, web: TheWeb, staff: Reading, day: str = "") -> Response:
    staff.require("receptions.book")
    form = await restore_draft(request, staff.subject) or visits.blank(request.state.language, day)
    return await _form(request, web, staff, form)


@router.post("/visits/new")
async def book(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("receptions.book")
    request_id = appeals.request_id(form)
    asked = pb.BookVisitForCallerRequest(parent=staff.office.parent, visit=visits.draft(form), request_id=request_id)
    try:
        booked = await web.receptions.BookVisitForCaller(asked)
    except Failure as failure:
        return await _form(request, web, staff, form, visits.take_refusal(form, failure))
    visit_id = last(booked.visit.name)
    kept = {"code": booked.code, "author": staff.subject}
    await web.keepsakes.keep("caller", request.state.visitor, visit_id, kept, lasting=appeals.RECEIPT_KEPT)
    return RedirectResponse(f"/{staff.office.slug}/office/visits/{visit_id}", 303)


@router.get("/visits/walk-in")
async def ask_who_came(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("receptions.record")
    form = await restore_draft(request, staff.subject) or visits.blank(request.state.language)
    return web.pages.show(request, "office/walk-in.html", form=form)


@router.post("/visits/walk-in")
async def add_walk_in(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("receptions.record")
    asked = pb.AddWalkInRequest(
        parent=staff.office.parent,
        visitor=form["visitor"],
        phone=appeals.dialled(form) if form["phone"] else "",
        topic=form["topic"],
        request_id=appeals.request_id(form),
    )
    try:
        await web.receptions.AddWalkIn(asked)
    except Failure as failure:
        status = visits.take_refusal(form, failure)
        return web.pages.show(request, "office/walk-in.html", form=form, status=status)
    return RedirectResponse(f"/{staff.office.slug}/office/visits", 303)


async def _form(request: Request, web: Web, staff: Staff, form: Form, status: int | None = None) -> Response:
    offer = await visits.offer(web, staff.office.parent, request.state.language)
    return web.pages.show(
        request, "office/visit-new.html", form=form, status=status, offer=offer, chosen=offer.chosen(form)
    )


@router.get("/visits/{visit_id}")
async def show(request: Request, web: TheWeb, staff: Reading, visit_id: UUID) -> Response:
    staff.require("receptions.read")
    return await _visit(request, web, staff, visit_id, await restore_draft(request, staff.subject))


@router.post("/visits/{visit_id}/check-in")
async def check_in(request: Request, web: TheWeb, form: Submitted, staff: Writing, visit_id: UUID) -> Response:
    try:
        await web.receptions.CheckIn(pb.CheckInRequest(name=_name(staff, visit_id), etag=form["etag"]))
    except Failure as failure:
        return await _refused(request, web, staff, visit_id, form, failure)
    return RedirectResponse(f"/{staff.office.slug}/office/visits/{visit_id}", 303)


@router.post("/visits/{visit_id}/cancel")
async def cancel(request: Request, web: TheWeb, form: Submitted, staff: Writing, visit_id: UUID) -> Response:
    asked = pb.CancelVisitForCallerRequest(name=_name(staff, visit_id), etag=form["etag"])
    try:
        await web.receptions.CancelVisitForCaller(asked)
    except Failure as failure:
        return await _refused(request, web, staff, visit_id, form, failure)
    return RedirectResponse(f"/{staff.office.slug}/office/visits/{visit_id}", 303)


@router.get("/visits/{visit_id}/move")
async def ask_where_to(request: Request, web: TheWeb, staff: Reading, visit_id: UUID, day: str = "") -> Response:
    staff.require("receptions.read", "receptions.book")
    return await _move_form(request, web, staff, visit_id, visits.blank(request.state.language, day))


@router.post("/visits/{visit_id}/move")
async def move(request: Request, web: TheWeb, form: Submitted, staff: Writing, visit_id: UUID) -> Response:
    staff.require("receptions.read", "receptions.book")
    asked = pb.MoveVisitForCallerRequest(
        name=_name(staff, visit_id), etag=form["etag"], start_time=visits.chosen_start(form)
    )
    try:
        await web.receptions.MoveVisitForCaller(asked)
    except Failure as failure:
        return await _move_form(request, web, staff, visit_id, form, visits.take_move_refusal(form, failure))
    return RedirectResponse(f"/{staff.office.slug}/office/visits/{visit_id}?saved=yes", 303)


async def _move_form(
    request: Request, web: Web, staff: Staff, visit_id: UUID, form: Form, status: int | None = None
) -> Response:
    visit = await web.receptions.GetVisit(pb.GetVisitRequest(name=_name(staff, visit_id)))
    offer = await visits.offer(web, staff.office.parent, request.state.language)
    return web.pages.show(
        request,
        "office/visit-move.html",
        form=form,
        status=status,
        offer=offer,
        chosen=offer.chosen(form),
        etag=visit.etag,
        **_row(visit, request),
    )


@router.post("/visits/{visit_id}/record")
async def record(request: Request, web: TheWeb, form: Submitted, staff: Writing, visit_id: UUID) -> Response:
    outcome = words.number(words.outcomes(form.language.gettext), form["outcome"])
    asked = pb.RecordVisitRequest(
        name=_name(staff, visit_id),
        etag=form["etag"],
        hosts=[value for name, value in form.values.items() if name.startswith("host-") and value],
        outcome=pb.VisitOutcome.ValueType(outcome),
        note=form["note"],
    )
    try:
        await web.receptions.RecordVisit(asked)
    except Failure as failure:
        return await _refused(request, web, staff, visit_id, form, failure)
    if outcome == pb.VISIT_OUTCOME_APPEAL and staff.may("appeals.register"):
        return RedirectResponse(f"/{staff.office.slug}/office/appeals/new?visit={visit_id}", 303)
    return RedirectResponse(f"/{staff.office.slug}/office/visits/{visit_id}", 303)


@router.post("/visits/{visit_id}/notices/{notice_id}/resend")
async def send_again(
    request: Request, web: TheWeb, form: Submitted, staff: Writing, visit_id: UUID, notice_id: UUID
) -> Response:
    try:
        await notices.send_again(web, staff.office.parent, notice_id, form)
    except Failure as failure:
        return await _refused(request, web, staff, visit_id, form, failure)
    return RedirectResponse(f"/{staff.office.slug}/office/visits/{visit_id}", 303)


async def _refused(request: Request, web: Web, staff: Staff, visit_id: UUID, form: Form, failure: Failure) -> Response:
    """The visit as it stands now, with what was refused and what was typed."""
    say, status = form.language.gettext, 422
    match failure.code:
        case grpc.StatusCode.ABORTED:
            form.refuse("", say("Візит щойно змінив хтось інший. Ось він тепер: перевірте й повторіть."))
        case grpc.StatusCode.INVALID_ARGUMENT if failure.fields:
            form.refuse_all(failure.fields, {"outcome": "outcome", "hosts": "host-1", "note": "note"})
        case grpc.StatusCode.FAILED_PRECONDITION if failure.reason != "hromada.suspended":
            form.refuse("", failure.message)
        case grpc.StatusCode.UNAVAILABLE | grpc.StatusCode.DEADLINE_EXCEEDED:
            form.refuse("", say("Служба не відповідає. Написане на місці: надішліть ще раз за хвилину."))
            status = 503
        case _:
            raise failure
    return await _visit(request, web, staff, visit_id, form, status)


async def _visit(
    request: Request, web: Web, staff: Staff, visit_id: UUID, form: Form | None, status: int | None = None
) -> Response:
    visit = await web.receptions.GetVisit(pb.GetVisitRequest(name=_name(staff, visit_id)))
    schedule = await web.receptions.GetSchedule(pb.GetScheduleRequest(parent=staff.office.parent))
    kept = await web.keepsakes.look("caller", request.state.visitor, str(visit_id))
    code = kept["code"] if kept is not None and kept.get("author") == staff.subject else ""
    is_open = visit.state in {pb.VISIT_STATE_BOOKED, pb.VISIT_STATE_ARRIVED}
    hosts = schedule.schedule.hosts
    if form is None:
        form = Form({f"host-{place}": host for place, host in enumerate(hosts, 1)}, request.state.language)
    return web.pages.show(
        request,
        "office/visit.html",
        form=form,
        status=status,
        **_row(visit, request),
        code=appeals.grouped(code),
        reminder=_reminder(visit, request),
        told=await notices.about(web, staff.office.parent, request.state.language, visit=visit.name)
        if staff.may("notices.read")
        else None,
        resend_id=str(uuid.uuid4()),
        note=visit.note,
        held_by=list(visit.hosts),
        etag=visit.etag,
        hosts=list(hosts),
        outcomes=words.outcomes(request.state.language.gettext),
        outcome=words.word(words.outcomes(request.state.language.gettext), visit.outcome) if visit.outcome else None,
        appeal=last(visit.appeal),
        may_check_in=visit.state == pb.VISIT_STATE_BOOKED and staff.may("receptions.record"),
        may_record=is_open and staff.may("receptions.record"),
        may_move=visit.state == pb.VISIT_STATE_BOOKED and staff.may("receptions.book"),
        may_cancel=is_open and staff.may("receptions.book"),
        may_appeal=visit.state in {pb.VISIT_STATE_ARRIVED, pb.VISIT_STATE_HELD}
        and not visit.appeal
        and staff.may("appeals.register"),
    )


@router.get("/schedule")
async def ask_for_schedule(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("receptions.manage")
    form = await restore_draft(request, staff.subject)
    if form is None:
        found = await web.receptions.GetSchedule(pb.GetScheduleRequest(parent=staff.office.parent))
        form = Form(_written(found), request.state.language)
    return web.pages.show(request, "office/schedule.html", form=form)


@router.post("/schedule")
async def change_schedule(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("receptions.manage")
    schedule = _read(form)
    if form.is_refused:
        return web.pages.show(request, "office/schedule.html", form=form)
    asked = pb.UpdateScheduleRequest(parent=staff.office.parent, schedule=schedule, etag=form["etag"])
    try:
        await web.receptions.UpdateSchedule(asked)
    except Failure as failure:
        if failure.code is grpc.StatusCode.ABORTED:
            form.refuse("", form.language.gettext("Розклад щойно змінив хтось інший. Відкрийте сторінку знову."))
        elif failure.fields:
            form.refuse_all(failure.fields, _SCHEDULE_FIELDS)
        else:
            raise
        return web.pages.show(request, "office/schedule.html", form=form)
    return RedirectResponse(f"/{staff.office.slug}/office/visits?outside=yes&saved=yes", 303)


def _written(found: pb.Schedule) -> dict[str, str]:
    schedule = found.schedule
    return {
        "week": "\n".join(f"{_WEEKDAYS[one.weekday - 1]} {_span(one.hours)}" for one in schedule.week),
        "slot_minutes": str(schedule.slot_minutes),
        "hosts": "\n".join(schedule.hosts),
        "exceptions": "\n".join(map(_line, schedule.exceptions)),
        "holidays": "yes" if schedule.holidays_are_working else "no",
        "etag": found.etag,
    }


def _line(exception: pb.ScheduleException) -> str:
    day = f"{date.fromisoformat(exception.date):%d.%m.%Y}"
    return " ".join(filter(None, [day, ", ".join(map(_span, exception.hours)) or "закрито", exception.note]))


def _span(hours: pb.Hours) -> str:
    return f"{hours.opens}-{hours.closes}"


def _read(form: Form) -> pb.ScheduleDraft:
    """The schedule that the form's lines say; a line that says none is quoted at its field."""
    say = form.language.gettext
    schedule = pb.ScheduleDraft(
        hosts=[line.strip() for line in form["hosts"].splitlines() if line.strip()],
        holidays_are_working=form["holidays"] != "no",
    )
    if form["slot_minutes"].isascii() and form["slot_minutes"].isdigit() and len(form["slot_minutes"]) < 4:
        schedule.slot_minutes = int(form["slot_minutes"])
    for line in filter(None, map(str.strip, form["week"].splitlines())):
        spans = _HOURS.findall(line)
        if line[:2].lower() not in _WEEKDAYS or not spans:
            form.refuse("week", say("Не вдалося прочитати «%s». Пишіть так: вт 10:00-12:00") % line)
        for opens, closes in spans if line[:2].lower() in _WEEKDAYS else []:
            weekday = _WEEKDAYS.index(line[:2].lower()) + 1
            schedule.week.add(weekday=weekday, hours=pb.Hours(opens=opens.zfill(5), closes=closes.zfill(5)))
    for line in filter(None, map(str.strip, form["exceptions"].splitlines())):
        day, _, rest = line.partition(" ")
        spans = _HOURS.findall(rest)
        on = day_of(day)
        if on is None or not (spans or rest.lower().startswith("закрито")):
            form.refuse("exceptions", say("Не вдалося прочитати «%s». Пишіть так: 31.12.2026 закрито") % line)
            continue
        note = _HOURS.sub("", rest).strip(" ,") if spans else rest[len("закрито") :].strip()
        hours = [pb.Hours(opens=opens.zfill(5), closes=closes.zfill(5)) for opens, closes in spans]
        schedule.exceptions.append(pb.ScheduleException(date=on.isoformat(), hours=hours, note=note))
    return schedule


def _row(visit: pb.Visit, request: Request) -> dict[str, Any]:
    language = request.state.language
    when = visits.moment(visit.start_time)
    return {
        "id": last(visit.name),
        "when": when,
        "time": language.time(when),
        "visitor": visit.visitor or language.gettext("Ім’я вже не зберігаємо"),
        "phone": visit.phone,
        "topic": visit.topic,
        "state": words.word(words.visit_states(language.gettext), visit.state),
        "is_outside": visit.outside_schedule,
        "booked_by_staff": visit.booked_by_staff,
        "is_walk_in": visit.walk_in,
    }


def _reminder(visit: pb.Visit, request: Request) -> dict[str, Any] | None:
    if not visit.HasField("reminder"):
        return None
    kept = visit.reminder
    return {
        "how": words.word(words.reminders(request.state.language.gettext), kept.channel).text,
        "email": kept.email,
        "language": kept.language,
        "agreed": visits.moment(kept.agreed_at),
    }


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise HTTPException(404) from None


def _name(staff: Staff, visit_id: UUID) -> str:
    return f"{staff.office.parent}/visits/{visit_id}"
