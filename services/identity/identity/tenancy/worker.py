"""Carries on what operators have begun: archives that are made and taken, hromadas that are erased.

A process that is killed in between begins where its rows say it was. Of several replicas one holds each, by an advisory
lock.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from kit.errors import Away, Missing, TooLate
from kit.rpc.client import Failure
from kit.service import Kit
from sqlalchemy import func
from sqlmodel import select

from identity.hromadas.model import Hromada
from identity.provisioning.pauses import Pauses
from identity.provisioning.tenants import Tenants
from identity.tenancy import actions
from identity.tenancy.erasing import erase
from identity.tenancy.exporting import Waits, make
from identity.tenancy.holding import CALLER, kept_awake
from identity.tenancy.importing import take
from identity.tenancy.model import Archive, Erasure, Trouble

log = structlog.get_logger("archives")

_LOOK_SECONDS = 0.5
_LOCK = 705_131_041
_PARTS_KEPT = timedelta(days=1)
_DROPS_EACH = timedelta(minutes=1)
_WAITS = (Away, TooLate, Failure)


async def lead(kit: Kit) -> None:
    """Runs until cancelled."""
    worker = Worker(kit)
    try:
        while True:
            try:
                await worker.look()
            except (Away, TooLate, Missing) as error:
                log.info("archives.wait", cause=type(error).__name__)
            await asyncio.sleep(_LOOK_SECONDS)
    finally:
        await worker.tenants.close()


class Worker:
    """One replica's part in it."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.tenants = Tenants(kit.identity)
        self._pauses = Pauses()
        self._drops_next = datetime.min.replace(tzinfo=UTC)

    async def look(self) -> None:
        """Does what can be done now."""
        now = self._kit.clock.now()
        async with self._kit.database.transaction() as db:
            if now >= self._drops_next:
                await actions.drop_old_parts(db, now - _PARTS_KEPT)
                self._drops_next = now + _DROPS_EACH
            archives, erasures = await actions.in_work(db), await actions.unfinished(db)
        for archive in archives:
            await self._alone(archive.id, self._carry_on)
        for erasure in erasures:
            await self._alone(erasure.id, self._erase)

    async def _alone(self, id: UUID, work: Callable[[UUID], Awaitable[None]]) -> None:
        if self._pauses.rests(id):
            return
        try:
            await self._held(id, work)
        except (Away, TooLate, Missing):
            raise
        except Exception as error:  # one hromada's trouble holds up no other's
            log.error("archives.failed", id=str(id), error=type(error).__name__)
            self._pauses.rest(id)

    async def _held(self, id: UUID, work: Callable[[UUID], Awaitable[None]]) -> None:
        async with self._kit.chain.aside.transaction() as held:
            key = id.int & 0x7FFF_FFFF
            mine = await held.records(select(func.pg_try_advisory_xact_lock(_LOCK, key).label("mine")))
            if mine[0]["mine"]:
                async with kept_awake(held):
                    await work(id)

    async def _carry_on(self, id: UUID) -> None:
        async with self._kit.call(CALLER) as call:
            archive = await call.db.get(Archive, id)
        try:
            if archive.brought:
                await take(self._kit, self.tenants, archive)
            else:
                async with self._kit.call(CALLER) as call:
                    hromada = await call.db.get(Hromada, archive.hromada_id or UUID(int=0))
                await make(self._kit, self.tenants, archive, hromada.as_called())
        except Waits as waits:
            await self._tell(archive, waits.trouble, waits.place)
        except _WAITS:
            await self._tell(archive, Trouble.AWAY, "")

    async def _tell(self, archive: Archive, trouble: Trouble, place: str) -> None:
        if (archive.trouble, archive.place) != (trouble, place):
            async with self._kit.call(CALLER) as call:
                await actions.tell_trouble(call, archive.id, trouble, place)

    async def _erase(self, id: UUID) -> None:
        async with self._kit.call(CALLER) as call:
            erasure = await call.db.get(Erasure, id)
        try:
            await erase(self._kit, self.tenants, erasure)
        except _WAITS as error:
            log.info("erasure.waits", cause=type(error).__name__)
