"""What was recorded of a camera: the hours of a day, looking at them for a case, and keeping them for one."""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from google.protobuf.timestamp_pb2 import Timestamp
from kit.clock import KYIV
from kit.names import last
from kit.pages import Form, Language, Submitted
from kit.rpc.client import Failure
from spilno.cctv.v1 import cameras_pb2, views_pb2
from spilno.cctv.v1 import recordings_pb2 as pb
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, partners
from web.days import day_of, moment_of
from web.office import watching
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft

router = APIRouter(prefix="/{slug}/office/cameras")

_LOOKING = {"start": "from", "end": "until", "purpose": "purpose", "case_reference": "case"}
_HOLDING = {"start": "hold_from", "end": "hold_until", "case_reference": "hold_case", "reason": "hold_reason"}
_WIDE = 1000
"""Units of the strip that a day is."""
_LEAST = 4.0
_SHOWN_FIRST = timedelta(minutes=10)
_MOST_HOLDS = 100
_FIRST = date(2000, 1, 1)
"""No footage is older."""
_A_DAY = timedelta(days=1)


@router.get("/{camera_id}/footage")
async def overview(request: Request, web: TheWeb, staff: Reading, camera_id: UUID, day: str = "") -> Response:
    staff.require("recordings.view")
    form = Form({"request_id": str(uuid.uuid4()), "day": day}, request.state.language)
    return await _overview(request, web, staff, camera_id, await restore_draft(request, staff.subject) or form)


@router.post("/{camera_id}/footage/watch")
async def watch(request: Request, web: TheWeb, form: Submitted, staff: Writing, camera_id: UUID) -> Response:
    """Begins to look, for a purpose and a case."""
    staff.require("recordings.view")
    asked = views_pb2.StartPlaybackRequest(
        parent=_name(staff, camera_id),
        start=_moment(form, "from"),
        end=_moment(form, "until"),
        purpose=form["purpose"],
        case_reference=form["case"],
        browser=watching.browser_of(request, web),
        request_id=appeals.request_id(form),
    )
    if form.is_refused:
        return await _overview(request, web, staff, camera_id, form, 422)
    try:
        started = await web.views.StartPlayback(asked)
    except Failure as failure:
        status = partners.take_refusal(form, failure, _LOOKING)
        return await _overview(request, web, staff, camera_id, form, status)
    return RedirectResponse(f"/{staff.office.slug}/office/cameras/footage/{last(started.view.name)}", 303)


@router.get("/footage/{view_id}")
async def play(request: Request, web: TheWeb, staff: Reading, view_id: UUID) -> Response:
    staff.require("recordings.view")
    passes = await watching.renewed(request, web, staff, view_id)
    if not passes.view.HasField("range_start"):
        return RedirectResponse(f"/{staff.office.slug}/office/cameras/live/{view_id}", 303)
    one = next(iter(passes.passes), None)
    camera = passes.view.cameras[0].name
    dossier = (await web.cameras.GetCamera(cameras_pb2.GetCameraRequest(name=camera))).dossier
    language, view = request.state.language, passes.view
    response = web.pages.show(
        request,
        "office/footage-play.html",
        media=web.settings.media_url,
        origins=web.settings.media_urls,
        camera=last(camera),
        title=dossier.title,
        path=one.path if one is not None else "",
        view_id=view_id,
        viewer=staff.display_name,
        day=_day_of(view.range_start).isoformat(),
        span=_span(view.range_start, view.range_end, language),
        purpose=view.purpose,
        case=view.case_reference,
    )
    return watching.with_cookie(request, web, response)


@router.post("/{camera_id}/footage/hold")
async def hold(request: Request, web: TheWeb, form: Submitted, staff: Writing, camera_id: UUID) -> Response:
    """A case needs it: it is not deleted when its time is over."""
    staff.require("recordings.hold")
    asked = pb.HoldFootageRequest(
        parent=_name(staff, camera_id),
        start=_moment(form, "hold_from"),
        end=_moment(form, "hold_until"),
        case_reference=form["hold_case"],
        reason=form["hold_reason"],
        request_id=appeals.request_id(form),
    )
    if form.is_refused:
        return await _overview(request, web, staff, camera_id, form, 422)
    try:
        await web.recordings.HoldFootage(asked)
    except Failure as failure:
        status = partners.take_refusal(form, failure, _HOLDING)
        return await _overview(request, web, staff, camera_id, form, status)
    return _back(staff, camera_id, form)


@router.post("/{camera_id}/footage/holds/{hold_id}/release")
async def release(
    request: Request, web: TheWeb, form: Submitted, staff: Writing, camera_id: UUID, hold_id: UUID
) -> Response:
    """The case needs it no more."""
    staff.require("recordings.hold")
    field = f"released-{hold_id}"
    asked = pb.ReleaseHoldRequest(name=f"{staff.office.parent}/holds/{hold_id}", etag=form["etag"], reason=form[field])
    try:
        await web.recordings.ReleaseHold(asked)
    except Failure as failure:
        status = partners.take_refusal(form, failure, {"reason": field})
        return await _overview(request, web, staff, camera_id, form, status)
    return _back(staff, camera_id, form)


