"""The verbs of a person's own data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from kit.call import Call
from kit.clock import KYIV
from kit.database import table_of
from kit.errors import AlreadyThere, Missing, Refused, Stale, WrongState
from kit.notices.actions import of as notices_of
from kit.notices.model import Notice
from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from reception.appeals.model import Appeal, Step
from reception.clocks import actions as clocks
from reception.clocks.rules import Deadline
from reception.mediation.model import Mediation
from reception.persons import erasing, events, records, rules
from reception.persons.model import Correction, Erasure, LegalHold, PersonRequest, Retention
from reception.persons.rules import Alarm, Deed, Field, Ground, Key, RequestKind, RequestState
from reception.proceedings.actions import decisions_of
from reception.proceedings.model import Decision
from reception.receptions.model import Visit
from reception.referrals.model import Referral
from reception.triage import following
from reception.triage.model import Submission
from reception.triage.rules import State as Sorting

_MOST = 200
_APPEAL_FIELDS = {
    Field.NAME: "applicant_name",
    Field.RESIDENCE: "residence",
    Field.PHONE: "phone",
    Field.EMAIL: "email",
}
_VISIT_FIELDS = {Field.NAME: "visitor", Field.PHONE: "phone"}


Of = Appeal | Visit | Submission


@dataclass(frozen=True, slots=True)
class Record:
    """A record that is about a person, and what holds it."""

    of: Of
    is_held: bool
    erased: bool
    kept_until: date | None
    corrections: list[Correction]

    @property
    def name(self) -> str:
        return _name(self.of)


@dataclass(frozen=True, slots=True)
class Whole:
    """A record with everything that stands beside it."""

    record: Record
    steps: list[Step]
    decisions: list[Decision]
    notices: list[Notice]
    referrals: list[Referral]
    """To whom the office has passed something of the person, with their consent."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, until when it is answered, and how near that is."""

    request: PersonRequest
    due: Deadline
    alarm: Alarm


async def find(call: Call, key: Key) -> list[Record]:
    """What the reception holds about a person, the newest first.

    Raises:
        Refused: staff have not said who it is.
        Missing: nothing has that code.
    """
    rules.check_key(key)
    await following.open_confidences(call)
    appeal_ways, visit_ways, submission_ways = _ways(key)
    if key.code:
        own = await following.follow(call, key.code)
        appeal_ways.append(col(Appeal.id) == own.id)
        visit_ways.append(col(Visit.appeal_id) == own.id)
        submission_ways.append(col(Submission.id) == own.id)
        more_appeals, more_visits, more_submissions = _ways(Key(own.phone, own.email, "", "", None))
        named = " ".join(own.applicant_name.split()).lower()
        if named and more_appeals:  # a family shares a phone: the name must be the same too
            appeal_ways.append(and_(or_(*more_appeals), func.lower(col(Appeal.applicant_name)) == named))
            visit_ways.append(and_(or_(*more_visits), func.lower(col(Visit.visitor)) == named))
            also = func.lower(col(Submission.applicant_name)) == named
            submission_ways.append(and_(or_(*more_submissions), also))
    sent = select(Submission).where(or_(*submission_ways), col(Submission.state) == Sorting.WAITING)
    found_submissions = await call.db.all(sent.order_by(col(Submission.id).desc()).limit(_MOST))
    own_appeals = select(Appeal).where(or_(*appeal_ways)).order_by(col(Appeal.id).desc()).limit(_MOST)
    found_appeals = await call.db.all(own_appeals)
    found_visits: list[Visit] = []
    if visit_ways:
        own_visits = select(Visit).where(or_(*visit_ways)).order_by(col(Visit.id).desc()).limit(_MOST)
        found_visits = await call.db.all(own_visits)
    return await _records(call, [*found_submissions, *found_appeals, *found_visits])


async def whole(call: Call, key: Key) -> list[Whole]:
    """The same, with everything that stands beside each record."""
    return [
        Whole(
            each,
            await _steps(call, each.of) if isinstance(each.of, Appeal) else [],
            await decisions_of(call, each.of.id) if isinstance(each.of, Appeal) else [],
            await notices_of(call, each.name),
            await _referrals(call, each.of) if isinstance(each.of, Appeal) else [],
        )
        for each in await find(call, key)
    ]


