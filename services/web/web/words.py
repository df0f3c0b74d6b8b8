"""The contract's enumerations as people here call them."""

from collections.abc import Callable
from dataclasses import dataclass

from spilno.identity.v1 import members_pb2
from spilno.reception.v1 import appeals_pb2 as pb
from spilno.reception.v1 import clocks_pb2, officers_pb2, receptions_pb2, triage_pb2

Say = Callable[[str], str]


@dataclass(frozen=True)
class Word:
    """One value of an enumeration: in a form's field, in words, with an icon."""

    number: int
    value: str
    text: str
    icon: str
    hint: str = ""


def kinds(_: Say) -> list[Word]:
    return [
        Word(
            pb.APPEAL_KIND_APPLICATION,
            "application",
            _("Заява"),
            "file-text",
            _("Прошу допомогти або повідомляю про порушення чи несправність"),
        ),
        Word(
            pb.APPEAL_KIND_COMPLAINT,
            "complaint",
            _("Скарга"),
            "scale",
            _("Моє право порушили, прошу його відновити"),
        ),
        Word(
            pb.APPEAL_KIND_PROPOSAL,
            "proposal",
            _("Пропозиція"),
            "megaphone",
            _("Маю пораду, як зробити краще"),
        ),
    ]


def areas(_: Say) -> list[Word]:
    return [
        Word(pb.SAFETY_AREA_ORDER, "order", _("Порядок"), "shield-check", _("крадіжки, бійки, шум, сварки")),
        Word(pb.SAFETY_AREA_ROAD, "road", _("Дорога"), "route", _("швидкість, переходи, знаки")),
        Word(pb.SAFETY_AREA_HEALTH, "health", _("Здоров’я"), "heart-pulse", _("медична допомога, безпечна вода")),
        Word(pb.SAFETY_AREA_ECOLOGY, "ecology", _("Довкілля"), "leaf", _("сміття, спалювання, бродячі тварини")),
        Word(
            pb.SAFETY_AREA_INFRASTRUCTURE,
            "infrastructure",
            _("Інфраструктура"),
            "street-lamp",
            _("освітлення, ями, небезпечні будівлі"),
        ),
    ]


def channels(_: Say) -> list[Word]:
    """How an appeal comes to the office, as staff enter it."""
    return [
        Word(pb.APPEAL_CHANNEL_PHONE, "phone", _("Телефоном"), "phone"),
        Word(pb.APPEAL_CHANNEL_RECEPTION, "reception", _("На прийомі"), "users"),
        Word(pb.APPEAL_CHANNEL_POST, "post", _("Поштою"), "mail"),
        Word(pb.APPEAL_CHANNEL_EMAIL, "email", _("Електронною поштою"), "mail"),
        Word(pb.APPEAL_CHANNEL_IN_PERSON, "in-person", _("Папером, принесла людина"), "users"),
        Word(pb.APPEAL_CHANNEL_AUTHORISED, "authorised", _("Через уповноважену особу"), "users"),
        Word(pb.APPEAL_CHANNEL_AUTHORITY, "authority", _("Від органу влади"), "landmark"),
        Word(pb.APPEAL_CHANNEL_MEDIA, "media", _("Через ЗМІ"), "megaphone"),
        Word(pb.APPEAL_CHANNEL_OTHER_BODY, "other-body", _("Від іншої організації"), "send"),
    ]


def all_channels(_: Say) -> list[Word]:
    return [
        *channels(_),
        Word(pb.APPEAL_CHANNEL_PORTAL, "portal", _("Через сайт"), "house"),
        Word(pb.APPEAL_CHANNEL_INTEGRATION, "integration", _("З іншої системи"), "send"),
    ]


