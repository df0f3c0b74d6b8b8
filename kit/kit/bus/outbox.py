"""The outbox: an event is a row of the transaction that made it so, and leaves for the bus afterwards.

One active relay a service, by advisory lock, publishes in the order of the rows. A published row stays for seven days,
so that a bus that lost its last minutes can be refilled; the event's id keeps a repetition from counting twice.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

import asyncpg
import nats.errors
import structlog
from nats.js import JetStreamContext
from nats.js.api import PubAck
from nats.js.errors import Error as JetStreamError
from opentelemetry import propagate
from spilno.audit.v1.entries_pb2 import EntriesWritten
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    Identity,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from uuid_utils.compat import uuid7

from kit.audit import numbering
from kit.bus.connection import Bus
from kit.bus.events import Event, subject_of
from kit.bus.streams import MEMBERSHIPS
from kit.clock import Clock
from kit.database import GATE, Prepared, Session

log = structlog.get_logger("relay")

KEPT = timedelta(days=7)
_NEXT = "SELECT seq, subject, headers, body FROM outbox WHERE published_at IS NULL ORDER BY seq LIMIT $1"
_MARK_AND_NEXT = """
WITH gone AS (UPDATE outbox SET published_at = $3 WHERE seq = ANY($2::bigint[]))
SELECT seq, subject, headers, body FROM outbox
WHERE published_at IS NULL AND seq <> ALL($2::bigint[]) ORDER BY seq LIMIT $1
"""
_LOCK = 7_051_310_402
_BATCH = 500
_IDLE = 0.5
"""Seconds between looks when nobody woke the relay, and between two turns of the trail; an event's commit wakes it at
once."""

_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server went away in the middle of a message
)

outbox = Table(
    "outbox",
    MetaData(),
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", Uuid),
    Column("hromada_id", Uuid),
    Column("subject", Text),
    Column("headers", JSONB),
    Column("body", LargeBinary),
    Column("occurred_at", DateTime(timezone=True)),
    Column("published_at", DateTime(timezone=True)),
)


_waiting = (
    func.unnest(
        bindparam("ids", type_=ARRAY(Uuid)),
        bindparam("subjects", type_=ARRAY(Text)),
        bindparam("headers", type_=ARRAY(Text)),
        bindparam("bodies", type_=ARRAY(LargeBinary)),
    )
    .table_valued("id", "subject", "headers", "body")
    .render_derived("waiting")
)
_PUT = Prepared(
    insert(outbox)
    .inline()
    .from_select(
        ["event_id", "hromada_id", "subject", "headers", "body", "occurred_at"],
        select(
            _waiting.c.id,
            bindparam("hromada", type_=Uuid),
            _waiting.c.subject,
            _waiting.c.headers.cast(JSONB),
            _waiting.c.body,
            bindparam("at", type_=DateTime(timezone=True)),
        ).select_from(_waiting, GATE),
    )
    .on_conflict_do_nothing()
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is to be published: its id, where to, and what."""

    id: UUID
    subject: str
    headers: dict[str, str]
    body: bytes

    @classmethod
    def event(cls, event: Event, hromada: UUID | None) -> Self:
        """An event, with the trace that it belongs to."""
        headers = {**event.headers, "ce-hromadaid": str(hromada)}
        propagate.inject(headers)
        return cls(event.id, event.bus_subject, headers, event.body.SerializeToString(deterministic=True))

    @classmethod
    def state(cls, key: str, state: dict[str, object] | None) -> Self:
        """A state for every service's memory: the newest of a key is the one that counts, and no state ends the key."""
        id = uuid7()
        body = json.dumps(state, ensure_ascii=False).encode() if state is not None else b""
        return cls(id, f"$KV.{MEMBERSHIPS}.{key}", {"Nats-Msg-Id": str(id)}, body)


def put(db: Session, waiting: Sequence[Waiting], now: datetime) -> None:
    """Writes what is to be published into the transaction, in this order. What was told before is not told again: the
    same event of the same version is what an update without a change makes."""
    db.put(
        _PUT,
        ids=[one.id for one in waiting],
        subjects=[one.subject for one in waiting],
        headers=[json.dumps(one.headers) for one in waiting],
        bodies=[one.body for one in waiting],
        hromada=db.hromada,
        at=now,
    )


