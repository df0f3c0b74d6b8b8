"""A person's own data at the desk: requests with their terms, what is held of a person, holds and the term of storage.

Who is looked for is never in an address: everything about a person comes by POST.
"""

import uuid
from typing import Any
from uuid import UUID

import grpc
from fastapi import APIRouter
from kit.names import last
from kit.pages import Form, Language, Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import persons_pb2 as pb
from spilno.reception.v1 import prints_pb2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, casework, persons, words
from web.days import written
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, is_away

router = APIRouter(prefix="/{slug}/office")
_WHO = ("phone", "email", "code", "known_as", "day")
_FIELDS = {
    "person": "phone",
    "person.phone": "phone",
    "person.email": "email",
    "person.code": "code",
    "person.known_as": "known_as",
    "person.day": "day",
    "field": "field",
    "value": "value",
    "reason": "reason",
    "case_reference": "case_reference",
    "record": "case",
    "kind": "kind",
    "requester": "requester",
    "identified_by": "identified_by",
    "received_on": "received_on",
    "answer": "answer",
    "years": "years",
}


async def pressing(web: Web, staff: Staff, language: Language) -> list[dict[str, Any]]:
    """Requests whose term is near or has passed, for the desk."""
    listed = await web.persons.ListPersonRequests(pb.ListPersonRequestsRequest(parent=staff.office.parent))
    return [_request(each, language) for each in listed.requests if each.alarm > pb.PERSON_REQUEST_ALARM_NONE]


