"""The verbs on the way of an appeal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from kit.call import Call
from kit.errors import Missing, Refused
from sqlalchemy import func
from sqlmodel import col, select

from reception.appeals import actions as appeals
from reception.appeals import letters
from reception.appeals import rules as appeal_rules
from reception.appeals.actions import happened, standing
from reception.appeals.model import Appeal, Step
from reception.appeals.rules import Body, Deed, Draft, Outcome, Requisite, State, Term
from reception.clocks import actions as clocks
from reception.clocks import rules as clock_rules
from reception.clocks.actions import Clocks
from reception.clocks.rules import Alarm, Deadline, Deadlines
from reception.proceedings import alarms, rules
from reception.proceedings.model import Decision
from reception.proceedings.rules import Earlier, Ground
from reception.triage import actions as triage
from reception.triage.rules import Track

_MOST_EARLIER = 10
_OPEN = tuple(state for state in State if state.is_open)


@dataclass(frozen=True, slots=True)
class Way:
    """The way of an appeal so far."""

    clocks: Deadlines
    decisions: list[Decision]
    steps: list[Step]
    asked: Decision | None
    missing: set[Requisite]


async def way(call: Call, appeal_id: UUID) -> Way:
    """The clocks of an appeal, what was decided, and its history. An integrator sees only what it registered."""
    appeal = await appeals.get(call, appeal_id)
    decisions = await decisions_of(call, appeal.id)
    steps = await call.db.all(select(Step).where(col(Step.appeal_id) == appeal.id).order_by(col(Step.id)))
    return Way(
        clocks=(await clocks.clocks(call)).of(appeal.received_on),
        decisions=decisions,
        steps=steps,
        asked=_asked(decisions),
        missing=appeal_rules.missing_requisites(
            Draft(appeal.applicant_name, appeal.residence, appeal.phone, appeal.email, appeal.text),
            is_signed=appeal.is_signed,
            is_dated=appeal.written_on is not None,
            is_written=appeal.channel.is_written,
            is_electronic=appeal.channel.is_electronic,
        ),
    )


async def decisions_of(call: Call, appeal_id: UUID) -> list[Decision]:
    """What was decided of an appeal, oldest first."""
    mine = select(Decision).where(col(Decision.appeal_id) == appeal_id)
    return await call.db.all(mine.order_by(col(Decision.id)))


async def earlier(call: Call, appeal_id: UUID) -> list[tuple[Appeal, bool]]:
    """Appeals of what seems to be the same person in the same area, newest first; and whether each was resolved on its
    merits. By name, and by phone or residence: a suggestion."""
    appeal = await appeals.get(call, appeal_id)
    same_place = func.lower(col(Appeal.residence)) == appeal.residence.lower()
    same_phone = (col(Appeal.phone) == appeal.phone) & (col(Appeal.phone) != "")
    found = await call.db.all(
        select(Appeal)
        .where(
            func.lower(col(Appeal.applicant_name)) == appeal.applicant_name.lower(),
            same_place | same_phone,
            col(Appeal.area) == appeal.area,
            col(Appeal.id) < appeal.id,
            col(Appeal.sensitivity).is_(None),
        )
        .order_by(col(Appeal.id).desc())
        .limit(_MOST_EARLIER)
    )
    return [(one, rules.is_answered_already(Earlier(one.state, is_same_matter=True))) for one in found]


async def mark_simple(call: Call, appeal_id: UUID, etag: str) -> Appeal:
    """It needs no further study."""
    appeal, own = await _held(call, appeal_id, etag)
    rules.mark_simple(appeal.term, own.of(appeal.received_on), today=call.today)
    _decided(call, appeal, Deed.MARKED_SIMPLE)
    appeal.term = Term.SIMPLE
    _count(appeal, own)
    happened(call, appeal, Deed.MARKED_SIMPLE)
    return appeal


async def send_back(
    call: Call, appeal_id: UUID, etag: str, ground: Ground, missing: Sequence[Requisite], explanation: str
) -> Appeal:
    """It goes back to the person, with what they are told."""
    appeal, own = await _held(call, appeal_id, etag)
    reason = appeal_rules.reason_text(explanation, "explanation")
    is_late = rules.send_back(ground, missing, own.of(appeal.received_on), today=call.today)
    lacking = [each.value for each in missing]
    _decided(call, appeal, Deed.RETURNED, reason=reason, ground=ground, missing=lacking, is_late=is_late)
    _close(call, appeal, State.RETURNED, Outcome.RETURNED)
    happened(call, appeal, Deed.RETURNED)
    await letters.tell_returned(call, appeal, is_defective=ground is Ground.DEFECT)
    return appeal


async def forward(call: Call, appeal_id: UUID, etag: str, to: Body, reason: str) -> Appeal:
    """It goes to the body in charge.

    Raises:
        Refused: to the body that it complains of, its parent or a unit of it, or to one without a name.
        Away: nobody who knows the organisations answers.
    """
    appeal, own = await _held(call, appeal_id, etag)
    said = appeal_rules.reason_text(reason, "reason")
    to = Body(to.id, appeal_rules.one_line(to.title))
    is_late = rules.forward(to, appeal.complained_of, own.of(appeal.received_on), today=call.today)
    if appeal.complained_of is not None:
        kin = await call.authorities.kin(call.hromada.slug, appeal.complained_of)
        rules.check_kin(to, Body(appeal.complained_of, appeal.complained_of_title), kin.parent, kin.units)
    _decided(call, appeal, Deed.FORWARDED, reason=said, body=to.id, body_title=to.title, is_late=is_late)
    _close(call, appeal, State.FORWARDED, Outcome.FORWARDED)
    happened(call, appeal, Deed.FORWARDED)
    await letters.tell_forwarded(call, appeal, to.title)
    return appeal


async def reassign(call: Call, appeal_id: UUID, etag: str, to: str, reason: str) -> Appeal:
    """It is a colleague's to deal with.

    Raises:
        Refused: nobody of that subject works here, or they answer no appeals.
    """
    appeal = await call.db.lock(Appeal, appeal_id, etag)
    said = appeal_rules.reason_text(reason, "reason")
    try:
        colleague = await call.colleague(to)
    except Missing:
        raise Refused("colleague", "appeal.colleague-unknown") from None
    appeal.state = rules.reassign(
        standing(appeal),
        to,
        by=call.caller.subject,
        is_head=call.may(appeal_rules.HEAD),
        may_answer="appeals.answer" in colleague.permissions,
    )
    _decided(call, appeal, Deed.REASSIGNED, reason=said, colleague=to, colleague_name=colleague.display_name)
    appeal.taken_by, appeal.taken_by_name, appeal.taken_at = to, colleague.display_name, call.now
    happened(call, appeal, Deed.REASSIGNED)
    return appeal


async def record_body_answer(call: Call, appeal_id: UUID, etag: str, answer: str) -> Appeal:
    """What the body to which it went has answered."""
    appeal = await call.db.lock(Appeal, appeal_id, etag)
    rules.record_body_answer(appeal.state, is_answered=appeal.body_answered_on is not None)
    said = appeal_rules.answer_text(answer)
    went = [each for each in await decisions_of(call, appeal.id) if each.deed is Deed.FORWARDED][-1]
    appeal.body_answered_on = call.today
    _decided(call, appeal, Deed.BODY_ANSWERED, reason=said, body=went.body, body_title=went.body_title)
    happened(call, appeal, Deed.BODY_ANSWERED)
    await letters.tell_body_answered(call, appeal, went.body_title)
    return appeal


async def ask_extension(call: Call, appeal_id: UUID, etag: str, until: date, reason: str) -> Appeal:
    """More time is asked for; the head decides."""
    appeal, own = await _held(call, appeal_id, etag)
    said = appeal_rules.reason_text(reason, "reason")
    asked = _asked(await decisions_of(call, appeal.id))
    rules.ask_extension(
        until, _due(appeal, own), own.of(appeal.received_on), today=call.today, is_asked=asked is not None
    )
    _decided(call, appeal, Deed.EXTENSION_ASKED, reason=said, until=until)
    appeal.asked_until = until
    happened(call, appeal, Deed.EXTENSION_ASKED)
    return appeal


async def decide_extension(call: Call, appeal_id: UUID, etag: str, note: str, *, granted: bool) -> Appeal:
    """The head grants what somebody else has asked for, or declines it with a reason."""
    appeal, own = await _open(call, appeal_id, etag)
    asked = _asked(await decisions_of(call, appeal.id))
    by = asked.decided_by if asked else None
    rules.decide_extension(by, call.caller.subject, _due(appeal, own), today=call.today)
    if asked is None or asked.until is None:
        raise Missing
    if not granted:
        _decided(call, appeal, Deed.EXTENSION_DECLINED, reason=appeal_rules.reason_text(note, "note"))
        appeal.asked_until = None
        happened(call, appeal, Deed.EXTENSION_DECLINED)
        return appeal
    _decided(call, appeal, Deed.EXTENDED, reason=asked.reason, until=asked.until)
    appeal.term, appeal.term_until, appeal.asked_until = Term.EXTENDED, asked.until, None
    _count(appeal, own)
    happened(call, appeal, Deed.EXTENDED)
    await letters.tell_extended(call, appeal, asked.until)
    return appeal


async def shorten(call: Call, appeal_id: UUID, etag: str, until: date, reason: str) -> Appeal:
    """The head shortens the term on the person's reasoned request."""
    appeal, own = await _open(call, appeal_id, etag)
    said = appeal_rules.reason_text(reason, "reason")
    rules.shorten(until, _due(appeal, own), today=call.today)
    _decided(call, appeal, Deed.SHORTENED, reason=said, until=until)
    appeal.term, appeal.term_until = Term.SHORTENED, until
    _count(appeal, own)
    happened(call, appeal, Deed.SHORTENED)
    await letters.tell_shortened(call, appeal, until)
    return appeal


