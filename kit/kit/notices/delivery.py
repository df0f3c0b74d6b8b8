"""Sends what is queued: a job for each notice, done together with the row that says what became of it.

A process that dies between the server's yes and the commit sends it once more, with the same Message-ID or key: a
letter that the mailbox knows already, an SMS that the gateway has sent.
"""

import json
from datetime import datetime
from uuid import UUID

import structlog

from kit.call import Call
from kit.notices import rules
from kit.notices.model import Notice
from kit.notices.rules import Channel, State, Trouble
from kit.notices.sending import Letter, Undelivered, send
from kit.notices.settings import own

log = structlog.get_logger("notices")


async def queue(call: Call, notice: Notice, at: datetime) -> None:
    """Has it sent at that moment, or once nobody is woken by it."""
    notice.next_at = rules.sendable_at(notice.channel, at)
    await call.later(deliver, notice.next_at, f"{notice.id}/{notice.next_at.isoformat()}", notice=str(notice.id))


async def deliver(call: Call, notice: str) -> None:
    """Sends one notice, unless it has been sent or withdrawn. What cannot be sent now is put off, longer each time."""
    row = await call.db.lock(Notice, UUID(notice))
    if row.state is not State.QUEUED or row.sealed is None:
        return
    if row.until <= call.now:
        over(row, State.FAILED, row.trouble or Trouble.TOO_LATE, call.now)
        return
    if rules.sendable_at(row.channel, call.now) > call.now:
        await queue(call, row, call.now)
        return
    row.tries += 1
    try:
        await send(own(call.settings), await opened(call, row))
    except Undelivered as why:
        if why.is_final:
            over(row, State.FAILED, why.trouble, call.now)
        else:
            row.trouble = why.trouble
            await queue(call, row, call.now + rules.pause(row.tries))
        log.warning("notice.undelivered", id=notice, trouble=why.trouble.value, tries=row.tries)
    else:
        over(row, State.SENT, None, call.now)


def over(row: Notice, state: State, trouble: Trouble | None, now: datetime) -> None:
    row.state, row.trouble, row.over_at, row.next_at = state, trouble, now, None


async def sealed(call: Call, row: Notice, to: str, subject: str, body: str) -> bytes:
    """Address and words, as the row keeps them."""
    return await call.vault.seal(call, json.dumps([to, subject, body]).encode(), Notice, row.id)


async def opened(call: Call, row: Notice) -> Letter:
    """What the row's seal holds."""
    if row.sealed is None:
        raise ValueError("a notice that is forgotten")
    to, subject, body = json.loads(await call.vault.open(call, row.sealed, Notice, row.id))
    return Letter(row.hromada_id, row.id, Channel(row.channel), row.language, row.told_at, to, subject, body)
