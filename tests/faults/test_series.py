"""Everything breaks in turn in the middle of work: every appeal that was acknowledged is there, and its event arrived,
in effect once; whoever is turned away meanwhile is told to come again, and the portal stays calm."""

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import grpc
import nats
import pytest
from kit.bus.events import subject_of
from kit.rpc.client import Failure
from kit.servers.postgres import Postgres
from machine.services import IDENTITY
from spilno.audit.v1.entries_pb2 import EntriesWritten
from spilno.identity.v1 import trail_pb2
from spilno.reception.v1 import appeals_pb2

from tests.faults.load import PARENT, PATIENCE_SECONDS, Load, cursor_of_now, events, judged, register_of, under_load
from tests.faults.table import IS_FULL, ROUNDS
from tests.world import OWN, World, as_whom

FROZEN_SECONDS = 8.0 if IS_FULL else 2.0
STEP_SECONDS = 90


@dataclass(frozen=True)
class Fault:
    """Something that can happen in the middle of work."""

    name: str
    happens: Callable[[World], Awaitable[None]]
    portal_stays: bool = True


def killed(service: str) -> Callable[[World], Awaitable[None]]:
    async def happens(world: World) -> None:
        world.house.service(service).kill()
        await world.house.service(service).start()

    return happens


async def postgres_killed(world: World) -> None:
    assert isinstance(world.house.postgres, Postgres)
    world.house.postgres.kill()
    await world.house.postgres.start()


async def postgres_restarted(world: World) -> None:
    assert isinstance(world.house.postgres, Postgres)
    await world.house.postgres.restart()


async def nats_killed(world: World) -> None:
    world.house.nats.kill()
    await asyncio.sleep(0.5)
    await world.house.nats.start()


async def nats_restarted(world: World) -> None:
    await world.house.nats.restart()


async def nats_frozen(world: World) -> None:
    world.house.nats.pause()
    await asyncio.sleep(FROZEN_SECONDS)
    world.house.nats.resume()


async def clock_stepped(world: World) -> None:
    for moved in (STEP_SECONDS, 0):
        world.house.clock_file.write_text(str(moved))
        await asyncio.sleep(1)


FAULTS = (
    Fault("reception: kill -9", killed("reception")),
    Fault("identity: kill -9", killed("identity")),
    Fault("web: kill -9", killed("web"), portal_stays=False),
    Fault("PostgreSQL: kill -9", postgres_killed),
    Fault("PostgreSQL: restart", postgres_restarted),
    Fault("NATS: kill -9", nats_killed),
    Fault("NATS: restart", nats_restarted),
    Fault(f"NATS: frozen for {FROZEN_SECONDS:.0f} s", nats_frozen),
    Fault(f"the clock: {STEP_SECONDS} s forwards, then back", clock_stepped),
)


@pytest.mark.parametrize("_", range(ROUNDS))
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_nothing_acknowledged_is_lost_or_doubled(
    world: World, fault: Fault, _: int, record_property: Any
) -> None:
    cursor = await cursor_of_now(world)
    load = await under_load(world, lambda: fault.happens(world), portal_stays=fault.portal_stays)
    row = await judged(world, fault.name, load, cursor)
    record_property("fault", row.said)
    assert load.acknowledged, row
    assert (load.unexpected, row.lost, row.doubled) == ([], 0, 0), row


async def test_numbers_have_no_gaps_after_all_that(world: World) -> None:
    numbers = sorted(int(appeal.number.split("/")[0]) for appeal in await register_of(world))
    assert numbers == list(range(1, len(numbers) + 1))


async def sealed(world: World, verb: str) -> Counter[str]:
    """How often the sealed trail has the verb done to each record; a repeated request did nothing."""
    told: Counter[str] = Counter()
    token = ""
    with as_whom(world.tokens[f"head:{OWN}"]):
        while True:
            page = await world.trail.ListEntries(
                trail_pb2.ListEntriesRequest(parent=PARENT, page_size=200, page_token=token)
            )
            for entry in page.entries:
                if entry.sealed and entry.outcome == trail_pb2.OUTCOME_DONE and entry.method.endswith(verb):
                    told.update(record.name for record in entry.records)
            token = page.next_page_token
            if not token:
                return told


async def until_sealed(world: World, verb: str = "RegisterAppeal", of: set[str] | None = None) -> float:
    """Waits until the verb is under a seal for every appeal, or for those; once for each. Seconds."""
    of = of if of is not None else {appeal.name for appeal in await register_of(world)}
    began = time.monotonic()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            told = await sealed(world, verb)
            if of <= set(told):
                break
            await asyncio.sleep(0.5)
    assert [name for name, count in told.items() if count > 1] == []
    return time.monotonic() - began


async def test_the_trail_has_every_appeal_once_and_is_whole_after_all_that(world: World, record_property: Any) -> None:
    await killed("identity")(world)
    took = await until_sealed(world)
    record_property("figures", f"the trail after all faults: every registration sealed {took:.1f} s later")
    assert (await of_identity(world, "audit", "verify", OWN))[0] == 0


