"""Who may see what was sent: whoever has its code, and of what was sent in confidence the head."""

from kit.call import Call
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
    code_hash = await appeals.tried(call, typed)
    found: Appeal | Submission | None
    found = await call.db.one_or_none(select(Appeal).where(col(Appeal.code_hash) == code_hash))
    if found is None:
        found = await call.db.one_or_none(select(Submission).where(col(Submission.code_hash) == code_hash))
    if found is None:
        raise Missing("appeal.code-unknown")
    await appeals.right(call)
    return found


async def open_confidences(call: Call) -> None:
    """What was sent in confidence the database shows to nobody of the office; for the rest of a call of the head it
    does."""
    if call.may(HEAD):
        await call.db.records(_OPEN)
