"""The verbs of what residents send: registered at once where a rule sorts it, else sorted at the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.call import Call
from kit.clock import kyiv_date
from kit.errors import Missing
from kit.localisation import LOCALES
from kit.notices.actions import to_staff
from sqlmodel import col, select

from reception.appeals import actions as appeals
from reception.appeals import rules as appeal_rules
from reception.appeals.actions import Arrived
from reception.appeals.model import Appeal, Area, Channel, Kind
from reception.appeals.rules import HEAD, Draft, Particulars, Wish
from reception.cases import actions as cases
from reception.cases.actions import Mark
from reception.codes import actions as codes
from reception.notices.kinds import STAFF_SUBMISSION_WAITING, notices
from reception.register import actions as registers
from reception.settings import own
from reception.triage import actions, rules
from reception.triage.model import Handover, Submission
from reception.triage.rules import State, Track

_MOST = 100


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the resident takes home. No number: it waits to be sorted."""

    number: str
    code: str
    at: datetime


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


async def follow(call: Call, typed: str) -> Appeal | Submission:
    """The appeal of a secret code, or what waits to be sorted or went elsewhere.

    Raises:
        Missing: nothing of this hromada has that code.
        TooMany: too many wrong codes from the same place.
    """
    code_hash = await appeals.tried(call, typed)
    found: Appeal | Submission | None
    found = await call.db.one_or_none(select(Appeal).where(col(Appeal.code_hash) == code_hash))
    if found is None:
        found = await call.db.one_or_none(select(Submission).where(col(Submission.code_hash) == code_hash))
    if found is None:
        raise Missing("appeal.code-unknown")
    await appeals.right(call)
    return found


async def handover_of(call: Call, submission: Submission) -> Handover | None:
    """To whom it went, if it did."""
    return await call.db.get(Handover, submission.handover_id) if submission.handover_id else None


async def waiting(call: Call) -> Sequence[Submission]:
    """What waits to be sorted, the oldest first."""
    waits = select(Submission).where(col(Submission.state) == State.WAITING)
    return await call.db.all(waits.order_by(col(Submission.id)).limit(_MOST))


def is_open_to(call: Call, submission: Submission) -> bool:
    """Whether the caller may read it."""
    return not submission.is_confidential or call.may(HEAD)


async def register(call: Call, id: UUID, etag: str, kind: Kind, area: Area, mark: Mark | None) -> Appeal:
    """It is an appeal, of the day on which it came.

    Raises:
        WrongState: it was sorted.
        Denied: it is the head's to open.
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
    _sorted(call, row, State.REGISTERED)
    row.appeal_id = appeal.id
    return appeal


async def hand_over(call: Call, id: UUID, etag: str, track: Track, unit: str, record_number: str) -> Handover:
    """It is no appeal: the body in charge has it.

    Raises:
        WrongState: it was sorted.
        Denied: it is the head's to open.
    """
    row = await _held(call, id, etag)
    handover = await actions.record_handover(call, track, unit, record_number)
    await call.db.flush()
    _sorted(call, row, State.HANDED_OVER)
    row.handover_id = handover.id
    return handover


async def tell_desk(call: Call, submission: str) -> None:
    """That something waits, and not a word of it: to the office's mailbox, else to each head's."""
    row = await call.db.get(Submission, UUID(submission))
    if row.state is not State.WAITING:
        return
    known = await call.authorities.mailboxes(call.hromada.slug, [], HEAD)
    link = f"{own(call.settings).web_url}/{call.hromada.slug}/office/outside"
    for email in [known.office] if known.office else sorted(known.of.values()):
        to = to_staff(call, email, LOCALES[0])
        await notices.tell(call, STAFF_SUBMISSION_WAITING, about=f"submissions/{row.id}", to=to, values={"link": link})


async def _held(call: Call, id: UUID, etag: str) -> Submission:
    row = await call.db.lock(Submission, id, etag)
    rules.check_sorting(State(row.state), is_confidential=row.is_confidential, is_head=call.may(HEAD))
    return row


def _sorted(call: Call, row: Submission, state: State) -> None:
    """Of what was sorted nothing of the person is kept here: the appeal has it, or another body."""
    row.state, row.sorted_at = state, call.now
    row.sorted_by, row.sorted_by_name = call.caller.subject, call.caller.display_name
    row.applicant_name = row.residence = row.phone = row.email = row.text = ""
    row.notice_channel = row.notice_language = None
