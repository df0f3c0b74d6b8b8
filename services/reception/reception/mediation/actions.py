"""The verbs of mediation. A case that is not the caller's is not there."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from kit.call import Call
from kit.database import HromadaRow
from kit.errors import Missing, Refused
from sqlalchemy import delete, func, or_, update
from sqlmodel import col, select

from reception.appeals.model import Appeal
from reception.appeals.rules import one_line
from reception.mediation import rules
from reception.mediation.model import FollowUp, Mediation, Meeting, NamedStaff, Party
from reception.mediation.rules import Alarm, Consent, ConsentForm, Mediator, Outcome, Purpose, State
from reception.prints.rules import check_period
from reception.register.actions import hold

R = TypeVar("R", bound=HromadaRow)
_MOST = 200
WORKS = "mediations.work"
"""Without it nobody sees a case of mediation."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case, whole."""

    mediation: Mediation
    staff: list[NamedStaff]
    parties: list[Party]
    meetings: list[Meeting]
    follow_ups: list[FollowUp]

    @property
    def consents(self) -> list[Consent]:
        return [each.consent for each in self.parties]


@dataclass(frozen=True, slots=True)
class Row:
    """A case in its mediator's list."""

    mediation: Mediation
    next_on: date | None
    alarm: Alarm


async def open_case(call: Call, matter: str, appeal_id: UUID | None, mediator: Mediator, *, neutral: bool) -> Case:
    """Opens a case. Whoever opens it for another mediator is named, so that they may tell what they know.

    Raises:
        Refused: there is no such appeal, the matter says nothing, or the mediator is none or not neutral.
    """
    if not any(letter.isalnum() for letter in matter):
        raise Refused("matter", "mediation.matter-missing")
    mediator = await _colleague(call, mediator, "mediator")
    rules.check_mediator(mediator, await _officers(call, appeal_id), (), neutral=neutral)
    await hold(call)  # one after the other: each has a number of its own
    mediation = Mediation(
        number=await _next_number(call),
        matter=matter.strip(),
        appeal_id=appeal_id,
        mediator=mediator.subject,
        mediator_name=mediator.name,
        state=State.PROPOSED,
        opened_on=call.today,
        worked_at=call.now,
    )
    call.db.add(mediation)
    await call.db.flush()
    if mediator.subject != call.caller.subject:
        call.db.add(_named(mediation.id, Mediator(call.caller.subject, call.caller.display_name)))
    return await _whole(call, mediation)


async def own_cases(call: Call) -> list[Row]:
    """The cases in which the caller is the mediator or is named, newest first."""
    call.purpose = call.purpose or "mediation/list"
    mine = select(col(NamedStaff.mediation_id)).where(col(NamedStaff.subject) == call.caller.subject)
    statement = select(Mediation).where(
        or_(col(Mediation.mediator) == call.caller.subject, col(Mediation.id).in_(mine))
    )
    found = await call.db.all(statement.order_by(col(Mediation.id).desc()).limit(_MOST))
    ids = {each.id for each in found}
    meetings = await call.db.all(select(Meeting).where(col(Meeting.mediation_id).in_(ids))) if ids else []
    follow_ups = await call.db.all(select(FollowUp).where(col(FollowUp.mediation_id).in_(ids))) if ids else []
    return [_row(call, each, meetings, follow_ups) for each in found]


async def see(call: Call, mediation_id: UUID, purpose: Purpose) -> Case:
    """A case of the caller's; the trail keeps what for.

    Raises:
        Missing: it is none of theirs.
    """
    call.purpose = f"mediation/{purpose.value.replace('_', '-')}"
    mediation = await call.db.get(Mediation, mediation_id)
    case = await _whole(call, mediation)
    _check_known(call, case)
    return case


