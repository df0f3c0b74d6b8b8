"""The verbs of sensitive cases. The database itself keeps a case from whoever is not named."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kit.call import Call
from kit.errors import Missing, Refused, Stale, WrongState
from sqlalchemy import ARRAY, Integer, Text, Uuid, cast, column, func
from sqlmodel import col, select

from reception.appeals import actions as appeals
from reception.appeals.actions import Arrived
from reception.appeals.model import Appeal, Area, Channel, Kind
from reception.appeals.rules import Draft, Particulars, Sensitivity, State, reason_text
from reception.cases import rules
from reception.cases.model import CaseChange
from reception.cases.rules import Change, Person
from reception.receptions.actions import forget_visitor

_MOST = 200
READS = "appeals.read"
"""Without it nobody sees a case, named or not."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Why a case is sensitive, and who is named besides whoever marks it."""

    sensitivity: Sensitivity
    named: Sequence[Person]
    reason: str


@dataclass(frozen=True, slots=True)
class Access:
    """Who may see a case, and how it came to that."""

    appeal: Appeal
    named: list[Person]
    changes: list[CaseChange]


@dataclass(frozen=True, slots=True)
class Circle:
    """A case by its number, and the ids of who sees it."""

    id: UUID
    number: str
    etag: str
    named: Sequence[str]


async def register(
    call: Call,
    draft: Draft,
    kind: Kind,
    area: Area,
    channel: Channel,
    visit: UUID | None,
    beside: Particulars,
    mark: Mark,
    arrived: Arrived | None = None,
) -> tuple[Appeal, str]:
    """Enters a case that is sensitive from the first. Of the visit that it comes from nothing personal is left."""
    reason = reason_text(mark.reason, "reason")
    circle = rules.circle(_caller(call), await _colleagues(call, mark.named))
    ids = [person.id for person in circle]
    appeal, code = await appeals.register(
        call, draft, kind, area, channel, visit, beside, mark.sensitivity, ids, arrived
    )
    _marked(call, appeal, mark.sensitivity, circle, reason)
    if visit is not None:
        await forget_visitor(call, appeal.id)
    call.purpose = call.purpose or "registration"
    return appeal, code


async def mark(call: Call, appeal_id: UUID, etag: str, said: Mark) -> Access:
    """From now on only the caller and whom they name see the case. Whoever held it and is not named holds it no more.

    Raises:
        WrongState: it is sensitive already.
    """
    reason = reason_text(said.reason, "mark.reason")
    circle = rules.circle(_caller(call), await _colleagues(call, said.named))
    appeal = await call.db.lock(Appeal, appeal_id, etag)
    if appeal.sensitivity is not None:
        raise WrongState("case.already-sensitive")
    appeal.sensitivity, appeal.named = said.sensitivity, [person.id for person in circle]
    _release(appeal)
    _marked(call, appeal, said.sensitivity, circle, reason)
    await forget_visitor(call, appeal.id)
    return await _access(call, appeal)


async def name(call: Call, appeal_id: UUID, etag: str, person: Person, reason: str) -> Access:
    """Lets one more in.

    Raises:
        Refused: nobody of that id works here, or they see no appeals.
    """
    said = reason_text(reason, "reason")
    [one] = await _colleagues(call, [person])
    appeal = await call.db.lock(Appeal, appeal_id, etag)
    sensitivity = rules.restricted(appeal.sensitivity)
    appeal.named = rules.name(appeal.named, one)
    _changed(call, appeal, Change.NAMED, sensitivity, one, said)
    return await _access(call, appeal)


async def remove(call: Call, appeal_id: UUID, etag: str, person: str, reason: str) -> Access:
    """Takes one out; a case that they held is nobody's until another takes it."""
    said = reason_text(reason, "reason")
    appeal = await call.db.lock(Appeal, appeal_id, etag)
    sensitivity = rules.restricted(appeal.sensitivity)
    names = {each.id: each for each in (await _access(call, appeal)).named}
    appeal.named = rules.remove(appeal.named, person, by=call.caller.subject)
    _changed(call, appeal, Change.REMOVED, sensitivity, names.get(person, Person(person, "")), said)
    _release(appeal)
    return await _access(call, appeal)


async def end(call: Call, appeal_id: UUID, etag: str, reason: str) -> Access:
    """The case is open to the office again."""
    said = reason_text(reason, "reason")
    appeal = await call.db.lock(Appeal, appeal_id, etag)
    _changed(call, appeal, Change.ENDED, rules.restricted(appeal.sensitivity), Person("", ""), said)
    appeal.sensitivity, appeal.named = None, []
    return await _access(call, appeal)


