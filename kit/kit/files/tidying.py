"""What goes away by itself: the blobs of a file that was taken away, and those that no row names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from kit.database import table_of
from kit.files.files import FileRow
from kit.jobs.declared import Daily, Delayed, Job

if TYPE_CHECKING:
    from kit.call import Call


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


def jobs_of(tables: Sequence[type[FileRow]]) -> list[Job]:
    """What a service with these tables of files does later, and every day."""
    return [Daily("04:10", Orphans(tables).collect), Delayed(remove_blobs)] if tables else []
