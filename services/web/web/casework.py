"""What the law asks an office to write down and to decide of an appeal, in words and in forms."""

from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from kit.pages import Form, Language
from kit.rpc.client import Failure
from spilno.identity.v1 import agreements_pb2, members_pb2, organisations_pb2
from spilno.reception.v1 import appeals_pb2, cases_pb2, proceedings_pb2, referrals_pb2, register_pb2
from spilno.reception.v1 import particulars_pb2 as pb

from web.days import day_of, written
from web.office.staff import Staff
from web.portal import Web
from web.words import Say, Word, number, word

FIELDS = {
    "particulars.received_on": "received_on",
    "particulars.written_on": "written_on",
    "particulars.signatories": "signatories",
    "particulars.repeat": "repeat",
    "particulars.previous": "previous",
    "particulars.codes": "category",
    "particulars.subjects": "subject",
    "particulars.complained_of": "complained_of",
    "particulars.complained_of.title": "complained_of",
    "particulars.sent_from.body": "sent_from",
    "particulars.sent_from.date": "sent_on",
    "particulars.sent_from.index": "sent_index",
}
"""Where the service's field paths stand in the form, in the page's order."""
_MOST = 500


def repeats(_: Say) -> list[Word]:
    return [
        Word(pb.REPEAT_SIGN_FIRST, "first", _("Первинне"), "file-text"),
        Word(pb.REPEAT_SIGN_REPEATED, "repeated", _("Повторне"), "file-text"),
        Word(pb.REPEAT_SIGN_DUPLICATE, "duplicate", _("Дублетне"), "file-text"),
        Word(pb.REPEAT_SIGN_MULTIPLE, "multiple", _("Неодноразове"), "file-text"),
        Word(pb.REPEAT_SIGN_MASS, "mass", _("Масове"), "file-text"),
    ]


def replies(_: Say) -> list[Word]:
    return [
        Word(pb.REPLY_WRITTEN, "written", _("Письмово"), "mail"),
        Word(pb.REPLY_ORAL, "oral", _("Усно"), "phone"),
    ]


def outcomes(_: Say) -> list[Word]:
    """The results that an answer may have."""
    return [
        Word(pb.APPEAL_OUTCOME_GRANTED, "granted", _("Вирішено позитивно"), "circle-check"),
        Word(pb.APPEAL_OUTCOME_EXPLAINED, "explained", _("Роз’яснено"), "info"),
        Word(pb.APPEAL_OUTCOME_REFUSED, "refused", _("Відмовлено"), "x"),
    ]


def all_outcomes(_: Say) -> list[Word]:
    return [
        *outcomes(_),
        Word(pb.APPEAL_OUTCOME_RETURNED, "returned", _("Повернуто"), "mail"),
        Word(pb.APPEAL_OUTCOME_FORWARDED, "forwarded", _("Переслано"), "send"),
        Word(pb.APPEAL_OUTCOME_NOT_CONSIDERED, "not-considered", _("Залишено без розгляду"), "x"),
    ]


def priorities(_: Say) -> list[Word]:
    return [
        Word(pb.PRIORITY_HEAD, "head", _("Особисто керівник"), "landmark"),
        Word(pb.PRIORITY_FIRST, "first", _("Першочергово"), "clock"),
    ]


def terms(_: Say) -> list[Word]:
    return [
        Word(pb.TERM_GENERAL, "general", _("Загальний строк, місяць"), "clock"),
        Word(pb.TERM_SIMPLE, "simple", _("Без додаткового вивчення, 15 днів"), "clock"),
        Word(pb.TERM_EXTENDED, "extended", _("Строк продовжено"), "clock"),
        Word(pb.TERM_SHORTENED, "shortened", _("Строк скорочено"), "clock"),
    ]


def requisites(_: Say) -> list[Word]:
    return [
        Word(proceedings_pb2.REQUISITE_NAME, "name", _("прізвище та ім’я"), "x"),
        Word(proceedings_pb2.REQUISITE_RESIDENCE, "residence", _("місце проживання"), "x"),
        Word(proceedings_pb2.REQUISITE_SUBSTANCE, "substance", _("суть питання"), "x"),
        Word(proceedings_pb2.REQUISITE_SIGNATURE, "signature", _("підпис"), "x"),
        Word(proceedings_pb2.REQUISITE_DATE, "date", _("дата"), "x"),
        Word(proceedings_pb2.REQUISITE_CONTACT, "contact", _("куди відповісти"), "x"),
    ]


