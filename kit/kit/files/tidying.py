"""What goes away by itself: the blobs of a file that was taken away, and those that no row names."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from kit.clock import Clock
from kit.database import Database, table_of
from kit.errors import Away, TooLate
from kit.files.files import FileRow, Files
from kit.jobs.declared import Daily, Delayed, Job

if TYPE_CHECKING:
    from kit.call import Call, Hromada

log = structlog.get_logger("files")

_LOOK_SECONDS = 5.0
_SWEEP_EVERY = timedelta(hours=1)
"""A process that is started anew each night sweeps too."""


async def remove(call: "Call", row: FileRow) -> None:
    """Takes the blobs of a row away. Without its key they are noise once the call commits; soon after they are gone."""
    row.sealed_key, row.kept = None, 0
    await call.later(remove_blobs, call.now, str(row.id), table=table_of(type(row)).name, row=str(row.id))


async def remove_blobs(call: "Call", table: str, row: str) -> None:
    """Of a row that needs them no more."""
    await call.files.remove(call.hromada.id, table, UUID(row))


@dataclass(frozen=True, slots=True)
class Orphans:
    """The blobs that no row of these tables names: their call died before its commit, or the row is gone."""

    tables: Sequence[type[FileRow]]

    async def collect(self, call: "Call") -> None:
        for table in self.tables:
            await call.files.collect(call.db, table, call.now)


async def sweep(
    database: Database, files: Files, tables: Sequence[type[FileRow]], besides: Collection[UUID], now: datetime
) -> int:
    """The same, of hromadas that have no day of their own: those that are shut, and those that were erased while a call
    died between a blob and its row. Tells how many went."""
    swept = 0
    for hromada in await files.hromadas():
        if hromada in besides:
            continue
        async with database.transaction(hromada) as db:
            swept += sum([await files.collect(db, table, now) for table in tables])
    return swept


async def keep_sweeping(
    database: Database,
    files: Files,
    tables: Sequence[type[FileRow]],
    hromadas: Callable[[], Iterable["Hromada"]],
    clock: Clock,
) -> None:
    """Every hour of the clock's. Runs until cancelled."""
    swept_at = clock.now()
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        now = clock.now()
        if swept_at <= now < swept_at + _SWEEP_EVERY:
            continue
        swept_at = now
        try:
            swept = await sweep(database, files, tables, {each.id for each in hromadas()}, now)
        except (Away, TooLate) as error:
            log.warning("files.sweep-waits", cause=type(error).__name__)
        else:
            log.info("files.swept", blobs=swept)


def jobs_of(tables: Sequence[type[FileRow]]) -> list[Job]:
    """What a service with these tables of files does later, and every day."""
    return [Daily("04:10", Orphans(tables).collect), Delayed(remove_blobs)] if tables else []