async def decline_shortening(call: Call, appeal_id: UUID, etag: str, reason: str) -> Appeal:
    """The head declines the person's request to shorten the term."""
    appeal, own = await _open(call, appeal_id, etag)
    said = appeal_rules.reason_text(reason, "reason")
    rules.decline_shortening(appeal.term, _due(appeal, own), today=call.today)
    appeal.shortening_declined_at = call.now
    _decided(call, appeal, Deed.SHORTENING_DECLINED, reason=said)
    happened(call, appeal, Deed.SHORTENING_DECLINED)
    await letters.tell_shortening_declined(call, appeal)
    return appeal


async def do_not_consider(
    call: Call, appeal_id: UUID, etag: str, ground: Ground, reason: str, known: tuple[date, date] | None
) -> Appeal:
    """The head decides that it is not considered.

    Args:
        known: of a late complaint, when the decision was adopted, and when the person knew of it.

    Raises:
        Refused: it repeats nothing that was resolved, or is not late.
    """
    appeal, own = await _open(call, appeal_id, etag)
    said = appeal_rules.reason_text(reason, "reason")
    if ground is Ground.REPEATED:
        rules.check_repeated(await _previous(call, appeal))
    if ground is Ground.LATE:
        if known is None:
            raise Refused("adopted_on", "appeal.late-without-days")
        if rules.is_in_time(*known, appeal.received_on, own.calendar):
            raise Refused("ground", "appeal.not-late")
    _decided(call, appeal, Deed.NOT_CONSIDERED, reason=said, ground=ground)
    _close(call, appeal, State.NOT_CONSIDERED, Outcome.NOT_CONSIDERED)
    happened(call, appeal, Deed.NOT_CONSIDERED)
    await letters.tell_not_considered(call, appeal)
    return appeal