async def _overview(
    request: Request, web: Web, staff: Staff, camera_id: UUID, form: Form, status: int | None = None
) -> Response:
    language, name = request.state.language, _name(staff, camera_id)
    camera = await web.cameras.GetCamera(cameras_pb2.GetCameraRequest(name=name))
    today = datetime.now(KYIV).date()
    day = max(min(day_of(form["day"]) or today, today), _FIRST)
    start, end = _begins(day), _begins(day + _A_DAY)
    asked = pb.ListFootageRequest(parent=name)
    asked.start.FromDatetime(start)
    asked.end.FromDatetime(end)
    stretches = list((await web.recordings.ListFootage(asked)).stretches)
    listed = await web.recordings.ListHolds(
        pb.ListHoldsRequest(parent=staff.office.parent, camera=name, only_open=True, page_size=_MOST_HOLDS)
    )
    for field, said in _first_looked_at(stretches).items():
        form.values.setdefault(field, said)
        form.values.setdefault(f"hold_{field}", said)
    form.values["day"] = day.isoformat()
    return web.pages.show(
        request,
        "office/footage.html",
        form=form,
        status=status,
        camera=last(name),
        title=camera.dossier.title,
        day=language.date(day),
        before=(day - _A_DAY).isoformat(),
        after=(day + _A_DAY).isoformat() if day < today else "",
        stretches=[_stretch(each.start, each.end, start, end, language) for each in stretches],
        held=[_stretch(each.start, each.end, start, end, language) for each in listed.holds],
        holds=[_hold(each, language) for each in listed.holds],
        hours=[f"{hour:02}" for hour in range(0, 25, 4)],
        wide=_WIDE,
    )


def _first_looked_at(stretches: Sequence[pb.Stretch]) -> dict[str, str]:
    """The end of what there is: mostly somebody comes right after something has happened."""
    if not stretches:
        return {}
    newest = stretches[-1]
    end = newest.end.ToDatetime(UTC)
    start = max(newest.start.ToDatetime(UTC), end - _SHOWN_FIRST)
    return {"from": f"{start.astimezone(KYIV):%H:%M:%S}", "until": f"{end.astimezone(KYIV):%H:%M:%S}"}


def _stretch(start: Timestamp, end: Timestamp, begins: datetime, ends: datetime, language: Language) -> dict[str, Any]:
    """Where on the day's strip something lies, and when that is in words."""
    first, until = max(start.ToDatetime(UTC), begins), min(end.ToDatetime(UTC), ends)
    at, to = ((each - begins) / (ends - begins) * _WIDE for each in (first, until))
    return {
        "at": round(at, 1),
        "wide": round(max(to - at, _LEAST), 1),
        "is_today": first < until,
        "said": f"{language.time(first)}–{language.time(until)}",
    }


def _hold(hold: pb.Hold, language: Language) -> dict[str, Any]:
    return {
        "id": last(hold.name),
        "etag": hold.etag,
        "span": _span(hold.start, hold.end, language),
        "case": hold.case_reference,
        "reason": hold.reason,
        "by": hold.held_by,
        "when": language.moment(hold.held_at.ToDatetime(UTC)),
    }


def _span(start: Timestamp, end: Timestamp, language: Language) -> str:
    first, until = start.ToDatetime(UTC), end.ToDatetime(UTC)
    is_one_day = first.astimezone(KYIV).date() == until.astimezone(KYIV).date()
    return f"{language.moment(first)} – {language.time(until) if is_one_day else language.moment(until)}"


def _moment(form: Form, field: str) -> Timestamp | None:
    """A time of the form's day, as the wall clock in Ukraine shows it."""
    if not form[field]:
        return None
    day = day_of(form["day"])
    try:
        typed = time.fromisoformat(form[field])
    except ValueError:
        typed = None
    stamp = moment_of(datetime.combine(day, typed.replace(tzinfo=None))) if day and typed is not None else None
    if stamp is None:
        form.refuse(field, form.language.gettext("Напишіть час, наприклад 18:30"))
    return stamp


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), KYIV).astimezone(UTC)


def _day_of(moment: Timestamp) -> date:
    return moment.ToDatetime(UTC).astimezone(KYIV).date()


def _back(staff: Staff, camera_id: UUID, form: Form) -> Response:
    day = day_of(form["day"]) or datetime.now(KYIV).date()
    return RedirectResponse(f"/{staff.office.slug}/office/cameras/{camera_id}/footage?day={day}&saved=yes", 303)


def _name(staff: Staff, camera_id: UUID) -> str:
    return f"{staff.office.parent}/cameras/{camera_id}"