async def name_staff(call: Call, mediation_id: UUID, etag: str, staff: Sequence[Mediator]) -> Case:
    """Who beside the mediator may see the case, from now on. The mediator says.

    Raises:
        Missing: it is not the caller's.
        Refused: the caller is not its mediator, or somebody named is no colleague who mediates.
    """
    case = await _held(call, mediation_id, etag)
    if case.mediation.mediator != call.caller.subject:
        raise Refused("name", "mediation.mediator-alone")
    await call.db.records(delete(NamedStaff).where(col(NamedStaff.mediation_id) == mediation_id))
    for each in {each.subject: each for each in staff}.values():
        call.db.add(_named(mediation_id, await _colleague(call, each, "staff")))
    return await _whole(call, case.mediation)


async def assign(call: Call, number: str, mediator: Mediator, *, neutral: bool) -> Mediation:
    """Gives an open case another mediator.

    Raises:
        Missing: no case has that number.
        Refused: the mediator is none, or not neutral.
        WrongState: the case is closed.
    """
    call.purpose = call.purpose or "mediation/assign"
    mediator = await _colleague(call, mediator, "mediator")
    found = await call.db.one_or_none(select(Mediation).where(col(Mediation.number) == number))
    if found is None:
        raise Missing
    mediation = await call.db.lock(Mediation, found.id)
    rules.check_open(mediation.state)
    parties = [each.display_name for each in await _of(call, Party, mediation.id)]
    rules.check_mediator(mediator, await _officers(call, mediation.appeal_id), parties, neutral=neutral)
    mediation.mediator, mediation.mediator_name, mediation.worked_at = mediator.subject, mediator.name, call.now
    return mediation


async def add_party(call: Call, mediation_id: UUID, etag: str, name: str, contact: str, *, related: bool) -> Case:
    """Somebody whom the conflict concerns. They are asked for their consent: talks wait for it.

    Raises:
        Missing: it is not the caller's.
        Refused: the mediator is of their family, or they are there.
        WrongState: the case is closed.
    """
    case = await _held(call, mediation_id, etag)
    mediation = case.mediation
    own = Mediator(mediation.mediator, mediation.mediator_name)
    rules.check_party(name, own, [each.display_name for each in case.parties], related=related)
    call.db.add(
        Party(mediation_id=mediation.id, display_name=one_line(name), contact=one_line(contact), consent=Consent.ASKED)
    )
    return await _moved(call, mediation)


async def record_consent(
    call: Call, mediation_id: UUID, etag: str, party_id: UUID, said: Consent, on: date | None, form: ConsentForm
) -> Case:
    """What a party has said. Who withdraws signs no more.

    Raises:
        Missing: it is not the caller's.
        Refused: there is no such party, or the day cannot be.
        WrongState: the case is closed.
    """
    case = await _held(call, mediation_id, etag)
    party = await _one(call, Party, case, party_id, "party")
    party.consent = rules.consent(party.consent, said, on, call.today)
    party.consent_on, party.consent_form = (on, form) if said is not Consent.ASKED else (None, None)
    if said is not Consent.GIVEN:
        party.signed_on = None
    return await _moved(call, case.mediation)


async def save_meeting(
    call: Call,
    mediation_id: UUID,
    etag: str,
    meeting_id: UUID | None,
    planned_on: date | None,
    held_on: date | None,
    note: str,
) -> Case:
    """Plans talks, or writes down that they were held: all must have consented.

    Raises:
        Missing: it is not the caller's.
        Refused: there is no such meeting, or the days cannot be.
        WrongState: the case is closed, or somebody has not consented.
    """
    case = await _held(call, mediation_id, etag)
    rules.check_consented(case.consents)
    rules.check_meeting(planned_on, held_on, call.today)
    if meeting_id is None:
        meeting = Meeting(mediation_id=mediation_id)
        call.db.add(meeting)
    else:
        meeting = await _one(call, Meeting, case, meeting_id, "meeting")
    meeting.planned_on, meeting.held_on, meeting.note = planned_on, held_on, note.strip()
    return await _moved(call, case.mediation)