async def hand_over(call: Call, appeal_id: UUID, etag: str, track: Track, unit: str, record_number: str) -> Appeal:
    """It is no appeal: it leaves the track, and the body in charge has it. Whose turn it is does not matter, it is
    urgent."""
    appeal, _ = await _open(call, appeal_id, etag)
    handover = await triage.record_handover(call, track, unit, record_number, appeal.id)
    _decided(call, appeal, Deed.HANDED_OVER, reason=handover.record_number, body_title=handover.unit)
    _close(call, appeal, State.NOT_CONSIDERED, Outcome.NOT_CONSIDERED)
    happened(call, appeal, Deed.HANDED_OVER)
    if track is not Track.DOMESTIC_VIOLENCE:  # whoever hurts may read their mail
        await letters.tell_handed_over(call, appeal)
    return appeal


async def watch_deadlines(call: Call) -> None:
    """Every morning: counts the terms anew, as the calendar may have changed, warns before a breach, and tells the head
    of each breach. A warning is given once, and staff are written to."""
    own = await clocks.clocks(call)
    order = list(Alarm)
    for each in await call.db.all(select(Appeal).where(col(Appeal.state).in_(_OPEN))):
        due, all_clocks = _due(each, own), own.of(each.received_on)
        is_taken = each.state is not State.REGISTERED
        alarm = clock_rules.alarm(call.today, due, all_clocks, own.calendar, is_taken=is_taken)
        is_new = order.index(alarm) > order.index(each.alarm)
        if not is_new and (each.due_on, each.legal_on, each.alarm) == (due.safe, due.legal, alarm):
            continue
        appeal = await call.db.lock(Appeal, each.id)
        appeal.due_on, appeal.legal_on, appeal.alarm = due.safe, due.legal, alarm
        if is_new:
            happened(call, appeal, Deed.BREACHED if alarm is Alarm.BREACHED else Deed.WARNED)
            await alarms.tell_later(call, appeal)