class Relay:
    """Publishes what the outbox holds, under the relay's own login."""

    def __init__(self, url: str, bus: Bus, service: str, clock: Clock) -> None:
        self._url = url
        self._bus = bus
        self._service = service
        self._wake_subject = f"wake.{service}"
        self._clock = clock
        self._woken = asyncio.Event()
        self._stream: JetStreamContext | None = None
        self._gone: list[int] = []
        """Rows that have left and are not marked so yet."""
        self.active = False
        self.is_caught_up = False
        """Everything that was committed when it last looked has left."""

    def wake(self) -> None:
        """There is something to publish."""
        self._woken.set()

    async def tell(self) -> None:
        """Wakes the relay wherever it is active: here, or in another replica."""
        self.wake()
        if not self.active:
            with suppress(nats.errors.Error):
                await self._bus.wake(self._wake_subject)

    async def run(self) -> None:
        """Runs until cancelled; waits for whatever is away."""
        while True:
            try:
                await self._lead()
            except _AWAY as error:
                log.warning("relay.waits", cause=type(error).__name__)
            finally:
                self.active = self.is_caught_up = False
            await asyncio.sleep(_IDLE)

    async def _lead(self) -> None:
        connection = await asyncpg.connect(self._url, timeout=5, command_timeout=30)
        try:
            await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
            await connection.fetchval("SELECT pg_advisory_lock($1)", _LOCK, timeout=24 * 3600)
            self.active = True
            listening = None
            swept, turned = self._clock.now(), -_IDLE
            while True:
                if listening is None and not self._bus.away:
                    listening = await self._bus.client.subscribe(self._wake_subject, cb=self._heard)
                self._woken.clear()
                published = 0 if self._bus.away else await self._publish(connection)
                if time.monotonic() - turned >= _IDLE:
                    acts = await self._turn(connection) if await numbering.has_waiting(connection) else 0
                    turned = -_IDLE if acts >= _BATCH else time.monotonic()
                if self._clock.now() - swept > timedelta(minutes=10):
                    swept = self._clock.now()
                    await self._sweep(connection)
                if not published:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._woken.wait(), max(0, turned + _IDLE - time.monotonic()))
        finally:
            connection.terminate()

    async def _heard(self, _: object) -> None:
        self.wake()

    async def _publish(self, connection: "asyncpg.Connection[asyncpg.Record]") -> int:
        """Publishes a batch in the order of its rows. One that dies between publishing and marking publishes it again,
        under the same ids."""
        if self._gone:
            rows = await connection.fetch(_MARK_AND_NEXT, _BATCH, self._gone, self._clock.now())
            self._gone = []
        else:
            rows = await connection.fetch(_NEXT, _BATCH)
        self.is_caught_up = not rows
        if not rows:
            return 0
        self._stream = self._stream or self._bus.jetstream()
        try:
            waiting = [
                # no wait_stall: under one, nats-py takes being cancelled for a stall, and the relay cannot be stopped
                await self._stream.publish_async(row["subject"], row["body"], headers=row["headers"])
                for row in rows
            ]
            _, late = await asyncio.wait(waiting, timeout=10)
        except (nats.errors.Error, JetStreamError, OSError, TimeoutError) as error:
            log.warning("relay.bus-away", cause=type(error).__name__)
            self._stream = None
            await asyncio.sleep(_IDLE)
            return 0
        for future in late:
            future.cancel()
        self._gone = [row["seq"] for row, future in zip(rows, waiting, strict=True) if _acknowledged(future)]
        if len(self._gone) < len(rows):
            log.warning("relay.unacknowledged", rows=len(rows) - len(self._gone))
            self._stream = None
            await asyncio.sleep(_IDLE)
        return len(self._gone)

    async def _turn(self, connection: "asyncpg.Connection[asyncpg.Record]") -> int:
        """The trail's: what is new in it has its number, and leaves if it can."""
        await numbering.number(connection)
        return 0 if self._bus.away else await self._send_acts(connection)

    async def _send_acts(self, connection: "asyncpg.Connection[asyncpg.Record]") -> int:
        """Sends the numbered rows of the trail to identity. Sent twice, they count once."""
        parcels = await numbering.parcels(connection, self._service)
        stream = self._bus.jetstream()
        for parcel in parcels:
            try:
                await stream.publish(subject_of(EntriesWritten, self._service), parcel.body, headers=parcel.headers)
            except (nats.errors.Error, JetStreamError, OSError, TimeoutError) as error:
                log.warning("relay.trail-waits", cause=type(error).__name__)
                return 0
            await numbering.sent(connection, parcel.ids, self._clock.now())
        return sum(len(parcel.ids) for parcel in parcels)

    async def _sweep(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        now = self._clock.now()
        await connection.execute("DELETE FROM outbox WHERE published_at < $1", now - KEPT)
        await connection.execute("DELETE FROM inbox WHERE handled_at < $1", now - 2 * KEPT)
        await connection.execute("DELETE FROM request WHERE created_at < $1", now - timedelta(hours=24))
        await numbering.sweep(connection, now - KEPT)
        await connection.execute("DELETE FROM attempt WHERE since < $1", now - timedelta(days=1))


def _acknowledged(future: "asyncio.Future[PubAck]") -> bool:
    return future.done() and not future.cancelled() and future.exception() is None
