"""The verbs of referrals."""

import asyncio
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kit.call import Call
from kit.clock import KYIV
from sqlmodel import col, select

from reception.appeals import actions as appeals
from reception.appeals import letters
from reception.appeals.model import Appeal
from reception.appeals.rules import one_line, reason_text
from reception.prints.writing import Format, written
from reception.referrals import rules
from reception.referrals.letters import letter
from reception.referrals.model import Referral
from reception.referrals.rules import Helper, State

_MOST = 200


@dataclass(frozen=True, slots=True)
class Draft:
    """Whom to ask, for what, and what the person has agreed to. No organisation: a lawyer."""

    organisation: UUID | None
    title: str
    asks: str
    consented_on: date | None
    due_on: date


async def refer(call: Call, appeal_id: UUID, draft: Draft) -> Referral:
    """Asks somebody to help the person of an appeal.

    Raises:
        Refused: the person has not consented, or the term is none.
    """
    appeal = await appeals.get(call, appeal_id)
    referral = Referral(
        appeal_id=appeal.id,
        helper=Helper.LAWYER if draft.organisation is None else Helper.ORGANISATION,
        organisation=draft.organisation,
        title=one_line(draft.title),
        asks=reason_text(draft.asks, "asks"),
        consented_on=rules.check_consent(draft.consented_on, call.today),
        state=State.SENT,
        due_on=rules.check_due(draft.due_on, call.today),
        sent_at=call.now,
        sent_by=call.caller.subject,
        sent_by_name=call.caller.display_name,
    )
    call.db.add(referral)
    return referral


async def accept(call: Call, referral_id: UUID, etag: str) -> Referral:
    """The helper has said yes."""
    referral = await _held(call, referral_id, etag)
    referral.state, referral.accepted_on = rules.accept(referral.state), call.today
    await letters.tell_referral_accepted(call, await appeals.get(call, referral.appeal_id))
    return referral


async def end(call: Call, referral_id: UUID, etag: str, reply: str, *, declined: bool) -> Referral:
    """The helper has said what they did, or why they will not."""
    said = reason_text(reply, "reply")
    referral = await _held(call, referral_id, etag)
    referral.state, referral.reply, referral.ended_on = rules.end(referral.state, declined=declined), said, call.today
    await letters.tell_referral_ended(call, await appeals.get(call, referral.appeal_id), declined=declined)
    return referral


async def of_appeal(call: Call, appeal_id: UUID) -> list[Referral]:
    """The referrals of an appeal, oldest first."""
    appeal = await appeals.get(call, appeal_id)
    mine = select(Referral).where(col(Referral.appeal_id) == appeal.id)
    return await call.db.all(mine.order_by(col(Referral.id)).limit(_MOST))


async def waiting(call: Call) -> list[Referral]:
    """Those of the register that nobody has answered yet, what is due first comes first. None of a sensitive case."""
    is_open = col(Referral.state).in_([State.SENT, State.ACCEPTED])
    listed = select(Referral).join(Appeal, col(Appeal.id) == col(Referral.appeal_id))
    shown = listed.where(is_open, col(Appeal.sensitivity).is_(None))
    return await call.db.all(shown.order_by(col(Referral.due_on), col(Referral.id)).limit(_MOST))


async def printed(call: Call, referral_id: UUID, office: str, language: str, format: Format) -> tuple[str, bytes]:
    """The letter: what to call it, and the file."""
    referral = await call.db.get(Referral, referral_id)
    appeal = await appeals.get(call, referral.appeal_id)
    is_named = appeals.knows_whose(call, appeal)
    sheet = letter(
        number=appeal.number,
        to=referral.title,
        helper=referral.helper,
        asks=referral.asks,
        who=appeal.applicant_name if is_named else "—",
        contact=", ".join(filter(None, [appeal.phone, appeal.email])) if is_named else "—",
        sent_on=referral.sent_at.astimezone(KYIV).date(),
        due_on=referral.due_on,
        signed=referral.sent_by_name,
        office=office,
        language=language,
    )
    name = f"referral-{appeal.number.replace('/', '-')}-{language}.{format}"
    return name, await asyncio.to_thread(written, sheet, format)


async def _held(call: Call, referral_id: UUID, etag: str) -> Referral:
    """A referral of an appeal that the caller may see."""
    await appeals.get(call, (await call.db.get(Referral, referral_id)).appeal_id)
    return await call.db.lock(Referral, referral_id, etag)
