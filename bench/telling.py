"""How long an event takes to its handler, and how fast a full outbox empties: against the bus alone."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from kit.bus import outbox
from kit.bus.connection import Bus
from kit.bus.events import Event, make, stream_of
from kit.bus.pull import pull
from kit.database import Database
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from sample.contract import NoteEvent, NoteWritten

from bench.ground import Ground
from bench.measuring import Limit, Result, compared, percentile

_SLUG = "tatarbunary"
_HROMADA: UUID = uuid5(NAMESPACE_URL, _SLUG)
_PACE = 300
"""Events a second: about a third of what one relay, its service and its readers manage on two cores."""
_SECONDS = 3.0
_FULL = 5_000
_PATIENCE = 60.0


@dataclass
class _Bus:
    """The bus and the outbox, and when each event came to a consumer of its stream."""

    database: Database
    relays: Bus
    bare: Bus
    heard: dict[str, float] = field(default_factory=dict)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def through_the_outbox(self, events: list[Event]) -> None:
        """As a service's other replica does it: commits, then wakes the relay."""
        async with self.database.transaction(_HROMADA) as db:
            outbox.put(db, [outbox.Waiting.event(event, _HROMADA) for event in events], datetime.now(UTC))
        await self.relays.wake("wake.kit")

    async def to_the_bus(self, events: list[Event]) -> None:
        stream = self.bare.jetstream()
        for event in events:
            await stream.publish_async(event.bus_subject, event.body.SerializeToString(), headers=event.headers)

    async def listen(self) -> None:
        name = f"bench-{uuid4().hex[:8]}"
        stream = self.bare.jetstream()
        await stream.add_consumer(
            stream_of("kit"),
            ConsumerConfig(name=name, ack_policy=AckPolicy.NONE, deliver_policy=DeliverPolicy.NEW, mem_storage=True),
        )
        subscription = await stream.pull_subscribe_bind(consumer=name, stream=stream_of("kit"))
        while True:
            with suppress(TimeoutError):
                for message in await pull(subscription, 500, 1.0):
                    self.heard[(message.headers or {})["Nats-Msg-Id"]] = time.perf_counter()
                self.came.set()

    async def all_heard(self, ids: set[str]) -> None:
        """Waits until each of them was heard."""
        async with asyncio.timeout(_PATIENCE):
            while not ids <= self.heard.keys():
                self.came.clear()
                await self.came.wait()


@asynccontextmanager
async def _bus(ground: Ground) -> AsyncIterator[_Bus]:
    bus = _Bus(
        Database(ground.database_url()), Bus(ground.nats.url("kit"), "kit"), Bus(ground.nats.url(), "provisioner")
    )
    await asyncio.gather(bus.database.open(), bus.relays.open(), bus.bare.open())
    listening = asyncio.create_task(bus.listen())
    await asyncio.sleep(0.2)
    try:
        yield bus
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await asyncio.gather(bus.database.close(), bus.relays.close(), bus.bare.close())


def _events(count: int) -> list[Event]:
    return [
        make(NoteWritten(note=NoteEvent(name=f"hromadas/{_SLUG}/notes/{uuid4()}", version=1)), datetime.now(UTC))
        for _ in range(count)
    ]


Sends = Callable[[list[Event]], Awaitable[None]]


async def _p99(bus: _Bus, send: Sends) -> float:
    """Milliseconds from sent to heard of 99 events in 100, sent at an even pace."""
    sent = dict[str, float]()
    sending = set[asyncio.Task[None]]()

    async def one(event: Event) -> None:
        sent[str(event.id)] = time.perf_counter()  # of an event that is put into the outbox the commit comes after this
        await send([event])

    began = time.perf_counter()
    for number, event in enumerate(_events(int(_PACE * _SECONDS))):
        await asyncio.sleep(max(0.0, began + number / _PACE - time.perf_counter()))
        task = asyncio.create_task(one(event))
        sending.add(task)
        task.add_done_callback(sending.discard)
    await asyncio.gather(*sending)
    await bus.all_heard(set(sent))
    return percentile([(bus.heard[id] - at) * 1000 for id, at in sent.items()], 0.99)


async def _drained(bus: _Bus, send: Sends) -> float:
    """Events a second, from the first sent until the last was heard."""
    events = _events(_FULL)
    began = time.perf_counter()
    await send(events)
    await bus.all_heard({str(event.id) for event in events})
    return _FULL / (time.perf_counter() - began)


async def _drained_after_commit(bus: _Bus) -> float:
    """The relay's share alone: the clock starts when everything is committed."""
    events = _events(_FULL)
    await bus.through_the_outbox(events)
    began = time.perf_counter()
    known = len(bus.heard)
    await bus.all_heard({str(event.id) for event in events})
    return (len(bus.heard) - known) / (time.perf_counter() - began)


async def events(ground: Ground) -> list[Result]:
    async with _bus(ground) as bus:
        latency = await compared(
            "event to its handler, p99",
            lambda: _p99(bus, bus.through_the_outbox),
            lambda: _p99(bus, bus.to_the_bus),
            unit="ms",
            than=f"publish to consume on the bus alone, both at {_PACE} a second",
            limit=Limit(at_most=3.0),
        )
        drain = await compared(
            "relay drain",
            lambda: _drained_after_commit(bus),
            lambda: _drained(bus, bus.to_the_bus),
            unit="events/s",
            than="raw asynchronous publishing of the same events",
            limit=Limit(at_least=0.5),
        )
        return [latency, drain]
