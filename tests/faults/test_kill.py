"""kill -9 in the middle of work: every appeal that was acknowledged is there, and its event arrived, in effect once."""

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
import pytest_asyncio
from kit.rpc.client import Failure
from kit.servers.postgres import Postgres
from machine.services import IDENTITY
from spilno.feed.v1 import feed_pb2
from spilno.feed.v1.feed_pb2_grpc import FeedStub
from spilno.identity.v1 import trail_pb2
from spilno.reception.v1 import appeals_pb2, events_pb2

from tests.world import OWN, World, appeal_request, as_whom, living

PARENT = f"hromadas/{OWN}"
WORKERS = 8
LOAD_SECONDS = 6.0
PATIENCE_SECONDS = 60.0


@pytest_asyncio.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A house of its own: these tests break things."""
    async with living(tmp_path_factory.mktemp("faults")) as world:
        yield world


@dataclass
class Load:
    """Appeals registered by several at once; each repeats its request, under its id, until it is acknowledged."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    """Number by resource name."""
    refusals: Counter[str] = field(default_factory=Counter)
    """How often a request had to be repeated, by the reason."""
    longest_wait: float = 0.0
    unexpected: list[str] = field(default_factory=list)

    async def work(self, world: World, until: float) -> None:
        while time.monotonic() < until:
            request = appeal_request(OWN, "Звернення під навантаженням")
            began = time.monotonic()
            while True:
                try:
                    answer = await world.appeals.RegisterAppeal(request, timeout=5)
                except Failure as failure:
                    if failure.code not in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}:
                        self.unexpected.append(f"{failure.code.name} {failure.reason}")
                        return
                    if time.monotonic() - began > PATIENCE_SECONDS:
                        self.unexpected.append("never acknowledged")
                        return
                    self.refusals[failure.reason or failure.code.name] += 1
                    await asyncio.sleep(0.1)
                else:
                    self.acknowledged[answer.appeal.name] = answer.appeal.number
                    self.longest_wait = max(self.longest_wait, time.monotonic() - began)
                    break


async def under_load(world: World, break_it: Callable[[], Awaitable[None]]) -> Load:
    """The load, with something broken in the middle of it."""
    load = Load()
    with as_whom(world.tokens[f"officer:{OWN}"]):
        until = time.monotonic() + LOAD_SECONDS
        async with asyncio.TaskGroup() as workers:
            for _ in range(WORKERS):
                workers.create_task(load.work(world, until))
            await asyncio.sleep(LOAD_SECONDS / 3)
            await break_it()
    return load


async def register_of(world: World) -> list[appeals_pb2.Appeal]:
    """Every appeal of the hromada, page by page."""
    found: list[appeals_pb2.Appeal] = []
    token = ""
    with as_whom(world.tokens[f"officer:{OWN}"]):
        while True:
            page = await world.appeals.ListAppeals(
                appeals_pb2.ListAppealsRequest(parent=PARENT, page_size=100, page_token=token)
            )
            found.extend(page.appeals)
            token = page.next_page_token
            if not token:
                return found


async def events(world: World, expected: set[str], cursor: str) -> Counter[str]:
    """How often each expected appeal's registration was told since the cursor."""
    told: Counter[str] = Counter()
    stub = FeedStub(world.channels["reception"])
    until = time.monotonic() + PATIENCE_SECONDS
    while expected - set(told) and time.monotonic() < until:
        told.clear()
        try:
            async with asyncio.timeout(8):
                async for event in watch(world, stub, cursor):
                    if event.body.Is(events_pb2.AppealRegistered.DESCRIPTOR):
                        told[event.subject] += 1
                    if not expected - set(told):
                        break
        except (TimeoutError, Failure):
            continue
    return told


async def watch(world: World, stub: Any, cursor: str) -> AsyncGenerator[feed_pb2.Event, None]:
    with as_whom(world.tokens[f"head:{OWN}"]):
        stream = stub.Watch(feed_pb2.WatchRequest(parent=PARENT, cursor=cursor))
    async for event in stream:
        yield event


