"""The office's calendar, the terms of the law, and which of its rules no lawyer has confirmed yet."""

import re
from datetime import date
from typing import Any

import grpc
from fastapi import APIRouter
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import clocks_pb2 as pb
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import words
from web.days import day_of, written
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft

router = APIRouter(prefix="/{slug}/office")
_TERMS = ("forward", "missing", "defect", "simple", "months", "most")
_FIELDS = {
    "calendar.weeks": "weeks",
    "calendar.weeks.since": "weeks",
    "calendar.martial_law": "martial_law",
    "calendar.moved": "moved",
    "calendar.terms": "terms",
    **{f"calendar.terms.{name}": "terms" for name in _TERMS},
}


@router.get("/calendar")
async def show_calendar(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("calendar.read")
    form = await restore_draft(request, staff.subject)
    return await _page(request, web, staff, form)


@router.post("/calendar")
async def change_calendar(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("calendar.manage")
    calendar = _read(form)
    if form.is_refused:
        return await _page(request, web, staff, form)
    asked = pb.UpdateCalendarRequest(parent=staff.office.parent, calendar=calendar, etag=form["etag"])
    try:
        await web.clocks.UpdateCalendar(asked)
    except Failure as failure:
        if failure.code is grpc.StatusCode.ABORTED:
            form.refuse("", form.language.gettext("Календар щойно змінив хтось інший. Відкрийте сторінку знову."))
        elif failure.fields:
            form.refuse_all(failure.fields, _FIELDS)
        else:
            raise
        return await _page(request, web, staff, form)
    return RedirectResponse(f"/{staff.office.slug}/office/calendar?saved=yes", 303)


async def _page(request: Request, web: Web, staff: Staff, form: Form | None) -> Response:
    say = request.state.language.gettext
    if form is None:
        found = await web.clocks.GetCalendar(pb.GetCalendarRequest(parent=staff.office.parent))
        form = Form(_written(found, say), request.state.language)
    listed = await web.clocks.ListProvisions(pb.ListProvisionsRequest(parent=staff.office.parent))
    return web.pages.show(
        request,
        "office/calendar.html",
        form=form,
        rules=[_rule(each, say) for each in listed.provisions],
        may_change=staff.may("calendar.manage"),
    )


def _rule(provision: pb.Provision, say: words.Say) -> dict[str, Any]:
    return {
        "law": provision.law,
        "text": provision.text,
        "is_confirmed": provision.certainty == pb.CERTAINTY_SEEN,
        "certainty": words.word(words.certainties(say), provision.certainty),
    }


def _written(found: pb.Calendar, say: words.Say) -> dict[str, str]:
    calendar = found.calendar
    days = {pb.WORKING_WEEK_FIVE_DAYS: "5", pb.WORKING_WEEK_SIX_DAYS: "6"}
    return {
        "weeks": "\n".join(f"{written(each.since)} {days.get(each.week, '')}" for each in calendar.weeks),
        "martial_law": "\n".join(
            f"{written(each.since)} - {written(each.until)}".rstrip() for each in calendar.martial_law
        ),
        "moved": "\n".join(
            f"{written(each.day)} {say('робочий') if each.working else say('вихідний')}" for each in calendar.moved
        ),
        "terms": "\n".join(
            f"{written(each.since)}: {', '.join(str(getattr(each, name)) for name in _TERMS)}"
            for each in calendar.terms
        ),
        "etag": found.etag,
    }


def _read(form: Form) -> pb.CalendarDraft:
    """The calendar that the form's lines say; a line that says none is quoted at its field."""
    say = form.language.gettext
    draft = pb.CalendarDraft()
    for line, day, rest in _lines(form, "weeks"):
        if day is None or rest not in {"5", "6"}:
            form.refuse("weeks", say("Не вдалося прочитати «%s». Пишіть так: 01.09.2026 5") % line)
            continue
        draft.weeks.add(since=day, week=pb.WORKING_WEEK_FIVE_DAYS if rest == "5" else pb.WORKING_WEEK_SIX_DAYS)
    for line, day, rest in _lines(form, "martial_law"):
        end = rest.lstrip("-–— ")
        until = day_of(end)
        if day is None or (end and until is None):
            form.refuse("martial_law", say("Не вдалося прочитати «%s». Пишіть так: 24.02.2022 - 04.05.2027") % line)
            continue
        draft.martial_law.add(since=day, until=until.isoformat() if until else "")
    for line, day, rest in _lines(form, "moved"):
        kind = rest.lower()
        if day is None or kind not in {say("робочий"), say("вихідний")}:
            form.refuse("moved", say("Не вдалося прочитати «%s». Пишіть так: 24.08.2027 вихідний") % line)
            continue
        draft.moved.add(day=day, working=kind == say("робочий"))
    for line, day, rest in _lines(form, "terms"):
        numbers = [int(each) for each in re.findall(r"[0-9]{1,4}", rest)]
        if day is None or len(numbers) != len(_TERMS):
            form.refuse("terms", say("Не вдалося прочитати «%s». Потрібен день і шість чисел") % line)
            continue
        draft.terms.add(since=day, **dict(zip(_TERMS, numbers, strict=True)))
    return draft


def _lines(form: Form, name: str) -> list[tuple[str, str | None, str]]:
    """Each line as typed, the day that it begins with, and what follows."""
    found = []
    for line in filter(None, map(str.strip, form[name].splitlines())):
        first, _, rest = line.partition(" ")
        day: date | None = day_of(first.rstrip(":"))
        found.append((line, day.isoformat() if day else None, rest.strip()))
    return found
