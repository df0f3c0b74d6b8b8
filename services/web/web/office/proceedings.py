"""What is decided on the way of an appeal: a page for each decision, and one for what is written down beside it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import grpc
from fastapi import APIRouter
from kit.clock import kyiv_date
from kit.names import last
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import appeals_pb2, triage_pb2
from spilno.reception.v1 import proceedings_pb2 as pb
from spilno.reception.v1.particulars_pb2 import Body
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import casework, words
from web.days import written
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft
from web.words import Say

router = APIRouter(prefix="/{slug}/office")

_VERBS = {
    "forward": "ForwardAppeal",
    "reassign": "ReassignAppeal",
    "body-answer": "RecordBodyAnswer",
    "return": "ReturnAppeal",
    "hand-over": "HandOverAppeal",
    "extend": "AskExtension",
    "decide-extension": "DecideExtension",
    "shorten": "ShortenTerm",
    "keep-term": "DeclineShortening",
    "set-aside": "DecideNotToConsider",
}
"""The method that each decision calls."""


@dataclass(frozen=True)
class Field:
    """One field of a decision's form."""

    kind: str
    """text, line, day, select or checks."""
    name: str
    label: str
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    optional: bool = False


@dataclass(frozen=True)
class Act:
    """One decision, as its page says it."""

    permission: str
    title: str
    explains: str
    does: str
    icon: str
    fields: tuple[Field, ...]


def acts(_: Say, partners: list[tuple[str, str]], colleagues: list[tuple[str, str]]) -> dict[str, Act]:
    """Every decision by the end of its address."""
    why = _("Людина прочитає це за своїм кодом.")
    requisites = tuple((one.value, one.text) for one in casework.requisites(_))
    return {
        "forward": Act(
            "appeals.answer",
            _("Переслати за належністю"),
            _("Закон дає на це п’ять днів. Людину буде повідомлено."),
            _("Переслати"),
            "send",
            (
                Field(
                    "select",
                    "to",
                    _("Кому"),
                    _("Учасники меморандуму, чинного сьогодні"),
                    (("", _("Оберіть організацію")), *partners),
                ),
                Field("text", "reason", _("Чому це їхнє питання"), why),
            ),
        ),
        "reassign": Act(
            "appeals.take",
            _("Передати колезі"),
            _("Справу вестиме інша людина, і її ім’я стоятиме біля відповіді. Строк не змінюється."),
            _("Передати"),
            "users",
            (
                Field("select", "colleague", _("Кому"), "", (("", _("Оберіть колегу")), *colleagues)),
                Field("text", "reason", _("Чому"), _("Побачать лише працівники офісу.")),
            ),
        ),
        "body-answer": Act(
            "appeals.answer",
            _("Записати відповідь органу"),
            _("Що відповів той, кому переслали звернення."),
            _("Записати"),
            "mail",
            (Field("text", "answer", _("Відповідь органу"), why),),
        ),
        "return": Act(
            "appeals.answer",
            _("Повернути людині"),
            _("Через ваду форми — до десяти днів, через брак даних — до п’яти."),
            _("Повернути"),
            "mail",
            (
                Field(
                    "select",
                    "ground",
                    _("Підстава"),
                    "",
                    (
                        ("", _("Оберіть підставу")),
                        ("defect", _("Бракує обов’язкових відомостей (стаття 5)")),
                        ("insufficient", _("Замало даних для рішення (стаття 7)")),
                    ),
                ),
                Field("checks", "missing", _("Чого бракує"), "", requisites),
                Field("text", "explanation", _("Пояснення"), why),
            ),
        ),
        "extend": Act(
            "appeals.take",
            _("Попросити продовжити строк"),
            _("Разом не довше ніж сорок п’ять днів від надходження. Вирішує керівник."),
            _("Попросити"),
            "hourglass",
            (
                Field("day", "until", _("До якого дня"), _("Наприклад: 31.12.2026")),
                Field("text", "reason", _("Чому місяця замало"), why),
            ),
        ),
        "hand-over": Act(
            "appeals.answer",
            _("Передати за іншим порядком"),
            _("Злочин чи насильство — негайно, за номером 102: поліція вносить заяву до єдиного обліку за добу."),
            _("Передано"),
            "siren",
            (
                Field(
                    "select",
                    "track",
                    _("Що це"),
                    "",
                    (("", _("Оберіть, що це")), *((one.value, one.text) for one in words.tracks(_))),
                ),
                Field("line", "unit", _("Хто прийняв"), _("Наприклад: відділення поліції № 1")),
                Field("line", "record_number", _("Номер у них"), _("У поліції — номер єдиного обліку, ЄО"), (), True),
            ),
        ),
        "decide-extension": Act(
            "appeals.decide",
            _("Продовжити строк?"),
            _("Про продовження людину буде повідомлено. Власне прохання вирішує інший керівник."),
            _("Вирішити"),
            "check",
            (
                Field(
                    "select",
                    "granted",
                    _("Рішення"),
                    "",
                    (("", _("Оберіть рішення")), ("yes", _("Продовжити")), ("no", _("Відмовити"))),
                ),
                Field("text", "note", _("Причина відмови"), "", (), True),
            ),
        ),
        "shorten": Act(
            "appeals.decide",
            _("Скоротити строк"),
            _("На обґрунтовану письмову вимогу людини."),
            _("Скоротити"),
            "clock",
            (
                Field("day", "until", _("До якого дня"), _("Наприклад: 31.12.2026")),
                Field("text", "reason", _("Чим людина обґрунтувала"), why),
            ),
        ),
        "keep-term": Act(
            "appeals.decide",
            _("Відмовити у скороченні строку"),
            _("Строк лишається, як є. Людину буде повідомлено."),
            _("Відмовити"),
            "x",
            (Field("text", "reason", _("Чому строк не скорочують"), why),),
        ),
        "set-aside": Act(
            "appeals.decide",
            _("Залишити без розгляду"),
            _("Це вирішує керівник. Людину буде повідомлено."),
            _("Залишити без розгляду"),
            "x",
            (
                Field(
                    "select",
                    "ground",
                    _("Підстава"),
                    "",
                    (
                        ("", _("Оберіть підставу")),
                        ("repeated", _("Повторне: те саме вже вирішено по суті (стаття 8)")),
                        ("late", _("Скаргу подано запізно (стаття 17)")),
                        ("anonymous", _("Анонімне (стаття 8)")),
                        ("incapable", _("Особу визнано недієздатною судом (стаття 8)")),
                        ("other_procedure", _("Для цього є інший порядок (стаття 12)")),
                    ),
                ),
                Field("text", "reason", _("Причина"), why),
                Field("day", "adopted_on", _("Коли ухвалили рішення"), _("Лише для запізнілої скарги"), (), True),
                Field("day", "known_on", _("Коли людина дізналася"), _("Лише для запізнілої скарги"), (), True),
            ),
        ),
    }


