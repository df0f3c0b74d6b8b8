"""What staff are told of a term: whoever has the appeal before it ends, and after it, with them, the head.

In a job of its own, so that a morning's count does not fail while identity, which knows the addresses, is away.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from babel.dates import format_date
from kit.call import Call
from kit.localisation import LOCALES
from kit.notices import Kind
from kit.notices.actions import to_staff
from sqlmodel import col, select

from reception.appeals.letters import about
from reception.appeals.model import Appeal
from reception.appeals.rules import HEAD
from reception.clocks.rules import Alarm
from reception.notices.kinds import STAFF_APPEAL_BREACHED, STAFF_APPEAL_ESCALATED, STAFF_APPEAL_WARNED, notices
from reception.proceedings import rules
from reception.settings import own


async def tell_later(call: Call, appeal: Appeal) -> None:
    """Once for an alarm of a term, however often it is counted."""
    key = f"{appeal.id}/{appeal.alarm}/{appeal.legal_on.isoformat()}"
    await call.later(tell_staff, call.now, key, appeal=str(appeal.id), alarm=appeal.alarm, until=str(appeal.legal_on))


async def tell_staff(call: Call, appeal: str, alarm: str, until: str) -> None:
    """Tells of an alarm, unless the appeal was closed or marked as sensitive meanwhile, or its term is another."""
    found = await call.db.one_or_none(select(Appeal).where(col(Appeal.id) == UUID(appeal)))
    ends = date.fromisoformat(until)
    if found is None or not found.state.is_open or found.sensitivity is not None or found.legal_on != ends:
        return
    known = await call.authorities.mailboxes(call.hromada.slug, [found.taken_by] if found.taken_by else [], HEAD)
    told = rules.told_of(Alarm(alarm), found.taken_by, known.of, known.permitted, known.office)
    if Alarm(alarm) is Alarm.BREACHED:
        await _tell(call, STAFF_APPEAL_BREACHED, found, told.in_charge, ends)
        await _tell(call, STAFF_APPEAL_ESCALATED, found, told.heads, ends)
    else:
        await _tell(call, STAFF_APPEAL_WARNED, found, told.in_charge, ends)


async def _tell(call: Call, kind: Kind, appeal: Appeal, emails: Iterable[str], until: date) -> None:
    language = LOCALES[0]
    values = {
        "number": appeal.number,
        "until": format_date(until, "long", locale=language),
        "link": f"{own(call.settings).web_url}/{call.hromada.slug}/office/appeals/{appeal.id}",
    }
    for email in emails:
        to = to_staff(call, email, language)
        await notices.tell(call, kind, about=about(appeal.id), to=to, values=values)
