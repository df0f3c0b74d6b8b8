"""The verbs of what residents send: registered at once where a rule sorts it, else sorted at the desk."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from kit.call import Call
from kit.clock import kyiv_date
from kit.localisation import LOCALES
from kit.notices import Kind as NoticeKind
from kit.notices.actions import to_staff
from sqlmodel import col, select

from reception.appeals import actions as appeals
from reception.appeals import rules as appeal_rules
from reception.appeals.actions import Arrived
from reception.appeals.model import Appeal, Area, Channel, Kind
from reception.appeals.rules import HEAD, Draft, Particulars, Wish
from reception.attachments import actions as attachments
from reception.cases import actions as cases
from reception.cases.actions import Mark
from reception.clocks import actions as clocks
from reception.codes import actions as codes
from reception.notices.kinds import STAFF_SUBMISSION_LATE, STAFF_SUBMISSION_WAITING, notices
from reception.persons import records
from reception.register import actions as registers
from reception.settings import own
from reception.triage import actions, rules
from reception.triage.following import open_confidences
from reception.triage.model import Handover, Submission
from reception.triage.rules import State, Track

_MOST = 100


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the resident takes home. No number: it waits to be sorted."""

    number: str
    code: str
    at: datetime


def about(submission_id: UUID) -> str:
    return f"submissions/{submission_id}"


async def submit(
    call: Call, draft: Draft, kind: Kind, area: Area, channel: Channel, *, is_confidential: bool
) -> Receipt:
    """Registers what a resident sends, or keeps it to be sorted.

    Raises:
        Refused: a requisite of art. 5 is missing.
        WrongState: the hromada's register is not open yet.
    """
    tracks = rules.suggest(draft.text)
    if not rules.waits(tracks, is_confidential=is_confidential, is_integrator=call.caller.integrator):
        appeal, code = await appeals.register(call, draft, kind, area, channel)
        return Receipt(appeal.number, code, appeal.received_at)
    draft = appeal_rules.clean(draft)
    appeal_rules.check_requisites(draft, electronic=channel is Channel.PORTAL)
    appeal_rules.check_wish(draft, own(call.settings).channels)
    await registers.require_open(call)
    code = appeals.new_code()
    submission = Submission(
        code_hash=await codes.digest(call, "appeal", code),
        kind=kind,
        area=area,
        channel=channel,
        state=State.WAITING,
        applicant_name=draft.name,
        residence=draft.residence,
        phone=draft.phone,
        email=draft.email,
        text=draft.text,
        tracks=[each.value for each in tracks],
        is_confidential=is_confidential,
        received_at=call.now,
        registered_by=call.caller.subject,
        registered_by_name=call.caller.display_name,
        notice_channel=draft.wish.channel if draft.wish else None,
        notice_language=draft.wish.language if draft.wish else None,
    )
    call.db.add(submission)
    await call.later(tell_desk, call.now, str(submission.id), submission=str(submission.id))
    return Receipt("", code, call.now)


async def handover_of(call: Call, submission: Submission) -> Handover | None:
    """To whom it went, if it did."""
    return await call.db.get(Handover, submission.handover_id) if submission.handover_id else None


async def waiting(call: Call) -> Sequence[Submission]:
    """What waits to be sorted, the oldest first; what was sent in confidence for the head alone."""
    await open_confidences(call)
    waits = select(Submission).where(col(Submission.state) == State.WAITING)
    return await call.db.all(waits.order_by(col(Submission.id)).limit(_MOST))


async def due_on(call: Call) -> Callable[[Submission], date]:
    """Until which day a submission is sorted in time, by the office's calendar."""
    calendar = (await clocks.clocks(call)).calendar
    return lambda each: rules.sorted_by(kyiv_date(each.received_at), calendar)


async def warn(call: Call) -> None:
    """Every morning: whoever sorts is told, once, of what has waited longer than the working day after it came."""
    due = await due_on(call)
    late = [each for each in await waiting(call) if each.warned_at is None and due(each) < call.today]
    for each in late:
        row = await call.db.lock(Submission, each.id)
        row.warned_at = call.now
        await call.later(tell_late, call.now, str(row.id), submission=str(row.id))


