"""The office's desk: the register of appeals, a case, an appeal written down for a caller or a visitor."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import grpc
from fastapi import APIRouter
from kit.clock import kyiv_date
from kit.names import last
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import appeals_pb2 as pb
from spilno.reception.v1 import particulars_pb2, proceedings_pb2, receptions_pb2, triage_pb2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, attachments, casework, notices, words
from web.days import written
from web.office import wordings
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft

PAGE = 25
_ANSWER_FIELDS = ("outcome", "answer", "legal_ground", "appeal_procedure")
_UNUSUAL = ("received_on", "written_on", "signatories", "complained_of", "category", "status", "sex", "sent_from")
_BY_DEADLINE = frozenset({"all", "soon", "overdue", "asked"})

router = APIRouter(prefix="/{slug}/office")


@router.get("/appeals")
async def register(
    request: Request,
    web: TheWeb,
    staff: Reading,
    state: str = "",
    area: str = "",
    mine: str = "",
    due: str = "",
    page: str = "",
) -> Response:
    staff.require("appeals.read")
    say = request.state.language.gettext
    states, areas = words.tabs(say), words.areas(say)
    wanted_state, wanted_area = words.number(states, state), words.number(areas, area)
    listed = await web.appeals.ListAppeals(
        pb.ListAppealsRequest(
            parent=staff.office.parent,
            page_size=PAGE,
            page_token=page,
            states=[pb.AppealState.ValueType(wanted_state)] if wanted_state else [],
            areas=[pb.SafetyArea.ValueType(wanted_area)] if wanted_area else [],
            mine=mine == "yes",
            overdue=due == "overdue",
            due_soon=due == "soon",
            awaiting_decision=due == "asked",
            by_deadline=due in _BY_DEADLINE,
        )
    )
    counts: dict[int, int] = {count.state: count.count for count in listed.counts}
    filters = {
        "area": area if wanted_area else "",
        "mine": "yes" if mine == "yes" else "",
        "due": due if due in _BY_DEADLINE else "",
    }

    def href(**changes: str) -> str:
        query = {name: value for name, value in {**filters, **changes}.items() if value}
        path = f"/{staff.office.slug}/office/appeals"
        return f"{path}?{urlencode(query)}" if query else path

    tabs = [
        {
            "text": one.text,
            "href": href(state=one.value),
            "count": counts.get(one.number, 0),
            "is_current": one.number == wanted_state,
        }
        for one in states
    ]
    everything = {"text": say("Усі"), "href": href(), "count": sum(counts.values()), "is_current": not wanted_state}
    chosen_state = state if wanted_state else ""
    return web.pages.show(
        request,
        "office/register.html",
        form=Form({**filters, "state": chosen_state}, request.state.language),
        tabs=[everything, *tabs],
        area_options=[("", say("Усі сфери")), *((one.value, one.text) for one in areas)],
        rows=[row(appeal, request, web) for appeal in listed.appeals],
        is_filtered=bool(wanted_state or any(filters.values())),
        first_href=href(state=chosen_state) if page else "",
        next_href=href(state=chosen_state, page=listed.next_page_token) if listed.next_page_token else "",
    )


@router.get("/appeals/new")
async def ask_for_appeal(request: Request, web: TheWeb, staff: Reading, visit: UUID | None = None) -> Response:
    staff.require("appeals.register")
    form = await restore_draft(request, staff.subject) or await _blank(request, web, staff, visit)
    return await _appeal_form(request, web, staff, form)


@router.post("/appeals/new")
async def write_down(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("appeals.register")
    say = form.language.gettext
    appeal = appeals.draft(form)
    await attachments.judge(form)
    if attachments.FIELD in form.errors:
        return await _appeal_form(request, web, staff, form)
    request_id = appeals.request_id(form)
    particulars = casework.read(form, await casework.organisations(web, staff), staff.office.parent)
    asked = pb.RegisterAppealRequest(
        parent=staff.office.parent,
        appeal=appeal,
        channel=pb.AppealChannel.ValueType(words.number(words.channels(say), form["channel"])),
        request_id=request_id,
        visit=f"{staff.office.parent}/visits/{form['visit']}" if form["visit"] else "",
        particulars=particulars,
        sensitive=_mark_of(form),
    )
    if form.is_refused:
        return await _appeal_form(request, web, staff, form)
    if form["triage"] != "appeal" and await _may_be_no_appeal(web, staff, form):
        return await _appeal_form(request, web, staff, form, 422)
    try:
        registered = await web.appeals.RegisterAppeal(asked)
    except Failure as failure:
        return await _appeal_form(request, web, staff, form, appeals.take_refusal(form, failure))
    objections = await attachments.upload(web, form, registered.appeal.name)
    await web.keepsakes.keep(
        "receipt",
        request.state.visitor,
        request_id,
        {
            "not_added": attachments.kept(objections),
            "number": registered.appeal.number,
            "code": registered.code,
            "appeal": last(registered.appeal.name),
            "author": staff.subject,
        },
        lasting=appeals.RECEIPT_KEPT,
    )
    return RedirectResponse(f"/{staff.office.slug}/office/appeals/receipts/{request_id}", 303)


def _mark_of(form: Form) -> pb.CaseMark | None:
    """Whoever writes a sensitive case down sees it, and names the others on its page."""
    say = form.language.gettext
    number = words.number(casework.sensitivities(say), form["sensitivity"])
    if not number:
        return None
    sensitivity = particulars_pb2.Sensitivity.ValueType(number)
    return pb.CaseMark(sensitivity=sensitivity, reason=say("Позначено під час реєстрації"))


async def _may_be_no_appeal(web: Web, staff: Staff, form: Form) -> bool:
    """Before anything is registered: whether its words speak of another track. Whoever reads it decides."""
    asked = triage_pb2.SuggestTracksRequest(parent=staff.office.parent, text=form["text"][:5000])
    tracks = words.tracks(form.language.gettext)
    found = [words.word(tracks, each).text for each in (await web.triage.SuggestTracks(asked)).tracks]
    form.values["suggested"] = ", ".join(found)
    return bool(found)


async def _blank(request: Request, web: Web, staff: Staff, visit_id: UUID | None) -> Form:
    """An empty form; of a visit, with what the visitor has said already."""
    form = appeals.blank(request.state.language)
    if visit_id is not None and staff.may("receptions.read"):
        name = f"{staff.office.parent}/visits/{visit_id}"
        visit = await web.receptions.GetVisit(receptions_pb2.GetVisitRequest(name=name))
        form.values |= {"visit": str(visit_id), "channel": "reception", "name": visit.visitor, "phone": visit.phone}
    return form


async def _appeal_form(request: Request, web: Web, staff: Staff, form: Form, status: int | None = None) -> Response:
    say = request.state.language.gettext
    return web.pages.show(
        request,
        "office/appeal.html",
        form=form,
        status=status,
        scripts=True,
        kinds=words.kinds(say),
        areas=words.areas(say),
        channels=words.channels(say),
        wishes=await notices.wishes(web, staff.office.parent, request.state.language),
        sensitivity_options=[
            ("", say("Ні, звичайне звернення")),
            *((one.value, one.text) for one in casework.sensitivities(say)),
        ],
        choices=await casework.choices(web, staff, say),
        opened=any(form[name] for name in _UNUSUAL) or bool(form.errors.keys() & set(casework.FIELDS.values())),
    )


@router.get("/appeals/receipts/{request_id}")
async def show_receipt(request: Request, web: TheWeb, staff: Reading, request_id: UUID) -> Response:
    receipt = await web.keepsakes.look("receipt", request.state.visitor, str(request_id))
    if receipt is None or receipt.get("author") != staff.subject:
        return web.pages.show(request, "office/receipt-gone.html", status=410)
    return web.pages.show(
        request,
        "office/receipt.html",
        scripts=True,
        number=receipt["number"],
        code=appeals.grouped(receipt["code"]),
        appeal=receipt["appeal"],
        not_added=attachments.recalled(receipt.get("not_added")),
    )


@router.get("/appeals/{appeal_id}")
async def case(request: Request, web: TheWeb, staff: Reading, appeal_id: UUID) -> Response:
    staff.require("appeals.read")
    form = await restore_draft(request, staff.subject)
    return await show_case(request, web, staff, appeal_id, form)


@router.post("/appeals/{appeal_id}/take")
async def take(request: Request, web: TheWeb, form: Submitted, staff: Writing, appeal_id: UUID) -> Response:
    try:
        await web.appeals.TakeAppeal(pb.TakeAppealRequest(name=_name(staff, appeal_id), etag=form["etag"]))
    except Failure as failure:
        return await _refused_case(request, web, staff, appeal_id, form, failure)
    return RedirectResponse(f"/{staff.office.slug}/office/appeals/{appeal_id}", 303)


@router.post("/appeals/{appeal_id}/answer")
async def answer(request: Request, web: TheWeb, form: Submitted, staff: Writing, appeal_id: UUID) -> Response:
    if not form["answer"]:
        form.refuse("answer", form.language.gettext("Напишіть відповідь"))
        return await show_case(request, web, staff, appeal_id, form)
    outcome = words.number(casework.outcomes(form.language.gettext), form["outcome"])
    if not outcome:
        form.refuse("outcome", form.language.gettext("Позначте, чим закінчився розгляд"))
        return await show_case(request, web, staff, appeal_id, form)
    said: dict[str, Any] = {
        "name": _name(staff, appeal_id),
        "etag": form["etag"],
        "answer": form["answer"],
        "outcome": particulars_pb2.AppealOutcome.ValueType(outcome),
        "legal_ground": form["legal_ground"],
        "appeal_procedure": form["appeal_procedure"],
    }
    try:
        if form["duplicates"]:
            request_id = appeals.request_id(form)
            asked = proceedings_pb2.AnswerWithDuplicatesRequest(**said, request_id=request_id)
            await web.proceedings.AnswerWithDuplicates(asked)
        else:
            await web.appeals.AnswerAppeal(pb.AnswerAppealRequest(**said))
    except Failure as failure:
        return await _refused_case(request, web, staff, appeal_id, form, failure)
    return RedirectResponse(f"/{staff.office.slug}/office/appeals/{appeal_id}", 303)


@router.post("/appeals/{appeal_id}/wording")
async def insert_wording(request: Request, web: TheWeb, form: Submitted, staff: Writing, appeal_id: UUID) -> Response:
    """Puts a wording after what is written of the answer; nothing is sent yet."""
    staff.require("appeals.answer")
    texts = {each.title: each.text for each in (await wordings.ready(web, staff)).wordings}
    if form["wording"] in texts:
        form.values["answer"] = "\n\n".join(filter(None, (form["answer"], texts[form["wording"]])))
    return await show_case(request, web, staff, appeal_id, form)


@router.post("/appeals/{appeal_id}/notices/{notice_id}/resend")
async def send_again(
    request: Request, web: TheWeb, form: Submitted, staff: Writing, appeal_id: UUID, notice_id: UUID
) -> Response:
    try:
        await notices.send_again(web, staff.office.parent, notice_id, form)
    except Failure as failure:
        return await _refused_case(request, web, staff, appeal_id, form, failure)
    return RedirectResponse(f"/{staff.office.slug}/office/appeals/{appeal_id}", 303)


async def _refused_case(
    request: Request, web: Web, staff: Staff, appeal_id: UUID, form: Form, failure: Failure
) -> Response:
    """The case as it stands now, with what was refused and what was typed."""
    status = 422
    match failure.code:
        case grpc.StatusCode.ABORTED:
            form.refuse(
                "", form.language.gettext("Справу щойно змінив хтось інший. Ось вона тепер: перевірте й повторіть.")
            )
        case grpc.StatusCode.INVALID_ARGUMENT if failure.fields:
            form.refuse_all(failure.fields, {name: name for name in _ANSWER_FIELDS})
        case grpc.StatusCode.FAILED_PRECONDITION if failure.reason != "hromada.suspended":
            form.refuse("", failure.message)
        case grpc.StatusCode.UNAVAILABLE | grpc.StatusCode.DEADLINE_EXCEEDED:
            _ = form.language.gettext
            form.refuse("", _("Служба не відповідає. Написане на місці: надішліть ще раз за хвилину."))
            status = 503
        case _:
            raise failure
    return await show_case(request, web, staff, appeal_id, form, status)


async def show_case(
    request: Request, web: Web, staff: Staff, appeal_id: UUID, form: Form | None, status: int | None = None
) -> Response:
    """The case with its files."""
    name = _name(staff, appeal_id)
    appeal = await web.appeals.GetAppeal(pb.GetAppealRequest(name=name))
    told = (
        await notices.about(web, staff.office.parent, request.state.language, appeal=name)
        if staff.may("notices.read")
        else None
    )
    way = await web.proceedings.GetProceedings(proceedings_pb2.GetProceedingsRequest(name=name))
    is_open = appeal.state in appeals.OPEN
    return web.pages.show(
        request,
        "office/case.html",
        form=form,
        status=status,
        scripts=True,
        told=told,
        wordings=await _wordings(request, web, staff) if staff.may("appeals.answer") else [],
        resend_id=str(uuid4()),
        files=await attachments.listed(web, request, name),
        may_add=is_open and staff.may("appeals.register"),
        may_remove=is_open and staff.may("appeals.answer"),
        request_id=str(uuid4()),
        duplicates=await _duplicates(request, web, appeal),
        previous=last(appeal.particulars.previous),
        **_told(appeal, request, web, staff),
        **_decided(appeal, way, request, staff),
    )


async def _duplicates(request: Request, web: Web, appeal: pb.Appeal) -> list[dict[str, Any]]:
    """What others wrote on the same question, and whether the answer here would be theirs too."""
    language = request.state.language
    say = language.gettext
    found = await web.proceedings.FindDuplicates(proceedings_pb2.FindDuplicatesRequest(name=appeal.name))
    return [
        {
            "id": last(each.name),
            "number": each.number,
            "received": written(each.received_on),
            "state": words.word(words.states(say), each.state),
            "obstacle": words.word(casework.obstacles(say), each.obstacle),
            "is_free": each.obstacle == proceedings_pb2.DUPLICATE_OBSTACLE_UNSPECIFIED,
            "is_open": each.state in appeals.OPEN,
        }
        for each in found.duplicates
    ]


async def _wordings(request: Request, web: Web, staff: Staff) -> list[tuple[str, str]]:
    titles = [(each.title, each.title) for each in (await wordings.ready(web, staff)).wordings]
    return [("", request.state.language.gettext("Оберіть заготовку")), *titles] if titles else []


def _decided(
    appeal: pb.Appeal, way: proceedings_pb2.AppealProceedings, request: Request, staff: Staff
) -> dict[str, Any]:
    """What was decided on the way, and what may be decided now."""
    language = request.state.language
    say = language.gettext
    is_open = appeal.state in appeals.OPEN
    is_held = appeal.state == pb.APPEAL_STATE_IN_WORK and appeal.taken_by.id == staff.subject
    is_general = appeal.due.term == particulars_pb2.TERM_GENERAL
    may_decide = is_open and staff.may("appeals.decide")
    lacking = set(way.missing_requisites)
    deeds = casework.deeds(say)
    return {
        "decisions": [
            {
                "deed": words.word(deeds, each.deed),
                "when": language.stamp(appeals.moment(each.decided_at)),
                "who": each.decided_by.display_name,
                "reason": each.reason,
                "body": each.body.title,
                "colleague": each.colleague.display_name,
                "until": written(each.until),
                "is_late": each.late,
            }
            for each in way.decisions
        ],
        "history": [(words.word(deeds, one.deed), language.stamp(appeals.moment(one.at))) for one in way.history],
        "clocks": [
            (say("Переслати чи повернути через брак даних"), written(way.forward.safe_on)),
            (say("Повернути через ваду форми"), written(way.defect.safe_on)),
            (say("Якщо не потребує вивчення"), written(way.simple.safe_on)),
            (say("Загальний строк"), written(way.month.safe_on)),
            (say("Найбільше, з продовженням"), written(way.most.safe_on)),
        ],
        "lacking": [one.text for one in casework.requisites(say) if one.number in lacking] if is_open else [],
        "term": words.word(casework.terms(say), appeal.due.term),
        "complained_of": appeal.particulars.complained_of.title,
        "is_concealed": appeal.particulars.conceal_identity,
        "register_mark": _mark(appeal.particulars, say),
        "outcome": words.word(casework.all_outcomes(say), appeal.result.outcome) if appeal.HasField("result") else None,
        "result": appeal.result,
        "outcomes": casework.outcomes(say),
        "asked": way.extension_asked if way.HasField("extension_asked") else None,
        "may_forward": is_held and staff.may("appeals.answer"),
        "may_mark_simple": is_held and is_general and staff.may("appeals.take"),
        "may_extend": is_held and not way.HasField("extension_asked") and staff.may("appeals.take"),
        "may_reassign": is_held or (is_open and staff.may("appeals.decide")),
        "may_record_answer": appeal.state == pb.APPEAL_STATE_FORWARDED
        and all(each.deed != proceedings_pb2.DEED_BODY_ANSWERED for each in way.decisions)
        and staff.may("appeals.answer"),
        "may_decide": may_decide,
        "may_hand_over": is_open and staff.may("appeals.answer"),
        "sensitivity": words.word(casework.sensitivities(say), appeal.sensitivity) if appeal.sensitivity else None,
        "may_describe": staff.may("appeals.register"),
    }


def _mark(said: particulars_pb2.Particulars, say: words.Say) -> str:
    if said.signatories > 1:
        return say("Колективне (КО), підписали: %s") % said.signatories
    return say("Без підпису (БП)") if said.unsigned else ""


def _told(appeal: pb.Appeal, request: Request, web: Web, staff: Staff) -> dict[str, Any]:
    is_mine = appeal.taken_by.id == staff.subject
    in_work = appeal.state == pb.APPEAL_STATE_IN_WORK
    return {
        **row(appeal, request, web),
        "applicant": appeal.applicant,
        "answer": appeal.answer,
        "answered_by": appeal.answered_by.display_name,
        "registered_by": appeal.registered_by.display_name,
        "etag": appeal.etag,
        "steps": appeals.way(appeal, request.state.language, exact=True),
        "may_take": appeal.state == pb.APPEAL_STATE_REGISTERED and staff.may("appeals.take"),
        "may_answer": in_work and is_mine and staff.may("appeals.answer"),
        "is_others": in_work and not is_mine,
    }


def row(appeal: pb.Appeal, request: Request, web: Web) -> dict[str, Any]:
    """An appeal as a line of the register shows it."""
    language = request.state.language
    say = language.gettext
    first = appeal.priority in {particulars_pb2.PRIORITY_HEAD, particulars_pb2.PRIORITY_FIRST}
    return {
        "due": casework.due(appeal, language, kyiv_date(web.clock.now())),
        "priority": words.word(casework.priorities(say), appeal.priority) if first else None,
        "id": last(appeal.name),
        "number": appeal.number,
        "received": language.short(appeals.moment(appeal.received_at)),
        "state": words.word(words.states(say), appeal.state),
        "kind": words.word(words.kinds(say), appeal.kind),
        "area": words.word(words.areas(say), appeal.area),
        "channel": words.word(words.all_channels(say), appeal.channel),
        "said": appeal.text,
        "applicant_name": appeal.applicant.name,
        "taken_by": appeal.taken_by.display_name,
    }


def _name(staff: Staff, appeal_id: UUID) -> str:
    return f"{staff.office.parent}/appeals/{appeal_id}"