@router.post("/appeals/{appeal_id}/simple")
async def mark_simple(request: Request, web: TheWeb, form: Submitted, staff: Writing, appeal_id: UUID) -> Response:
    asked = pb.MarkSimpleRequest(name=_name(staff, appeal_id), etag=form["etag"])
    try:
        await web.proceedings.MarkSimple(asked)
    except Failure as failure:
        if failure.code not in {grpc.StatusCode.ABORTED, grpc.StatusCode.FAILED_PRECONDITION}:
            raise
        return RedirectResponse(_case(staff, appeal_id), 303)
    return RedirectResponse(f"{_case(staff, appeal_id)}?saved=yes", 303)


@router.get("/appeals/{appeal_id}/particulars")
async def ask_for_particulars(request: Request, web: TheWeb, staff: Reading, appeal_id: UUID) -> Response:
    staff.require("appeals.register", "appeals.read")
    form = await restore_draft(request, staff.subject)
    return await _particulars_page(request, web, staff, appeal_id, form)


@router.post("/appeals/{appeal_id}/particulars")
async def change_particulars(
    request: Request, web: TheWeb, form: Submitted, staff: Writing, appeal_id: UUID
) -> Response:
    staff.require("appeals.register", "appeals.read")
    await _find_first(web, staff, form)
    said = casework.read(form, await casework.organisations(web, staff), staff.office.parent)
    if form.is_refused:
        return await _particulars_page(request, web, staff, appeal_id, form)
    asked = pb.UpdateParticularsRequest(name=_name(staff, appeal_id), etag=form["etag"], particulars=said)
    try:
        await web.proceedings.UpdateParticulars(asked)
    except Failure as failure:
        _take(form, failure, casework.FIELDS)
        return await _particulars_page(request, web, staff, appeal_id, form)
    return RedirectResponse(f"{_case(staff, appeal_id)}?saved=yes", 303)