async def correct(call: Call, record: str, etag: str, field: Field, value: str, reason: str) -> Record:
    """Corrects what a record says of its person.

    Raises:
        Refused: there is no such record, it has no such field, or the value is none.
        WrongState: it was erased.
    """
    own = await _held(call, record, etag)
    if await _erasure(call, record) is not None:
        raise WrongState("person.erased")
    fields = _VISIT_FIELDS if isinstance(own, Visit) else _APPEAL_FIELDS
    if field not in fields:
        raise Refused("field", "person.no-such-field")
    setattr(own, fields[field], rules.corrected(field, value))
    call.db.add(
        Correction(
            record=record,
            field=field,
            reason=reason.strip(),
            corrected_by=call.caller.subject,
            corrected_by_name=call.caller.display_name,
            at=call.now,
        )
    )
    await events.changed(call, own, Deed.CORRECTED)
    await call.db.flush()
    return (await _records(call, [own]))[0]


async def erase(call: Call, record: str, etag: str, reason: str) -> Record:
    """Erases whom a record is about, as far as the rule allows it.

    Raises:
        Refused: there is no such record.
        WrongState: a legal hold is on it, it was erased, or it is still kept by law.
    """
    own = await _held(call, record, etag)
    if await _erasure(call, record) is not None:
        raise WrongState("person.erased")
    held = await records.is_held(call, record)
    if isinstance(own, Appeal):
        rules.check_erased(own.closed_on, await erasing.years(call), call.today, is_held=held)
        (own,) = await erasing.erase_appeals(call, [own.id], Ground.REQUEST, reason.strip())
    elif held:
        raise WrongState("person.held")
    elif isinstance(own, Submission):
        await erasing.erase_submission(call, own, reason.strip())
    else:
        if own.starts_at > call.now:
            raise WrongState("person.visit-ahead")
        await erasing.erase_visit(call, own, reason.strip())
    await call.db.flush()
    return (await _records(call, [own]))[0]


async def hold(call: Call, record: str, reason: str, case_reference: str) -> LegalHold:
    """From now on nothing erases the record.

    Raises:
        Refused: there is no such record.
        AlreadyThere: a hold is on it.
        WrongState: it was erased.
    """
    if record.startswith("mediations/"):
        record = await _case(call, record.removeprefix("mediations/"))
    else:
        await _held(call, record, "")
    if await _erasure(call, record) is not None:
        raise WrongState("person.erased")
    made = LegalHold(
        record=record,
        reason=reason.strip(),
        case_reference=" ".join(case_reference.split()),
        set_by=call.caller.subject,
        set_by_name=call.caller.display_name,
        set_at=call.now,
    )
    call.db.add(made)
    try:
        await call.db.flush()
    except AlreadyThere:
        raise AlreadyThere("person.already-held", field="record") from None
    await events.held(call, made, Deed.HELD)
    return made


async def release(call: Call, hold_id: UUID, etag: str, reason: str) -> LegalHold:
    """Takes a hold away: from now on the rule runs again.

    Raises:
        WrongState: it was taken away.
    """
    found = await call.db.lock(LegalHold, hold_id, etag)
    if found.removed_at is not None:
        raise WrongState("person.hold-removed")
    found.removed_by, found.removed_by_name = call.caller.subject, call.caller.display_name
    found.removed_because, found.removed_at = reason.strip(), call.now
    await events.held(call, found, Deed.RELEASED)
    return found


async def holds(call: Call) -> list[LegalHold]:
    """Holds, those that hold first."""
    order = (col(LegalHold.removed_at).desc().nulls_first(), col(LegalHold.id).desc())
    return await call.db.all(select(LegalHold).order_by(*order).limit(_MOST))


async def ask(call: Call, code: str, kind: RequestKind, text: str) -> Asked:
    """A resident asks by the code of their appeal, or of what they have sent and nobody has sorted.

    Raises:
        Missing: nothing of this hromada has that code.
        TooMany: too many wrong codes from the same place.
        WrongState: the same is asked and not yet answered.
    """
    found = await following.follow_held(call, code)
    same = select(PersonRequest).where(
        _about(found), col(PersonRequest.kind) == kind, col(PersonRequest.state) == RequestState.OPEN
    )
    if await call.db.one_or_none(same) is not None:
        raise WrongState("person.already-asked")
    request = PersonRequest(requester="", identified_by="", **_new(call, kind, text))
    if isinstance(found, Appeal):
        request.appeal_id = found.id
    else:
        request.submission_id = found.id
    return await _asked(call, request)