async def _previous(call: Call, appeal: Appeal) -> Earlier | None:
    if appeal.previous_id is None:
        return None
    found = await call.db.get(Appeal, appeal.previous_id)
    return Earlier(found.state, is_same_matter=found.area == appeal.area)


async def _held(call: Call, appeal_id: UUID, etag: str) -> tuple[Appeal, Clocks]:
    """An open appeal in the caller's hands, held, and the office's clocks."""
    appeal = await call.db.lock(Appeal, appeal_id, etag)
    appeal_rules.check_held(standing(appeal), by=call.caller.subject)
    return appeal, await clocks.clocks(call)


async def _open(call: Call, appeal_id: UUID, etag: str) -> tuple[Appeal, Clocks]:
    appeal = await call.db.lock(Appeal, appeal_id, etag)
    appeal_rules.check_open(standing(appeal))
    return appeal, await clocks.clocks(call)


def _due(appeal: Appeal, own: Clocks) -> Deadline:
    return rules.due(appeal.term, appeal.term_until, appeal.received_on, own.of(appeal.received_on), own.calendar)


def _count(appeal: Appeal, own: Clocks) -> None:
    """With another term its end is another, and warnings begin anew."""
    due = _due(appeal, own)
    appeal.due_on, appeal.legal_on, appeal.alarm = due.safe, due.legal, Alarm.NONE


def _close(call: Call, appeal: Appeal, state: State, outcome: Outcome) -> None:
    appeal.state, appeal.outcome, appeal.closed_on, appeal.asked_until = state, outcome, call.today, None


def _decided(call: Call, appeal: Appeal, deed: Deed, **said: Any) -> None:
    call.db.add(
        Decision(
            appeal_id=appeal.id,
            deed=deed,
            decided_at=call.now,
            decided_by=call.caller.subject,
            decided_by_name=call.caller.display_name,
            **{"missing": [], **said},
        )
    )


def _asked(decisions: Sequence[Decision]) -> Decision | None:
    """The request for more time that nobody has decided."""
    about = [each for each in decisions if each.deed in {Deed.EXTENSION_ASKED, Deed.EXTENDED, Deed.EXTENSION_DECLINED}]
    return about[-1] if about and about[-1].deed is Deed.EXTENSION_ASKED else None
