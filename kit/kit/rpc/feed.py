"""`Feed`: a service's own events for one hromada, as a stream with a cursor.

One bus consumer a replica is fanned out to all who watch. A cursor is a place in the service's stream: where the stream
no longer reaches back that far, the caller is told so and backfills from the rows.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import nats.errors
import structlog
from google.protobuf import any_pb2
from google.protobuf.message import Message
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import Error as JetStreamError
from spilno.feed.v1 import feed_pb2 as pb

from kit.bus import events
from kit.bus.connection import Bus
from kit.bus.events import stream_of
from kit.bus.pull import pull
from kit.call import Call
from kit.errors import Away, Expired, Refused
from kit.rpc.chain import StreamCall
from kit.rpc.servicer import Servicer

log = structlog.get_logger("feed")

BackfillOf = Callable[
    [Call, datetime | None, UUID | None], Awaitable[tuple[UUID | None, list[tuple[Message, datetime]]]]
]
"""Events made from rows, oldest first, a page at a time: (call, since, the last row of the page before) → the last row
of this page, or None at the end; and each event with its time."""

_FETCH = 200
_WAIT = 5.0
_SOON = 1.0
_PATIENCE = 5.0
"""Seconds that a watcher waits for the tap, which finds its place when the service starts."""
_WAITING = 2000
"""Events that a slow watcher may be behind before it is sent back to its cursor."""

_AWAY = (nats.errors.Error, JetStreamError, OSError, TimeoutError, Away)


@dataclass(eq=False)
class _Watcher:
    hromada: str
    queue: "asyncio.Queue[tuple[int, Msg] | str]" = field(default_factory=lambda: asyncio.Queue(_WAITING))
    """Events with their sequences; at the end, why there are no more."""


class Tap:
    """The replica's one consumer of the service's own stream."""

    def __init__(self, bus: Bus, service: str) -> None:
        self._bus = bus
        self._service = service
        self._stream = stream_of(service)
        self._watchers: set[_Watcher] = set()
        self._born = 0
        self._seen = 0
        self._placed = asyncio.Event()
        """Set once the tap has a place in the stream: whatever comes after it reaches who watches by then."""
        self._closed = False

    async def run(self) -> None:
        """Runs until cancelled. After a gap it goes on from the last event it saw."""
        while True:
            try:
                await self._find_place()
                async for sequence, message in self._read(self._seen + 1, "*"):
                    self._seen = sequence
                    self._hand_out(sequence, message)
            except _AWAY as error:
                log.info("feed.waits", cause=type(error).__name__)
                await asyncio.sleep(0.5)

    def close(self) -> None:
        """Sends everybody away, to watch again elsewhere: the service stops."""
        self._closed = True
        self._send_everybody_back("dependency.away")

    async def _find_place(self) -> None:
        """At the end of the stream the first time, and when the stream is not the one that it was: then whoever watches
        is sent back to find out. Otherwise after the last event seen."""
        born, last, _ = await self._state()
        if born != self._born or last < self._seen:
            self._send_everybody_back("bus.away")
            self._born, self._seen = born, last
        self._placed.set()

    def _hand_out(self, sequence: int, message: Msg) -> None:
        hromada = message.subject.split(".")[2]
        for watcher in list(self._watchers):
            if watcher.hromada == hromada:
                try:
                    watcher.queue.put_nowait((sequence, message))
                except asyncio.QueueFull:
                    self._send_back(watcher, "feed.too-slow")

    def _send_everybody_back(self, reason: str) -> None:
        for watcher in list(self._watchers):
            self._send_back(watcher, reason)

    def _send_back(self, watcher: _Watcher, reason: str) -> None:
        self._watchers.discard(watcher)
        while not watcher.queue.empty():
            watcher.queue.get_nowait()
        watcher.queue.put_nowait(reason)

    async def watch(self, hromada: str, cursor: str) -> AsyncIterator[pb.Event]:
        """The hromada's events after the cursor, then as they come.

        Raises:
            Refused: no such cursor was ever given.
            Expired: the stream no longer reaches back to it.
            Away: the bus does not answer; watch again from the last cursor.
        """
        watcher = _Watcher(hromada)
        try:
            await asyncio.wait_for(self._placed.wait(), _PATIENCE)
            if self._closed:
                raise Away
            self._watchers.add(watcher)
            born, last, first = await self._state()
            sent = last
            if cursor:
                sent = _sequence(cursor, born)
                if sent + 1 < first or sent > last:
                    raise Expired("feed.cursor-expired")
                async for sequence, message in self._read(sent + 1, hromada, until=last):
                    sent = sequence
                    yield _event(message, _cursor(born, sequence))
                sent = max(sent, last)
            while True:
                upcoming = await watcher.queue.get()
                if isinstance(upcoming, str):
                    raise Away(upcoming)
                sequence, message = upcoming
                if sequence > sent:
                    sent = sequence
                    yield _event(message, _cursor(born, sequence))
        except _AWAY as error:
            raise (error if isinstance(error, Away) else Away("bus.away")) from error
        finally:
            self._watchers.discard(watcher)

    async def _state(self) -> tuple[int, int, int]:
        """When the stream was made, its last and its first sequence."""
        if self._bus.away:
            raise Away("bus.away")
        info = await self._bus.jetstream().stream_info(self._stream)
        created = info.created if isinstance(info.created, datetime) else datetime.fromisoformat(str(info.created))
        return int(created.timestamp() * 1000), info.state.last_seq, info.state.first_seq

    async def _read(self, start: int, hromada: str, until: int | None = None) -> AsyncIterator[tuple[int, Msg]]:
        """Messages of the stream from a sequence on, up to `until` or for ever: every one, or it ends with an error."""
        if until is not None and start > until:
            return
        stream = self._bus.jetstream()
        name = f"feed-{self._service}-{secrets.token_hex(6)}"
        config = ConsumerConfig(
            name=name,
            ack_policy=AckPolicy.NONE,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=start,
            filter_subject=f"ev.{self._service}.{hromada}.>",
            inactive_threshold=30,
            mem_storage=True,
            num_replicas=1,
        )
        await stream.add_consumer(self._stream, config)
        subscription = await stream.pull_subscribe_bind(consumer=name, stream=self._stream)
        received, is_behind = 0, False
        try:
            while True:
                try:
                    batch = await pull(subscription, _FETCH, _SOON if until is not None or is_behind else _WAIT)
                except TimeoutError:  # nats-py raises its own, and sometimes the plain one: nothing came
                    info = await stream.consumer_info(self._stream, name)  # fails if a restart of the bus took it away
                    sent = info.delivered.consumer_seq if info.delivered else 0
                    if is_behind and sent > received:
                        raise Away("bus.away") from None  # it was sent without an acknowledgement, and lost on the way
                    is_behind = sent > received
                    if until is not None and not is_behind and not info.num_pending:
                        return
                    continue
                for message in batch:
                    sequence = message.metadata.sequence
                    if sequence.consumer != received + 1:
                        raise Away("bus.away")
                    received, is_behind = sequence.consumer, False
                    if until is not None and sequence.stream > until:
                        return
                    yield sequence.stream, message
                if until is not None and batch and batch[-1].metadata.num_pending == 0:
                    return
        finally:
            with suppress(*_AWAY):
                await subscription.unsubscribe()
                if not self._bus.away:
                    await stream.delete_consumer(self._stream, name)


class Feed(Servicer, contract=pb.DESCRIPTOR.services_by_name["Feed"]):
    """Serves the tap, and the same events made anew from the rows."""

    def __init__(self, tap: Tap, backfill: BackfillOf) -> None:
        self._tap = tap
        self._backfill = backfill

    async def Watch(self, request: pb.WatchRequest, call: StreamCall) -> AsyncIterator[pb.Event]:
        async for event in self._tap.watch(call.hromada.slug, request.cursor):
            yield event

    async def Backfill(self, request: pb.BackfillRequest, call: StreamCall) -> AsyncIterator[pb.Event]:
        since = request.since.ToDatetime(UTC) if request.HasField("since") else None
        after: UUID | None = None
        while True:
            async with call.open() as opened:
                after, found = await self._backfill(opened, since, after)
            for body, time in found:
                yield _message(events.make(body, time))
            if after is None:
                return


def _message(event: events.Event) -> pb.Event:
    message = pb.Event(id=str(event.id), subject=event.subject)
    message.time.FromDatetime(event.time)
    message.body.Pack(event.body)
    return message


def _event(message: Msg, cursor: str) -> pb.Event:
    headers = message.headers or {}
    body = any_pb2.Any(type_url=f"type.googleapis.com/{headers.get('ce-type', '')}", value=message.data)
    event = pb.Event(id=headers.get("ce-id", ""), cursor=cursor, subject=headers.get("ce-subject", ""), body=body)
    event.time.FromDatetime(datetime.fromisoformat(headers["ce-time"]))
    return event


def _cursor(born: int, sequence: int) -> str:
    return f"{born:x}-{sequence:x}"


def _sequence(cursor: str, born: int) -> int:
    try:
        of, sequence = (int(part, 16) for part in cursor.split("-"))
    except ValueError:
        raise Refused("cursor", "feed.cursor-malformed") from None
    if of != born:
        raise Expired("feed.cursor-expired")
    return sequence
