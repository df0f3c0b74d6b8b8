"""Mediation at the desk: one's own cases, and each step of a case. Nothing here shows a case of somebody else's."""

import uuid
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import grpc
from fastapi import APIRouter
from kit.clock import kyiv_date
from kit.names import last
from kit.pages import Form, Language, Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import appeals_pb2
from spilno.reception.v1 import mediations_pb2 as pb
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, casework, words
from web.days import written
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, is_away, restore_draft
from web.words import Say, Word

router = APIRouter(prefix="/{slug}/office")
_FIELDS = {
    "matter": "matter",
    "appeal": "appeal",
    "mediator": "mediator",
    "neutral": "neutral",
    "number": "number",
    "display_name": "display_name",
    "contact": "contact",
    "related_to_mediator": "related",
    "party": "party",
    "consent": "consent",
    "consent_on": "on",
    "consent_form": "consent_form",
    "planned_on": "planned_on",
    "held_on": "held_on",
    "agreement": "agreement",
    "signed_on": "on",
    "due_on": "due_on",
    "done_on": "done_on",
    "outcome": "outcome",
    "note": "note",
}


def states(_: Say) -> list[Word]:
    return [
        Word(pb.MEDIATION_STATE_PROPOSED, "proposed", _("Чекаємо згоди сторін"), "hourglass", "work"),
        Word(pb.MEDIATION_STATE_UNDER_WAY, "under-way", _("Усі згодні, триває"), "users", "new"),
        Word(pb.MEDIATION_STATE_AGREED, "agreed", _("Угоду підписано"), "circle-check", "done"),
        Word(pb.MEDIATION_STATE_CLOSED, "closed", _("Закрито"), "lock", "plain"),
    ]


def consents(_: Say) -> list[Word]:
    return [
        Word(pb.CONSENT_GIVEN, "given", _("Згодна"), "circle-check", "done"),
        Word(pb.CONSENT_REFUSED, "refused", _("Відмовилась"), "x", "plain"),
        Word(pb.CONSENT_WITHDRAWN, "withdrawn", _("Відкликала згоду"), "x", "work"),
        Word(pb.CONSENT_ASKED, "asked", _("Ще не відповіла"), "hourglass", "work"),
    ]


def forms(_: Say) -> list[Word]:
    return [
        Word(pb.CONSENT_FORM_WRITTEN, "written", _("Письмово"), "file-text"),
        Word(pb.CONSENT_FORM_ORAL, "oral", _("Усно"), "users"),
        Word(pb.CONSENT_FORM_ELECTRONIC, "electronic", _("Електронно"), "mail"),
    ]


def purposes(_: Say) -> list[Word]:
    return [
        Word(pb.MEDIATION_PURPOSE_MEETING, "meeting", _("Готую чи веду зустріч"), "users"),
        Word(pb.MEDIATION_PURPOSE_FOLLOW_UP, "follow-up", _("Перевіряю, як виконують угоду"), "clock"),
        Word(pb.MEDIATION_PURPOSE_PARTY_ASKS, "party-asks", _("Сторона питає про свою справу"), "phone"),
        Word(pb.MEDIATION_PURPOSE_SUPERVISION, "supervision", _("Супервізія"), "shield-check"),
    ]


def outcomes(_: Say) -> list[Word]:
    return [
        Word(pb.MEDIATION_OUTCOME_KEPT, "kept", _("Угоду виконано"), "circle-check"),
        Word(pb.MEDIATION_OUTCOME_BROKEN, "broken", _("Угоду порушено"), "triangle-alert"),
        Word(pb.MEDIATION_OUTCOME_NO_AGREEMENT, "no-agreement", _("Не домовилися"), "x"),
        Word(pb.MEDIATION_OUTCOME_NO_CONSENT, "no-consent", _("Хтось не дав згоди"), "x"),
        Word(pb.MEDIATION_OUTCOME_REFERRED, "referred", _("Скеровано далі: поліція, суд, юрист"), "send"),
    ]


