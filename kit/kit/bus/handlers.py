"""Durable handlers: each event once in effect, in a transaction of its own, however often it is delivered.

A handler that fails is tried again after a pause; after the last try the event is parked on `dead.<service>.…` with the
cause, where an operator can look at it and have it handled again. While a dependency is away nothing is parked.
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from types import ModuleType
from typing import Any, TypeVar
from uuid import UUID

import nats.errors
import structlog
from google.protobuf.message import DecodeError, Message
from nats.aio.msg import Msg
from nats.js.errors import Error as JetStreamError
from sqlalchemy import Column, DateTime, MetaData, Table, Uuid
from sqlalchemy.dialects.postgresql import insert

from kit.audit.numbering import AUDIT
from kit.audit.records import records_in
from kit.bus.connection import Bus
from kit.bus.events import service_of, stream_of
from kit.bus.pull import pull
from kit.call import Call, Hromada
from kit.database import Session
from kit.errors import Away
from kit.rpc.client import is_away
from kit.telemetry import span, trace_in

log = structlog.get_logger("handlers")

TRIES = 5
_PAUSES = (0.2, 1.0, 5.0, 15.0)
_PAUSE_WHILE_AWAY = 1.0
_BATCH = 50
_WAIT = 5.0

_SENDER = "spilno-sender"

M = TypeVar("M", bound=Message)
Handler = Callable[[Any, Call], Awaitable[None]]

inbox = Table(
    "inbox",
    MetaData(),
    Column("event_id", Uuid, primary_key=True),
    Column("hromada_id", Uuid),
    Column("handled_at", DateTime(timezone=True)),
)


@dataclass(frozen=True, slots=True)
class Handled:
    """A verb that the bus may call."""

    message: type[Message]
    handler: Handler
    audited: bool


def handles(
    message: type[M], *, audited: bool = True
) -> Callable[[Callable[[M, Call], Awaitable[None]]], Callable[[M, Call], Awaitable[None]]]:
    """Declares that a function is called with each event of that message.

    Args:
        message: the event's.
        audited: whether the trail keeps that it was handled; the rows of the trail itself are not.
    """

    def declare(handler: Callable[[M, Call], Awaitable[None]]) -> Callable[[M, Call], Awaitable[None]]:
        handler.__dict__["handled"] = Handled(message, handler, audited)
        return handler

    return declare


def handlers_in(modules: Iterable[ModuleType]) -> list[Handled]:
    """What the modules declare with `handles`."""
    return [
        value.__dict__["handled"]
        for module in modules
        for value in vars(module).values()
        if callable(value) and "handled" in getattr(value, "__dict__", {})
    ]


CallFor = Callable[[Hromada, str], AbstractAsyncContextManager[Call]]
"""Opens the call of an event: (its hromada, its id)."""


class Consumer:
    """The service's durable consumers, one a stream it listens to."""

    def __init__(self, bus: Bus, service: str, handled: Iterable[Handled], call_for: CallFor) -> None:
        self._bus = bus
        self._service = service
        self._by_type = {str(h.message.DESCRIPTOR.full_name): h for h in handled}
        self._call_for = call_for
        self._failed: dict[tuple[str, int], int] = {}
        """How often each event on its way was tried in vain. The bus counts deliveries, outages among them."""

    def knows(self, headers: dict[str, str]) -> bool:
        """Whether events of that type are handled here."""
        return headers.get("ce-type", "") in self._by_type

    async def run(self) -> None:
        """Runs until cancelled."""
        sources = {service_of(type) for type in self._by_type}
        async with asyncio.TaskGroup() as group:
            for source in sources:
                group.create_task(self._listen(source))

    async def _listen(self, source: str) -> None:
        while True:
            try:
                stream = self._bus.jetstream()
                subscription = await stream.pull_subscribe_bind(durable=self._service, stream=stream_of(source))
                try:
                    while True:
                        try:
                            batch = await pull(subscription, _BATCH, _WAIT)
                        except TimeoutError:  # nats-py raises its own, and sometimes the plain one: nothing came
                            continue
                        for message in batch:
                            await self._deliver(message)
                finally:
                    with suppress(nats.errors.Error):
                        await subscription.unsubscribe()
            except (nats.errors.Error, JetStreamError, OSError, Away, TimeoutError) as error:
                log.warning("handlers.wait", source=source, cause=type(error).__name__)
                await asyncio.sleep(0.5)

    async def _deliver(self, message: Msg) -> None:
        which = (message.metadata.stream, message.metadata.sequence.stream)
        try:
            await self.handle({**(message.headers or {}), _SENDER: _sender_of(message.subject)}, message.data)
        except Exception as error:
            if is_away(error):
                await message.nak(delay=_PAUSE_WHILE_AWAY)
                return
            tries = self._failed[which] = self._failed.get(which, 0) + 1
            where = traceback.extract_tb(error.__traceback__)[-1]
            self.say_failed(message.headers or {}, cause=type(error).__name__, tries=tries)
            if tries < TRIES:
                await message.nak(delay=_PAUSES[min(tries, len(_PAUSES)) - 1])
                return
            headers = {
                **(message.headers or {}),
                _SENDER: _sender_of(message.subject),
                "dead-cause": f"{type(error).__name__} at {where.name}:{where.lineno}",
            }
            headers["Nats-Msg-Id"] = f"dead-{self._service}-{headers.get('ce-id')}"
            await self._bus.jetstream().publish(
                f"dead.{self._service}.{message.subject}", message.data, headers=headers
            )
        await message.ack()
        self._failed.pop(which, None)

    def say_failed(self, headers: dict[str, str], **more: object) -> None:
        log.error("handler.failed", type=headers.get("ce-type"), id=headers.get("ce-id"), **more)

    async def handle(self, headers: dict[str, str], body: bytes) -> bool:
        """Handles one event, unless it was handled before; tells whether it was new."""
        handled = self._by_type.get(headers.get("ce-type", ""))
        if handled is None:
            return False
        try:
            event = handled.message.FromString(body)
        except DecodeError as error:
            raise ValueError("the body is not what its type says") from error
        with span(f"handle {handled.message.DESCRIPTOR.name}", trace_in(headers)):
            hromada = Hromada(headers["ce-hromada"], UUID(headers["ce-hromadaid"]))
            async with self._call_for(hromada, headers["ce-id"]) as call:
                if await _is_new(call.db, UUID(headers["ce-id"]), call.now):
                    call.caller = replace(call.caller, service=headers.get(_SENDER, ""))
                    await handled.handler(event, call)
                    if handled.audited:
                        call.keep(str(handled.message.DESCRIPTOR.full_name), records_in(event))
                    return True
        return False


def _sender_of(subject: str) -> str:
    """The service that told it: the bus lets each publish under its own name only."""
    _, first, second, *_ = subject.split(".")
    return second if first == AUDIT else first


async def _is_new(db: Session, event_id: UUID, now: datetime) -> bool:
    row = {"event_id": event_id, "hromada_id": db.hromada, "handled_at": now}
    statement = insert(inbox).values(row).on_conflict_do_nothing().returning(inbox.c.event_id)
    return bool(await db.records(statement))