def deeds(_: Say) -> list[Word]:
    """What has happened, in the case's history."""
    return [
        Word(proceedings_pb2.DEED_REGISTERED, "registered", _("Зареєстровано"), "check"),
        Word(proceedings_pb2.DEED_TAKEN, "taken", _("Взято до роботи"), "check"),
        Word(proceedings_pb2.DEED_ANSWERED, "answered", _("Відповідь надано"), "mail"),
        Word(proceedings_pb2.DEED_RETURNED, "returned", _("Повернуто людині"), "mail"),
        Word(proceedings_pb2.DEED_FORWARDED, "forwarded", _("Переслано"), "send"),
        Word(proceedings_pb2.DEED_NOT_CONSIDERED, "not-considered", _("Залишено без розгляду"), "x"),
        Word(proceedings_pb2.DEED_MARKED_SIMPLE, "simple", _("Не потребує вивчення: 15 днів"), "clock"),
        Word(proceedings_pb2.DEED_EXTENSION_ASKED, "asked", _("Попросили продовжити строк"), "hourglass"),
        Word(proceedings_pb2.DEED_EXTENDED, "extended", _("Строк продовжено"), "clock"),
        Word(proceedings_pb2.DEED_EXTENSION_DECLINED, "declined", _("Продовжити строк відмовлено"), "x"),
        Word(proceedings_pb2.DEED_SHORTENED, "shortened", _("Строк скорочено"), "clock"),
        Word(proceedings_pb2.DEED_SHORTENING_DECLINED, "kept", _("Скоротити строк відмовлено"), "x"),
        Word(proceedings_pb2.DEED_WARNED, "warned", _("Попереджено про строк"), "triangle-alert"),
        Word(proceedings_pb2.DEED_REASSIGNED, "reassigned", _("Передано колезі"), "users"),
        Word(proceedings_pb2.DEED_BODY_ANSWERED, "body-answered", _("Орган відповів"), "mail"),
        Word(proceedings_pb2.DEED_HANDED_OVER, "handed-over", _("Передано іншому органу"), "send"),
        Word(proceedings_pb2.DEED_BREACHED, "breached", _("Строк порушено: справу бачить керівник"), "siren"),
    ]


def sensitivities(_: Say) -> list[Word]:
    """Why only named staff see a case."""
    return [
        Word(
            pb.SENSITIVITY_DOMESTIC_VIOLENCE,
            "violence",
            _("Домашнє насильство"),
            "shield-check",
        ),
        Word(pb.SENSITIVITY_CHILDREN, "children", _("Дитина"), "users"),
        Word(pb.SENSITIVITY_PROBATION, "probation", _("Пробація"), "scale"),
        Word(pb.SENSITIVITY_REQUESTED, "requested", _("Прохання людини"), "lock"),
    ]


def referral_states(_: Say) -> list[Word]:
    """Where a referral stands."""
    return [
        Word(referrals_pb2.REFERRAL_STATE_SENT, "sent", _("Надіслано"), "send"),
        Word(referrals_pb2.REFERRAL_STATE_ACCEPTED, "accepted", _("Прийнято"), "check"),
        Word(referrals_pb2.REFERRAL_STATE_DECLINED, "declined", _("Відмовили"), "x"),
        Word(referrals_pb2.REFERRAL_STATE_REPLIED, "replied", _("Є відповідь"), "mail"),
    ]


def purposes(_: Say) -> list[Word]:
    """What a sensitive case is opened for; the trail keeps the value."""
    return [
        Word(1, "case-work", _("Веду цю справу"), "file-text"),
        Word(2, "legal-aid", _("Даю правничу пораду"), "scale"),
        Word(3, "handover", _("Передаю поліції чи іншій службі"), "siren"),
        Word(4, "supervision", _("Перевіряю як керівник"), "shield-check"),
    ]


def case_changes(_: Say) -> list[Word]:
    """How the circle of a case has changed."""
    return [
        Word(cases_pb2.CASE_CHANGE_KIND_MARKED, "marked", _("Доступ обмежено; бачить"), "lock"),
        Word(cases_pb2.CASE_CHANGE_KIND_NAMED, "named", _("Доступ надано:"), "plus"),
        Word(cases_pb2.CASE_CHANGE_KIND_REMOVED, "removed", _("Доступ забрано:"), "x"),
        Word(cases_pb2.CASE_CHANGE_KIND_ENDED, "ended", _("Обмеження знято"), "check"),
        Word(cases_pb2.CASE_CHANGE_KIND_RECOVERED, "recovered", _("Доступ відновив керівник:"), "lock"),
    ]