def states(_: Say) -> list[Word]:
    return [
        Word(pb.APPEAL_STATE_REGISTERED, "registered", _("Нове"), "circle-dot", "new"),
        Word(pb.APPEAL_STATE_IN_WORK, "in-work", _("У роботі"), "half", "work"),
        Word(pb.APPEAL_STATE_ANSWERED, "answered", _("Відповідь надано"), "circle-check", "done"),
        Word(pb.APPEAL_STATE_RETURNED, "returned", _("Повернуто"), "mail", "done"),
        Word(pb.APPEAL_STATE_FORWARDED, "forwarded", _("Переслано"), "send", "done"),
        Word(pb.APPEAL_STATE_NOT_CONSIDERED, "not-considered", _("Без розгляду"), "x", "done"),
    ]


def tabs(_: Say) -> list[Word]:
    """The states as headings of the register."""
    return [
        Word(pb.APPEAL_STATE_REGISTERED, "registered", _("Нові"), "circle-dot"),
        Word(pb.APPEAL_STATE_IN_WORK, "in-work", _("У роботі"), "half"),
        Word(pb.APPEAL_STATE_ANSWERED, "answered", _("З відповіддю"), "circle-check"),
        Word(pb.APPEAL_STATE_FORWARDED, "forwarded", _("Переслані"), "send"),
        Word(pb.APPEAL_STATE_RETURNED, "returned", _("Повернуті"), "mail"),
        Word(pb.APPEAL_STATE_NOT_CONSIDERED, "not-considered", _("Без розгляду"), "x"),
    ]


def officer_kinds(_: Say) -> list[Word]:
    return [
        Word(officers_pb2.OFFICER_KIND_DISTRICT, "district", _("Дільничний офіцер поліції"), "shield-check"),
        Word(officers_pb2.OFFICER_KIND_HROMADA, "hromada", _("Поліцейський офіцер громади"), "shield-check"),
    ]


def visit_states(_: Say) -> list[Word]:
    return [
        Word(receptions_pb2.VISIT_STATE_BOOKED, "booked", _("Очікуємо"), "clock", "new"),
        Word(receptions_pb2.VISIT_STATE_ARRIVED, "arrived", _("Чекає тут"), "half", "work"),
        Word(receptions_pb2.VISIT_STATE_HELD, "held", _("Прийнято"), "circle-check", "done"),
        Word(receptions_pb2.VISIT_STATE_CANCELLED, "cancelled", _("Скасовано"), "x", "plain"),
        Word(receptions_pb2.VISIT_STATE_MISSED, "missed", _("Не прийшли"), "circle-dot", "plain"),
    ]


def outcomes(_: Say) -> list[Word]:
    """What comes of a visit."""
    return [
        Word(receptions_pb2.VISIT_OUTCOME_RESOLVED, "resolved", _("Вирішили на місці"), "circle-check"),
        Word(receptions_pb2.VISIT_OUTCOME_ADVISED, "advised", _("Порадили, роз’яснили"), "info"),
        Word(receptions_pb2.VISIT_OUTCOME_APPEAL, "appeal", _("Приймаємо звернення"), "file-text"),
        Word(receptions_pb2.VISIT_OUTCOME_REFERRED, "referred", _("Скерували до іншого органу"), "send"),
        Word(receptions_pb2.VISIT_OUTCOME_ABSENT, "absent", _("Людина не прийшла"), "x"),
    ]


