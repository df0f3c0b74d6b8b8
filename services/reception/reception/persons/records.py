"""What stands beside a record, whatever it is a record of: what holds it, and what its person has asked."""

from collections.abc import Sequence
from uuid import UUID

from kit.call import Call
from sqlalchemy import update
from sqlmodel import col, select

from reception.persons import events
from reception.persons.model import Correction, LegalHold, PersonRequest
from reception.persons.rules import Deed, RequestState


async def is_held(call: Call, record: str) -> bool:
    held = select(LegalHold).where(col(LegalHold.record) == record, col(LegalHold.removed_at).is_(None))
    return await call.db.one_or_none(held) is not None


async def rename(call: Call, record: str, to: str) -> None:
    """What held a record holds what became of it, and what was corrected in it is told of that too."""
    await call.db.records(update(LegalHold).where(col(LegalHold.record) == record).values(record=to))
    its = select(Correction).where(col(Correction.record) == record).order_by(col(Correction.id))
    for each in await call.db.all(its):
        call.db.add(
            Correction(
                record=to,
                field=each.field,
                reason=each.reason,
                corrected_by=each.corrected_by,
                corrected_by_name=each.corrected_by_name,
                at=each.at,
            )
        )


async def pass_on(call: Call, submission: UUID, appeal: UUID) -> None:
    """What was asked by the code of what waited is asked by the code of the appeal that it became, and told of."""
    its = select(PersonRequest).where(col(PersonRequest.submission_id) == submission).order_by(col(PersonRequest.id))
    for each in await call.db.all(its):
        request = await call.db.lock(PersonRequest, each.id)
        request.appeal_id, request.submission_id = appeal, None
        await call.db.flush()
        await events.asked(call, request, Deed.ASKED if request.state is RequestState.OPEN else Deed.ANSWERED)


async def forget_asked(call: Call, submission: UUID) -> bool:
    """What was said in asking goes with what was sent; that it was asked stays.

    Returns:
        Whether its person has asked by its code, and is to read the answer there.
    """
    its = update(PersonRequest).where(col(PersonRequest.submission_id) == submission).values(text="", answer="")
    return bool(await call.db.records(its.returning(col(PersonRequest.id))))


async def open_asked(call: Call, submissions: Sequence[UUID]) -> list[PersonRequest]:
    """What was asked by the codes of what waits, and nobody has answered."""
    its = select(PersonRequest).where(
        col(PersonRequest.submission_id).in_(submissions), col(PersonRequest.state) == RequestState.OPEN
    )
    return await call.db.all(its.order_by(col(PersonRequest.id)))
