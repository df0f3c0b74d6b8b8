"""Once a day, and at the start, what has been kept for long enough is removed, hromada by hromada.

Which entries these are is judged anew each time, so a day that was missed, or a second replica, changes nothing.
"""

import asyncio

import structlog
from kit.errors import Away, TooLate
from kit.service import Kit
from sqlmodel import select

from identity.hromadas.model import Hromada
from identity.trail import actions
from identity.trail.sealing import CALLER

log = structlog.get_logger("trail")

_EVERY_SECONDS = 24 * 60 * 60.0
_WHILE_AWAY_SECONDS = 60.0


async def removal(kit: Kit) -> None:
    """Runs until cancelled; waits for whatever is away."""
    while True:
        try:
            await _remove_old(kit)
            await asyncio.sleep(_EVERY_SECONDS)
        except (Away, TooLate) as refusal:
            log.info("trail.removal-waits", cause=refusal.reason)
            await asyncio.sleep(_WHILE_AWAY_SECONDS)


async def _remove_old(kit: Kit) -> None:
    async with kit.database.transaction() as db:
        hromadas = [each.as_called() for each in await db.all(select(Hromada))]
    for hromada in hromadas:
        try:
            async with kit.call(CALLER, hromada) as call:
                removed = await actions.remove_old(call)
        except (Away, TooLate):
            raise
        except Exception as error:  # one hromada's trouble holds up no other's
            log.error("trail.not-removed", hromada=hromada.slug, error=type(error).__name__)
            continue
        if removed:
            log.info("trail.removed", hromada=hromada.slug, entries=removed)
