"""Does what is due. Every replica runs one; the rows' locks keep two from the same job."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from kit.call import Call, Caller, Hromada
from kit.clock import Clock
from kit.database import Database
from kit.errors import Away, TooLate
from kit.jobs import queue
from kit.jobs.declared import Bringing, Daily, Job, Verb, by_name
from kit.rpc.client import is_away
from kit.telemetry import span

log = structlog.get_logger("jobs")

_BATCH = 50
_AT_ONCE = 4
_LOOK_SECONDS = 1.0
_DAILY_SECONDS = 20.0
_WHILE_AWAY = timedelta(seconds=15)
_BRINGING = timedelta(minutes=2)

CallFor = Callable[[Caller, Hromada], AbstractAsyncContextManager[Call]]


class Worker:
    """Looks once a second, and when told, for jobs that are due."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        jobs: Iterable[Job],
        call_for: CallFor,
        hromadas: Callable[[], Iterable[Hromada]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._jobs: Mapping[str, Job] = by_name(jobs)
        self._call_for = call_for
        self._hromadas = hromadas

    async def run(self) -> None:
        """Runs until cancelled; waits for a database that is away."""
        loop = asyncio.get_running_loop()
        look_at_days = loop.time()
        while True:
            worked = 0
            try:
                if loop.time() >= look_at_days:
                    await self.put_daily()
                    look_at_days = loop.time() + _DAILY_SECONDS
                worked = await self.work()
            except* (Away, TooLate) as errors:
                log.warning("jobs.wait", cause=type(errors.exceptions[0]).__name__)
            if not worked:
                await asyncio.sleep(_LOOK_SECONDS)

    async def put_daily(self) -> None:
        """Puts into the table what each hromada's day asks for by now. Putting it again changes nothing."""
        now = self._clock.now()
        asked = [(job, day) for job in self._jobs.values() if isinstance(job, Daily) and (day := job.due(now))]
        async with self._database.transaction() as db:
            await queue.sweep(db, now)
            for hromada in self._hromadas() if asked else ():
                for job, day in asked:
                    await queue.put(db, hromada.id, hromada.slug, job.name, day.isoformat(), {}, now)

    async def work(self) -> int:
        """Does what is due now, a few at once; tells how much was done."""
        async with self._database.transaction() as db:
            waiting = await queue.due(db, self._jobs.keys(), self._clock.now(), _BATCH)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(row: Any) -> bool:
            async with gate:
                return await self._do(row)

        async with asyncio.TaskGroup() as group:
            doing = [group.create_task(one(row)) for row in waiting]
        return sum(task.result() for task in doing)

    async def _do(self, row: Any) -> bool:
        """Does one job, unless another has it; tells whether it was done."""
        name, id = row["name"], row["id"]
        try:
            with span(f"job {name.rpartition('.')[2]}"):
                declared = self._jobs[name]
                if isinstance(declared, Bringing):
                    return await self._bring(declared, row)
                return await self._call(declared.verb, row)
        except Exception as error:
            await self._failed(name, id, error)
            return False

    async def _call(self, verb: Verb, row: Any, *brought: Any) -> bool:
        async with self._call_for(Caller(f"job.{row['id']}"), Hromada(row["slug"], row["hromada_id"])) as call:
            held = await queue.hold(call.db, row["id"])
            if held is None:
                return False
            await verb(call, *brought, **held["said"])
            await queue.done(call.db, row["id"], call.now)
            return True

    async def _bring(self, declared: Bringing, row: Any) -> bool:
        """The job is nobody else's while it brings, unless that takes too long; then who is first writes."""
        async with self._call_for(Caller(f"job.{row['id']}"), Hromada(row["slug"], row["hromada_id"])) as call:
            held = await queue.hold(call.db, row["id"])
            if held is None or held["due_at"] > self._clock.now():
                return False
            wanted = await declared.look(call, **held["said"])
            if wanted is None:
                await queue.done(call.db, row["id"], call.now)
                return True
            await queue.put_off(call.db, row["id"], self._clock.now() + _BRINGING)
        async with declared.bring(wanted) as brought:
            return await self._call(declared.verb, row, brought)

    async def _failed(self, name: str, id: UUID, error: Exception) -> None:
        """Puts the job off. While something that it needs is away, that is not counted against it."""
        now = self._clock.now()
        async with self._database.transaction() as db:
            if is_away(error):
                await queue.put_off(db, id, now + _WHILE_AWAY)
                log.info("job.waits", name=name, id=str(id))
                return
            tries = await queue.failed(db, id, error, now)
        log.error("job.failed", name=name, id=str(id), cause=type(error).__name__, tries=tries)