def obstacles(_: Say) -> list[Word]:
    """Why one answer does not answer a duplicate too; nothing does of the first."""
    return [
        Word(proceedings_pb2.DUPLICATE_OBSTACLE_UNSPECIFIED, "none", _("можна відповісти так само"), "check"),
        Word(proceedings_pb2.DUPLICATE_OBSTACLE_OTHER_QUESTION, "other", _("інше питання"), "x"),
        Word(proceedings_pb2.DUPLICATE_OBSTACLE_TAKEN_BY_ANOTHER, "taken", _("веде хтось інший"), "users"),
        Word(proceedings_pb2.DUPLICATE_OBSTACLE_CLOSED, "closed", _("розгляд завершено"), "circle-check"),
    ]


def notice_titles(_: Say) -> list[Word]:
    """What a resident is told of."""
    return [
        Word(
            appeals_pb2.APPEAL_NOTICE_KIND_RETURNED_FOR_DEFECT,
            "defect",
            _("Звернення повернуто: бракує обов’язкових відомостей"),
            "mail",
        ),
        Word(
            appeals_pb2.APPEAL_NOTICE_KIND_RETURNED_AS_INSUFFICIENT,
            "insufficient",
            _("Звернення повернуто: замало даних для рішення"),
            "mail",
        ),
        Word(appeals_pb2.APPEAL_NOTICE_KIND_FORWARDED, "forwarded", _("Звернення переслано"), "send"),
        Word(appeals_pb2.APPEAL_NOTICE_KIND_NOT_CONSIDERED, "not-considered", _("Звернення не розглядатимуть"), "x"),
        Word(
            appeals_pb2.APPEAL_NOTICE_KIND_BODY_ANSWERED,
            "body-answered",
            _("Орган, якому переслали, відповів"),
            "mail",
        ),
        Word(appeals_pb2.APPEAL_NOTICE_KIND_HANDED_OVER, "handed-over", _("Передано тому, хто це розглядає"), "send"),
        Word(appeals_pb2.APPEAL_NOTICE_KIND_EXTENDED, "extended", _("Строк розгляду продовжено"), "clock"),
        Word(appeals_pb2.APPEAL_NOTICE_KIND_SHORTENED, "shortened", _("Строк розгляду скорочено"), "clock"),
        Word(
            appeals_pb2.APPEAL_NOTICE_KIND_SHORTENING_DECLINED,
            "kept",
            _("У скороченні строку відмовлено"),
            "clock",
        ),
    ]


@dataclass(frozen=True)
class Due:
    """The end of a term, as the desk shows it."""

    text: str
    badge: str
    icon: str


def due(appeal: appeals_pb2.Appeal, language: Language, today: date) -> Due | None:
    """When an open appeal is due, and how near that is. The safe day is shown."""
    if appeal.state not in {appeals_pb2.APPEAL_STATE_REGISTERED, appeals_pb2.APPEAL_STATE_IN_WORK}:
        return None
    _ = language.gettext
    safe, legal = date.fromisoformat(appeal.due.safe_on), date.fromisoformat(appeal.due.legal_on)
    if today > legal:
        return Due(_("строк минув %s") % language.day(legal), "late", "triangle-alert")
    if today >= safe:
        return Due(_("останній день"), "late", "clock")
    is_near = appeal.due.alarm == pb.ALARM_NEAR or (safe - today).days <= 3
    return Due(_("до %s") % language.day(safe), "work" if is_near else "plain", "clock")


def moment(stamp: Timestamp) -> Any:
    return stamp.ToDatetime(UTC)


@dataclass(frozen=True)
class Choices:
    """What the fields of particulars offer."""

    categories: list[tuple[str, str]]
    statuses: list[tuple[str, str]]
    sexes: list[tuple[str, str]]
    subjects: list[tuple[str, str]]
    organisations: list[tuple[str, str]]
    repeats: list[tuple[str, str]]
    replies: list[tuple[str, str]]


async def choices(web: Web, staff: Staff, say: Say) -> Choices:
    """The codes of the classifier, and the organisations that somebody may complain of."""
    unsaid = say("Не вказано")
    found = await web.registers.GetClassifier(register_pb2.GetClassifierRequest(parent=staff.office.parent))

    def part(prefix: str) -> list[tuple[str, str]]:
        return [("", unsaid), *((one.code, one.title) for one in found.author if one.code.startswith(prefix))]

    return Choices(
        categories=part("7."),
        statuses=part("8."),
        sexes=part("4."),
        subjects=[("", say("За сферою")), *((one.code, one.title) for one in found.subjects)],
        organisations=[("", say("Ні на кого")), *await organisations(web, staff)],
        repeats=[(one.value, one.text) for one in repeats(say)],
        replies=[(one.value, one.text) for one in replies(say)],
    )


