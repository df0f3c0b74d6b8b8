"""Hazards as pages show them, and the form by which they are told: the same for a resident and for staff."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from kit.pages import Form, Language
from kit.rpc.client import Failure
from spilno.reception.v1 import hazards_pb2 as pb
from spilno.reception.v1.officers_pb2 import Point

from web import appeals, photos, words
from web.portal import Office, Web, is_away
from web.words import Say, Word

FIELDS = {
    "hazard.category": "category",
    "hazard.point": "address",
    "hazard.point.latitude": "address",
    "hazard.point.longitude": "address",
    "hazard.address": "address",
    "hazard.text": "text",
    "hazard.contact.name": "name",
    "hazard.contact.phone": "phone",
    "hazard.contact.email": "email",
    "hazard.photos": "files",
    "hazard.notices.channel": "notice",
    "hazard.notices.language": "notice_language",
    "contact.email": "email",
    "contact.phone": "phone",
    "notices.channel": "notice",
    "date": "date",
    "channel": "channel",
    "reason": "reason",
    "code": "code",
}
"""Where the service's field paths stand in the form, in the page's order."""

_ICONS = {
    "street-light": "street-lamp",
    "road": "route",
    "pit": "triangle-alert",
    "derelict": "house",
    "rubbish": "leaf",
    "animals": "heart-pulse",
    "wires": "octagon-alert",
    "order": "shield-check",
}
_CLOSED = frozenset({pb.HAZARD_STATE_FIXED, pb.HAZARD_STATE_REJECTED, pb.HAZARD_STATE_DUPLICATE})


def states(_: Say) -> list[Word]:
    return [
        Word(pb.HAZARD_STATE_REPORTED, "reported", _("Повідомлено"), "circle-dot", "new"),
        Word(pb.HAZARD_STATE_ACCEPTED, "accepted", _("Прийнято"), "half", "work"),
        Word(pb.HAZARD_STATE_WITH_BODY, "with-body", _("Передано відповідальному"), "send", "work"),
        Word(pb.HAZARD_STATE_FIXED, "fixed", _("Усунуто"), "circle-check", "done"),
        Word(pb.HAZARD_STATE_REJECTED, "rejected", _("Відхилено"), "x", "plain"),
        Word(pb.HAZARD_STATE_DUPLICATE, "duplicate", _("Уже повідомляли"), "users", "plain"),
        Word(pb.HAZARD_STATE_REOPENED, "reopened", _("Відкрито знову"), "triangle-alert", "new"),
    ]


def publications(_: Say) -> list[Word]:
    return [
        Word(pb.HAZARD_PUBLICATION_WAITING, "waiting", _("Чекає на перевірку"), "hourglass", "new"),
        Word(pb.HAZARD_PUBLICATION_SHOWN, "shown", _("Бачать усі"), "circle-check", "done"),
        Word(pb.HAZARD_PUBLICATION_WITHHELD, "withheld", _("Лише для офісу"), "lock", "plain"),
    ]


def deeds(_: Say) -> list[Word]:
    """What happened, as a step of the way."""
    return [
        Word(pb.HAZARD_DEED_REPORTED, "reported", _("Повідомлено"), "circle-dot"),
        Word(pb.HAZARD_DEED_SHOWN, "shown", _("Перевірено, бачать усі"), "check"),
        Word(pb.HAZARD_DEED_WITHHELD, "withheld", _("Перевірено, лише для офісу"), "lock"),
        Word(pb.HAZARD_DEED_ACCEPTED, "accepted", _("Прийнято"), "check"),
        Word(pb.HAZARD_DEED_HANDED_OVER, "handed-over", _("Передано відповідальному"), "send"),
        Word(pb.HAZARD_DEED_FIXED, "fixed", _("Усунуто"), "circle-check"),
        Word(pb.HAZARD_DEED_REJECTED, "rejected", _("Відхилено"), "x"),
        Word(pb.HAZARD_DEED_MERGED, "merged", _("Це те саме, що вже відоме"), "users"),
        Word(pb.HAZARD_DEED_REOPENED, "reopened", _("Відкрито знову"), "triangle-alert"),
    ]


def channels(_: Say) -> list[Word]:
    return [
        Word(pb.HAZARD_CHANNEL_PHONE, "phone", _("Телефоном"), "phone"),
        Word(pb.HAZARD_CHANNEL_RECEPTION, "reception", _("На прийомі"), "users"),
        Word(pb.HAZARD_CHANNEL_PORTAL, "portal", _("На сайті"), "file-text"),
        Word(pb.HAZARD_CHANNEL_INTEGRATION, "integration", _("З іншої системи"), "landmark"),
    ]


def is_open(state: "pb.HazardState.ValueType") -> bool:
    return state not in _CLOSED


def title_of(category: pb.HazardCategory, language: Language) -> str:
    return (language.code == "en" and category.title_en) or category.title


async def categories(web: Web, office: Office) -> pb.ListHazardCategoriesResponse:
    found: pb.ListHazardCategoriesResponse = await web.hazards.ListHazardCategories(
        pb.ListHazardCategoriesRequest(parent=office.parent)
    )
    return found


def choices(listed: Iterable[pb.HazardCategory], language: Language) -> list[Word]:
    """The open categories as tiles."""
    return [
        Word(place, each.code, title_of(each, language), _ICONS.get(each.code, "circle-dot"), each.description)
        for place, each in enumerate(listed)
        if not each.closed
    ]


def draft(form: Form) -> pb.HazardDraft:
    """What the form says, as it stands: the service judges all of it at once."""
    wish = appeals.wish(form)
    hazard = pb.HazardDraft(
        category=form["category"],
        point=point(form),
        address=form["address"],
        text=form["text"],
        contact=pb.HazardContact(name=form["name"], phone=appeals.dialled(form), email=form["email"]),
        photos=photos.tickets(form),
    )
    if wish is not None:
        hazard.notices.CopyFrom(wish)
    return hazard


def point(form: Form) -> Point | None:
    """Where the map was touched; None if it was not."""
    try:
        return Point(latitude=float(form["latitude"]), longitude=float(form["longitude"]))
    except ValueError:
        return None


def take_refusal(form: Form, failure: Failure) -> int:
    """Puts the service's refusal into the form and tells the page's status; raises what is not about the form."""
    if failure.fields:
        form.refuse_all(failure.fields, FIELDS)
        return 422
    if failure.code.name == "RESOURCE_EXHAUSTED":
        form.refuse("", failure.message)
        return 429
    if is_away(failure):
        form.refuse("", form.language.gettext("Служба не відповідає. Написане на місці: надішліть ще раз за хвилину."))
        return 503
    raise failure


def row(hazard: pb.PublicHazard, listed: Iterable[pb.HazardCategory], language: Language) -> dict[str, Any]:
    """A hazard as lists and pages show it."""
    say = language.gettext
    category = next((each for each in listed if each.code == hazard.category), pb.HazardCategory(title="—"))
    return {
        "number": hazard.number,
        "title": title_of(category, language),
        "icon": _ICONS.get(hazard.category, "circle-dot"),
        "address": hazard.address,
        "text": hazard.text,
        "state": words.word(states(say), hazard.state),
        "publication": words.word(publications(say), hazard.publication),
        "is_open": is_open(hazard.state),
        "body": hazard.body,
        "note": hazard.note,
        "confirmations": hazard.confirmations,
        "duplicate_of": hazard.duplicate_of,
        "reported": language.date(appeals.moment(hazard.reported_at)),
        "has_point": hazard.HasField("point"),
        "photos": list(hazard.photos),
    }


def way(hazard: pb.PublicHazard, language: Language) -> list[dict[str, Any]]:
    """The way of a hazard so far, oldest first."""
    last = len(hazard.steps) - 1
    told = [(step, words.word(deeds(language.gettext), step.deed)) for step in hazard.steps]
    return [
        {
            "state": "now" if place == last and is_open(hazard.state) else "done",
            "icon": word.icon,
            "title": f"{word.text}: {step.body}" if step.body else word.text,
            "when": language.date(date.fromisoformat(step.date)),
            "iso": step.date,
            "note": step.note,
        }
        for place, (step, word) in enumerate(told)
    ]


def pins(hazards: Iterable[pb.PublicHazard], rows: Iterable[Mapping[str, Any]], here: str) -> list[dict[str, Any]]:
    """Hazards with a point, for the map's script."""
    return [
        {
            "latitude": hazard.point.latitude,
            "longitude": hazard.point.longitude,
            "label": f"№ {hazard.number}. {told['title']}. {told['state'].text}",
            "href": f"{here}/{hazard.number}",
            "open": told["is_open"],
        }
        for hazard, told in zip(hazards, rows, strict=True)
        if hazard.HasField("point")
    ]
