"""What stands in the register, as the forms of CMU 348 ask for it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from kit.call import Call
from kit.clock import KYIV
from sqlmodel import col, select

from reception.appeals import actions as appeals
from reception.appeals.model import Appeal
from reception.classifier import rules as classifier
from reception.figures import actions as figures
from reception.prints import rules
from reception.prints.rules import Counted, Sheet
from reception.prints.writing import Format, written
from reception.proceedings.actions import decisions_of
from reception.proceedings.model import Decision
from reception.receptions.model import Visit
from reception.receptions.rules import State

_MOST_ROWS = 5000


@dataclass(frozen=True, slots=True)
class Printed:
    """A file and what to call it."""

    name: str
    format: Format
    content: bytes


async def appeal_card(call: Call, appeal_id: UUID, organisation: str, format: Format) -> Printed:
    """The registration-control card."""
    appeal = await appeals.get(call, appeal_id)
    decisions = await decisions_of(call, appeal.id)
    previous = await _number(call, appeal.previous_id) if appeal.previous_id else ""
    said = _appeal(call, appeal, _resolution(appeal, decisions), previous)
    return await _printed(rules.appeal_card(said, organisation), f"card-{_safe(appeal.number)}", format)


async def receipt(call: Call, appeal_id: UUID, organisation: str) -> Printed:
    """The stamp for the person's copy."""
    appeal = await appeals.get(call, appeal_id)
    sheet = rules.receipt(_appeal(call, appeal, "", ""), organisation)
    return await _printed(sheet, f"receipt-{_safe(appeal.number)}", Format.PDF)


async def visit_card(call: Call, visit_id: UUID, organisation: str, format: Format) -> Printed:
    """The card of a personal reception; it is numbered within its day."""
    visit = await call.db.get(Visit, visit_id)
    day = visit.starts_at.astimezone(KYIV).date()
    of_day = await _visits(call, day, day)
    number = 1 + [one.id for one in of_day].index(visit.id) if visit.id in {one.id for one in of_day} else 1
    (said,) = await _told(call, [visit])
    return await _printed(rules.visit_card(said, number, organisation), f"reception-{day.isoformat()}-{number}", format)


async def appeal_journal(call: Call, first: date, last: date, organisation: str, format: Format) -> Printed:
    """The journal of what arrived in a period."""
    rules.check_period(first, last)
    found = await _arrived(call, first, last)
    said = [_appeal(call, each, "", "") for each in found]
    name = f"appeals-{first.isoformat()}-{last.isoformat()}"
    return await _printed(rules.appeal_journal(said, first, last, organisation), name, format)


async def reception_journal(call: Call, first: date, last: date, organisation: str, format: Format) -> Printed:
    """The journal of a period's receptions."""
    rules.check_period(first, last)
    said = await _told(call, await _visits(call, first, last))
    name = f"receptions-{first.isoformat()}-{last.isoformat()}"
    return await _printed(rules.reception_journal(said, first, last, organisation), name, format)


async def report(call: Call, first: date, last: date, organisation: str, format: Format) -> Printed:
    """The periodic report, beside the period before."""
    rules.check_period(first, last)
    now, before = await _counted(call, first, last), await _counted(call, *rules.previous(first, last))
    name = f"report-{first.isoformat()}-{last.isoformat()}"
    return await _printed(rules.report(now, before, first, last, organisation), name, format)


async def _number(call: Call, previous: UUID) -> str:
    """Of the earlier appeal; nothing if the caller may not know that there is one."""
    found = await call.db.all(select(Appeal).where(col(Appeal.id) == previous))
    return found[0].number if found else ""


async def _printed(sheet: Sheet, name: str, format: Format) -> Printed:
    """Writing takes a tenth of a second and more: others go on meanwhile."""
    return Printed(f"{name}.{format}", format, await asyncio.to_thread(written, sheet, format))


