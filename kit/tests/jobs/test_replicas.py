"""Three processes, and one of them killed in the middle of its jobs."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest_asyncio
from kit.database import Database
from kit.jobs import queue
from kit.jobs.declared import name_of
from kit.servers.nats import Nats
from kit.testing.ground import environment
from kit.testing.issuer import Issuer
from sample.chores import note_later
from sample.ground import Bare, eventually
from sample.process import Process

JOBS = 400


@pytest_asyncio.fixture
async def replicas(tmp_path: Path, frail_bare: Bare, frail_nats: Nats, issuer: Issuer) -> AsyncIterator[list[Process]]:
    told = {
        **environment("kit", frail_bare.postgres, frail_nats, issuer.url),
        "SPILNO_DATABASE_URL": frail_bare.url("app"),
        "SPILNO_RELAY_DATABASE_URL": frail_bare.url("relay"),
    }
    replicas = [Process(tmp_path, told, issuer) for _ in range(3)]
    await asyncio.gather(*(replica.serves() for replica in replicas))
    yield replicas
    for replica in replicas:
        replica.child.kill()


async def test_with_a_replica_killed_each_job_is_in_effect_once(replicas: list[Process], frail_bare: Bare) -> None:
    place, slug = uuid4(), f"h-{uuid4().hex[:8]}"
    texts = {f"{slug} {number}" for number in range(JOBS)}
    database = Database(frail_bare.url("app"))
    await database.open()
    async with database.transaction() as db:
        for text in texts:
            await queue.put(db, place, slug, name_of(note_later), text, {"text": text}, datetime.now(UTC))
    await database.close()

    async def written() -> list[str]:
        return [
            row["text"] for row in await frail_bare.as_migrator("SELECT text FROM note WHERE hromada_id = $1", place)
        ]

    async def has_begun() -> bool:
        return len(await written()) >= JOBS // 10

    async def is_done() -> bool:
        [row] = await frail_bare.as_migrator("SELECT count(*) FROM job WHERE slug = $1 AND done_at IS NULL", slug)
        return bool(row["count"] == 0)

    await eventually(has_begun)
    replicas[0].child.kill()
    await eventually(is_done)
    assert sorted(await written()) == sorted(texts)
