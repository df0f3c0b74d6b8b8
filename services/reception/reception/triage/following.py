"""Who may see what was sent: whoever has its code, and of what was sent in confidence the head."""

from kit.call import Call
from kit.database import table_of
from kit.errors import Missing
from sqlalchemy import text
from sqlmodel import col, select

from reception.appeals import actions as appeals
from reception.appeals.model import Appeal
from reception.appeals.rules import HEAD
from reception.triage.model import Submission

_OPEN = text("SELECT set_config('app.confidences', 'open', true)")


async def follow(call: Call, typed: str) -> Appeal | Submission:
    """The appeal of a secret code, or what waits to be sorted or went elsewhere.

    Raises:
        Missing: nothing of this hromada has that code.
        TooMany: too many wrong codes from the same place.
    """
    found = await _of(call, await appeals.tried(call, typed))
    await appeals.right(call)
    return found


async def follow_held(call: Call, typed: str) -> Appeal | Submission:
    """The same, and until the call ends nobody sorts it: what is entered beside it stays beside it.

    Raises:
        Missing, TooMany: as above.
    """
    found = await follow(call, typed)
    if isinstance(found, Appeal):
        return found
    table = table_of(Submission)
    await call.db.records(select(table.c.id).where(table.c.id == found.id).with_for_update(key_share=True))
    return await _of(call, found.code_hash)


async def _of(call: Call, code_hash: bytes) -> Appeal | Submission:
    appeal = await call.db.one_or_none(select(Appeal).where(col(Appeal.code_hash) == code_hash))
    if appeal is not None:
        return appeal
    sent = await call.db.one_or_none(select(Submission).where(col(Submission.code_hash) == code_hash))
    if sent is None:
        raise Missing("appeal.code-unknown")
    return sent


async def open_confidences(call: Call) -> None:
    """What was sent in confidence the database shows to nobody of the office; for the rest of a call of the head it
    does."""
    if call.may(HEAD):
        await call.db.records(_OPEN)