async def write_agreement(call: Call, mediation_id: UUID, etag: str, text: str) -> Case:
    """The text that parties will sign. Under another text nobody has signed.

    Raises:
        Missing: it is not the caller's.
        WrongState: the case is closed, or somebody has not consented.
    """
    case = await _held(call, mediation_id, etag)
    rules.check_consented(case.consents)
    if text.strip() != case.mediation.agreement:
        for each in case.parties:
            (await call.db.lock(Party, each.id)).signed_on = None
    case.mediation.agreement = text.strip()
    return await _moved(call, case.mediation)


async def sign(call: Call, mediation_id: UUID, etag: str, party_id: UUID, signed_on: date | None) -> Case:
    """A party has signed.

    Raises:
        Missing: it is not the caller's.
        Refused: there is no such party, or the day cannot be.
        WrongState: the case is closed, there is no text, or somebody has not consented.
    """
    case = await _held(call, mediation_id, etag)
    rules.check_consented(case.consents)
    rules.check_signed(case.mediation.agreement, signed_on, call.today)
    (await _one(call, Party, case, party_id, "party")).signed_on = signed_on
    return await _moved(call, case.mediation)


async def save_follow_up(
    call: Call,
    mediation_id: UUID,
    etag: str,
    follow_up_id: UUID | None,
    due_on: date | None,
    question: str,
    done_on: date | None,
    result: str,
) -> Case:
    """Plans a day to ask how things are, or writes down what was heard.

    Raises:
        Missing: it is not the caller's.
        Refused: there is no such day planned, or the days cannot be.
        WrongState: the case is closed.
    """
    case = await _held(call, mediation_id, etag)
    due = rules.check_follow_up(due_on, done_on, call.today)
    if follow_up_id is None:
        follow_up = FollowUp(mediation_id=mediation_id, due_on=due)
        call.db.add(follow_up)
    else:
        follow_up = await _one(call, FollowUp, case, follow_up_id, "follow_up")
    follow_up.due_on, follow_up.question = due, one_line(question)
    follow_up.done_on, follow_up.result = done_on, result.strip()
    return await _moved(call, case.mediation)


async def close(call: Call, mediation_id: UUID, etag: str, outcome: Outcome, note: str) -> Case:
    """Ends a case.

    Raises:
        Missing: it is not the caller's.
        Refused: the end does not fit the way.
        WrongState: it is closed.
    """
    case = await _held(call, mediation_id, etag)
    rules.check_outcome(outcome, case.mediation.state, case.consents)
    mediation = case.mediation
    mediation.state, mediation.outcome, mediation.closed_on = State.CLOSED, outcome, call.today
    mediation.closing_note = note.strip()
    return await _whole(call, mediation)


async def figures(call: Call, first: date, last: date) -> tuple[int, dict[Outcome, int]]:
    """How many cases were opened in a period, and how they ended.

    Raises:
        Refused: the period ends before it begins, or is longer than a year.
    """
    check_period(first, last)
    columns = select(col(Mediation.outcome)).where(col(Mediation.opened_on) >= first, col(Mediation.opened_on) <= last)
    ended = [each["outcome"] for each in await call.db.records(columns)]
    counted = Counter(ended)
    return len(ended), {outcome: counted[outcome.value] for outcome in Outcome}


async def forget(call: Call, ids: Sequence[UUID]) -> None:
    """Who the parties were, what it was about and what they agreed. That there was a case and how it ended stays."""
    await call.db.records(
        update(Mediation)
        .where(col(Mediation.id).in_(ids))
        .values(matter="", agreement="", closing_note="", version=Mediation.version + 1)
    )
    for model, nothing in (
        (Party, {"display_name": "", "contact": ""}),
        (Meeting, {"note": ""}),
        (FollowUp, {"question": "", "result": ""}),
    ):
        of_case: Any = model
        await call.db.records(update(of_case).where(of_case.mediation_id.in_(ids)).values(**nothing))


