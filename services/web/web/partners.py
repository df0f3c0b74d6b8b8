"""Partners, venues and the data's controller, as pages say them and as forms are read."""

from datetime import date

import grpc
from kit.pages import Form, Language
from kit.rpc.client import Failure
from spilno.identity.v1 import agreements_pb2, controllers_pb2, organisations_pb2, venues_pb2

from web.portal import is_away
from web.words import Say, Word

_JUDGED = {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.ALREADY_EXISTS, grpc.StatusCode.ABORTED}


def organisation_kinds(_: Say) -> list[Word]:
    return [
        Word(organisations_pb2.ORGANISATION_KIND_COUNCIL, "council", _("Рада"), "landmark"),
        Word(organisations_pb2.ORGANISATION_KIND_EXECUTIVE, "executive", _("Виконавчий орган"), "landmark"),
        Word(organisations_pb2.ORGANISATION_KIND_POLICE, "police", _("Поліція"), "shield-check"),
        Word(organisations_pb2.ORGANISATION_KIND_DSNS, "dsns", _("ДСНС, рятувальники"), "siren"),
        Word(organisations_pb2.ORGANISATION_KIND_MIGRATION, "migration", _("Міграційна служба"), "users"),
        Word(organisations_pb2.ORGANISATION_KIND_PROBATION, "probation", _("Пробація"), "scale"),
        Word(organisations_pb2.ORGANISATION_KIND_LEGAL_AID, "legal-aid", _("Правова допомога"), "scale"),
        Word(organisations_pb2.ORGANISATION_KIND_NGO, "ngo", _("Громадська організація"), "users"),
        Word(organisations_pb2.ORGANISATION_KIND_SCHOOL, "school", _("Заклад освіти"), "house"),
        Word(organisations_pb2.ORGANISATION_KIND_HOSPITAL, "hospital", _("Заклад здоров’я"), "heart-pulse"),
        Word(organisations_pb2.ORGANISATION_KIND_ENTERPRISE, "enterprise", _("Підприємство"), "house"),
        Word(organisations_pb2.ORGANISATION_KIND_OTHER, "other", _("Інша"), "circle-dot"),
    ]


def agreement_kinds(_: Say) -> list[Word]:
    return [
        Word(agreements_pb2.AGREEMENT_KIND_MEMORANDUM, "memorandum", _("Меморандум"), "file-text"),
        Word(agreements_pb2.AGREEMENT_KIND_COOPERATION, "cooperation", _("Договір про співробітництво"), "users"),
        Word(agreements_pb2.AGREEMENT_KIND_DATA_EXCHANGE, "data-exchange", _("Обмін даними"), "send"),
        Word(agreements_pb2.AGREEMENT_KIND_OTHER, "other", _("Інший документ"), "file-text"),
    ]


def bodies(_: Say) -> list[Word]:
    return [
        Word(controllers_pb2.BODY_KIND_STATE, "state", _("Орган державної влади"), "landmark"),
        Word(controllers_pb2.BODY_KIND_MUNICIPAL, "municipal", _("Орган місцевого самоврядування"), "landmark"),
        Word(controllers_pb2.BODY_KIND_STATE_ENTERPRISE, "state-enterprise", _("Державне підприємство"), "house"),
        Word(
            controllers_pb2.BODY_KIND_COMMUNAL_ENTERPRISE, "communal-enterprise", _("Комунальне підприємство"), "house"
        ),
        Word(controllers_pb2.BODY_KIND_NGO, "ngo", _("Громадська організація"), "users"),
        Word(controllers_pb2.BODY_KIND_PRIVATE, "private", _("Приватна фірма"), "house"),
    ]


def presences(_: Say) -> list[tuple[str, str]]:
    return [("", _("Не перевірено")), ("yes", _("Є")), ("no", _("Немає"))]


PRESENCE = {"": venues_pb2.PRESENCE_UNSPECIFIED, "yes": venues_pb2.PRESENCE_YES, "no": venues_pb2.PRESENCE_NO}
ANSWER = {number: value for value, number in PRESENCE.items()}


def options(words: list[Word], first: str) -> list[tuple[str, str]]:
    """The words as a select's options, after one that chooses nothing."""
    return [("", first), *((word.value, word.text) for word in words)]


def day(text: str, language: Language) -> str:
    """2017-02-28 as people read it; empty for no day."""
    return language.date(date.fromisoformat(text)) if text else ""


def take_refusal(form: Form, failure: Failure, fields: dict[str, str]) -> int:
    """Puts the service's refusal into the form and tells the page's status; raises what is not about the form."""
    _ = form.language.gettext
    if is_away(failure):
        form.refuse("", _("Служба не відповідає. Написане на місці: надішліть ще раз за хвилину."))
        return 503
    if failure.code is grpc.StatusCode.ABORTED:
        form.refuse("", _("Запис щойно змінив хтось інший. Відкрийте його ще раз і внесіть зміни."))
    elif failure.code in _JUDGED and failure.fields:
        form.refuse_all(failure.fields, fields)
    elif failure.code is grpc.StatusCode.FAILED_PRECONDITION and failure.reason != "hromada.suspended":
        form.refuse("", failure.message)
    else:
        raise failure
    return 422


def accessibility(venue: venues_pb2.Venue, language: Language) -> list[tuple[str, str, str]]:
    """What a resident wants to know of the way in: what, the answer in words, and how sure it is (yes, no, unknown)."""
    _ = language.gettext
    answers = {
        venues_pb2.PRESENCE_YES: ("yes", _("є")),
        venues_pb2.PRESENCE_NO: ("no", _("немає")),
    }

    def told(what: str, number: "venues_pb2.Presence.ValueType") -> tuple[str, str, str]:
        kind, text = answers.get(number, ("unknown", _("не перевірено")))
        return what, text, kind

    steps = (_("Сходинки від вулиці"), _("не пораховано"), "unknown")
    if venue.HasField("steps"):
        steps = (steps[0], str(venue.steps) if venue.steps else _("немає, вхід рівний"), "no" if venue.steps else "yes")
    return [
        told(_("Окремий вхід з вулиці"), venue.own_entrance),
        steps,
        told(_("Пандус"), venue.ramp),
        told(_("Туалет, доступний на візку"), venue.accessible_toilet),
        told(_("Індукційна петля для слухових апаратів"), venue.hearing_loop),
        told(_("Нейтральне місце: не поліція і не влада"), venue.neutral_ground),
    ]