async def _find_first(web: Web, staff: Staff, form: Form) -> None:
    """Puts into the form the appeal whose number it names: others wrote of the same, and one answer may reach all."""
    number = "".join(form["first_number"].split())
    if not number:
        return
    asked = appeals_pb2.SearchAppealsRequest(parent=staff.office.parent, query=number[:200], page_size=25)
    found: list[appeals_pb2.Appeal] = []
    try:
        found.extend((await web.appeals.SearchAppeals(asked)).appeals)
    except Failure as failure:
        if not failure.fields:
            raise
    first = next((each for each in found if each.number.lower() == number.lower()), None)
    if first is None:
        form.refuse("first_number", form.language.gettext("Звернення з таким номером немає. Наприклад: 23/2026"))
    else:
        form.values["previous"] = last(first.name)


async def _particulars_page(request: Request, web: Web, staff: Staff, appeal_id: UUID, form: Form | None) -> Response:
    say = request.state.language.gettext
    appeal = await web.appeals.GetAppeal(appeals_pb2.GetAppealRequest(name=_name(staff, appeal_id)))
    if form is None:
        form = Form({**casework.kept(appeal.particulars, say), "etag": appeal.etag}, request.state.language)
    found = await web.proceedings.FindEarlierAppeals(pb.FindEarlierAppealsRequest(name=appeal.name))
    earlier = [(last(one.name), f"{one.number}, {written(one.received_on)}") for one in found.appeals]
    if form["previous"] and form["previous"] not in dict(earlier):
        first = await web.appeals.GetAppeal(appeals_pb2.GetAppealRequest(name=_name(staff, UUID(form["previous"]))))
        earlier.append((form["previous"], f"{first.number}, {written(first.particulars.received_on)}"))
    return web.pages.show(
        request,
        "office/particulars.html",
        form=form,
        id=appeal_id,
        number=appeal.number,
        earlier=[("", say("Немає")), *earlier],
        choices=await casework.choices(web, staff, say),
    )


@router.get("/appeals/{appeal_id}/forward")
@router.get("/appeals/{appeal_id}/reassign")
@router.get("/appeals/{appeal_id}/body-answer")
@router.get("/appeals/{appeal_id}/hand-over")
@router.get("/appeals/{appeal_id}/return")
@router.get("/appeals/{appeal_id}/extend")
@router.get("/appeals/{appeal_id}/decide-extension")
@router.get("/appeals/{appeal_id}/shorten")
@router.get("/appeals/{appeal_id}/keep-term")
@router.get("/appeals/{appeal_id}/set-aside")
async def ask_for_decision(request: Request, web: TheWeb, staff: Reading, appeal_id: UUID) -> Response:
    form = await restore_draft(request, staff.subject)
    return await _act_page(request, web, staff, appeal_id, last(request.url.path), form)


@router.post("/appeals/{appeal_id}/forward")
@router.post("/appeals/{appeal_id}/reassign")
@router.post("/appeals/{appeal_id}/body-answer")
@router.post("/appeals/{appeal_id}/hand-over")
@router.post("/appeals/{appeal_id}/return")
@router.post("/appeals/{appeal_id}/extend")
@router.post("/appeals/{appeal_id}/decide-extension")
@router.post("/appeals/{appeal_id}/shorten")
@router.post("/appeals/{appeal_id}/keep-term")
@router.post("/appeals/{appeal_id}/set-aside")
async def decide(request: Request, web: TheWeb, form: Submitted, staff: Writing, appeal_id: UUID) -> Response:
    act = last(request.url.path)
    asked = await _request(web, staff, form, appeal_id, act)
    if form.is_refused:
        return await _act_page(request, web, staff, appeal_id, act, form)
    try:
        await asked()
    except Failure as failure:
        _take(form, failure, {})
        return await _act_page(request, web, staff, appeal_id, act, form)
    return RedirectResponse(f"{_case(staff, appeal_id)}?saved=yes", 303)


