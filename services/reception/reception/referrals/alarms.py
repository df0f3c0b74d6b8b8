"""What staff are told of a referral: whoever made it, before the day for the answer and after it.

In a job of its own, so that a morning's count does not fail while identity, which knows the addresses, is away.
"""

from uuid import UUID

from babel.dates import format_date
from kit.call import Call
from kit.localisation import LOCALES
from kit.notices.actions import to_staff
from sqlmodel import col, select

from reception.appeals.letters import about
from reception.appeals.model import Appeal
from reception.notices.kinds import STAFF_REFERRAL_NEAR, STAFF_REFERRAL_OVERDUE, notices
from reception.referrals import rules
from reception.referrals.events import happened
from reception.referrals.model import Referral
from reception.referrals.rules import Alarm, Deed
from reception.settings import own


async def watch_referrals(call: Call) -> None:
    """Every morning: what waits for an answer is reminded of once before its day and once after it. Of a sensitive case
    nothing is written to anybody: mailboxes are shared."""
    is_open, until = col(Referral.state).in_(rules.OPEN), call.today + rules.NEAR
    near = select(Referral).where(is_open, col(Referral.due_on) <= until, col(Referral.alarm) != Alarm.OVERDUE)
    found = await call.db.all(near.order_by(col(Referral.id)))
    theirs = select(Appeal).where(col(Appeal.id).in_({each.appeal_id for each in found}))
    appeals = {each.id: each for each in await call.db.all(theirs.where(col(Appeal.sensitivity).is_(None)))}
    for each in found:
        alarm = rules.alarm(each.state, each.due_on, call.today)
        if each.appeal_id not in appeals or alarm.urgency <= each.alarm.urgency:
            continue
        referral = await call.db.lock(Referral, each.id)
        referral.alarm = alarm
        if alarm is Alarm.OVERDUE:
            happened(call, appeals[each.appeal_id], referral, Deed.OVERDUE)
        key = f"{referral.id}/{alarm}"
        await call.later(tell_handler, call.now, key, referral=str(referral.id), alarm=alarm)


async def tell_handler(call: Call, referral: str, alarm: str) -> None:
    """Reminds of a referral, unless it was answered or its case was marked as sensitive meanwhile."""
    found = await call.db.get(Referral, UUID(referral))
    appeal = await call.db.get(Appeal, found.appeal_id)
    if not found.state.is_open or appeal.sensitivity is not None:
        return
    subjects = [each for each in (found.sent_by, appeal.taken_by) if each]
    known = await call.authorities.mailboxes(call.hromada.slug, subjects, "")
    email = rules.told_of(found.sent_by, appeal.taken_by, known.of, known.office)
    if not email:
        return
    language = LOCALES[0]
    values = {
        "number": appeal.number,
        "until": format_date(found.due_on, "long", locale=language),
        "link": f"{own(call.settings).web_url}/{call.hromada.slug}/office/appeals/{appeal.id}/referrals",
    }
    kind = STAFF_REFERRAL_OVERDUE if Alarm(alarm) is Alarm.OVERDUE else STAFF_REFERRAL_NEAR
    await notices.tell(call, kind, about=about(appeal.id), to=to_staff(call, email, language), values=values)