async def of_identity(world: World, *command: str) -> tuple[int, str]:
    """Runs a command of identity's: its exit code, and what it said."""
    told = {**world.house.settings(IDENTITY), "SPILNO_NATS_PROVISIONER_URL": world.house.nats.url()}
    told["SPILNO_MIGRATION_DATABASE_URL"] = world.house.database_url("identity", "migrator")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "identity", *command, stdout=asyncio.subprocess.PIPE, env={**os.environ, **told}
    )
    said = (await process.communicate())[0].decode()
    assert process.returncode is not None
    return process.returncode, said


async def poison(world: World) -> str:
    """What reception would never send to the trail; the event's id."""
    id = str(uuid4())
    headers = {
        "Nats-Msg-Id": id,
        "ce-id": id,
        "ce-type": str(EntriesWritten.DESCRIPTOR.full_name),
        "ce-subject": id,
        "ce-hromada": OWN,
        "ce-hromadaid": str(uuid4()),
    }
    client = await nats.connect(world.house.nats.url("reception"), inbox_prefix=b"_INBOX_reception")
    await client.jetstream().publish(subject_of(EntriesWritten, "reception"), b"\xff no message", headers=headers)
    await client.close()
    return id


async def until_parked(world: World, what: str) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if what in (await of_identity(world, "dead-letters"))[1]:
                return
            await asyncio.sleep(1)


async def test_a_poisoned_event_is_parked_and_nobody_waits_for_it(world: World, record_property: Any) -> None:
    cursor = await cursor_of_now(world)
    poisons: list[str] = []

    async def happens() -> None:
        poisons.append(await poison(world))

    load = await under_load(world, happens)
    row = await judged(world, "a poisoned event", load, cursor)
    record_property("fault", row.said)
    await until_sealed(world)
    await until_parked(world, poisons[0])
    assert poisons[0] in (await of_identity(world, "dead-letters", "replay"))[1], "what nobody can read stays parked"
    assert (load.unexpected, row.lost, row.doubled) == ([], 0, 0), row


@asynccontextmanager
async def a_handler_that_fails(world: World, appeal: appeals_pb2.Appeal) -> AsyncIterator[None]:
    """While inside, identity cannot keep that somebody took the appeal: its database refuses the row."""
    database = await asyncpg.connect(world.house.database_url("identity", "migrator"))
    try:
        await database.execute(
            f"ALTER TABLE entry ADD CONSTRAINT broken CHECK (NOT records @> ARRAY['{appeal.name}']) NOT VALID"
        )
        with as_whom(world.tokens[f"officer:{OWN}"]):
            await world.appeals.TakeAppeal(appeals_pb2.TakeAppealRequest(name=appeal.name, etag=appeal.etag))
        yield
        await database.execute("ALTER TABLE entry DROP CONSTRAINT broken")
    finally:
        await database.close()


@pytest.mark.parametrize("heals", ["in time", *(["after it was parked"] if IS_FULL else [])])
async def test_a_handler_that_fails_and_heals_is_in_effect_once(world: World, heals: str, record_property: Any) -> None:
    cursor = await cursor_of_now(world)
    appeal = (await world.appeal(OWN, "Його не вдається записати")).appeal
    await until_sealed(world)

    async def happens() -> None:
        async with a_handler_that_fails(world, appeal):
            await asyncio.sleep(2)
            if heals == "after it was parked":
                await until_parked(world, str(EntriesWritten.DESCRIPTOR.full_name))

    load = await under_load(world, happens)
    row = await judged(world, f"a handler that fails and heals {heals}", load, cursor)
    record_property("fault", row.said)
    if heals == "after it was parked":
        await of_identity(world, "dead-letters", "replay")
    await until_sealed(world, "TakeAppeal", {appeal.name})
    await until_sealed(world)
    assert (await of_identity(world, "audit", "verify", OWN))[0] == 0
    assert (load.unexpected, row.lost, row.doubled) == ([], 0, 0), row


async def test_while_nats_is_away_appeals_are_registered_and_told_later(world: World) -> None:
    cursor = await cursor_of_now(world)
    world.house.nats.kill()
    registered = [(await world.appeal(OWN, "Шина мовчить, двері відчинені")).appeal.name for _ in range(5)]
    await world.house.nats.start()
    told = await events(world, set(registered), cursor)
    assert [told[name] for name in registered] == [1] * 5


async def test_while_identity_is_away_nobody_is_let_in_unchecked(world: World) -> None:
    world.house.service("identity").kill()
    try:
        await asyncio.sleep(6)
        with as_whom(world.tokens[f"officer:{OWN}"]), pytest.raises(Failure) as refused:
            await world.appeals.ListAppeals(appeals_pb2.ListAppealsRequest(parent=PARENT), timeout=10)
        assert refused.value.code is grpc.StatusCode.UNAVAILABLE
    finally:
        await world.house.service("identity").start()


async def test_reception_starts_while_nats_is_away(world: World) -> None:
    world.house.nats.kill()
    try:
        await killed("reception")(world)
        load = Load()
        with as_whom(world.tokens[f"officer:{OWN}"]):
            await load.work(world, time.monotonic() + 1)
        assert load.acknowledged
        assert load.unexpected == []
    finally:
        await world.house.nats.start()
