"""One answer to an appeal and to its duplicates: what many people wrote on one question is answered once."""

from dataclasses import dataclass
from uuid import UUID

from kit.call import Call
from sqlmodel import col, select

from reception.appeals import actions as appeals
from reception.appeals.actions import standing
from reception.appeals.model import Appeal
from reception.appeals.rules import Repeat, Resolution, State
from reception.proceedings import rules
from reception.proceedings.rules import Obstacle

_LINKS = (Repeat.DUPLICATE, Repeat.MASS)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An appeal that says what another says, and what keeps one answer from answering both."""

    appeal: Appeal
    obstacle: Obstacle | None


async def of_appeal(call: Call, appeal_id: UUID) -> list[Duplicate]:
    """The duplicates of an appeal, and theirs, oldest first. Sensitive cases are in no list."""
    first = await appeals.get(call, appeal_id)
    return [_weighed(call, first, each) for each in await _linked(call, first)]


async def answer(call: Call, appeal_id: UUID, etag: str, said: Resolution) -> tuple[Appeal, list[Duplicate]]:
    """Answers an appeal, and with the same words each duplicate that it can: each becomes a record of its own and tells
    its own person. A duplicate that nobody has is taken by whoever answers."""
    first = await appeals.answer(call, appeal_id, etag, said)
    found = list[Duplicate]()
    for each in await _linked(call, first):
        weighed = _weighed(call, first, await call.db.lock(Appeal, each.id))
        if weighed.obstacle is None:
            duplicate = weighed.appeal
            if duplicate.state is State.REGISTERED:
                duplicate = await appeals.take(call, duplicate.id, duplicate.etag)
                await call.db.flush()
            weighed = Duplicate(await appeals.answer(call, duplicate.id, duplicate.etag, said), None)
        found.append(weighed)
    return first, found


def _weighed(call: Call, first: Appeal, each: Appeal) -> Duplicate:
    is_same = each.area == first.area
    return Duplicate(each, rules.obstacle(standing(each), by=call.caller.subject, is_same_question=is_same))


async def _linked(call: Call, first: Appeal) -> list[Appeal]:
    """Whatever names it as the earlier one, and whatever names one of those."""
    found: dict[UUID, Appeal] = {}
    around = {first.id}
    while around:
        statement = select(Appeal).where(
            col(Appeal.previous_id).in_(around),
            col(Appeal.repeat).in_(_LINKS),
            col(Appeal.sensitivity).is_(None),
            col(Appeal.id) != first.id,
        )
        fresh = [each for each in await call.db.all(statement) if each.id not in found]
        found |= {each.id: each for each in fresh}
        around = {each.id for each in fresh}
    return [found[each] for each in sorted(found)]
