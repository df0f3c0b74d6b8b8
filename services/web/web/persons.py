"""Requests about one's own data, in words: for the person, and for the office that answers."""

from datetime import date
from typing import Any

from kit.pages import Language
from spilno.reception.v1 import persons_pb2 as pb

from web import words
from web.words import Say, Word


def kinds(_: Say, *, is_registered: bool = True) -> list[Word]:
    """What a person may ask; what the law keeps it keeps once it is registered."""
    return [
        Word(
            pb.PERSON_REQUEST_KIND_ACCESS,
            "access",
            _("Отримати мої дані"),
            "file-text",
            _("Усе, що офіс зберігає про вас"),
        ),
        Word(pb.PERSON_REQUEST_KIND_CORRECTION, "correction", _("Виправити"), "check", _("Напишіть, що не так")),
        Word(
            pb.PERSON_REQUEST_KIND_ERASURE,
            "erasure",
            _("Знищити"),
            "x",
            _("Закон вимагає зберігати звернення кілька років; решту знищимо")
            if is_registered
            else _("Поки звернення не зареєстровано, можна знищити все"),
        ),
    ]


def states(_: Say) -> list[Word]:
    return [
        Word(pb.PERSON_REQUEST_STATE_OPEN, "open", _("Розглядаємо"), "hourglass", "work"),
        Word(pb.PERSON_REQUEST_STATE_GRANTED, "granted", _("Виконано"), "circle-check", "done"),
        Word(pb.PERSON_REQUEST_STATE_REFUSED, "refused", _("Відмовлено"), "x", "plain"),
    ]


def alarms(_: Say) -> list[Word]:
    return [
        Word(pb.PERSON_REQUEST_ALARM_NONE, "none", _("Є час"), "clock", "plain"),
        Word(pb.PERSON_REQUEST_ALARM_NEAR, "near", _("Строк спливає"), "hourglass", "work"),
        Word(pb.PERSON_REQUEST_ALARM_OVERDUE, "overdue", _("Прострочено"), "triangle-alert", "late"),
    ]


def fields(_: Say) -> list[Word]:
    return [
        Word(pb.PERSON_FIELD_NAME, "name", _("Ім’я"), "users"),
        Word(pb.PERSON_FIELD_RESIDENCE, "residence", _("Місце проживання"), "map-pin"),
        Word(pb.PERSON_FIELD_PHONE, "phone", _("Телефон"), "phone"),
        Word(pb.PERSON_FIELD_EMAIL, "email", _("Електронна пошта"), "mail"),
    ]


def told(request: pb.OwnRequest, language: Language) -> dict[str, Any]:
    """A request as its person reads it."""
    say = language.gettext
    return {
        "kind": words.word(kinds(say), request.kind),
        "state": words.word(states(say), request.state),
        "is_open": request.state == pb.PERSON_REQUEST_STATE_OPEN,
        "received": language.day(date.fromisoformat(request.received_on)),
        "due": language.day(date.fromisoformat(request.due_on)),
        "answer": request.answer,
    }