async def cursor_of_now(world: World) -> str:
    """A cursor: that of an event made for it."""
    stub = FeedStub(world.channels["reception"])
    stream = watch(world, stub, "")
    first = asyncio.ensure_future(anext(stream))
    while not first.done():
        await world.appeal(OWN, "Звернення заради позначки")
        await asyncio.wait([first], timeout=0.5)
    await stream.aclose()
    return first.result().cursor


@dataclass(frozen=True)
class Broken:
    """Something that can be broken in the middle of work."""

    name: str
    how: Callable[[World], Awaitable[None]]


async def kill_reception(world: World) -> None:
    world.house.service("reception").kill()
    await world.house.service("reception").start()


async def kill_postgres(world: World) -> None:
    assert isinstance(world.house.postgres, Postgres)
    world.house.postgres.kill()
    await world.house.postgres.start()


async def kill_nats(world: World) -> None:
    world.house.nats.kill()
    await asyncio.sleep(0.5)
    await world.house.nats.start()


@pytest.mark.parametrize(
    "broken",
    [
        Broken("reception", kill_reception),
        Broken("PostgreSQL", kill_postgres),
        Broken("NATS", kill_nats),
    ],
    ids=lambda broken: broken.name,
)
async def test_nothing_acknowledged_is_lost_or_doubled(world: World, broken: Broken, record_property: Any) -> None:
    cursor = await cursor_of_now(world)
    load = await under_load(world, lambda: broken.how(world))
    kept = Counter(appeal.name for appeal in await register_of(world))
    told = await events(world, set(load.acknowledged), cursor)
    lost = [name for name in load.acknowledged if name not in kept]
    untold = [name for name in load.acknowledged if name not in told]
    doubled = [name for name, count in (kept | told).items() if count > 1]
    figures = (
        f"{broken.name} killed: {len(load.acknowledged)} acknowledged, {len(lost)} lost, {len(untold)} untold, "
        f"{len(doubled)} doubled, {load.refusals.total()} repeated {dict(load.refusals)}, "
        f"longest wait {load.longest_wait:.1f} s"
    )
    record_property("figures", figures)
    assert load.acknowledged, figures
    assert (load.unexpected, lost, untold, doubled) == ([], [], [], []), figures


async def test_numbers_have_no_gaps_after_all_that(world: World) -> None:
    numbers = sorted(int(appeal.number.split("/")[0]) for appeal in await register_of(world))
    assert numbers == list(range(1, len(numbers) + 1))


async def sealed_registrations(world: World) -> Counter[str]:
    """How often the sealed trail has each appeal's registration; a repeated request did nothing."""
    told: Counter[str] = Counter()
    token = ""
    with as_whom(world.tokens[f"head:{OWN}"]):
        while True:
            page = await world.trail.ListEntries(
                trail_pb2.ListEntriesRequest(parent=PARENT, page_size=200, page_token=token)
            )
            for entry in page.entries:
                if entry.sealed and entry.outcome == trail_pb2.OUTCOME_DONE and entry.method.endswith("RegisterAppeal"):
                    told.update(record.name for record in entry.records)
            token = page.next_page_token
            if not token:
                return told


async def test_the_trail_has_every_appeal_once_and_is_whole_after_all_that(world: World, record_property: Any) -> None:
    world.house.service("identity").kill()
    await world.house.service("identity").start()
    registered = {appeal.name for appeal in await register_of(world)}
    began = time.monotonic()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            told = await sealed_registrations(world)
            if registered <= set(told):
                break
            await asyncio.sleep(0.5)
    figures = f"the trail after all kills: {len(told)} registrations sealed {time.monotonic() - began:.1f} s later"
    record_property("figures", figures)
    verify = [sys.executable, "-m", "identity", "audit", "verify", OWN]
    environment = {**os.environ, **world.house.settings(IDENTITY)}
    process = await asyncio.create_subprocess_exec(*verify, stdout=asyncio.subprocess.PIPE, env=environment)
    said = (await process.communicate())[0].decode()
    assert [name for name, count in told.items() if count > 1] == [], figures
    assert process.returncode == 0, said


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
        await kill_reception(world)
        load = Load()
        with as_whom(world.tokens[f"officer:{OWN}"]):
            await load.work(world, time.monotonic() + 1)
        assert load.acknowledged
        assert load.unexpected == []
    finally:
        await world.house.nats.start()
