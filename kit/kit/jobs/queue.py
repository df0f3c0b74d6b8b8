"""The table of jobs. A job is put off in the transaction that wants it, and done in the transaction that does it.

So a job and its effect commit together, and a replica that dies in between leaves the job to another. A library's queue
would mark a job done in a transaction of its own: then it is done at least once, and each verb must see to the rest.
"""

import traceback
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Text, Uuid, delete, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from uuid_utils.compat import uuid7

from kit.database import Session

TRIES = 8
KEPT = timedelta(days=7)
"""How long a job that is done is remembered, so that asking for it again under its key changes nothing."""
_FIRST_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(hours=1)

job = Table(
    "job",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("hromada_id", Uuid),
    Column("slug", Text),
    Column("name", Text),
    Column("key", Text),
    Column("said", JSONB),
    Column("due_at", DateTime(timezone=True)),
    Column("tries", Integer),
    Column("cause", Text),
    Column("done_at", DateTime(timezone=True)),
)


async def put(
    db: Session, hromada: UUID, slug: str, name: str, key: str, said: dict[str, Any], due_at: datetime
) -> bool:
    """Writes a job, unless there is one of the hromada under its name and key. Tells whether it is new."""
    statement = (
        insert(job)
        .values(id=uuid7(), hromada_id=hromada, slug=slug, name=name, key=key, said=said, due_at=due_at, tries=0)
        .on_conflict_do_nothing()
        .returning(job.c.id)
    )
    return bool(await db.records(statement))


async def take_back(db: Session, hromada: UUID, name: str, key: str) -> bool:
    """Removes a job that nobody has done; tells whether there was one. Waits for a replica that is doing it."""
    its = (job.c.hromada_id == hromada) & (job.c.name == name) & (job.c.key == key) & job.c.done_at.is_(None)
    return bool(await db.records(delete(job).where(its).returning(job.c.id)))


async def due(db: Session, names: Collection[str], now: datetime, most: int) -> Sequence[Any]:
    """What waits to be done, the longest due first. Looking takes nothing: whoever does one holds it then."""
    waits = job.c.done_at.is_(None) & (job.c.due_at <= now) & (job.c.tries < TRIES) & job.c.name.in_(names)
    return await db.records(select(job).where(waits).order_by(job.c.due_at).limit(most))


async def hold(db: Session, id: UUID) -> Any:
    """The job, until the transaction ends; None if it is done, or in another's hands."""
    its = (job.c.id == id) & job.c.done_at.is_(None) & (job.c.tries < TRIES)
    found = await db.records(select(job).where(its).with_for_update(skip_locked=True))
    return found[0] if found else None


async def put_off(db: Session, id: UUID, until: datetime) -> None:
    """Leaves the job for later, through no fault of its own."""
    await db.records(update(job).where(job.c.id == id, job.c.done_at.is_(None)).values(due_at=until))


async def done(db: Session, id: UUID, now: datetime) -> None:
    await db.records(update(job).where(job.c.id == id).values(done_at=now))


async def failed(db: Session, id: UUID, error: Exception, now: datetime) -> int:
    """Puts the job off after a failure, longer each time; tells how often it was tried. After the last it is parked."""
    where = traceback.extract_tb(error.__traceback__)[-1]  # its place, not its words: a message may quote a row
    found = await db.records(select(job.c.tries).where(job.c.id == id).with_for_update())
    if not found:
        return 0
    tries = int(found[0]["tries"]) + 1
    pause = min(_FIRST_PAUSE * 4 ** (tries - 1), _LONGEST_PAUSE)
    cause = f"{type(error).__name__} at {where.name}:{where.lineno}"
    await db.records(update(job).where(job.c.id == id).values(tries=tries, cause=cause, due_at=now + pause))
    return tries


async def parked(db: Session, names: Collection[str]) -> Sequence[Any]:
    """What was tried in vain for the last time, and what no verb of today is called."""
    its = job.c.done_at.is_(None) & ((job.c.tries >= TRIES) | job.c.name.not_in(names))
    return await db.records(select(job).where(its).order_by(job.c.due_at))


async def try_again(db: Session, now: datetime) -> int:
    """Lets what is parked be tried anew; tells how many."""
    its = job.c.done_at.is_(None) & (job.c.tries >= TRIES)
    return len(await db.records(update(job).where(its).values(tries=0, due_at=now).returning(job.c.id)))


async def sweep(db: Session, now: datetime) -> None:
    """Forgets what was done long ago."""
    await db.records(delete(job).where(job.c.done_at < now - KEPT))