def roles(_: Say) -> list[Word]:
    """The roles of an office, each with what it is for."""
    return [
        Word(members_pb2.ROLE_HEAD, "head", _("Керівник офісу"), "landmark", _("відповідає за офіс і призначає інших")),
        Word(
            members_pb2.ROLE_ADMINISTRATOR,
            "administrator",
            _("Адміністратор"),
            "lock",
            _("запрошує людей і налаштовує офіс, звернень не читає"),
        ),
        Word(
            members_pb2.ROLE_COORDINATOR,
            "coordinator",
            _("Координатор"),
            "users",
            _("веде звернення, прийом, партнерів і дільниці"),
        ),
        Word(
            members_pb2.ROLE_DISTRICT_OFFICER,
            "district-officer",
            _("Дільничний офіцер"),
            "shield-check",
            _("приймає людей і відповідає на звернення"),
        ),
        Word(
            members_pb2.ROLE_AUDITOR,
            "auditor",
            _("Аудитор"),
            "search",
            _("перевіряє, нічого не змінює; не може бути керівником чи адміністратором"),
        ),
        Word(members_pb2.ROLE_DUTY_VOLUNTEER, "duty-volunteer", _("Черговий волонтер"), "clock"),
        Word(members_pb2.ROLE_ORGANISER, "organiser", _("Організатор заходів"), "megaphone"),
        Word(members_pb2.ROLE_TRAINER, "trainer", _("Тренер"), "heart-pulse"),
        Word(members_pb2.ROLE_INTERVIEWER, "interviewer", _("Інтерв’юер"), "file-text"),
        Word(members_pb2.ROLE_RESEARCHER, "researcher", _("Дослідник"), "search"),
        Word(members_pb2.ROLE_PUBLISHER, "publisher", _("Редактор публікацій"), "send"),
        Word(members_pb2.ROLE_LAWYER, "lawyer", _("Юрист"), "scale"),
    ]


def reminders(_: Say) -> list[Word]:
    """How somebody may be reminded of their visit, if they wish."""
    return [
        Word(receptions_pb2.REMINDER_CHANNEL_UNSPECIFIED, "no", _("Не треба"), "x"),
        Word(receptions_pb2.REMINDER_CHANNEL_SMS, "sms", _("SMS на цей телефон"), "phone"),
        Word(receptions_pb2.REMINDER_CHANNEL_EMAIL, "email", _("Листом на електронну пошту"), "mail"),
    ]


def wishes(_: Say) -> list[Word]:
    """How an applicant may be told of their appeal, if they wish."""
    return [
        Word(receptions_pb2.REMINDER_CHANNEL_UNSPECIFIED, "no", _("Не треба"), "x"),
        Word(receptions_pb2.REMINDER_CHANNEL_EMAIL, "email", _("Листом на пошту"), "mail"),
        Word(receptions_pb2.REMINDER_CHANNEL_SMS, "sms", _("Через SMS"), "phone"),
    ]


def tracks(_: Say) -> list[Word]:
    """What is no appeal: the law has another procedure for it."""
    return [
        Word(triage_pb2.TRACK_CRIME, "crime", _("Заява про злочин"), "siren"),
        Word(triage_pb2.TRACK_DOMESTIC_VIOLENCE, "violence", _("Домашнє насильство"), "siren"),
        Word(triage_pb2.TRACK_LEGAL_AID, "legal-aid", _("Безоплатна правнича допомога"), "scale"),
        Word(triage_pb2.TRACK_INFORMATION_REQUEST, "information", _("Запит на інформацію"), "info"),
        Word(triage_pb2.TRACK_ADMINISTRATIVE_PROCEDURE, "procedure", _("Адміністративна процедура"), "landmark"),
        Word(triage_pb2.TRACK_CORRUPTION, "corruption", _("Повідомлення про корупцію"), "shield-check"),
        Word(triage_pb2.TRACK_PERSONAL_DATA, "personal-data", _("Запит про персональні дані"), "lock"),
        Word(triage_pb2.TRACK_PETITION, "petition", _("Петиція"), "megaphone"),
    ]


def certainties(_: Say) -> list[Word]:
    """How sure it is that the law says so."""
    unconfirmed = _("Не підтверджено юристом")
    return [
        Word(clocks_pb2.CERTAINTY_SEEN, "seen", _("Є в тексті закону"), "circle-check"),
        Word(clocks_pb2.CERTAINTY_PARTLY, "partly", unconfirmed, "triangle-alert"),
        Word(clocks_pb2.CERTAINTY_RECALLED, "recalled", unconfirmed, "triangle-alert"),
    ]


def word(words: list[Word], number: int) -> Word:
    """The word for a number. A newer service may know more than this page does."""
    return next((one for one in words if one.number == number), Word(number, "", "—", "circle-dot", "plain"))


def number(words: list[Word], value: str) -> int:
    """The number for a form's value; 0 for what is none of them."""
    return next((one.number for one in words if one.value == value), 0)
