"""The form of a visit: the same for a resident and for staff who book for a caller."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from kit.pages import Form, Language
from kit.rpc.client import Failure
from spilno.reception.v1 import receptions_pb2 as pb

from web import appeals, words
from web.portal import Web, is_away

FIELDS = {
    "visit.start_time": "slot",
    "start_time": "slot",
    "code": "code",
    "visit.visitor": "visitor",
    "visit.phone": "phone",
    "visit.topic": "topic",
    "visit.reminder.channel": "reminder",
    "visit.reminder.email": "email",
    "visit.reminder.language": "language",
    "visitor": "visitor",
    "phone": "phone",
    "topic": "topic",
}
_DAYS = 4


@dataclass(frozen=True)
class Slot:
    """One tile: a time that is free, or is struck through."""

    value: str
    text: str
    is_free: bool


@dataclass(frozen=True)
class Day:
    """A day of reception as a tile, with its slots."""

    value: str
    weekday: str
    day: str
    free: int
    slots: list[Slot]


@dataclass(frozen=True)
class Offer:
    """What can be booked: the next days of reception, and how one may be reminded."""

    days: list[Day]
    reminders: list[words.Word]
    """Empty where the platform sends none: then nobody is asked."""

    def chosen(self, form: Form) -> Day | None:
        """The day that the form is about: as asked, else the first with a free slot."""
        asked = next((day for day in self.days if day.value == form["day"]), None)
        return asked or next((day for day in self.days if day.free), self.days[0] if self.days else None)


def blank(language: Language, day: str = "") -> Form:
    return Form(
        {"request_id": str(uuid.uuid4()), "day": day, "reminder": "no", "language": language.code},
        language,
    )


async def offer(web: Web, parent: str, language: Language) -> Offer:
    """What the office offers now."""
    listed = await web.receptions.ListSlots(pb.ListSlotsRequest(parent=parent, days=_DAYS))
    channels = listed.reminder_channels
    return Offer(
        [_day(day, language) for day in listed.days],
        [word for word in words.reminders(language.gettext) if word.number in {0, *channels}] if channels else [],
    )


def _day(day: pb.ReceptionDay, language: Language) -> Day:
    when = date.fromisoformat(day.date)
    slots = [
        Slot(str(slot.start_time.seconds), language.time(moment(slot.start_time)), slot.free) for slot in day.slots
    ]
    free = sum(slot.is_free for slot in slots)
    return Day(day.date, language.weekday(when).capitalize(), language.day(when), free, slots)


def draft(form: Form) -> pb.VisitDraft:
    """What the form says, as it stands: the service judges it."""
    said = pb.VisitDraft(visitor=form["visitor"], phone=appeals.dialled(form), topic=form["topic"])
    if (start := chosen_start(form)) is not None:
        said.start_time.CopyFrom(start)
    if channel := words.number(words.reminders(form.language.gettext), form["reminder"]):
        said.reminder.channel = pb.ReminderChannel.ValueType(channel)
        said.reminder.language = form["language"]
        if channel == pb.REMINDER_CHANNEL_EMAIL:
            said.reminder.email = form["email"].strip()
    return said


def chosen_start(form: Form) -> Timestamp | None:
    """The slot that the form has; None if it has none."""
    is_one = form["slot"].isascii() and form["slot"].isdigit() and len(form["slot"]) < 12
    return Timestamp(seconds=int(form["slot"])) if is_one else None


def take_move_refusal(form: Form, failure: Failure) -> int:
    """Puts what keeps a visit where it is into the form and tells the page's status; raises what is not about it."""
    say = form.language.gettext
    match failure.code:
        case grpc.StatusCode.ABORTED:
            form.refuse("", say("Візит щойно змінив хтось інший. Ось він тепер: перевірте й повторіть."))
        case grpc.StatusCode.NOT_FOUND if failure.reason == "visit.code-unknown":
            form.refuse("code", failure.message)
        case grpc.StatusCode.RESOURCE_EXHAUSTED:
            form.refuse("code", failure.message)
            return 429
        case grpc.StatusCode.FAILED_PRECONDITION if failure.reason.startswith("visit."):
            form.refuse("", failure.message)
        case _:
            return take_refusal(form, failure)
    return 422


def take_refusal(form: Form, failure: Failure) -> int:
    """Puts the service's refusal into the form and tells the page's status; raises what is not about the form."""
    if failure.reason == "request-id.other-payload":
        form.values["request_id"] = str(uuid.uuid4())
        form.refuse("", form.language.gettext("Цей запис уже зроблено. Якщо потрібен ще один, надішліть знову."))
    elif failure.fields:
        form.refuse_all(failure.fields, FIELDS)
    elif is_away(failure):
        form.refuse("", form.language.gettext("Служба не відповідає. Написане на місці: надішліть ще раз за хвилину."))
        return 503
    else:
        raise failure
    return 422


def moment(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(UTC)


def hours(schedule: pb.ScheduleDraft, language: Language) -> list[str]:
    """The hours of the week in words: "вівторок, 10:00–12:00"."""
    monday = date(2024, 1, 1)
    return [
        f"{language.weekday(monday.replace(day=one.weekday))}, {one.hours.opens}–{one.hours.closes}"
        for one in schedule.week
    ]
