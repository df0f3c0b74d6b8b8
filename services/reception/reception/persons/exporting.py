"""Everything about a person, as a file for a computer and as one for them."""

import asyncio
import json
from typing import Any

from kit.call import Call
from kit.clock import KYIV

from reception.appeals.model import Appeal
from reception.persons.actions import Of, Whole
from reception.prints.rules import Sheet
from reception.prints.writing import Format, written
from reception.receptions.model import Visit
from reception.triage.model import Submission

_NOT_THEIRS = frozenset(
    {"hromada_id", "id", "version", "code_hash", "registered_by", "taken_by", "answered_by", "sorted_by"}
)
_NOT_THEIRS_OF_VISIT = frozenset({"hromada_id", "id", "version", "code_hash", "booked_by"})
_TITLES = {
    "number": "Номер",
    "applicant_name": "Ім’я",
    "visitor": "Ім’я",
    "residence": "Місце проживання",
    "phone": "Телефон",
    "email": "Електронна пошта",
    "text": "Що написано",
    "topic": "Тема прийому",
    "note": "Що записано на прийомі",
    "received_at": "Коли надійшло",
    "starts_at": "Коли прийом",
    "answer": "Відповідь",
    "answered_at": "Коли відповіли",
    "codes": "Що людина вказала про себе (класифікатор)",
    "reminder_email": "Пошта для нагадування",
    "taken_by_name": "Хто вів",
    "answered_by_name": "Хто відповів",
}


def data(found: list[Whole]) -> dict[str, Any]:
    """What is held, by record."""
    return {
        "purpose": "звернення громадян (Закон 393/96-ВР), прийом",
        "elsewhere": "Медіація: її дані дає сторонам медіатор.",
        "records": [_record(each) for each in found],
    }


def sheet(found: list[Whole], organisation: str) -> Sheet:
    """The same, to be read."""
    parts = []
    for each in found:
        said = _own(each.record.of)
        rows = [(_TITLES[name], _plain(value)) for name, value in said.items() if name in _TITLES and value]
        rows += [("Рішення", " ".join(filter(None, [_plain(one.decided_at), one.reason]))) for one in each.decisions]
        rows += [("Скерування", f"{_plain(one.sent_at)} {one.title}: {one.asks} {one.reply}") for one in each.referrals]
        rows += [("Повідомлення", f"{_plain(one.told_at)} {one.channel} {one.masked}") for one in each.notices]
        rows += [("Виправлення", f"{_plain(one.at)} {one.field}: {one.reason}") for one in each.record.corrections]
        parts.append((_heading(each), tuple(rows)))
    return Sheet("Ваші персональні дані", organisation, tuple(parts))


async def files(call: Call, found: list[Whole], organisation: str) -> tuple[bytes, bytes]:
    """JSON and PDF. Writing takes a tenth of a second: others go on meanwhile."""
    said = json.dumps({"made_at": call.now, **data(found)}, ensure_ascii=False, indent=2, default=str).encode()
    return said, await asyncio.to_thread(written, sheet(found, organisation), Format.PDF)


def _record(whole: Whole) -> dict[str, Any]:
    return {
        "record": whole.record.name,
        **_own(whole.record.of),
        "kept_until": whole.record.kept_until,
        "legal_hold": whole.record.is_held,
        "history": [{"deed": each.deed, "state": each.state, "at": each.at} for each in whole.steps],
        "decisions": [
            {
                "deed": each.deed,
                "at": each.decided_at,
                "by": each.decided_by_name,
                "reason": each.reason,
                "to": each.body_title,
            }
            for each in whole.decisions
        ],
        "referrals": [
            {
                "to": each.title,
                "asks": each.asks,
                "consented_on": each.consented_on,
                "at": each.sent_at,
                "by": each.sent_by_name,
                "state": each.state,
                "reply": each.reply,
            }
            for each in whole.referrals
        ],
        "notices": [
            {"kind": each.kind, "channel": each.channel, "to": each.masked, "state": each.state, "at": each.told_at}
            for each in whole.notices
        ],
        "corrections": [
            {"field": each.field, "reason": each.reason, "by": each.corrected_by_name, "at": each.at}
            for each in whole.record.corrections
        ],
    }


def _own(of: Of) -> dict[str, Any]:
    hidden = _NOT_THEIRS_OF_VISIT if isinstance(of, Visit) else _NOT_THEIRS
    return {name: getattr(of, name) for name in type(of).model_fields if name not in hidden}


def _heading(whole: Whole) -> str:
    of = whole.record.of
    if isinstance(of, Submission):
        return f"Надіслане {_plain(of.received_at)}, ще не зареєстроване"
    return f"Звернення {of.number}" if isinstance(of, Appeal) else f"Прийом {_plain(of.starts_at)}"


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value.astimezone(KYIV):%d.%m.%Y %H:%M}" if hasattr(value, "astimezone") else str(value)
