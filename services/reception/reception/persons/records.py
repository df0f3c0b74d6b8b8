"""What holds a record, whatever it is a record of."""

from kit.call import Call
from sqlalchemy import update
from sqlmodel import col, select

from reception.persons.model import Correction, LegalHold


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