async def asked_by(call: Call, code: str) -> list[Asked]:
    """What was asked by a code, the newest first.

    Raises:
        Missing: nothing of this hromada has that code.
        TooMany: too many wrong codes from the same place.
    """
    statement = select(PersonRequest).where(_about(await following.follow(call, code)))
    return await _told(call, await call.db.all(statement.order_by(col(PersonRequest.id).desc())))


async def write_down(
    call: Call, kind: RequestKind, requester: str, identified_by: str, received_on: date, text: str
) -> Asked:
    """A request that came on paper or in person.

    Raises:
        Refused: it came on a day to come.
    """
    rules.check_received(received_on, call.today)
    said = {**_new(call, kind, text), "received_on": received_on}
    who, how = " ".join(requester.split()), " ".join(identified_by.split())
    return await _asked(call, PersonRequest(requester=who, identified_by=how, **said))


async def requests(call: Call) -> list[Asked]:
    """Open ones first, those due first above; what was asked of what was sent in confidence for the head alone."""
    await following.open_confidences(call)
    order = (col(PersonRequest.state) != RequestState.OPEN, col(PersonRequest.received_on), col(PersonRequest.id))
    found = await _told(call, await call.db.all(select(PersonRequest).order_by(*order).limit(_MOST)))
    return sorted(found, key=lambda each: (each.request.state is not RequestState.OPEN, each.due.safe))


async def answer(call: Call, request_id: UUID, etag: str, text: str, *, granted: bool) -> Asked:
    """What became of a request.

    Raises:
        WrongState: it is answered.
    """
    await following.open_confidences(call)
    found = await call.db.lock(PersonRequest, request_id, etag)
    if found.state is not RequestState.OPEN:
        raise WrongState("person.already-answered")
    found.state = RequestState.GRANTED if granted else RequestState.REFUSED
    found.answer, found.answered_at = text.strip(), call.now
    found.answered_by, found.answered_by_name = call.caller.subject, call.caller.display_name
    await events.asked(call, found, Deed.ANSWERED)
    return (await _told(call, [found]))[0]


async def retention(call: Call) -> tuple[int, str]:
    """How many years appeals are kept, and the setting's etag."""
    found = await call.db.one_or_none(select(Retention))
    return (found.years, found.etag) if found is not None else (rules.YEARS, "0")


async def keep_for(call: Call, years: int, etag: str) -> tuple[int, str]:
    """How many years appeals are kept from now on.

    Raises:
        Stale: it was changed meanwhile.
    """
    found = await call.db.one_or_none(select(Retention))
    if found is not None:
        row = await call.db.lock(Retention, found.id, etag)
        row.years = years
        await events.retained(call, row.version)
        return row.years, row.etag
    if etag != "0":
        raise Stale
    table = table_of(Retention)
    first = insert(table).values(hromada_id=call.hromada.id, id=uuid7(), version=1, years=years)
    if not await call.db.records(first.on_conflict_do_nothing().returning(table.c.id)):
        raise Stale
    await events.retained(call, 1)
    return years, "1"


Ways = list[ColumnElement[bool]]


def _ways(key: Key) -> tuple[Ways, Ways, Ways]:
    """How the person is found among appeals, visits, and what waits to be sorted."""
    of_appeals: Ways = []
    of_visits: Ways = []
    of_submissions: Ways = []
    if key.phone:
        of_appeals.append(col(Appeal.phone) == key.phone)
        of_visits.append(col(Visit.phone) == key.phone)
        of_submissions.append(col(Submission.phone) == key.phone)
    if key.email:
        of_appeals.append(func.lower(col(Appeal.email)) == key.email.lower())
        of_visits.append(func.lower(col(Visit.reminder_email)) == key.email.lower())
        of_submissions.append(func.lower(col(Submission.email)) == key.email.lower())
    if key.name and key.day is not None:
        named = " ".join(key.name.split()).lower()
        of_appeals.append(and_(func.lower(col(Appeal.applicant_name)) == named, col(Appeal.received_on) == key.day))
        of_visits.append(and_(func.lower(col(Visit.visitor)) == named, _within(key.day, col(Visit.starts_at))))
        sent = _within(key.day, col(Submission.received_at))
        of_submissions.append(and_(func.lower(col(Submission.applicant_name)) == named, sent))
    return of_appeals, of_visits, of_submissions