async def organisations(web: Web, staff: Staff) -> list[tuple[str, str]]:
    """Every organisation of the office: name and title."""
    if not staff.may("organisations.read"):
        return []
    asked = organisations_pb2.ListOrganisationsRequest(parent=staff.office.parent, page_size=_MOST)
    return [(one.name, one.title) for one in (await web.organisations.ListOrganisations(asked)).organisations]


async def partners(web: Web, staff: Staff, today: date) -> list[tuple[str, str]]:
    """The parties of the office's memoranda today: name and title."""
    if not staff.may("agreements.read"):
        return []
    on = today.isoformat()
    concluded = await web.agreements.ListAgreements(
        agreements_pb2.ListAgreementsRequest(parent=staff.office.parent, as_of=on, page_size=100)
    )
    found: dict[str, str] = {}
    for agreement in concluded.agreements:
        if agreement.kind == agreements_pb2.AGREEMENT_KIND_MEMORANDUM:
            listed = await web.agreements.ListSignatories(
                agreements_pb2.ListSignatoriesRequest(parent=agreement.name, as_of=on)
            )
            found |= {one.organisation: one.organisation_title for one in listed.signatories}
    return sorted(found.items(), key=lambda each: each[1])


def read(form: Form, known: list[tuple[str, str]], parent: str) -> pb.Particulars:
    """What the form says beside the appeal; a day that is none is quoted at its field."""
    say = form.language.gettext
    titles = dict(known)
    said = pb.Particulars(
        received_on=day(form, "received_on"),
        written_on=day(form, "written_on"),
        unsigned=form["unsigned"] == "yes",
        repeat=pb.RepeatSign.ValueType(number(repeats(say), form["repeat"])),
        previous=f"{parent}/appeals/{form['previous']}" if form["previous"] else "",
        codes=[form[name] for name in ("sex", "category", "status") if form[name]],
        subjects=_subjects(form),
        conceal_identity=form["conceal"] == "yes",
        reply=pb.Reply.ValueType(number(replies(say), form["reply"])),
    )
    if form["signatories"]:
        said.signatories = _count(form)
    if form["complained_of"]:
        said.complained_of.organisation = form["complained_of"]
        said.complained_of.title = titles.get(form["complained_of"], "")
    if form["sent_from"]:
        said.sent_from.body, said.sent_from.index = form["sent_from"], form["sent_index"]
        said.sent_from.date = day(form, "sent_on")
    return said


def _subjects(form: Form) -> list[str]:
    """The main one first, then the others that are marked."""
    others = [name.removeprefix("also-") for name, value in form.values.items() if name.startswith("also-") and value]
    return list(dict.fromkeys(filter(None, [form["subject"], *others])))


async def colleagues(web: Web, staff: Staff, permission: str = "appeals.read") -> dict[str, str]:
    """Whom staff may name in their work, by what that work asks for: names by id."""
    asked = members_pb2.ListColleaguesRequest(parent=staff.office.parent, permission=permission)
    listed = await web.members.ListColleagues(asked)
    return {each.id: each.display_name for each in listed.colleagues}


def day(form: Form, name: str) -> str:
    """The contract's day of a field; refuses what is none."""
    if not form[name]:
        return ""
    found = day_of(form[name])
    if found is None:
        form.refuse(name, form.language.gettext("Такого дня немає. Пишіть так: 31.12.2026"))
        return ""
    return found.isoformat()


def _count(form: Form) -> int:
    said = form["signatories"]
    if said.isascii() and said.isdigit() and len(said) < 7 and int(said) > 0:
        return int(said)
    form.refuse("signatories", form.language.gettext("Скільки людей підписали: лише число"))
    return 0


def kept(said: pb.Particulars, say: Say) -> dict[str, str]:
    """Particulars as the form shows them."""
    codes = {code[:2]: code for code in said.codes}
    return {
        "received_on": written(said.received_on),
        "written_on": written(said.written_on),
        "unsigned": "yes" if said.unsigned else "no",
        "signatories": str(said.signatories),
        "repeat": word(repeats(say), said.repeat).value,
        "previous": said.previous.rpartition("/")[2],
        "sex": codes.get("4.", ""),
        "category": codes.get("7.", ""),
        "status": codes.get("8.", ""),
        "subject": said.subjects[0] if said.subjects else "",
        **{f"also-{code}": "yes" for code in said.subjects[1:]},
        "conceal": "yes" if said.conceal_identity else "no",
        "reply": word(replies(say), said.reply).value,
        "complained_of": said.complained_of.organisation,
        "sent_from": said.sent_from.body,
        "sent_on": written(said.sent_from.date),
        "sent_index": said.sent_from.index,
    }


def concerns(failure: Failure) -> bool:
    """Whether a refusal is about particulars: they must be seen."""
    return any(path.startswith("particulars") for path in failure.fields)
