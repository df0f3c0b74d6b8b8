"""What stands on a leaflet, in one language: pure functions of what the directory and the schedule say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date, get_day_names
from kit.localisation import Catalogue

from kit import phones
from reception.receptions.rules import Schedule

_TEXTS = Catalogue(["reception"])
_EMERGENCY = ("102", "103", "101", "112")
_AHEAD_DAYS = 60


@dataclass(frozen=True, slots=True)
class Office:
    """The office, as it stands on what is handed out."""

    title: str
    address: str
    directions: str
    phones: tuple[str, ...]
    link: str


@dataclass(frozen=True, slots=True)
class Officer:
    """Whom residents turn to."""

    display_name: str
    kind: str
    phone: str
    email: str
    text: str


@dataclass(frozen=True, slots=True)
class Beat:
    """A beat and, if residents may see it, its officer's card."""

    number: int
    title: str
    settlements: tuple[str, ...]
    streets: tuple[str, ...]
    officer: Officer | None
    last_report_on: date | None


def booklet(office: Office, beats: Sequence[Beat], schedule: Schedule, today: date, locale: str) -> dict[str, Any]:
    """ "Твій дільничний": the hours, whom to call, and every beat with its officer."""
    return {
        **_head("booklet", office, locale),
        "lead": _say("booklet-lead", locale),
        "dated": _say("dated", locale, day=_day(today, locale)),
        "hours_title": _say("hours", locale),
        "hours": hours(schedule, locale),
        "emergency_title": _say("emergency", locale),
        "emergency": [{"number": number, "who": _say(f"emergency-{number}", locale)} for number in _EMERGENCY],
        "beats_title": _say("beats", locale),
        "beats": [_beat(each, locale) for each in beats],
        "nobody": _say("nobody", locale),
        "link": f"{office.link}/officers",
        "link_title": _say("link-officers", locale),
    }


def cards(office: Office, officer: Officer, beats: Sequence[Beat], locale: str) -> dict[str, Any]:
    """One officer's business card."""
    return {
        **_head("cards", office, locale),
        "title": f"{_say('cards', locale)}: {officer.display_name}",
        "officer": _officer(officer, locale),
        "beats": [_beat_line(each, locale) for each in beats],
        "link": f"{office.link}/officers",
        "qr_alt": _say("qr-contact", locale, who=officer.display_name),
    }


def poster(office: Office, schedule: Schedule, today: date, locale: str) -> dict[str, Any]:
    """The hours of the reception, and the days ahead on which they are others."""
    ahead = [each for each in sorted(schedule.exceptions) if 0 <= (each[0] - today).days <= _AHEAD_DAYS]
    return {
        **_head("poster", office, locale),
        "lead": _say("poster-lead", locale),
        "dated": _say("dated", locale, day=_day(today, locale)),
        "hours": hours(schedule, locale),
        "exceptions_title": _say("exceptions", locale),
        "exceptions": [
            {
                "day": _day(day, locale),
                "hours": ", ".join(f"{each.opens:%H:%M}–{each.closes:%H:%M}" for each in open)
                or _say("closed", locale),
                "note": note,
            }
            for day, open, note in ahead
        ],
        "hosts_title": _say("hosts", locale),
        "hosts": list(schedule.hosts),
        "neutral": _say("poster-neutral", locale),
        "link": f"{office.link}/visits/new",
        "link_title": _say("link-visits", locale),
        "qr_alt": _say("qr-visits", locale, link=f"{office.link}/visits/new"),
    }


def hours(schedule: Schedule, locale: str) -> list[dict[str, str]]:
    """The week: a weekday and its hours."""
    names = get_day_names("wide", "stand-alone", locale)
    weekdays = sorted({weekday for weekday, _ in schedule.week})
    return [
        {
            "day": names[weekday - 1].capitalize(),
            "hours": ", ".join(
                f"{each.opens:%H:%M}–{each.closes:%H:%M}" for day, each in sorted(schedule.week) if day == weekday
            ),
        }
        for weekday in weekdays
    ]


def _head(kind: str, office: Office, locale: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "lang": locale,
        "title": _say(kind, locale),
        "office": office.title,
        "address": office.address,
        "directions": office.directions,
        "phones": [phones.written(each) for each in office.phones],
    }


def _beat(beat: Beat, locale: str) -> dict[str, Any]:
    return {
        "heading": ", ".join(filter(None, [_say("beat", locale, number=beat.number), beat.title])),
        "settlements": ", ".join(beat.settlements),
        "streets": list(beat.streets),
        "streets_title": _say("streets", locale),
        "officer": _officer(beat.officer, locale) if beat.officer else None,
        "report": _say("reported", locale, day=_day(beat.last_report_on, locale)) if beat.last_report_on else "",
    }


def _officer(officer: Officer, locale: str) -> dict[str, str]:
    return {
        "name": officer.display_name,
        "kind": _say(f"officer-{officer.kind}", locale),
        "phone": phones.written(officer.phone),
        "email": officer.email,
        "text": officer.text,
    }


def _beat_line(beat: Beat, locale: str) -> str:
    where = beat.title or ", ".join(beat.settlements[:3])
    return ", ".join(filter(None, [_say("beat", locale, number=beat.number), where]))


def _day(day: date | None, locale: str) -> str:
    return format_date(day, "d MMMM y", locale) if day else ""


def _say(key: str, locale: str, **values: object) -> str:
    return _TEXTS.text(f"leaflet {key}", locale, **values)
