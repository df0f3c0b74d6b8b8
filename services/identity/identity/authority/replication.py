"""Keeping the replicated memberships true: the beat, and a comparison with the rows, at once and every ten minutes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress

import nats.errors
import structlog
from kit.auth.replica import BEAT_SECONDS, HEARTBEAT, State
from kit.auth.replica import states as heard
from kit.bus.streams import MEMBERSHIPS
from kit.call import Call, Caller
from kit.errors import Away, TooLate
from kit.service import Kit
from nats.js.errors import Error as JetStreamError
from sqlmodel import col, select

from identity.authority import states
from identity.hromadas.model import Hromada
from identity.integrators.model import Integrator
from identity.members.model import Membership

log = structlog.get_logger("memberships")

_EVERY_SECONDS = 600.0
_CALLER = Caller("svc.identity")
_AWAY = (nats.errors.Error, JetStreamError, OSError, TimeoutError, Away, TooLate)


async def beat(kit: Kit) -> None:
    """Says twice a second that everything committed before has left; says nothing while that is not so."""
    while True:
        if kit.relay.active and kit.relay.is_caught_up and not kit.bus.away:
            with suppress(*_AWAY):  # who hears nothing knows enough; the next one is half a second away
                await kit.bus.client.publish(f"$KV.{MEMBERSHIPS}.{HEARTBEAT}", b"{}")
        await asyncio.sleep(BEAT_SECONDS)


async def reconcile(kit: Kit) -> None:
    """Puts right what the bus lost or never heard of."""
    while True:
        try:
            put_right = await _reconciled(kit)
            log.info("memberships.reconciled", put_right=put_right)
            await asyncio.sleep(_EVERY_SECONDS)
        except _AWAY as error:
            log.info("memberships.wait", cause=type(error).__name__)
            await asyncio.sleep(1)


async def _reconciled(kit: Kit) -> int:
    known = await _known(kit)
    async with kit.database.transaction() as db:
        hromadas = await db.all(select(Hromada).order_by(col(Hromada.slug)))
    put_right = 0
    for hromada in hromadas:
        async with kit.call(_CALLER, hromada.as_called()) as call:
            async for key, state in _of(call, hromada):
                if known.get(key) != state:
                    states.share(call, (key, state))
                    put_right += 1
    return put_right


async def _of(call: Call, hromada: Hromada) -> AsyncIterator[tuple[str, State]]:
    """Every state of a hromada; of a person's memberships the one that was not revoked."""
    yield states.of_hromada(hromada)
    newest: dict[str, State] = {}
    revoked_first = col(Membership.revoked_at).is_(None), col(Membership.created_at)
    for membership in await call.db.all(select(Membership).order_by(*revoked_first)):
        key, state = await states.of_member(call, hromada.slug, membership)
        newest[key] = state
    for key, state in newest.items():
        yield key, state
    for integrator in await call.db.all(select(Integrator)):
        yield states.of_integrator(hromada.slug, integrator)


async def _known(kit: Kit) -> dict[str, State]:
    """What the bus holds now."""
    found: dict[str, State] = {}
    async with aclosing(heard(kit.bus)) as all_of_them:
        async for one in all_of_them:
            if one.body and one.key != HEARTBEAT:
                found[one.key] = State.read(json.loads(one.body))
            if not one.waiting:
                break
    return found