async def register(call: Call, id: UUID, etag: str, kind: Kind, area: Area, mark: Mark | None) -> Appeal:
    """It is an appeal, of the day on which it came.

    Raises:
        Missing: there is none, or it is the head's to open.
        WrongState: it was sorted.
        Refused: it was sent in confidence, and nobody is named.
    """
    row = await _held(call, id, etag)
    rules.check_marked(is_confidential=row.is_confidential, is_marked=mark is not None)
    wish = Wish(row.notice_channel, row.notice_language or LOCALES[0]) if row.notice_channel else None
    draft = Draft(row.applicant_name, row.residence, row.phone, row.email, row.text, wish)
    arrived = Arrived(row.code_hash, row.received_at, row.registered_by, row.registered_by_name)
    beside = Particulars(received_on=kyiv_date(row.received_at))
    channel = Channel(row.channel)
    if mark is None:
        appeal, _ = await appeals.register(call, draft, kind, area, channel, beside=beside, arrived=arrived)
    else:
        appeal, _ = await cases.register(call, draft, kind, area, channel, None, beside, mark, arrived)
    await call.db.flush()
    await attachments.move(call, row.id, appeal.id)
    await records.rename(call, about(row.id), f"appeals/{appeal.id}")
    await records.pass_on(call, row.id, appeal.id)
    _sorted(call, row, State.REGISTERED)
    row.appeal_id = appeal.id
    return appeal


async def hand_over(call: Call, id: UUID, etag: str, track: Track, unit: str, record_number: str) -> Handover:
    """It is no appeal: the body in charge has it.

    Raises:
        Missing: there is none, or it is the head's to open.
        WrongState: it was sorted, or a legal hold is on it.
    """
    row = await _held(call, id, etag)
    rules.check_handed_over(is_held=await records.is_held(call, about(row.id)))
    handover = await actions.record_handover(call, track, unit, record_number)
    await call.db.flush()
    await attachments.forget_waiting(call, row.id)
    await records.forget_asked(call, row.id)
    _sorted(call, row, State.HANDED_OVER)
    row.handover_id = handover.id
    return handover


async def erase(call: Call, row: Submission, *, keeps_code: bool) -> None:
    """Its person has asked, before it was sorted.

    Raises:
        WrongState: it was sorted.
    """
    rules.check_sorting(State(row.state))
    await attachments.forget_waiting(call, row.id)
    _sorted(call, row, State.ERASED)
    if not keeps_code:
        row.code_hash = secrets.token_bytes(32)


async def tell_desk(call: Call, submission: str) -> None:
    """That something waits, and not a word of it: to the office's mailbox, else to each head's."""
    await _tell(call, STAFF_SUBMISSION_WAITING, submission)


async def tell_late(call: Call, submission: str) -> None:
    """That it waits too long, and not a word of it."""
    await _tell(call, STAFF_SUBMISSION_LATE, submission)


async def _tell(call: Call, kind: NoticeKind, submission: str) -> None:
    row = await call.db.get(Submission, UUID(submission))
    if row.state is not State.WAITING:
        return
    known = await call.authorities.mailboxes(call.hromada.slug, [], HEAD)
    link = f"{own(call.settings).web_url}/{call.hromada.slug}/office/outside"
    for email in [known.office] if known.office else sorted(known.of.values()):
        to = to_staff(call, email, LOCALES[0])
        await notices.tell(call, kind, about=about(row.id), to=to, values={"link": link})


async def _held(call: Call, id: UUID, etag: str) -> Submission:
    await open_confidences(call)
    row = await call.db.lock(Submission, id, etag)
    rules.check_sorting(State(row.state))
    return row


def _sorted(call: Call, row: Submission, state: State) -> None:
    """Of what was sorted nothing of the person is kept here: the appeal has it, or another body."""
    row.state, row.sorted_at = state, call.now
    row.sorted_by, row.sorted_by_name = call.caller.subject, call.caller.display_name
    row.applicant_name = row.residence = row.phone = row.email = row.text = ""
    row.notice_channel = row.notice_language = None