async def _arrived(call: Call, first: date, last: date) -> list[Appeal]:
    is_listed = col(Appeal.sensitivity).is_(None)
    within = select(Appeal).where(is_listed, col(Appeal.received_on) >= first, col(Appeal.received_on) <= last)
    return await call.db.all(within.order_by(col(Appeal.received_at), col(Appeal.id)).limit(_MOST_ROWS))


async def _counted(call: Call, first: date, last: date) -> list[Counted]:
    return [
        Counted(
            tuple(
                classifier.codes_of(
                    channel=each["channel"],
                    repeat=each["repeat"],
                    kind=each["kind"],
                    signatories=each["signatories"],
                    outcome=each["outcome"],
                    own=each["codes"],
                )
            ),
            each["signatories"],
            is_sensitive=each["sensitivity"] is not None,
        )
        for each in await figures.counted(call, first, last)
    ]


async def _visits(call: Call, first: date, last: date) -> list[Visit]:
    begins = datetime.combine(first, time(), KYIV)
    ends = datetime.combine(last + timedelta(days=1), time(), KYIV)
    within = select(Visit).where(
        col(Visit.starts_at) >= begins, col(Visit.starts_at) < ends, col(Visit.state) != State.CANCELLED
    )
    return await call.db.all(within.order_by(col(Visit.starts_at), col(Visit.id)).limit(_MOST_ROWS))


async def _told(call: Call, visits: Sequence[Visit]) -> list[rules.Visit]:
    ids = {each.appeal_id for each in visits if each.appeal_id}
    found = await call.db.all(select(Appeal).where(col(Appeal.id).in_(ids))) if ids else []
    numbers = {each.id: each.number for each in found}
    return [
        rules.Visit(
            starts_at=each.starts_at.astimezone(KYIV),
            hosts=tuple(each.hosts),
            visitor=each.visitor,
            topic=each.topic,
            outcome=each.outcome,
            note=each.note,
            appeal=numbers.get(each.appeal_id, "") if each.appeal_id else "",
        )
        for each in visits
    ]


def _appeal(call: Call, appeal: Appeal, resolution: str, previous: str) -> rules.Appeal:
    edition = classifier.edition(appeal.received_on)
    subjects = classifier.subjects_of(appeal.area, appeal.subjects)
    sent = filter(None, [appeal.sent_from, f"{appeal.sent_on:%d.%m.%Y}" if appeal.sent_on else "", appeal.sent_index])
    return rules.Appeal(
        number=appeal.number,
        kind=appeal.kind,
        channel=appeal.channel,
        repeat=appeal.repeat,
        signatories=appeal.signatories,
        author=appeal.applicant_name,
        residence=appeal.residence,
        contact=", ".join(filter(None, [appeal.email, appeal.phone])),
        is_named=appeals.knows_whose(call, appeal),
        categories=_named(edition.author, [code for code in appeal.codes if code.startswith("7.")]),
        status=_named(edition.author, [code for code in appeal.codes if code.startswith("8.")]),
        written_on=appeal.written_on,
        received_on=appeal.received_on,
        sent_from=", ".join(sent),
        subjects=_named(edition.subjects, subjects),
        text=appeal.text,
        executor=appeal.taken_by_name,
        due_on=appeal.due_on,
        resolution=resolution,
        closed_on=appeal.closed_on,
        outcome=appeal.outcome,
        previous=previous,
        answered_by=appeal.answered_by_name,
    )


def _named(names: Mapping[str, tuple[str, str]], codes: Sequence[str]) -> str:
    return "; ".join(f"{code} {names[code][0]}" if code in names else code for code in codes)


def _resolution(appeal: Appeal, decisions: Sequence[Decision]) -> str:
    """What was decided, in the words of those who did."""
    said = [
        " ".join(filter(None, [f"{each.decided_at.astimezone(KYIV):%d.%m.%Y}", each.body_title, each.reason]))
        for each in decisions
    ]
    return "\n".join([*said, appeal.answer] if appeal.answer else said)


def _safe(number: str) -> str:
    return number.replace("/", "-")