def _about(found: Appeal | Submission) -> ColumnElement[bool]:
    """Requests by the code of what was found."""
    of = PersonRequest.appeal_id if isinstance(found, Appeal) else PersonRequest.submission_id
    return col(of) == found.id


def _within(day: date, moment: Any) -> ColumnElement[bool]:
    begins = datetime.combine(day, time(), KYIV)
    return and_(moment >= begins, moment < begins + timedelta(days=1))


def _name(of: Of) -> str:
    noun = "appeals" if isinstance(of, Appeal) else "visits" if isinstance(of, Visit) else "submissions"
    return f"{noun}/{of.id}"


async def _records(call: Call, found: Sequence[Of]) -> list[Record]:
    names = {_name(each) for each in found}
    if not names:
        return []
    holds = select(LegalHold).where(col(LegalHold.record).in_(names), col(LegalHold.removed_at).is_(None))
    held = {each.record for each in await call.db.all(holds)}
    erased = {each.record for each in await call.db.all(select(Erasure).where(col(Erasure.record).in_(names)))}
    corrected = select(Correction).where(col(Correction.record).in_(names)).order_by(col(Correction.id))
    corrections = await call.db.all(corrected)
    years = await erasing.years(call)
    made = []
    for each in found:
        name = _name(each)
        closed_on = each.closed_on if isinstance(each, Appeal) else None
        until = rules.kept_until(closed_on, years) if closed_on is not None else None
        own = [one for one in corrections if one.record == name]
        made.append(Record(each, name in held, name in erased, until, own))
    return made


async def _held(call: Call, record: str, etag: str) -> Of:
    """A record by its name, held."""
    noun, _, id = record.partition("/")
    await following.open_confidences(call)
    try:
        if noun == "appeals":
            return await call.db.lock(Appeal, UUID(id), etag) if etag else await call.db.get(Appeal, UUID(id))
        if noun == "visits":
            return await call.db.lock(Visit, UUID(id), etag) if etag else await call.db.get(Visit, UUID(id))
        if noun == "submissions":
            own = Submission
            return await call.db.lock(own, UUID(id), etag) if etag else await call.db.get(own, UUID(id))
    except (ValueError, Missing):
        raise Refused("record", "person.record-unknown") from None
    raise Refused("record", "person.record-unknown")


async def _case(call: Call, said: str) -> str:
    """A case of mediation is held by its id or its number, and nothing of it is seen."""
    try:
        which = col(Mediation.id) == UUID(said)
    except ValueError:
        which = col(Mediation.number) == " ".join(said.split()).upper()
    found = await call.db.one_or_none(select(Mediation).where(which))
    if found is None:
        raise Refused("record", "person.record-unknown")
    return f"mediations/{found.id}"


async def _erasure(call: Call, record: str) -> Erasure | None:
    return await call.db.one_or_none(select(Erasure).where(col(Erasure.record) == record))


async def _steps(call: Call, appeal: Appeal) -> list[Step]:
    return await call.db.all(select(Step).where(col(Step.appeal_id) == appeal.id).order_by(col(Step.id)))


async def _referrals(call: Call, appeal: Appeal) -> list[Referral]:
    return await call.db.all(select(Referral).where(col(Referral.appeal_id) == appeal.id).order_by(col(Referral.id)))


def _new(call: Call, kind: RequestKind, text: str) -> dict[str, Any]:
    return {"kind": kind, "state": RequestState.OPEN, "received_on": call.today, "text": text.strip()}


async def _asked(call: Call, request: PersonRequest) -> Asked:
    call.db.add(request)
    await call.db.flush()
    await events.asked(call, request, Deed.ASKED)
    return (await _told(call, [request]))[0]


async def _told(call: Call, found: Sequence[PersonRequest]) -> list[Asked]:
    calendar = (await clocks.clocks(call)).calendar
    told = []
    for each in found:
        due = rules.due(each.kind, each.received_on, calendar)
        told.append(Asked(each, due, rules.alarm(due, call.today, each.state)))
    return told
