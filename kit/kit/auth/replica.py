"""Every membership in every service's memory: no call to identity per request, and a revocation within milliseconds.

Identity puts each state into a key-value bucket and beats there twice a second, once everything before the beat has
left. While the beat is fresh, what is known here counts. When it is not, and of whom nothing is known here (operators,
who belong to no hromada), identity is asked; when identity is away too, access is denied.
"""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncGenerator, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

import nats.errors
import structlog
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import Error as JetStreamError

from kit.auth.authority import Authorisation, Kin, Mailboxes, Remembered
from kit.bus.connection import Bus
from kit.bus.pull import pull
from kit.bus.streams import MEMBERSHIPS, MEMBERSHIPS_STREAM
from kit.call import Hromada
from kit.clock import Clock
from kit.errors import Away

log = structlog.get_logger("memberships")

HEARTBEAT = "_heartbeat"
BEAT_SECONDS = 0.5
_REWATCH_SECONDS = 3.0
_STALE_SECONDS = 5.0
_FETCH = 500
_ITSELF = "_"
_PREFIX = f"$KV.{MEMBERSHIPS}."
_AWAY = (nats.errors.Error, JetStreamError, OSError, TimeoutError, Away)


@dataclass(frozen=True, slots=True)
class State:
    """What is replicated of one subject, or, with an empty subject, of the hromada itself."""

    hromada_id: UUID | None = None
    suspended: bool = False
    display_name: str = ""
    permissions: frozenset[str] = frozenset()
    not_before: datetime | None = None
    until: datetime | None = None
    integrator: bool = False
    pseudonym: str = ""
    provisioning: bool = False

    def written(self) -> dict[str, object]:
        return {
            "hromada_id": str(self.hromada_id) if self.hromada_id else None,
            "suspended": self.suspended,
            "provisioning": self.provisioning,
            "display_name": self.display_name,
            "permissions": sorted(self.permissions),
            "not_before": self.not_before.isoformat() if self.not_before else None,
            "until": self.until.isoformat() if self.until else None,
            "integrator": self.integrator,
            "pseudonym": self.pseudonym,
        }

    @classmethod
    def read(cls, said: dict[str, Any]) -> Self:
        return cls(
            hromada_id=UUID(said["hromada_id"]) if said["hromada_id"] else None,
            suspended=said["suspended"],
            provisioning=said.get("provisioning", False),  # what stands in the bucket may be older
            display_name=said["display_name"],
            permissions=frozenset(said["permissions"]),
            not_before=datetime.fromisoformat(said["not_before"]) if said["not_before"] else None,
            until=datetime.fromisoformat(said["until"]) if said["until"] else None,
            integrator=said["integrator"],
            pseudonym=said.get("pseudonym", ""),
        )

    @property
    def is_whole(self) -> bool:
        """Whether a call can be written into the trail by it: what was put before there was one cannot."""
        return not self.permissions or self.integrator or bool(self.pseudonym)

    def counts(self, now: datetime) -> bool:
        """Whether it has begun and not ended, on this service's own clock."""
        return (self.not_before is None or self.not_before <= now) and (self.until is None or now < self.until)


def key_of(hromada: str, subject: str) -> str:
    """Where the state of a subject stands; of the hromada itself without one."""
    return f"{hromada}.{subject or _ITSELF}"


