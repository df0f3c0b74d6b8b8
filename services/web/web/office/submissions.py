"""What residents sent and no rule sorts: the desk registers it, or writes down who took it."""

from datetime import date
from typing import Any
from uuid import UUID

import grpc
from fastapi import APIRouter
from kit.names import last
from kit.pages import Form, Language, Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import appeals_pb2, attachments_pb2, particulars_pb2
from spilno.reception.v1 import triage_pb2 as pb
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, attachments, casework, persons, words
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft
from web.sizes import measured

router = APIRouter(prefix="/{slug}/office/submissions")
_FIELDS = {
    "kind": "kind",
    "area": "area",
    "sensitive": "sensitivity",
    "staff": "sensitivity",
    "track": "track",
    "unit": "unit",
    "record_number": "record_number",
}


async def waiting(web: Web, staff: Staff, language: Language) -> list[dict[str, Any]]:
    """What waits to be sorted, the oldest first."""
    listed = await web.triage.ListSubmissions(pb.ListSubmissionsRequest(parent=staff.office.parent))
    return [_told(each, language) for each in listed.submissions]


@router.get("/{submission_id}")
async def show(request: Request, web: TheWeb, staff: Reading, submission_id: UUID) -> Response:
    staff.require("appeals.register")
    form = await restore_draft(request, staff.subject)
    return await _page(request, web, staff, submission_id, form)


@router.post("/{submission_id}/register")
async def register(request: Request, web: TheWeb, form: Submitted, staff: Writing, submission_id: UUID) -> Response:
    staff.require("appeals.register")
    say = form.language.gettext
    asked = pb.RegisterSubmissionRequest(
        name=_name(staff, submission_id),
        etag=form["etag"],
        kind=appeals_pb2.AppealKind.ValueType(words.number(words.kinds(say), form["kind"])),
        area=appeals_pb2.SafetyArea.ValueType(words.number(words.areas(say), form["area"])),
    )
    if number := words.number(casework.sensitivities(say), form["sensitivity"]):
        people = await casework.colleagues(web, staff)
        named = [appeals_pb2.Actor(id=id, display_name=name) for id, name in people.items() if form[f"staff-{id}"]]
        asked.sensitive.CopyFrom(
            appeals_pb2.CaseMark(
                sensitivity=particulars_pb2.Sensitivity.ValueType(number),
                staff=named,
                reason=say("Позначено під час реєстрації"),
            )
        )
    try:
        appeal = await web.triage.RegisterSubmission(asked)
    except Failure as failure:
        return await _refused(request, web, staff, submission_id, form, failure)
    return RedirectResponse(f"/{staff.office.slug}/office/appeals/{last(appeal.name)}", 303)


@router.post("/{submission_id}/hand-over")
async def hand_over(request: Request, web: TheWeb, form: Submitted, staff: Writing, submission_id: UUID) -> Response:
    staff.require("appeals.register")
    track = words.number(words.tracks(form.language.gettext), form["track"])
    asked = pb.HandOverSubmissionRequest(
        name=_name(staff, submission_id),
        etag=form["etag"],
        track=pb.Track.ValueType(track),
        unit=form["unit"],
        record_number=form["record_number"],
    )
    try:
        await web.triage.HandOverSubmission(asked)
    except Failure as failure:
        return await _refused(request, web, staff, submission_id, form, failure)
    return RedirectResponse(f"/{staff.office.slug}/office/outside?saved=yes", 303)


@router.get("/{submission_id}/files/{file_id}")
async def download(web: TheWeb, staff: Reading, submission_id: UUID, file_id: UUID) -> Response:
    staff.require("appeals.register")
    name = f"{_name(staff, submission_id)}/attachments/{file_id}"
    return await attachments.given_waiting(web, attachments_pb2.DownloadSubmissionAttachmentRequest(name=name))


@router.get("/{submission_id}/files/{file_id}/thumbnail")
async def thumbnail(web: TheWeb, staff: Reading, submission_id: UUID, file_id: UUID) -> Response:
    staff.require("appeals.register")
    name = f"{_name(staff, submission_id)}/attachments/{file_id}"
    asked = attachments_pb2.DownloadSubmissionAttachmentRequest(
        name=name, view=attachments_pb2.ATTACHMENT_VIEW_THUMBNAIL
    )
    return await attachments.given_waiting(web, asked)


async def _refused(
    request: Request, web: Web, staff: Staff, submission_id: UUID, form: Form, failure: Failure
) -> Response:
    if failure.fields:
        form.refuse_all(failure.fields, _FIELDS)
    elif failure.code is grpc.StatusCode.ABORTED:
        form.refuse(
            "", form.language.gettext("Справу щойно змінив хтось інший. Ось вона тепер: перевірте й повторіть.")
        )
    elif failure.reason == "person.held":
        form.refuse("", failure.message)
    else:
        raise failure
    return await _page(request, web, staff, submission_id, form)


async def _page(request: Request, web: Web, staff: Staff, submission_id: UUID, form: Form | None) -> Response:
    language = request.state.language
    say = language.gettext
    found = next((each for each in await waiting(web, staff, language) if each["id"] == str(submission_id)), None)
    if found is None:
        raise HTTPException(404)
    asked_for = {"sensitivity": "requested"} if found["confidential"] else {}
    first = {"kind": found["kind"].value, "area": found["area"].value, **asked_for}
    people = await casework.colleagues(web, staff)
    return web.pages.show(
        request,
        "office/submission.html",
        form=form or Form(first, language),
        one=found,
        kinds=words.kinds(say),
        areas=words.areas(say),
        sensitivity_options=[
            ("", say("Ні, звичайне звернення")),
            *((one.value, one.text) for one in casework.sensitivities(say)),
        ],
        colleagues=[(id, name) for id, name in people.items() if id != staff.subject],
        track_options=[("", say("Оберіть, що це")), *((one.value, one.text) for one in words.tracks(say))],
    )


def _told(one: pb.Submission, language: Language) -> dict[str, Any]:
    say = language.gettext
    return {
        "id": last(one.name),
        "etag": one.etag,
        "kind": words.word(words.kinds(say), one.kind),
        "area": words.word(words.areas(say), one.area),
        "applicant": one.applicant,
        "text": one.text,
        "tracks": [words.word(words.tracks(say), each) for each in one.tracks],
        "confidential": one.confidential,
        "is_late": one.overdue,
        "due": language.day(date.fromisoformat(one.due_on)) if one.due_on else "",
        "files": [
            {
                "id": last(each.name),
                "name": each.filename,
                "size": measured(each.size, language),
                "has_thumbnail": each.has_thumbnail,
            }
            for each in one.files
        ],
        "when": language.stamp(appeals.moment(one.received_at)),
        "asked": [words.word(persons.kinds(say), each) for each in one.asked],
    }


def _name(staff: Staff, submission_id: UUID) -> str:
    return f"{staff.office.parent}/submissions/{submission_id}"
