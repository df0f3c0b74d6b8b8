"""Brings every hromada on, until it is there: at the start what an earlier process left, then what comes.

Each step asks its service over gRPC for what may be asked twice, and is written down when it is done. A process that
dies in between asks again. Of several replicas one holds a hromada at a time, by an advisory lock.
"""

import asyncio

import grpc
import structlog
from kit.call import Caller
from kit.errors import Away, Missing, TooLate
from kit.rpc.client import Failure
from kit.service import Kit
from spilno.tenancy.v1 import tenancy_pb2 as pb
from sqlalchemy import func, select

from identity.hromadas.model import Hromada
from identity.provisioning import actions
from identity.provisioning.actions import Applied, Work
from identity.provisioning.model import Announcement, ProvisioningStep, Trouble
from identity.provisioning.pauses import Pauses
from identity.provisioning.tenants import Tenants

log = structlog.get_logger("provisioning")

_CALLER = Caller("svc.identity")
_LOOK_SECONDS = 0.25
_ASK_SECONDS = 5.0
_LOCK = 705_131_040
_AWAY = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNAUTHENTICATED}


async def carry_on(kit: Kit) -> None:
    """Runs until cancelled."""
    worker = Worker(kit)
    try:
        while True:
            try:
                await worker.look()
            except (Away, TooLate, Missing) as error:
                log.info("provisioning.waits", cause=type(error).__name__)
            await asyncio.sleep(_LOOK_SECONDS)
    finally:
        await worker.tenants.close()


class Worker:
    """One replica's part in it."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.tenants = Tenants(kit.identity)
        self._pauses = Pauses()

    async def look(self) -> None:
        """Does what can be done now."""
        async with self._kit.database.transaction() as db:
            waiting = await actions.unfinished(db)
        for hromada in waiting:
            if self._pauses.rests(hromada.id):
                continue
            try:
                await self._alone(hromada)
            except (Away, TooLate, Missing):
                raise
            except Exception as error:  # one hromada's trouble holds up no other's
                log.error("provisioning.failed", hromada=hromada.slug, error=type(error).__name__)
                self._pauses.rest(hromada.id)

    async def _alone(self, hromada: Hromada) -> None:
        async with self._kit.chain.aside.transaction() as held:
            key = hromada.id.int & 0x7FFF_FFFF
            mine = await held.records(select(func.pg_try_advisory_xact_lock(_LOCK, key).label("mine")))
            if mine[0]["mine"]:
                await self._bring_on(await actions.work(held, hromada))

    async def _bring_on(self, work: Work) -> None:
        ready = await asyncio.gather(*(self._apply(work, step) for step in work.waiting))
        if not all(ready) or work.provisioning.finished_at is not None:
            return
        if all(await asyncio.gather(*(self._is_apart(work, step) for step in work.steps))):
            async with self._kit.call(_CALLER, work.hromada.as_called()) as call:
                await actions.open_door(call, work.provisioning.id)
            log.info("provisioning.done", hromada=work.hromada.slug)

    async def _apply(self, work: Work, step: ProvisioningStep) -> bool:
        """Has the service give its template, and writes down how that went."""
        service = work.announced.get(step.service)
        text = work.texts.get(step.service, "")
        if service is None:
            return await self._told(work, step, Trouble.NEVER_SEEN)
        if self._pauses.rests(service.address):
            return await self._told(work, step, Trouble.AWAY)
        if self._pauses.rests(step.id):
            return False
        try:
            answer = await self.tenants.at(service.address).Apply(
                pb.ApplyRequest(name=work.hromada.name, text=text), timeout=_ASK_SECONDS
            )
        except Failure as failure:
            return await self._told(work, step, self._trouble(service, step, failure))
        self._pauses.forget(service.address)
        self._pauses.forget(step.id)
        async with self._kit.call(_CALLER, work.hromada.as_called()) as call:
            template = answer.template
            await actions.finish_step(call, step.id, Applied(template.name, template.version, template.digest))
        return True

    async def _is_apart(self, work: Work, step: ProvisioningStep) -> bool:
        service = work.announced[step.service]
        if self._pauses.rests(service.address) or self._pauses.rests(step.id):
            return False
        try:
            answer = await self.tenants.at(service.address).CheckIsolation(
                pb.CheckIsolationRequest(name=work.hromada.name), timeout=_ASK_SECONDS
            )
        except Failure as failure:
            return await self._told(work, step, self._trouble(service, step, failure))
        if answer.open_tables:
            log.error("provisioning.open-tables", service=step.service, tables=list(answer.open_tables))
            self._pauses.rest(step.id)
            return await self._told(work, step, Trouble.OPEN_TABLES)
        return True

    async def _told(self, work: Work, step: ProvisioningStep, trouble: Trouble) -> bool:
        if step.trouble is not trouble:
            async with self._kit.call(_CALLER, work.hromada.as_called()) as call:
                await actions.tell_trouble(call, step.id, trouble)
        return False

    def _trouble(self, service: Announcement, step: ProvisioningStep, failure: Failure) -> Trouble:
        if failure.code in _AWAY:
            self._pauses.rest(service.address)
            return Trouble.AWAY
        self._pauses.rest(step.id)
        log.warning("provisioning.refused", service=service.service, code=failure.code.name, reason=failure.reason)
        return Trouble.TEMPLATE if failure.code is grpc.StatusCode.INVALID_ARGUMENT else Trouble.REFUSED
