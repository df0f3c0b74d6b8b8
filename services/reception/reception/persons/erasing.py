"""How a record forgets whom it is about, and the search its words. What happened, when and how it ended stays: the
register has no gaps, and reports still count it."""

import secrets
from typing import Any
from uuid import UUID

from kit.call import Call
from kit.notices.actions import forget
from sqlalchemy import ARRAY, Text, bindparam, cast, func, literal, text, update
from sqlmodel import col, select

from reception.appeals import letters
from reception.appeals.model import Appeal
from reception.appeals.rules import Deed as AppealDeed
from reception.attachments.actions import forget_files
from reception.mediation import actions as mediation
from reception.mediation.model import Mediation
from reception.persons import events, records, rules
from reception.persons.model import Erasure, LegalHold, PersonRequest, Retention
from reception.persons.rules import Deed, Ground
from reception.proceedings.model import Decision
from reception.receptions import letters as visit_letters
from reception.receptions.model import Visit
from reception.referrals import actions as referrals
from reception.triage import submissions
from reception.triage.model import Handover, Submission
from reception.triage.rules import Track

_AT_A_TIME = 200
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(current_hromada()::text, 10))")
"""Whoever enters an appeal meanwhile waits: its words are learnt after the others are forgotten."""
_WORDS = text("SELECT tsvector_to_array(words) AS words FROM appeal WHERE id = ANY (:ids)")
_FORGET_WORDS = text(
    "DELETE FROM appeal_word WHERE word = ANY (:lost) "
    "AND word NOT IN (SELECT unnest(tsvector_to_array(words)) FROM appeal)"
)


async def years(call: Call) -> int:
    """How long the office keeps appeals after they are closed."""
    found = await call.db.one_or_none(select(Retention))
    return found.years if found is not None else rules.YEARS


async def erase_expired(call: Call) -> None:
    """Every day: appeals and cases of mediation whose term of storage has passed, and reports of crimes that the police
    have, unless a legal hold is on them."""
    kept = await years(call)
    if due := await _reports(call):
        await erase_appeals(call, due, Ground.HANDED_OVER, "", keeps_code=True)
    if due := await _expired(call, Appeal, "appeals/", kept):
        await erase_appeals(call, due, Ground.RETENTION, "")
    if due := await _expired(call, Mediation, "mediations/", kept):
        await mediation.forget(call, due)
        for id in due:
            call.db.add(_erased(call, f"mediations/{id}", Ground.RETENTION, ""))


async def _reports(call: Call) -> list[UUID]:
    """Appeals that were reports of a crime or of violence and were handed over a day ago."""
    name = func.concat("appeals/", cast(col(Handover.appeal_id), Text))
    held = select(literal(1)).where(col(LegalHold.record) == name, col(LegalHold.removed_at).is_(None))
    gone = select(literal(1)).where(col(Erasure.record) == name)
    long_ago = rules.reports_handed_by(call.now)
    handed = select(Handover).where(
        col(Handover.appeal_id).is_not(None),
        col(Handover.track).in_([Track.CRIME, Track.DOMESTIC_VIOLENCE]),
        col(Handover.handed_at) <= long_ago,
        ~held.exists(),
        ~gone.exists(),
    )
    found = await call.db.all(handed.order_by(col(Handover.id)).limit(_AT_A_TIME))
    return [each.appeal_id for each in found if each.appeal_id is not None]


async def _expired(call: Call, model: type[Appeal] | type[Mediation], noun: str, kept: int) -> list[UUID]:
    """What was closed so many years ago, is held by nobody and says yet whom it is about."""
    table: Any = model
    name = func.concat(noun, cast(table.id, Text))
    held = select(literal(1)).where(col(LegalHold.record) == name, col(LegalHold.removed_at).is_(None))
    gone = select(literal(1)).where(col(Erasure.record) == name)
    long_ago = rules.closed_by(call.today, kept)
    closed = select(table).where(table.closed_on <= long_ago, ~held.exists(), ~gone.exists())
    found = await call.db.all(closed.order_by(table.closed_on, table.id).limit(_AT_A_TIME))
    return [each.id for each in found]


async def erase_appeals(
    call: Call, ids: list[UUID], ground: Ground, reason: str, *, keeps_code: bool = False
) -> list[Appeal]:
    """Whom these appeals are about and what they said, with their files; their codes lead nowhere any more, unless they
    are kept: then the person reads to whom it was handed over, and under which number."""
    await call.db.records(_ALONE)
    lost = {word for each in await call.db.records(_WORDS.bindparams(ids=ids)) for word in each["words"]}
    erased = []
    for id in ids:
        appeal = await call.db.lock(Appeal, id)
        appeal.applicant_name = appeal.residence = appeal.phone = appeal.email = ""
        appeal.text = appeal.answer = appeal.legal_ground = appeal.sent_from = appeal.sent_index = ""
        appeal.codes = []
        if not keeps_code:
            appeal.code_hash = secrets.token_bytes(32)
        appeal.notice_channel = appeal.notice_language = appeal.notice_agreed_at = None
        call.db.add(_erased(call, letters.about(id), ground, reason))
        await events.changed(call, appeal, Deed.ERASED)
        erased.append(appeal)
    await call.db.flush()
    said = update(Decision).where(col(Decision.appeal_id).in_(ids))
    if keeps_code:
        said = said.where(col(Decision.deed) != AppealDeed.HANDED_OVER)
    await call.db.records(said.values(reason=""))
    await forget_files(call, ids)
    await referrals.forget(call, ids)
    await call.db.records(update(PersonRequest).where(col(PersonRequest.appeal_id).in_(ids)).values(text="", answer=""))
    await call.db.records(update(Visit).where(col(Visit.appeal_id).in_(ids)).values(**_NOBODY, note=""))
    await forget(call, [letters.about(id) for id in ids])
    await call.db.records(_FORGET_WORDS.bindparams(bindparam("lost", sorted(lost), type_=ARRAY(Text))))
    return erased


async def erase_visit(call: Call, visit: Visit, reason: str) -> None:
    """Who came, how to reach them, and what about."""
    for name, value in {**_NOBODY, "note": ""}.items():
        setattr(visit, name, value)
    await forget(call, [visit_letters.about(visit.id)])
    call.db.add(_erased(call, f"visits/{visit.id}", Ground.REQUEST, reason))
    await events.changed(call, visit, Deed.ERASED)


async def erase_submission(call: Call, submission: Submission, reason: str) -> None:
    """What was sent and nobody has sorted, with its files. Its code leads nowhere any more, unless its person has asked
    by it: then to the answer, and to nothing else."""
    keeps_code = await records.forget_asked(call, submission.id)
    await submissions.erase(call, submission, keeps_code=keeps_code)
    call.db.add(_erased(call, submissions.about(submission.id), Ground.REQUEST, reason))


_NOBODY = {
    "visitor": "",
    "phone": "",
    "topic": "",
    "reminder_channel": None,
    "reminder_email": None,
    "reminder_language": None,
    "reminder_agreed_at": None,
}


def _erased(call: Call, record: str, ground: Ground, reason: str) -> Erasure:
    by = call.caller.subject if ground is Ground.REQUEST else ""
    return Erasure(record=record, ground=ground, reason=reason, erased_at=call.now, erased_by=by)