async def _held(call: Call, mediation_id: UUID, etag: str) -> Case:
    """An open case of the caller's, held."""
    call.purpose = call.purpose or "mediation/work"
    known = await _whole(call, await call.db.get(Mediation, mediation_id))
    _check_known(call, known)
    mediation = await call.db.lock(Mediation, mediation_id, etag)
    rules.check_open(mediation.state)
    mediation.worked_at = call.now
    return await _whole(call, mediation)


async def _colleague(call: Call, said: Mediator, field: str) -> Mediator:
    """Whom somebody names, as identity knows them.

    Raises:
        Refused: they do not work here now, or mediate nothing: whoever audits, for one.
    """
    try:
        found = call.caller if said.subject == call.caller.subject else await call.colleague(said.subject)
    except Missing:
        raise Refused(field, "mediation.colleague-unknown") from None
    if WORKS not in found.permissions:
        raise Refused(field, "mediation.colleague-mediates-none")
    return Mediator(said.subject, found.display_name)


def _check_known(call: Call, case: Case) -> None:
    if call.caller.subject not in {case.mediation.mediator, *(each.subject for each in case.staff)}:
        raise Missing


async def _moved(call: Call, mediation: Mediation) -> Case:
    """The case after something was done to it, where it stands now."""
    case = await _whole(call, mediation)
    is_signed = bool(mediation.agreement) and all(each.signed_on is not None for each in case.parties)
    mediation.state = rules.state_of(case.consents, is_signed=is_signed)
    signed = [each.signed_on for each in case.parties if each.signed_on is not None]
    mediation.agreed_on = max(signed) if mediation.state is State.AGREED else None
    return case


async def _whole(call: Call, mediation: Mediation) -> Case:
    await call.db.flush()
    return Case(
        mediation,
        await _of(call, NamedStaff, mediation.id),
        await _of(call, Party, mediation.id),
        await _of(call, Meeting, mediation.id),
        await _of(call, FollowUp, mediation.id),
    )


async def _of(call: Call, model: type[R], mediation_id: UUID) -> list[R]:
    of_case: Any = model
    statement: Any = select(of_case).where(of_case.mediation_id == mediation_id).order_by(of_case.id)
    found: list[R] = await call.db.all(statement)
    return found


async def _one(call: Call, model: type[R], case: Case, id: UUID, field: str) -> R:
    """A row of the case, held."""
    try:
        row = await call.db.lock(model, id)
    except Missing:
        raise Refused(field, "mediation.no-such-part") from None
    if getattr(row, "mediation_id", None) != case.mediation.id:
        raise Refused(field, "mediation.no-such-part")
    return row


def _row(call: Call, mediation: Mediation, meetings: Sequence[Meeting], follow_ups: Sequence[FollowUp]) -> Row:
    waiting = [each for each in follow_ups if each.mediation_id == mediation.id and each.done_on is None]
    planned = [
        each.planned_on
        for each in meetings
        if each.mediation_id == mediation.id and each.planned_on is not None and each.held_on is None
    ]
    days = [*planned, *(each.due_on for each in waiting)]
    is_open = mediation.state is not State.CLOSED
    alarms = [rules.alarm(each.due_on, each.done_on, call.today) for each in waiting if is_open]
    alarm = max(alarms, key=lambda each: each.urgency, default=Alarm.NONE)
    return Row(mediation, min(days) if days and is_open else None, alarm)


def _named(mediation_id: UUID, who: Mediator) -> NamedStaff:
    return NamedStaff(mediation_id=mediation_id, subject=who.subject, display_name=who.name)


async def _officers(call: Call, appeal_id: UUID | None) -> set[str]:
    """Who deals with the matter in office."""
    if appeal_id is None:
        return set()
    try:
        appeal = await call.db.get(Appeal, appeal_id)
    except Missing:
        raise Refused("appeal", "mediation.appeal-unknown") from None
    return {each for each in (appeal.taken_by, appeal.answered_by) if each}


async def _next_number(call: Call) -> str:
    year = call.today.year
    statement = select(func.count().label("count")).where(col(Mediation.number).endswith(f"/{year}"))
    return f"М-{(await call.db.records(statement))[0]['count'] + 1}/{year}"
