"""The verbs of the keys with which other systems report."""

import secrets
from datetime import timedelta
from uuid import UUID

from kit.call import Call
from kit.errors import Denied, WrongState
from kit.throttle import Throttle
from sqlmodel import col, select

from reception.appeals.rules import one_line
from reception.codes import actions as codes
from reception.hazards.model import ReportKey

_USED = Throttle("report-key", most=60, window=timedelta(minutes=1), reason="hazard.key-too-often")
_WRONG = Throttle("report-key-wrong", most=20, window=timedelta(minutes=15), reason="hazard.key-too-often")


async def create(call: Call, title: str) -> tuple[ReportKey, str]:
    """A key for another system, and what it is, told this once."""
    secret = secrets.token_urlsafe(32)
    key = ReportKey(
        title=one_line(title),
        digest=await codes.digest(call, "report-key", secret),
        created_at=call.now,
        created_by_name=call.caller.display_name,
    )
    call.db.add(key)
    return key, secret


async def all_of(call: Call) -> list[ReportKey]:
    """The hromada's keys, the newest first; revoked ones too."""
    return await call.db.all(select(ReportKey).order_by(col(ReportKey.id).desc()))


async def revoke(call: Call, key_id: UUID, etag: str) -> ReportKey:
    """Nobody reports with it any more.

    Raises:
        WrongState: it is revoked already.
    """
    key = await call.db.lock(ReportKey, key_id, etag)
    if key.revoked_at is not None:
        raise WrongState("hazard.key-revoked")
    key.revoked_at = call.now
    return key


async def known(call: Call, secret: str) -> ReportKey:
    """The key of a secret.

    Raises:
        Denied: there is no such key in this hromada, or it was revoked.
        TooMany: too many wrong ones from the same place, or the right one too often.
    """
    digest = await codes.digest(call, "report-key", secret)
    found = await call.db.one_or_none(select(ReportKey).where(col(ReportKey.digest) == digest))
    if found is None or found.revoked_at is not None:
        await _WRONG.attempt(call, call.hromada.slug, call.caller.address)
        raise Denied("hazard.key-unknown")
    await _USED.attempt(call, call.hromada.slug, str(found.id))
    if found.used_on != call.today:
        (await call.db.lock(ReportKey, found.id)).used_on = call.today
    return found