def alarms(_: Say) -> list[Word]:
    return [
        Word(pb.FOLLOW_UP_ALARM_NONE, "none", _("Є час"), "clock", "plain"),
        Word(pb.FOLLOW_UP_ALARM_NEAR, "near", _("Скоро"), "hourglass", "work"),
        Word(pb.FOLLOW_UP_ALARM_OVERDUE, "overdue", _("Прострочено"), "triangle-alert", "late"),
    ]


async def pressing(web: Web, staff: Staff, language: Language) -> list[dict[str, Any]]:
    """One's own cases in which something is due, for the desk: a number and nothing of the case."""
    listed = await web.mediations.ListMediations(pb.ListMediationsRequest(parent=staff.office.parent))
    return [_row(each, language) for each in listed.mediations if each.alarm > pb.FOLLOW_UP_ALARM_NONE]


@router.get("/mediations")
async def own_cases(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("mediations.work")
    return await _listed(request, web, staff, Form({"request_id": str(uuid.uuid4())}, request.state.language))


async def _listed(request: Request, web: Web, staff: Staff, form: Form) -> Response:
    language = request.state.language
    listed = await web.mediations.ListMediations(pb.ListMediationsRequest(parent=staff.office.parent))
    figures = None
    if staff.may("figures.read"):
        today = kyiv_date(web.clock.now())
        asked = pb.GetMediationFiguresRequest(
            parent=staff.office.parent, from_day=f"{today - timedelta(days=365)}", to_day=f"{today}"
        )
        figures = _figures(await web.mediations.GetMediationFigures(asked), language)
    return web.pages.show(
        request,
        "office/mediations.html",
        form=form,
        rows=[_row(each, language) for each in listed.mediations],
        figures=figures,
        colleagues=list((await casework.colleagues(web, staff, "mediations.work")).items())
        if staff.may("mediations.assign")
        else [],
    )


@router.post("/mediations/assign")
async def assign(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("mediations.assign")
    asked = pb.AssignMediatorRequest(
        parent=staff.office.parent,
        number=form["number"],
        mediator=await _chosen(web, staff, form["mediator"]),
        neutral=form["neutral"] == "yes",
        request_id=appeals.request_id(form),
    )
    try:
        await web.mediations.AssignMediator(asked)
    except Failure as failure:
        if failure.code is grpc.StatusCode.NOT_FOUND:
            form.refuse("number", form.language.gettext("Справи з таким номером немає"))
        else:
            _take(form, failure)
        return await _listed(request, web, staff, form)
    return RedirectResponse(f"/{staff.office.slug}/office/mediations?saved=yes", 303)


@router.get("/mediations/new")
async def ask_for_case(request: Request, web: TheWeb, staff: Reading, appeal: str = "") -> Response:
    staff.require("mediations.work")
    values = {"request_id": str(uuid.uuid4()), "appeal": appeal, "mediator": staff.subject}
    form = await restore_draft(request, staff.subject) or Form(values, request.state.language)
    return await _new(request, web, staff, form)


@router.post("/mediations/new")
async def open_case(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("mediations.work")
    asked = pb.OpenMediationRequest(
        parent=staff.office.parent,
        matter=form["matter"],
        appeal=f"{staff.office.parent}/appeals/{form['appeal']}" if form["appeal"] else "",
        mediator=await _chosen(web, staff, form["mediator"]),
        neutral=form["neutral"] == "yes",
        request_id=appeals.request_id(form),
    )
    try:
        made = await web.mediations.OpenMediation(asked)
    except Failure as failure:
        _take(form, failure)
        return await _new(request, web, staff, form)
    return _case(
        request,
        web,
        staff,
        Form({}, request.state.language),
        made,
        await casework.colleagues(web, staff, "mediations.work"),
    )


async def _new(request: Request, web: Web, staff: Staff, form: Form) -> Response:
    colleagues = await casework.colleagues(web, staff, "mediations.work")
    return web.pages.show(request, "office/mediation-new.html", form=form, colleagues=list(colleagues.items()))


@router.get("/mediations/{mediation_id}")
async def ask_purpose(request: Request, web: TheWeb, staff: Reading, mediation_id: UUID) -> Response:
    """Nothing of the case is shown before somebody says what for."""
    staff.require("mediations.work")
    form = Form({"purpose": "meeting"}, request.state.language)
    return _asked(request, web, form)


@router.post("/mediations/{mediation_id}")
async def step(request: Request, web: TheWeb, form: Submitted, staff: Writing, mediation_id: UUID) -> Response:
    """Opens the case for a purpose, or does one step of it; the case comes back as it stands."""
    staff.require("mediations.work")
    name = f"{staff.office.parent}/mediations/{mediation_id}"
    say = form.language.gettext
    purpose = pb.MediationPurpose.ValueType(words.number(purposes(say), form["purpose"]))
    asked = await _request(web, staff, form, name)
    if asked is None or form.is_refused:
        try:
            seen = await web.mediations.GetMediation(pb.GetMediationRequest(name=name, purpose=purpose))
        except Failure as failure:
            _take(form, failure)
            return _asked(request, web, form)
        return _case(request, web, staff, form, seen, await casework.colleagues(web, staff, "mediations.work"))
    try:
        done = await getattr(web.mediations, type(asked).DESCRIPTOR.name.removesuffix("Request"))(asked)
    except Failure as failure:
        _take(form, failure)
        done = await web.mediations.GetMediation(pb.GetMediationRequest(name=name, purpose=purpose))
    else:
        form = Form({"purpose": form["purpose"]}, request.state.language)
    return _case(request, web, staff, form, done, await casework.colleagues(web, staff, "mediations.work"))


async def _request(web: Web, staff: Staff, form: Form, name: str) -> Any:
    """The step that a form asks for; None for one that asks to see the case."""
    common = {"name": name, "etag": form["etag"]}
    say = form.language.gettext
    asked: Any = None
    match form["step"]:
        case "party":
            asked = pb.AddPartyRequest(
                **common,
                display_name=form["display_name"],
                contact=form["contact"],
                related_to_mediator=form["related"] != "no",
            )
        case "consent":
            asked = pb.RecordConsentRequest(
                **common,
                party=form["party"],
                consent=pb.Consent.ValueType(words.number(consents(say), form["consent"])),
                consent_on=casework.day(form, "on"),
                consent_form=pb.ConsentForm.ValueType(words.number(forms(say), form["consent_form"])),
            )
        case "meeting":
            days = {"planned_on": casework.day(form, "planned_on"), "held_on": casework.day(form, "held_on")}
            asked = pb.SaveMeetingRequest(**common, meeting=form["meeting"], note=form["note"], **days)
        case "agreement":
            asked = pb.WriteAgreementRequest(**common, agreement=form["agreement"])
        case "sign":
            asked = pb.SignAgreementRequest(**common, party=form["party"], signed_on=casework.day(form, "on"))
        case "follow-up":
            asked = pb.SaveFollowUpRequest(
                **common,
                follow_up=form["follow_up"],
                due_on=casework.day(form, "due_on"),
                question=form["question"],
                done_on=casework.day(form, "done_on"),
                result=form["result"],
            )
        case "staff":
            chosen = [value for field, value in form.values.items() if field.startswith("staff-") and value]
            asked = pb.NameMediationStaffRequest(**common, staff=[await _chosen(web, staff, each) for each in chosen])
        case "close":
            outcome = pb.MediationOutcome.ValueType(words.number(outcomes(say), form["outcome"]))
            asked = pb.CloseMediationRequest(**common, outcome=outcome, note=form["note"])
    return asked


def _asked(request: Request, web: Web, form: Form) -> Response:
    say = request.state.language.gettext
    return web.pages.show(request, "office/mediation-purpose.html", form=form, purposes=purposes(say))


def _case(
    request: Request, web: Web, staff: Staff, form: Form, case: pb.Mediation, colleagues: dict[str, str]
) -> Response:
    language = request.state.language
    say = language.gettext
    named = {each.id for each in case.staff}
    return web.pages.show(
        request,
        "office/mediation.html",
        form=form,
        case=case,
        action=f"/{staff.office.slug}/office/mediations/{last(case.name)}",
        purpose=form["purpose"] or "meeting",
        state=words.word(states(say), case.state),
        is_open=case.state != pb.MEDIATION_STATE_CLOSED,
        is_mediator=case.mediator.id == staff.subject,
        appeal=last(case.appeal) if case.appeal else "",
        opened=language.date(date.fromisoformat(case.opened_on)),
        parties=[
            {
                "one": each,
                "consent": words.word(consents(say), each.consent),
                "on": written(each.consent_on),
                "form": words.word(forms(say), each.consent_form).text if each.consent_form else "",
                "signed": written(each.signed_on),
            }
            for each in case.parties
        ],
        party_options=[(each.id, each.display_name) for each in case.parties],
        may_meet=len(case.parties) >= 2 and all(each.consent == pb.CONSENT_GIVEN for each in case.parties),
        meetings=[
            {"one": each, "planned": written(each.planned_on), "held": written(each.held_on)} for each in case.meetings
        ],
        follow_ups=[
            {
                "one": each,
                "due": written(each.due_on),
                "done": written(each.done_on),
                "alarm": words.word(alarms(say), each.alarm),
            }
            for each in case.follow_ups
        ],
        outcome=words.word(outcomes(say), case.outcome).text if case.outcome else "",
        consent_options=[(one.value, one.text) for one in consents(say)],
        form_options=[(one.value, one.text) for one in forms(say)],
        outcome_options=[(one.value, one.text) for one in outcomes(say)],
        colleagues=[(id, name, id in named) for id, name in colleagues.items() if id != case.mediator.id],
    )


async def _chosen(web: Web, staff: Staff, id: str) -> appeals_pb2.Actor:
    """A colleague by their id; nobody, whom the service refuses, for one that is none."""
    name = (await casework.colleagues(web, staff, "mediations.work")).get(id, "")
    return appeals_pb2.Actor(id=id if name else "", display_name=name)


def _take(form: Form, failure: Failure) -> None:
    say = form.language.gettext
    match failure.code:
        case grpc.StatusCode.ABORTED:
            form.refuse("", say("Справу щойно змінив хтось інший. Ось вона тепер: перевірте й повторіть."))
        case grpc.StatusCode.FAILED_PRECONDITION if failure.reason.startswith("mediation."):
            form.refuse("", failure.message)
        case _ if failure.fields:
            form.refuse_all(failure.fields, _FIELDS)
        case _ if is_away(failure):
            form.refuse("", say("Служба не відповідає. Написане на місці: надішліть ще раз за хвилину."))
        case _:
            raise failure


def _row(each: pb.MediationRow, language: Language) -> dict[str, Any]:
    say = language.gettext
    return {
        "id": last(each.name),
        "number": each.number,
        "state": words.word(states(say), each.state),
        "is_mediator": each.is_mediator,
        "next": written(each.next_on),
        "alarm": words.word(alarms(say), each.alarm) if each.alarm > pb.FOLLOW_UP_ALARM_NONE else None,
    }


def _figures(told: pb.MediationFigures, language: Language) -> list[tuple[str, str]]:
    say = language.gettext

    def shown(figure: pb.MediationFigure) -> str:
        return say("не показуємо: замало") if figure.withheld else language.number(figure.count)

    rows = [(words.word(outcomes(say), each.outcome).text, shown(each)) for each in told.outcomes]
    return [(say("Відкрито справ"), shown(told.total)), *rows]
