"""The replicated memberships, over a real NATS."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import nats as nats_client
import pytest
import pytest_asyncio
from kit.auth.authority import Authorisation, Kin, Mailboxes, Remembered
from kit.auth.replica import HEARTBEAT, Replica, State, key_of
from kit.bus import streams
from kit.bus.connection import Bus
from kit.bus.streams import MEMBERSHIPS
from kit.clock import SystemClock
from kit.errors import Missing
from kit.servers.nats import Nats
from nats.aio.client import Client

PERMISSIONS = frozenset({"appeals.read"})
ASKED = Authorisation(None, display_name="asked")


@dataclass
class Identity:
    """Identity as it is asked: counts the questions."""

    questions: list[tuple[str, str]] = field(default_factory=list)

    async def of(self, hromada: str, subject: str) -> Authorisation:
        self.questions.append((hromada, subject))
        return ASKED

    async def mailboxes(self, hromada: str, subjects: Collection[str], permission: str) -> Mailboxes:
        return Mailboxes()

    async def kin(self, hromada: str, organisation: UUID) -> Kin:
        return Kin()

    async def partner(self, hromada: str, organisation: UUID, on: date) -> str:
        raise Missing


@dataclass
class Watched:
    replica: Replica
    identity: Identity
    identitys_bus: Client
    slug: str
    hromada_id: UUID

    async def put(self, subject: str, state: State) -> None:
        body = json.dumps(state.written()).encode()
        await self.identitys_bus.publish(f"$KV.{MEMBERSHIPS}.{key_of(self.slug, subject)}", body)

    async def beat(self) -> None:
        await self.identitys_bus.publish(f"$KV.{MEMBERSHIPS}.{HEARTBEAT}", b"{}")
        await self.identitys_bus.flush()
        await asyncio.sleep(0.1)


@pytest_asyncio.fixture
async def watched(nats: Nats) -> AsyncIterator[Watched]:
    """A replica that watches, and a hromada of its own that it has heard of."""
    await streams.ensure(nats.url(), "kit", [])
    bus, identity = Bus(nats.url("kit"), "kit"), Identity()
    await bus.open()
    replica = Replica(bus, Remembered(identity), SystemClock())
    running = asyncio.create_task(replica.run())
    client = await nats_client.connect(nats.url())
    one = Watched(replica, identity, client, f"h-{uuid4().hex[:8]}", uuid4())
    await one.put("", State(hromada_id=one.hromada_id))
    for _ in range(50):
        await one.beat()
        if replica.is_fresh:
            break
    yield one
    running.cancel()
    await client.close()
    await bus.close()


async def test_what_was_heard_counts_without_a_question(watched: Watched) -> None:
    await watched.put("olena", State(display_name="Координатор", permissions=PERMISSIONS, pseudonym="p"))
    await watched.beat()
    said = await watched.replica.of(watched.slug, "olena")
    assert (said.permissions, said.hromada_id, watched.identity.questions) == (PERMISSIONS, watched.hromada_id, [])


async def test_a_revocation_that_was_heard_counts_without_a_question(watched: Watched) -> None:
    await watched.put("olena", State(permissions=PERMISSIONS, pseudonym="p"))
    await watched.put("olena", State())
    await watched.beat()
    said = await watched.replica.of(watched.slug, "olena")
    assert (said.permissions, watched.identity.questions) == (frozenset(), [])


@pytest.mark.parametrize("period", [(1, None), (None, -1)], ids=["not begun", "ended"])
async def test_a_period_is_held_on_the_services_own_clock(
    watched: Watched, period: tuple[int | None, int | None]
) -> None:
    begins, ends = (datetime.now(UTC) + timedelta(hours=hours) if hours else None for hours in period)
    await watched.put("olena", State(permissions=PERMISSIONS, pseudonym="p", not_before=begins, until=ends))
    await watched.beat()
    assert (await watched.replica.of(watched.slug, "olena")).permissions == frozenset()


async def test_of_somebody_unheard_of_identity_is_asked(watched: Watched) -> None:
    assert await watched.replica.of(watched.slug, "nobody") == ASKED


async def test_of_an_operator_identity_is_asked(watched: Watched) -> None:
    assert await watched.replica.of("", "operator") == ASKED


async def test_without_a_heartbeat_identity_is_asked(watched: Watched) -> None:
    await watched.put("olena", State(permissions=PERMISSIONS, pseudonym="p"))
    await watched.beat()
    await asyncio.sleep(5.2)
    assert await watched.replica.of(watched.slug, "olena") == ASKED


async def test_a_suspended_hromada_is_suspended_for_everyone(watched: Watched) -> None:
    await watched.put("olena", State(permissions=PERMISSIONS, pseudonym="p"))
    await watched.put("", State(hromada_id=watched.hromada_id, suspended=True))
    await watched.beat()
    assert (await watched.replica.of(watched.slug, "olena")).suspended


def test_a_state_is_read_as_it_was_written() -> None:
    state = State(uuid4(), True, "Керівник", PERMISSIONS, datetime.now(UTC), datetime.now(UTC), True, "p")
    assert State.read(json.loads(json.dumps(state.written()))) == state
