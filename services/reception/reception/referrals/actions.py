"""The verbs of referrals."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from google.protobuf.message import Message
from kit.call import Call
from kit.clock import KYIV
from kit.errors import Missing, Refused, WrongState
from sqlalchemy import ColumnElement, case, update
from sqlmodel import col, select

from reception.appeals import actions as appeals
from reception.appeals import letters
from reception.appeals.model import Appeal
from reception.appeals.rules import one_line, reason_text
from reception.prints.writing import Format, written
from reception.referrals import filling, own, rules
from reception.referrals.events import happened, told
from reception.referrals.letters import help_of, letter
from reception.referrals.model import Referral, Step
from reception.referrals.rules import Deed, Helper, State
from reception.steps import steps_since

_MOST = 200


@dataclass(frozen=True, slots=True)
class Draft:
    """Whom to ask, for what, and what the person has agreed to. No organisation: a lawyer, by name."""

    organisation: UUID | None
    lawyer: str
    asks: str
    consented_on: date | None
    due_on: date


async def refer(call: Call, appeal_id: UUID, draft: Draft) -> Referral:
    """Asks somebody to help the person of an appeal.

    Raises:
        Refused: the person has not consented, the term is none, or the organisation is no party to the memorandum.
    """
    appeal = await appeals.get(call, appeal_id)
    referral = Referral(
        appeal_id=appeal.id,
        helper=Helper.LAWYER if draft.organisation is None else Helper.ORGANISATION,
        organisation=draft.organisation,
        title=one_line(draft.lawyer) if draft.organisation is None else await _partner(call, draft.organisation),
        asks=reason_text(draft.asks, "asks"),
        consented_on=rules.check_consent(draft.consented_on, call.today),
        state=State.SENT,
        due_on=rules.check_due(draft.due_on, call.today),
        sent_at=call.now,
        sent_by=call.caller.subject,
        sent_by_name=call.caller.display_name,
    )
    call.db.add(referral)
    await call.db.flush()
    happened(call, appeal, referral, Deed.MADE)
    return referral


async def accept(call: Call, referral_id: UUID, etag: str) -> Referral:
    """The helper has said yes."""
    appeal, referral = await _held(call, referral_id, etag)
    referral.state, referral.accepted_on = rules.accept(referral.state), call.today
    happened(call, appeal, referral, Deed.ACCEPTED)
    await letters.tell_referral_accepted(call, appeal)
    return referral


async def end(call: Call, referral_id: UUID, etag: str, reply: str, *, declined: bool) -> Referral:
    """The helper has said what they did, or why they will not."""
    said = reason_text(reply, "reply")
    appeal, referral = await _held(call, referral_id, etag)
    referral.state, referral.reply, referral.ended_on = rules.end(referral.state, declined=declined), said, call.today
    happened(call, appeal, referral, Deed.DECLINED if declined else Deed.REPLIED)
    await letters.tell_referral_ended(call, appeal, declined=declined)
    return referral


async def of_appeal(call: Call, appeal_id: UUID, *, overdue: bool = False) -> list[Referral]:
    """The referrals of an appeal, oldest first."""
    appeal = await appeals.get(call, appeal_id)
    mine = select(Referral).where(col(Referral.appeal_id) == appeal.id)
    if overdue:
        mine = mine.where(*_overdue(call.today))
    return await call.db.all(mine.order_by(col(Referral.id)).limit(_MOST))


async def waiting(call: Call, *, overdue: bool = False) -> list[Referral]:
    """Those of the register that nobody has answered yet, what is due first comes first. None of a sensitive case."""
    listed = select(Referral).join(Appeal, col(Appeal.id) == col(Referral.appeal_id))
    shown = listed.where(col(Referral.state).in_(rules.OPEN), col(Appeal.sensitivity).is_(None))
    if overdue:
        shown = shown.where(*_overdue(call.today))
    return await call.db.all(shown.order_by(col(Referral.due_on), col(Referral.id)).limit(_MOST))


async def numbers(call: Call, referrals: Collection[Referral]) -> dict[UUID, str]:
    """The numbers of their appeals."""
    found = await call.db.all(select(Appeal).where(col(Appeal.id).in_({each.appeal_id for each in referrals})))
    return {each.id: each.number for each in found}


async def told_since(
    call: Call, since: datetime | None, after: UUID | None, most: int
) -> list[tuple[UUID, Message, datetime]]:
    """The events of the hromada's referrals made from their history, oldest first; none of a sensitive case."""
    steps = await call.db.all(steps_since(Step, since, after, most))
    theirs = select(Referral).where(col(Referral.id).in_({step.referral_id for step in steps}))
    found = {each.id: each for each in await call.db.all(theirs)}
    open_to_all = select(Appeal).where(
        col(Appeal.id).in_({each.appeal_id for each in found.values()}), col(Appeal.sensitivity).is_(None)
    )
    shown = {each.id for each in await call.db.all(open_to_all)}
    return [
        (step.id, told(call.hromada, found[step.referral_id], step), step.at)
        for step in steps
        if found[step.referral_id].appeal_id in shown
    ]


async def forget(call: Call, appeal_ids: Sequence[UUID]) -> None:
    """Of referrals of these appeals, what was asked and answered, and which lawyer was asked."""
    titled = case((col(Referral.helper) == Helper.LAWYER, ""), else_=col(Referral.title))
    theirs = update(Referral).where(col(Referral.appeal_id).in_(appeal_ids))
    await call.db.records(theirs.values(asks="", reply="", title=titled, version=Referral.version + 1))


async def printed(call: Call, referral_id: UUID, office: str, language: str, format: Format) -> tuple[str, bytes]:
    """The letter: what to call it, and the file.

    Raises:
        WrongState: it is wanted as a PDF, and the office writes its own, which is a DOCX.
    """
    referral = await call.db.get(Referral, referral_id)
    appeal = await appeals.get(call, referral.appeal_id)
    is_named = appeals.knows_whose(call, appeal)
    values = {
        "office": office,
        "number": appeal.number,
        "to": referral.title,
        "help": help_of(referral.helper, language),
        "asks": referral.asks,
        "who": appeal.applicant_name if is_named else "—",
        "contact": ", ".join(filter(None, [appeal.phone, appeal.email])) if is_named else "—",
        "sent_on": f"{referral.sent_at.astimezone(KYIV):%d.%m.%Y}",
        "due_on": f"{referral.due_on:%d.%m.%Y}",
        "signed": referral.sent_by_name,
    }
    name = f"referral-{appeal.number.replace('/', '-')}-{language}.{format}"
    content = (await own.of(call, language)).content
    if content is None:
        return name, await asyncio.to_thread(written, letter(values, language), format)
    if format is not Format.DOCX:
        raise WrongState("referral.own-letter-is-docx")
    return name, await filling.fill(content, values)


def _overdue(today: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(Referral.state).in_(rules.OPEN), col(Referral.due_on) < today


async def _partner(call: Call, organisation: UUID) -> str:
    """The title of whom the hromada may ask: a party to its memorandum today."""
    try:
        return await call.partner(organisation)
    except Missing:
        raise Refused("organisation", "referral.no-partner") from None


async def _held(call: Call, referral_id: UUID, etag: str) -> tuple[Appeal, Referral]:
    """A referral of an appeal that the caller may see."""
    appeal = await appeals.get(call, (await call.db.get(Referral, referral_id)).appeal_id)
    return appeal, await call.db.lock(Referral, referral_id, etag)