async def _request(web: Web, staff: Staff, form: Form, appeal_id: UUID, act: str) -> Callable[[], Awaitable[Any]]:
    """The call that a form asks for; what it has not said is refused at its field."""
    say = form.language.gettext
    common: dict[str, Any] = {"name": _name(staff, appeal_id), "etag": form["etag"]}

    def chosen(name: str, values: Mapping[str, int]) -> int:
        if form[name] not in values:
            form.refuse(name, say("Оберіть щось одне"))
        return values.get(form[name], 0)

    said: Any
    match act:
        case "forward":
            titles = dict(await casework.partners(web, staff, _today(web)))
            if form["to"] not in titles:
                form.refuse("to", say("Оберіть, кому переслати"))
            to = Body(organisation=form["to"], title=titles.get(form["to"], ""))
            said = pb.ForwardAppealRequest(**common, to=to, reason=form["reason"])
        case "reassign":
            said = pb.ReassignAppealRequest(**common, colleague=form["colleague"], reason=form["reason"])
        case "body-answer":
            said = pb.RecordBodyAnswerRequest(**common, answer=form["answer"])
        case "return":
            grounds = {"defect": pb.RETURN_GROUND_DEFECT, "insufficient": pb.RETURN_GROUND_INSUFFICIENT}
            missing = [
                pb.Requisite.ValueType(one.number) for one in casework.requisites(say) if form[f"missing-{one.value}"]
            ]
            ground = pb.ReturnGround.ValueType(chosen("ground", grounds))
            said = pb.ReturnAppealRequest(**common, ground=ground, missing=missing, explanation=form["explanation"])
        case "hand-over":
            tracks = {one.value: one.number for one in words.tracks(say)}
            track = triage_pb2.Track.ValueType(chosen("track", tracks))
            said = pb.HandOverAppealRequest(
                **common, track=track, unit=form["unit"], record_number=form["record_number"]
            )
        case "extend":
            until = casework.day(form, "until")
            said = pb.AskExtensionRequest(**common, until=until, reason=form["reason"])
        case "decide-extension":
            granted = chosen("granted", {"yes": 1, "no": 0}) == 1
            said = pb.DecideExtensionRequest(**common, granted=granted, note=form["note"])
        case "shorten":
            until = casework.day(form, "until")
            said = pb.ShortenTermRequest(**common, until=until, reason=form["reason"])
        case "keep-term":
            said = pb.DeclineShorteningRequest(**common, reason=form["reason"])
        case "set-aside":
            known = {name.rpartition("GROUND_")[2].lower(): number for name, number in pb.NotConsideredGround.items()}
            known.pop("unspecified")
            why = pb.NotConsideredGround.ValueType(chosen("ground", known))
            said = pb.DecideNotToConsiderRequest(
                **common,
                ground=why,
                reason=form["reason"],
                adopted_on=casework.day(form, "adopted_on"),
                known_on=casework.day(form, "known_on"),
            )
        case _:
            raise HTTPException(404)
    verb: Callable[[Any], Awaitable[Any]] = getattr(web.proceedings, _VERBS[act])
    return lambda: verb(said)


async def _act_page(
    request: Request, web: Web, staff: Staff, appeal_id: UUID, name: str, form: Form | None
) -> Response:
    say = request.state.language.gettext
    partners = await casework.partners(web, staff, _today(web)) if name == "forward" else []
    others = await casework.colleagues(web, staff, "appeals.answer") if name == "reassign" else {}
    colleagues = [each for each in others.items() if each[0] != staff.subject]
    act = acts(say, partners, colleagues)[name]
    staff.require(act.permission)
    appeal = await web.appeals.GetAppeal(appeals_pb2.GetAppealRequest(name=_name(staff, appeal_id)))
    way = await web.proceedings.GetProceedings(pb.GetProceedingsRequest(name=appeal.name))
    if form is None:
        form = Form(_suggested(name, way, say), request.state.language)
    form.values["etag"] = appeal.etag
    asked = way.extension_asked if name == "decide-extension" and way.HasField("extension_asked") else None
    return web.pages.show(
        request,
        "office/act.html",
        form=form,
        act=act,
        fields=act.fields,
        id=appeal_id,
        name=name,
        scripts=True,
        number=appeal.number,
        asked=asked,
        asked_until=written(asked.until) if asked else "",
    )


def _suggested(name: str, way: pb.AppealProceedings, say: Say) -> dict[str, str]:
    """What a machine can see of it: the requisites that are missing, the last day there is."""
    if name == "return":
        lacking = set(way.missing_requisites)
        return {f"missing-{one.value}": "yes" for one in casework.requisites(say) if one.number in lacking}
    return {"until": written(way.most.safe_on)} if name == "extend" else {}


def _take(form: Form, failure: Failure, fields: dict[str, str]) -> None:
    """Puts the service's refusal into the form; raises what is not about it."""
    say = form.language.gettext
    if failure.code is grpc.StatusCode.ABORTED:
        form.refuse("", say("Справу щойно змінив хтось інший. Ось вона тепер: перевірте й повторіть."))
    elif failure.fields:
        form.refuse_all(failure.fields, fields or {name: name.partition(".")[0] for name in failure.fields})
    elif failure.code in {grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.PERMISSION_DENIED} and failure.message:
        form.refuse("", failure.message)
    else:
        raise failure


def _today(web: Web) -> date:
    return kyiv_date(web.clock.now())


def _case(staff: Staff, appeal_id: UUID) -> str:
    return f"/{staff.office.slug}/office/appeals/{appeal_id}"


def _name(staff: Staff, appeal_id: UUID) -> str:
    return f"{staff.office.parent}/appeals/{appeal_id}"