class Replica:
    """The memberships, as last heard."""

    def __init__(self, bus: Bus, identity: Remembered, clock: Clock) -> None:
        self._bus = bus
        self._identity = identity
        self._clock = clock
        self._states: dict[str, State] = {}
        self._unheard: set[str] = set()
        """What was known before this watch, and did not come in it yet."""
        self._beat = 0
        self._beaten = -_STALE_SECONDS

    @property
    def is_fresh(self) -> bool:
        """Whether what is known here counts."""
        return time.monotonic() - self._beaten < _STALE_SECONDS

    def hromadas(self) -> list[Hromada]:
        """Those that are open."""
        itself = key_of("", "")
        return [
            Hromada(key.removesuffix(itself), state.hromada_id)
            for key, state in self._states.items()
            if key.endswith(itself) and state.hromada_id is not None and not (state.suspended or state.provisioning)
        ]

    async def of(self, hromada: str, subject: str) -> Authorisation:
        known = self._states.get(key_of(hromada, subject))
        place = self._states.get(key_of(hromada, ""))
        if not self.is_fresh or known is None or place is None or not known.is_whole:
            return await self._identity.of(hromada, subject)
        counts = bool(subject) and known.counts(self._clock.now())
        return Authorisation(
            hromada_id=place.hromada_id,
            suspended=place.suspended,
            provisioning=place.provisioning,
            display_name=known.display_name if counts else "",
            permissions=known.permissions if counts else frozenset(),
            until=known.until,
            integrator=known.integrator,
            pseudonym=known.pseudonym,
        )

    async def mailboxes(self, hromada: str, subjects: Collection[str], permission: str) -> Mailboxes:
        return await self._identity.mailboxes(hromada, subjects, permission)

    async def kin(self, hromada: str, organisation: UUID) -> Kin:
        return await self._identity.kin(hromada, organisation)

    async def partner(self, hromada: str, organisation: UUID, on: date) -> str:
        return await self._identity.partner(hromada, organisation, on)

    async def run(self) -> None:
        """Runs until cancelled."""
        while True:
            self._beat, self._unheard = 0, set(self._states)
            try:
                async for heard in states(self._bus):
                    self._hear(heard)
                    if not heard.key and time.monotonic() - self._beaten > _REWATCH_SECONDS:
                        break
            except _AWAY as error:
                log.info("memberships.wait", cause=type(error).__name__)
            await asyncio.sleep(BEAT_SECONDS)

    def _hear(self, heard: "Heard") -> None:
        self._unheard.discard(heard.key)
        if heard.key and not heard.waiting:
            for key in self._unheard:  # it was erased while nobody listened
                self._states.pop(key, None)
            self._unheard.clear()
        if heard.key == HEARTBEAT:
            # the bucket keeps the last beat: only one that follows another in the same watch was heard as it came
            if self._beat and heard.sequence > self._beat:
                self._beaten = time.monotonic()
            self._beat = max(self._beat, heard.sequence)
        elif heard.key:
            if heard.body:
                self._states[heard.key] = State.read(json.loads(heard.body))
            else:
                self._states.pop(heard.key, None)
            hromada, _, subject = heard.key.partition(".")
            self._identity.forget(hromada, "" if subject == _ITSELF else subject)


@dataclass(frozen=True, slots=True)
class Heard:
    """One state as it came from the bus."""

    key: str
    """Empty when nothing came for a while."""
    body: bytes = b""
    sequence: int = 0
    waiting: int = 0
    """How many more wait: none after the last of those that were there at the start."""


async def states(bus: Bus) -> AsyncGenerator[Heard, None]:
    """The newest state of every key, then each as it changes."""
    stream = bus.jetstream()
    name = f"memberships-{secrets.token_hex(6)}"
    config = ConsumerConfig(
        name=name,
        ack_policy=AckPolicy.NONE,
        deliver_policy=DeliverPolicy.LAST_PER_SUBJECT,
        filter_subject=f"{_PREFIX}>",
        inactive_threshold=30,
        mem_storage=True,
        num_replicas=1,
    )
    await stream.add_consumer(MEMBERSHIPS_STREAM, config)
    subscription = await stream.pull_subscribe_bind(consumer=name, stream=MEMBERSHIPS_STREAM)
    try:
        while True:
            try:
                batch = await pull(subscription, _FETCH, BEAT_SECONDS * 2)
            except TimeoutError:
                yield Heard("")
                continue
            for message in batch:
                told = message.metadata
                key = message.subject.removeprefix(_PREFIX)
                yield Heard(key, message.data, told.sequence.stream, told.num_pending or 0)
    finally:
        with suppress(*_AWAY):
            await subscription.unsubscribe()
            await stream.delete_consumer(MEMBERSHIPS_STREAM, name)
