"""The sealer: what has waited for a few seconds is sealed, hromada by hromada, by whichever replica comes first."""

import asyncio
from datetime import timedelta
from uuid import UUID

import structlog
from kit.call import Caller
from kit.errors import Away, TooLate
from kit.service import Kit

from identity.hromadas.model import Hromada
from identity.trail import actions

log = structlog.get_logger("trail")

CALLER = Caller("svc.identity", pseudonym="svc.identity")
_EVERY_SECONDS = 1.0
_WAITS = timedelta(seconds=2)


async def sealing(kit: Kit) -> None:
    """Runs until cancelled; waits for whatever is away."""
    while True:
        try:
            await _seal_due(kit)
        except (Away, TooLate) as refusal:
            log.info("trail.waits", cause=refusal.reason)
        await asyncio.sleep(_EVERY_SECONDS)


async def _seal_due(kit: Kit) -> None:
    async with kit.database.transaction() as db:
        due = await actions.due(db, kit.clock.now(), _WAITS)
    for hromada_id in due:
        try:
            await _seal(kit, hromada_id)
        except (Away, TooLate):
            raise
        except Exception as error:  # one hromada's trouble holds up no other's
            log.error("trail.not-sealed", hromada_id=str(hromada_id), error=type(error).__name__)


async def _seal(kit: Kit, hromada_id: UUID) -> None:
    async with kit.database.transaction() as db:
        hromada = await db.get(Hromada, hromada_id)
    async with kit.call(CALLER, hromada.as_called()) as call:
        made = await actions.seal(call)
    if made is not None:
        log.info("trail.sealed", hromada=hromada.slug, seal=made.number, entries=made.content["count"])