@router.get("/persons")
async def show(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("persons.read")
    return await _page(request, web, staff, _fresh(request.state.language))


@router.post("/persons/find")
async def find(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    """Who is meant, and what is done with what is found of them; the records come back as they stand."""
    staff.require("persons.read")
    person = _person(form)
    if form["step"] and not form.is_refused:
        try:
            await _do(web, staff, form)
        except Failure as failure:
            _take(form, failure)
    if form.is_refused and not form["step"]:
        return await _page(request, web, staff, form)
    try:
        asked = pb.FindPersonRecordsRequest(parent=staff.office.parent, person=person)
        records = (await web.persons.FindPersonRecords(asked)).records
    except Failure as failure:
        _take(form, failure)
        return await _page(request, web, staff, form)
    language = request.state.language
    return web.pages.show(
        request,
        "office/person.html",
        form=form if form.is_refused else Form({name: form[name] for name in _WHO}, language),
        who={name: form[name] for name in _WHO},
        records=[_record(each, language) for each in records],
        fields=[(one.value, one.text) for one in persons.fields(language.gettext)],
        request_id=str(uuid.uuid4()),
    )


@router.post("/persons/export")
async def export(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    """Everything, as a file: for the person to read, or for their computer."""
    staff.require("persons.read")
    asked = pb.ExportPersonRecordsRequest(
        parent=staff.office.parent, person=_person(form), organisation=staff.office.title
    )
    try:
        given = await web.persons.ExportPersonRecords(asked)
    except Failure as failure:
        _take(form, failure)
        return await _page(request, web, staff, form)
    return _file(given.data if form["format"] == "json" else given.readable)


@router.post("/persons/requests")
async def write_down(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("persons.read")
    asked = pb.RecordPersonRequestRequest(
        parent=staff.office.parent,
        kind=pb.PersonRequestKind.ValueType(words.number(persons.kinds(form.language.gettext), form["kind"])),
        requester=form["requester"],
        identified_by=form["identified_by"],
        received_on=casework.day(form, "received_on"),
        text=form["text"],
        request_id=appeals.request_id(form),
    )
    return await _done(request, web, staff, form, web.persons.RecordPersonRequest, asked)


@router.post("/persons/requests/{request_id}/answer")
async def answer(request: Request, web: TheWeb, form: Submitted, staff: Writing, request_id: UUID) -> Response:
    staff.require("persons.read")
    name = f"{staff.office.parent}/person-requests/{request_id}"
    asked = pb.AnswerPersonRequestRequest(
        name=name, granted=form["granted"] == "yes", answer=form["answer"], etag=form["etag"]
    )
    return await _done(request, web, staff, form, web.persons.AnswerPersonRequest, asked)


@router.post("/persons/holds")
async def hold_case(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    """A case of mediation, by its number: nothing of it is shown."""
    staff.require("persons.hold")
    asked = pb.SetHoldRequest(
        parent=staff.office.parent,
        record=f"mediations/{form['case'].strip()}"[:60],
        reason=form["reason"],
        case_reference=form["case_reference"],
        request_id=appeals.request_id(form),
    )
    return await _done(request, web, staff, form, web.persons.SetHold, asked)


@router.post("/persons/holds/{hold_id}/remove")
async def remove_hold(request: Request, web: TheWeb, form: Submitted, staff: Writing, hold_id: UUID) -> Response:
    staff.require("persons.hold")
    name = f"{staff.office.parent}/holds/{hold_id}"
    asked = pb.RemoveHoldRequest(name=name, reason=form["reason"], etag=form["etag"])
    return await _done(request, web, staff, form, web.persons.RemoveHold, asked)


@router.post("/persons/retention")
async def keep_for(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("persons.hold")
    years = form["years"]
    number = int(years) if years.isascii() and years.isdigit() and len(years) < 4 else 0
    asked = pb.UpdateRetentionRequest(parent=staff.office.parent, years=number, etag=form["etag"])
    return await _done(request, web, staff, form, web.persons.UpdateRetention, asked)


async def _done(request: Request, web: Web, staff: Staff, form: Form, verb: Any, asked: Any) -> Response:
    if not form.is_refused:
        try:
            await verb(asked)
        except Failure as failure:
            _take(form, failure)
    if form.is_refused:
        return await _page(request, web, staff, form)
    return RedirectResponse(f"/{staff.office.slug}/office/persons?saved=yes", 303)


async def _do(web: Web, staff: Staff, form: Form) -> None:
    """One step with one record."""
    common = {"parent": staff.office.parent, "record": form["record"], "reason": form["reason"]}
    match form["step"]:
        case "correct":
            staff.require("persons.correct")
            field = words.number(persons.fields(form.language.gettext), form["field"])
            await web.persons.CorrectPersonRecord(
                pb.CorrectPersonRecordRequest(
                    **common, field=pb.PersonField.ValueType(field), value=form["value"], etag=form["etag"]
                )
            )
        case "erase":
            staff.require("persons.erase")
            await web.persons.EraseRecord(pb.EraseRecordRequest(**common, etag=form["etag"]))
        case "hold":
            staff.require("persons.hold")
            await web.persons.SetHold(
                pb.SetHoldRequest(**common, case_reference=form["case_reference"], request_id=appeals.request_id(form))
            )


async def _page(request: Request, web: Web, staff: Staff, form: Form) -> Response:
    language = request.state.language
    say = language.gettext
    parent = staff.office.parent
    listed = (await web.persons.ListPersonRequests(pb.ListPersonRequestsRequest(parent=parent))).requests
    holds = (await web.persons.ListHolds(pb.ListHoldsRequest(parent=parent))).holds
    held = {
        "appeals": say("Звернення"),
        "mediations": say("Справа медіації"),
        "submissions": say("Надіслане, ще не зареєстроване"),
    }
    kept = await web.persons.GetRetention(pb.GetRetentionRequest(parent=parent))
    form.values.setdefault("request_id", str(uuid.uuid4()))
    form.values.setdefault("years", str(kept.years))
    return web.pages.show(
        request,
        "office/persons.html",
        form=form,
        requests=[_request(each, language) for each in listed],
        holds=[
            {
                "id": last(each.name),
                "one": each,
                "is_on": not each.removed_by,
                "what": held.get(each.record.partition("/")[0], say("Прийом")),
            }
            for each in holds
        ],
        retention=kept,
        kinds=[(one.value, one.text) for one in persons.kinds(say)],
    )


def _fresh(language: Language) -> Form:
    return Form({"request_id": str(uuid.uuid4())}, language)


def _person(form: Form) -> pb.PersonKey:
    return pb.PersonKey(
        phone=appeals.dialled(form),
        email=form["email"],
        code=form["code"],
        known_as=form["known_as"],
        day=casework.day(form, "day"),
    )


def _take(form: Form, failure: Failure) -> None:
    say = form.language.gettext
    match failure.code:
        case grpc.StatusCode.ABORTED:
            form.refuse("", say("Запис щойно змінив хтось інший. Ось він тепер: перевірте й повторіть."))
        case grpc.StatusCode.NOT_FOUND:
            form.refuse("code", say("Такого коду немає. Перевірте всі дванадцять цифр"))
        case grpc.StatusCode.FAILED_PRECONDITION if failure.reason.startswith("person."):
            form.refuse("", failure.message)
        case grpc.StatusCode.RESOURCE_EXHAUSTED:
            form.refuse("code", failure.message)
        case _ if failure.fields:
            form.refuse_all(failure.fields, _FIELDS)
        case _ if is_away(failure):
            form.refuse("", say("Служба не відповідає. Написане на місці: надішліть ще раз за хвилину."))
        case _:
            raise failure


def _request(each: pb.PersonRequest, language: Language) -> dict[str, Any]:
    noun = each.record.partition("/")[0]
    return {
        "id": last(each.name),
        "one": each,
        "appeal": last(each.record) if noun == "appeals" else "",
        "submission": last(each.record) if noun == "submissions" else "",
        "alarm": words.word(persons.alarms(language.gettext), each.alarm),
        **persons.told(each.request, language),
    }


def _record(each: pb.PersonRecord, language: Language) -> dict[str, Any]:
    say = language.gettext
    titles = {
        "appeals": say("Звернення %(number)s") % {"number": each.number},
        "visits": say("Прийом"),
        "submissions": say("Надіслане, ще не зареєстроване"),
    }
    return {
        "one": each,
        "key": each.record.replace("/", "-"),
        "href": each.record,
        "title": titles[each.record.partition("/")[0]],
        "day": written(each.day),
        "kept_until": written(each.kept_until),
        "corrections": [
            {
                "field": words.word(persons.fields(say), one.field).text,
                "reason": one.reason,
                "by": one.corrected_by,
                "when": language.stamp(appeals.moment(one.at)),
            }
            for one in each.corrections
        ],
    }


def _file(document: prints_pb2.Document) -> Response:
    headers = {"content-disposition": f'attachment; filename="{document.file_name}"', "cache-control": "no-store"}
    return Response(document.content, media_type=document.content_type, headers=headers)
