"""Erases hromadas: each service its own, identity last; then what the bus keeps; then each once more.

Every step can be asked twice. What a call wrote that was under way when its service was asked, the second round finds.
"""

from collections.abc import Mapping

import grpc
import structlog
from kit.auth.replica import key_of
from kit.bus.dropping import drop_by_header, drop_events, drop_memberships
from kit.call import Call, Hromada
from kit.errors import Away
from kit.rpc.client import Failure
from kit.service import Kit
from spilno.tenancy.v1 import tenancy_pb2 as pb
from sqlalchemy import ARRAY, Uuid, delete, func, literal
from sqlmodel import col, select

from identity.hromadas.model import Hromada as HromadaRow
from identity.integrators.model import Integrator
from identity.integrators.rules import ClientId
from identity.issuer.model import Code, Family
from identity.issuer.rules import ORGANIZATION
from identity.provisioning.tenants import Tenants
from identity.tenancy import actions, portable, rules
from identity.tenancy.holding import CALLER, IDENTITY, announced, opening
from identity.tenancy.model import Erasure
from identity.tenancy.portable import HOLDINGS

log = structlog.get_logger("erasures")

_ASK_SECONDS = 30.0


async def erase(kit: Kit, tenants: Tenants, erasure: Erasure) -> None:
    """Goes on with an erasure, as far as it comes now.

    Raises:
        Away: something does not answer, or something of the hromada is still on its way.
    """
    called = Hromada(erasure.slug, erasure.was)
    async with kit.call(CALLER) as call:
        addresses, steps = await announced(call.db), await actions.steps(call.db, erasure.id)
    if erasure.erased_at is None:
        away = False
        for step in steps:
            if step.ended_at is None and step.service != IDENTITY:
                rows = await _erased_by(tenants, addresses.get(step.service, ""), called)
                if rows is None:
                    away = True
                    continue
                async with kit.call(CALLER) as call:
                    await actions.finish_step(call, step.id, rows)
        if away:
            raise Away
        await _erase_own(kit, erasure, called)
    await _sweep(kit, tenants, called, {step.service: addresses.get(step.service, "") for step in steps})
    async with kit.call(CALLER) as call:
        locked = await call.db.lock(Erasure, erasure.id)
        locked.ended_at = call.now
    log.info("hromada.erased", hromada=erasure.slug)


async def _erased_by(tenants: Tenants, address: str, called: Hromada) -> int | None:
    """How many rows a service has erased; None while it does not answer."""
    if not address:
        return None
    whom = pb.Whom(slug=called.slug, id=str(called.id))
    try:
        answer = await tenants.at(address).Erase(pb.EraseRequest(hromada=whom), timeout=_ASK_SECONDS)
    except Failure as failure:
        if failure.code is not grpc.StatusCode.UNAVAILABLE:
            log.warning("erasure.refused", code=failure.code.name, reason=failure.reason)
        return None
    return int(answer.rows)


async def _erase_own(kit: Kit, erasure: Erasure, called: Hromada) -> None:
    """Erases identity's own rows, the hromada among them, its people who work nowhere else, and tells so."""
    await drop_events(kit.bus, IDENTITY, called.slug)
    async with opening(kit, called)() as call:
        hromada = await call.db.one_or_none(select(HromadaRow).where(col(HromadaRow.id) == called.id))
        persons, keys = await portable.people(call), await _keys(call)
        rows, _ = await HOLDINGS.erase(call, called.slug)
        for model in (Code, Family):
            tokens = func.string_to_array(col(model.scope), " ").any_()
            await call.db.records(delete(model).where(literal(f"{ORGANIZATION}{called.slug}") == tokens))
        await call.db.records(select(func.forget_hromada(literal(persons, ARRAY(Uuid)))))
        for key in keys:
            call.share(key, None)
        if hromada is not None:
            call.emit(actions.event(called.slug, hromada.version + 1))
        locked = await call.db.lock(Erasure, erasure.id)
        locked.erased_at, locked.backups_until = call.now, call.now + rules.BACKUPS_LAST
        for step in await actions.steps(call.db, erasure.id):
            if step.service == IDENTITY:
                await actions.finish_step(call, step.id, rows)


async def _keys(call: Call) -> list[str]:
    """Under which keys the services have the hromada in their memory."""
    people = [str(person) for person in await portable.people(call)]
    clients = [str(ClientId(call.hromada.slug, each.slug)) for each in await call.db.all(select(Integrator))]
    return [key_of(call.hromada.slug, subject) for subject in ("", *people, *clients)]


async def _sweep(kit: Kit, tenants: Tenants, called: Hromada, addresses: Mapping[str, str]) -> None:
    """Takes away what is left on the bus, and what was written while it was being erased."""
    async with opening(kit, called)() as call:
        await HOLDINGS.erase(call, called.slug)
    await drop_memberships(kit.bus, called.slug)
    await drop_by_header(kit.bus, str(called.id))
    for service, address in addresses.items():
        if service != IDENTITY and await _erased_by(tenants, address, called) is None:
            raise Away
    await drop_by_header(kit.bus, str(called.id))
