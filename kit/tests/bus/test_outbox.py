"""The outbox and its relay: an event leaves if its transaction stayed, whatever dies in between, and counts once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio
from kit.audit import numbering
from kit.bus import events, outbox
from kit.bus.connection import Bus
from kit.bus.outbox import Relay
from kit.clock import Clock, SystemClock
from kit.database import Database, Session
from kit.servers.nats import Nats
from kit.service import end
from sample.contract import NoteEvent, NoteWritten
from sample.ground import Bare, eventually, kept, until
from uuid_utils.compat import uuid7

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)


class Moved:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.by = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by


def event(slug: str, version: int = 1, note: UUID | None = None) -> events.Event:
    name = f"hromadas/{slug}/notes/{note or uuid7()}"
    return events.make(NoteWritten(note=NoteEvent(name=name, version=version)), NOW)


def write(db: Session, *told: events.Event) -> None:
    outbox.put(db, [outbox.Waiting.event(one, db.hromada) for one in told], NOW)


async def commit(database: Database, *put: events.Event) -> None:
    async with database.transaction(uuid7()) as db:
        write(db, *put)


@pytest.fixture
def slug() -> str:
    return f"h-{uuid4().hex[:12]}"


@pytest_asyncio.fixture
async def clean(bare: Bare) -> Bare:
    """The bare database with nothing left to publish."""
    await bare.as_migrator("DELETE FROM outbox")
    return bare


@asynccontextmanager
async def running(bare: Bare, bus: Bus, clock: Clock | None = None) -> AsyncIterator[Relay]:
    """A relay at work; when the block ends it is killed where it stands."""
    relay = Relay(bare.url("relay"), bus, "kit", clock or SystemClock())
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        await end([task])


@pytest_asyncio.fixture
async def relay(clean: Bare, frail_bus: Bus) -> AsyncIterator[Relay]:
    async with running(clean, frail_bus) as relay:
        yield relay


def told(server: Nats, slug: str, count: int) -> Callable[[], Awaitable[list[Any]]]:
    """Looks for that many events of a hromada on the bus."""

    async def look() -> list[Any]:
        found = await kept(server, "EV_KIT", f"ev.kit.{slug}.>")
        return found if len(found) >= count else []

    return look


def waiting(bare: Bare, count: int) -> Callable[[], Awaitable[bool]]:
    """Looks whether that many rows are still to be published."""

    async def look() -> bool:
        return len(await bare.as_migrator("SELECT 1 FROM outbox WHERE published_at IS NULL")) == count

    return look


class TestLeaving:
    async def test_an_event_leaves_only_after_the_commit(
        self, relay: Relay, database: Database, frail_nats: Nats, slug: str
    ) -> None:
        async with database.transaction(uuid7()) as db:
            write(db, event(slug))
            relay.wake()
            await asyncio.sleep(0.1)
            assert await kept(frail_nats, "EV_KIT", f"ev.kit.{slug}.>") == []
        await relay.tell()
        assert len(await eventually(told(frail_nats, slug, 1))) == 1

    async def test_what_is_told_again_of_the_same_version_leaves_once(
        self, relay: Relay, database: Database, frail_nats: Nats, slug: str
    ) -> None:
        note = uuid7()
        for _ in range(2):
            await commit(database, event(slug, 1, note))
            await relay.tell()
        assert len(await eventually(told(frail_nats, slug, 1))) == 1

    async def test_an_event_of_a_transaction_that_was_rolled_back_never_leaves(
        self, relay: Relay, database: Database, frail_nats: Nats, slug: str
    ) -> None:
        async def fail() -> None:
            async with database.transaction(uuid7()) as db:
                write(db, event(slug, 1))
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await fail()
        later = event(slug, 2)
        await commit(database, later)
        await relay.tell()
        found = await eventually(told(frail_nats, slug, 1))
        assert [message.headers["ce-id"] for message in found] == [str(later.id)]

    async def test_events_of_one_thing_leave_in_the_order_in_which_they_happened(
        self, relay: Relay, database: Database, frail_nats: Nats, slug: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(outbox, "_BATCH", 20)
        note, count = uuid7(), 50
        await commit(database, *(event(slug, version, note) for version in range(1, count + 1)))
        await relay.tell()
        found = await eventually(told(frail_nats, slug, count))
        versions = [NoteWritten.FromString(message.data).note.version for message in found]
        assert versions == list(range(1, count + 1))

    async def test_an_event_says_whose_it_is_and_where_it_came_from(
        self, relay: Relay, database: Database, frail_nats: Nats, slug: str
    ) -> None:
        hromada = uuid7()
        async with database.transaction(hromada) as db:
            write(db, event(slug))
        await relay.tell()
        headers = (await eventually(told(frail_nats, slug, 1)))[0].headers
        assert (headers["ce-hromada"], headers["ce-hromadaid"]) == (slug, str(hromada))

    async def test_an_event_outside_a_hromada_is_refused_by_the_database(self, database: Database, slug: str) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.transaction() as db:
                write(db, event(slug))


class TestTheBusAway:
    async def test_an_event_waits_for_a_killed_bus_and_then_leaves_once(
        self, relay: Relay, database: Database, clean: Bare, frail_nats: Nats, slug: str
    ) -> None:
        frail_nats.kill()
        await commit(database, event(slug))
        await relay.tell()
        await asyncio.sleep(0.3)
        assert await waiting(clean, 1)()
        await frail_nats.restart()
        await eventually(waiting(clean, 0))
        assert len(await kept(frail_nats, "EV_KIT", f"ev.kit.{slug}.>")) == 1

    async def test_an_event_waits_for_a_frozen_bus_and_then_leaves_once(
        self, relay: Relay, database: Database, clean: Bare, frail_nats: Nats, slug: str
    ) -> None:
        frail_nats.pause()
        await commit(database, event(slug))
        await relay.tell()
        await asyncio.sleep(0.3)
        assert await waiting(clean, 1)()
        frail_nats.resume()
        await eventually(waiting(clean, 0))
        assert len(await kept(frail_nats, "EV_KIT", f"ev.kit.{slug}.>")) == 1

    async def test_a_relay_that_was_there_before_the_bus_finds_it(
        self, clean: Bare, database: Database, frail_nats: Nats, slug: str
    ) -> None:
        await frail_nats.stop()
        bus = Bus(frail_nats.url("kit"), "kit")
        connecting = asyncio.create_task(bus.run())
        async with running(clean, bus) as relay:
            await commit(database, event(slug))
            await relay.tell()
            await frail_nats.start()
            assert len(await eventually(told(frail_nats, slug, 1))) == 1
        await connecting
        await bus.close()


class TestARelayThatDies:
    async def test_between_publishing_and_marking_leaves_no_duplicate(
        self, clean: Bare, database: Database, frail_nats: Nats, frail_bus: Bus, slug: str
    ) -> None:
        await commit(database, event(slug, 1), event(slug, 2))
        marking = await asyncpg.connect(clean.url("migrator"))
        async with marking.transaction():
            await marking.execute("LOCK TABLE outbox IN SHARE MODE")  # it may be read, not marked
            async with running(clean, frail_bus):
                await eventually(told(frail_nats, slug, 2))
        await marking.close()
        assert await waiting(clean, 2)()
        async with running(clean, frail_bus):
            await eventually(waiting(clean, 0))
        assert len(await kept(frail_nats, "EV_KIT", f"ev.kit.{slug}.>")) == 2

    @pytest.mark.parametrize("after", [0.0, 0.02, 0.05])
    async def test_in_the_middle_of_a_batch_dies_when_it_is_told_to(
        self, clean: Bare, database: Database, frail_bus: Bus, slug: str, after: float
    ) -> None:
        await commit(database, *(event(slug, version) for version in range(1, 300)))
        relay = Relay(clean.url("relay"), frail_bus, "kit", SystemClock())
        task = asyncio.create_task(relay.run())
        await until(lambda: relay._stream is not None)
        await asyncio.sleep(after)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=20)
        task.cancel()
        assert done

    async def test_hands_over_to_the_one_that_waited(
        self, clean: Bare, database: Database, frail_nats: Nats, frail_bus: Bus, slug: str
    ) -> None:
        async with AsyncExitStack() as last:
            async with running(clean, frail_bus) as first:
                await until(lambda: first.active)
                second = await last.enter_async_context(running(clean, frail_bus))
            await until(lambda: second.active)
            await commit(database, event(slug))
            await second.tell()
            assert len(await eventually(told(frail_nats, slug, 1))) == 1

    async def test_is_the_only_active_one_while_it_lives(self, clean: Bare, frail_bus: Bus) -> None:
        async with running(clean, frail_bus) as first:
            await until(lambda: first.active)
            async with running(clean, frail_bus) as second:
                await asyncio.sleep(0.3)
                assert not second.active

    async def test_is_replaced_after_its_connection_to_the_database_broke(
        self, relay: Relay, clean: Bare, database: Database, frail_nats: Nats, slug: str
    ) -> None:
        await until(lambda: relay.active)
        await clean.postgres_terminates("kit_bare_relay")
        await commit(database, event(slug))
        assert len(await eventually(told(frail_nats, slug, 1))) == 1

    async def test_goes_on_after_its_database_went_away_in_the_middle_of_a_message(
        self, relay: Relay, database: Database, frail_nats: Nats, slug: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def breaks(_: object) -> None:
            monkeypatch.undo()
            raise asyncpg.InternalClientError

        await until(lambda: relay.active)
        monkeypatch.setattr(numbering, "has_waiting", breaks)
        await commit(database, event(slug))
        assert len(await eventually(told(frail_nats, slug, 1))) == 1


class TestWaking:
    async def test_a_commit_in_another_replica_wakes_the_active_relay(
        self,
        clean: Bare,
        database: Database,
        frail_nats: Nats,
        frail_bus: Bus,
        slug: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(outbox, "_IDLE", 60.0)
        async with running(clean, frail_bus) as active:
            await until(lambda: active.active)
            bus = Bus(frail_nats.url("kit"), "kit")
            await bus.open()
            passive = Relay(clean.url("relay"), bus, "kit", SystemClock())
            await asyncio.sleep(0.2)  # the active one listens
            await commit(database, event(slug))
            await passive.tell()
            assert len(await eventually(told(frail_nats, slug, 1))) == 1
            await bus.close()

    async def test_telling_with_the_bus_away_is_no_trouble(self, clean: Bare, frail_nats: Nats) -> None:
        await Relay(clean.url("relay"), Bus(frail_nats.url("kit"), "kit"), "kit", SystemClock()).tell()


class TestKeeping:
    @pytest.mark.parametrize(("days", "left"), [(6, 1), (8, 0)])
    async def test_what_was_published_is_kept_for_seven_days(
        self, clean: Bare, database: Database, frail_bus: Bus, slug: str, days: int, left: int
    ) -> None:
        clock = Moved()
        async with running(clean, frail_bus, clock) as relay:
            await commit(database, event(slug))
            await relay.tell()
            await eventually(waiting(clean, 0))
            clock.by = timedelta(days=days)
            relay.wake()
            await asyncio.sleep(0.3)
        assert len(await clean.as_migrator("SELECT 1 FROM outbox")) == left

    async def test_what_was_never_published_is_kept_for_ever(
        self, clean: Bare, database: Database, frail_nats: Nats, slug: str
    ) -> None:
        clock = Moved()
        async with running(clean, Bus(frail_nats.url("kit"), "kit"), clock) as relay:
            await until(lambda: relay.active)
            await commit(database, event(slug))
            clock.by = timedelta(days=30)
            relay.wake()
            await asyncio.sleep(0.3)
        assert await waiting(clean, 1)()

    @pytest.mark.parametrize(
        ("fill", "count", "kept_for", "gone_after"),
        [
            (
                "INSERT INTO inbox VALUES (gen_random_uuid(), now())",
                "SELECT 1 FROM inbox",
                timedelta(days=13),
                timedelta(days=15),
            ),
            (
                "INSERT INTO request VALUES ('', '', '', gen_random_uuid(), '', '', now())",
                "SELECT 1 FROM request",
                timedelta(hours=23),
                timedelta(hours=25),
            ),
            (
                "INSERT INTO attempt VALUES ('', now(), 1)",
                "SELECT 1 FROM attempt",
                timedelta(hours=23),
                timedelta(hours=25),
            ),
        ],
        ids=["inbox", "request", "attempt"],
    )
    async def test_what_the_kit_remembers_is_forgotten_in_time(
        self, clean: Bare, frail_bus: Bus, fill: str, count: str, kept_for: timedelta, gone_after: timedelta
    ) -> None:
        await clean.as_migrator("TRUNCATE inbox, request, attempt")
        await clean.as_migrator(fill)
        clock, counted = Moved(), []
        async with running(clean, frail_bus, clock) as relay:
            await until(lambda: relay.active)
            await asyncio.sleep(0.1)
            for clock.by in (kept_for, gone_after):
                relay.wake()
                await asyncio.sleep(0.2)
                counted.append(len(await clean.as_migrator(count)))
        assert counted == [1, 0]