async def abandoned(call: Call) -> list[Circle]:
    """The sensitive cases of which nobody who is named works here any more, or sees appeals."""
    found = await _circles(call, None)
    gone = {each for each in {who for circle in found for who in circle.named} if not await _sees(call, each)}
    return [circle for circle in found if gone.issuperset(circle.named)][:_MOST]


async def recover(call: Call, appeal_id: UUID, etag: str, reason: str) -> Access:
    """The head takes up a case that nobody sees any more: from now on they alone are named.

    Raises:
        Missing: there is no such case, or somebody sees it yet.
        Stale: it changed since the caller read it.
    """
    said = reason_text(reason, "reason")
    circle = next(iter(await _circles(call, appeal_id)), None)
    if circle is None or any([await _sees(call, each) for each in circle.named]):
        raise Missing
    if circle.etag != etag:
        raise Stale
    taken = func.recover_case(cast(appeal_id, Uuid), cast(int(etag), Integer), cast(call.caller.subject, Text))
    if (await call.db.records(select(taken.label("id"))))[0]["id"] is None:
        raise Stale
    appeal = await call.db.lock(Appeal, appeal_id)
    _changed(call, appeal, Change.RECOVERED, rules.restricted(appeal.sensitivity), _caller(call), said)
    _release(appeal)
    return await _access(call, appeal)


async def access(call: Call, appeal_id: UUID) -> Access:
    """Who may see a case, and how it came to that."""
    return await _access(call, await appeals.get(call, appeal_id))


async def own(call: Call) -> list[Appeal]:
    """The sensitive cases that the caller is named in, open ones first, then what is due first."""
    is_closed = col(Appeal.state).not_in([State.REGISTERED, State.IN_WORK])
    mine = select(Appeal).where(col(Appeal.sensitivity).is_not(None))
    return await call.db.all(mine.order_by(is_closed, col(Appeal.due_on), col(Appeal.id)).limit(_MOST))


async def _access(call: Call, appeal: Appeal) -> Access:
    await call.db.flush()
    mine = select(CaseChange).where(col(CaseChange.appeal_id) == appeal.id).order_by(col(CaseChange.id))
    changes = await call.db.all(mine)
    names = {change.person: change.person_name for change in changes}
    return Access(appeal, [Person(each, names.get(each, "")) for each in appeal.named], changes)


def _release(appeal: Appeal) -> None:
    """Whoever does not see a case cannot hold it: another of the named takes it."""
    if appeal.state is State.IN_WORK and appeal.taken_by not in appeal.named:
        appeal.state, appeal.taken_by, appeal.taken_by_name, appeal.taken_at = State.REGISTERED, "", "", None


async def _circles(call: Call, which: UUID | None) -> list[Circle]:
    columns = (column("id", Uuid), column("version", Integer), column("number", Text), column("named", ARRAY(Text)))
    found: Any = func.sensitive_circles(cast(which, Uuid)).table_valued(*columns)
    return [
        Circle(each["id"], each["number"], str(each["version"]), each["named"])
        for each in await call.db.records(select(found))
    ]


async def _sees(call: Call, id: str) -> bool:
    """Whether somebody who is named works here now and sees appeals."""
    try:
        return READS in (await call.colleague(id)).permissions
    except Missing:
        return False


async def _colleagues(call: Call, named: Sequence[Person]) -> list[Person]:
    """Whom somebody names, as identity knows them.

    Raises:
        Refused: one of them does not work here now, or sees no appeals: whoever audits, for one.
    """
    return [await _colleague(call, rules.person(each).id) for each in named]


async def _colleague(call: Call, id: str) -> Person:
    try:
        found = await call.colleague(id)
    except Missing:
        raise Refused("staff", "case.person-unknown") from None
    if READS not in found.permissions:
        raise Refused("staff", "case.person-sees-none")
    return Person(id, found.display_name)


def _caller(call: Call) -> Person:
    return Person(call.caller.subject, call.caller.display_name)


def _marked(call: Call, appeal: Appeal, sensitivity: Sensitivity, circle: Sequence[Person], reason: str) -> None:
    for number, person in enumerate(circle):
        _changed(call, appeal, Change.NAMED if number else Change.MARKED, sensitivity, person, reason)


def _changed(call: Call, appeal: Appeal, change: Change, sensitivity: Sensitivity, person: Person, reason: str) -> None:
    call.db.add(
        CaseChange(
            appeal_id=appeal.id,
            change=change,
            sensitivity=sensitivity,
            person=person.id,
            person_name=person.name,
            changed_by=call.caller.subject,
            changed_by_name=call.caller.display_name,
            changed_at=call.now,
            reason=reason,
        )
    )
