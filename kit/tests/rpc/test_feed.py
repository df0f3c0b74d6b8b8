"""The feed: a hromada's own events, each once and in order, whatever happens to the bus on the way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import nats as nats_client
import pytest
import pytest_asyncio
from kit.bus import events, streams
from kit.bus.connection import Bus
from kit.errors import Away, Expired, Refused
from kit.rpc import feed
from kit.rpc.feed import Tap
from kit.servers.nats import Nats
from kit.service import end
from kit.testing.ground import PASSWORD
from sample.contract import NoteEvent, NoteWritten
from sample.ground import as_provisioner, until
from spilno.feed.v1 import feed_pb2 as pb
from uuid_utils.compat import uuid7

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)


class Watching:
    """One who watches, and what came to them."""

    def __init__(self, tap: Tap, hromada: str, cursor: str = "") -> None:
        self._tap = tap
        self._stream: Any = tap.watch(hromada, cursor)

    async def take(self, count: int, within: float = 10.0) -> list[pb.Event]:
        """The next events, as many as asked."""
        async with asyncio.timeout(within):
            return [await anext(self._stream) for _ in range(count)]

    async def versions(self, count: int, within: float = 10.0) -> list[int]:
        return [NoteWritten.FromString(event.body.value).note.version for event in await self.take(count, within)]

    async def begin(self, within: float = 20.0) -> None:
        """Begins to watch: from here on everything comes, or it comes later than a moment."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._tap._placed.wait(), within)
        look, looked = self._tap._state, asyncio.Event()

        async def note() -> tuple[int, int, int]:
            found = await look()
            looked.set()
            return found

        vars(self._tap)["_state"] = note
        self._first = asyncio.ensure_future(anext(self._stream))
        self._stream = _after(self._first, self._stream)
        begun = asyncio.ensure_future(looked.wait())
        await asyncio.wait([begun, self._first], timeout=within, return_when=asyncio.FIRST_COMPLETED)
        begun.cancel()
        del vars(self._tap)["_state"]

    async def close(self) -> None:
        await self._stream.aclose()


async def _after(first: "asyncio.Future[pb.Event]", rest: Any) -> AsyncIterator[pb.Event]:
    yield await first
    async for event in rest:
        yield event


@pytest.fixture
def slug() -> str:
    return f"h-{uuid4().hex[:12]}"


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "_WAIT", 0.5)
    monkeypatch.setattr(feed, "_SOON", 0.3)


@asynccontextmanager
async def tapping(bus: Bus) -> AsyncIterator[Tap]:
    tap = Tap(bus, "kit")
    task = asyncio.create_task(tap.run())
    try:
        yield tap
    finally:
        await end([task])


@pytest_asyncio.fixture
async def tap(frail_bus: Bus) -> AsyncIterator[Tap]:
    async with tapping(frail_bus) as tap:
        yield tap


class Telling:
    """The sample's other replica, which publishes."""

    def __init__(self, server: Nats) -> None:
        self._server = server

    async def __call__(self, slug: str, *versions: int) -> None:
        client = await nats_client.connect(self._server.url("kit"), inbox_prefix=b"_INBOX_kit")
        stream = client.jetstream()
        for version in versions:
            note = NoteEvent(name=f"hromadas/{slug}/notes/{uuid7()}", version=version)
            event = events.make(NoteWritten(note=note), NOW)
            await stream.publish(event.bus_subject, event.body.SerializeToString(), headers=event.headers)
        await client.close()


@pytest.fixture
def tell(frail_nats: Nats) -> Telling:
    return Telling(frail_nats)


async def cursor_of(tap: Tap, tell: Telling, slug: str) -> str:
    """A cursor from which the feed can be followed: that of an event told for it."""
    watching = Watching(tap, slug)
    await watching.begin()
    await tell(slug, 0)
    cursor = (await watching.take(1))[0].cursor
    await watching.close()
    return cursor


class TestWatching:
    async def test_events_arrive_in_the_order_in_which_they_happened(self, tap: Tap, tell: Telling, slug: str) -> None:
        watching = Watching(tap, slug)
        await watching.begin()
        await tell(slug, *range(1, 21))
        assert await watching.versions(20) == list(range(1, 21))

    async def test_events_of_another_hromada_do_not(self, tap: Tap, tell: Telling, slug: str) -> None:
        watching = Watching(tap, slug)
        await watching.begin()
        await tell(f"{slug}-2", 1)
        await tell(slug, 2)
        assert await watching.versions(1) == [2]

    async def test_two_who_watch_see_the_same(self, tap: Tap, tell: Telling, slug: str) -> None:
        both = Watching(tap, slug), Watching(tap, slug)
        for watching in both:
            await watching.begin()
        await tell(slug, 1, 2)
        first, second = [await watching.take(2) for watching in both]
        assert first == second

    async def test_an_event_is_told_as_it_was_made(self, tap: Tap, tell: Telling, slug: str) -> None:
        watching = Watching(tap, slug)
        await watching.begin()
        await tell(slug, 7)
        [event] = await watching.take(1)
        body = NoteWritten.FromString(event.body.value)
        made = events.make(body, NOW)
        assert event.body.TypeName() == "spilno.kit.v1.NoteWritten"
        assert (event.id, event.subject, event.time.ToDatetime(UTC)) == (str(made.id), body.note.name, NOW)

    async def test_what_happened_before_is_not_told_without_a_cursor(self, tap: Tap, tell: Telling, slug: str) -> None:
        await tell(slug, 1)
        watching = Watching(tap, slug)
        await watching.begin()
        await tell(slug, 2)
        assert await watching.versions(1) == [2]

    async def test_one_who_came_before_the_tap_was_there_misses_nothing(
        self, frail_bus: Bus, tell: Telling, slug: str
    ) -> None:
        async with tapping(frail_bus) as earlier:
            cursor = await cursor_of(earlier, tell, slug)
        tap = Tap(frail_bus, "kit")
        watching = Watching(tap, slug, cursor)
        await watching.begin(within=0.3)
        await tell(slug, 1)
        running = asyncio.create_task(tap.run())
        await asyncio.sleep(0.2)
        await tell(slug, 2)
        assert await watching.versions(2) == [1, 2]
        await end([running])

    async def test_without_a_tap_the_feed_is_away(
        self, frail_bus: Bus, slug: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(feed, "_PATIENCE", 0.1)
        with pytest.raises(Away):
            await Watching(Tap(frail_bus, "kit"), slug).take(1)


class TestCursors:
    async def test_a_cursor_leads_to_what_came_after_it_and_on(self, tap: Tap, tell: Telling, slug: str) -> None:
        cursor = await cursor_of(tap, tell, slug)
        await tell(slug, 1, 2)
        watching = Watching(tap, slug, cursor)
        assert await watching.versions(2) == [1, 2]
        await tell(slug, 3)
        assert await watching.versions(1) == [3]

    async def test_a_cursor_of_any_event_leads_to_the_next_one(self, tap: Tap, tell: Telling, slug: str) -> None:
        cursor = await cursor_of(tap, tell, slug)
        await tell(slug, 1, 2, 3)
        for event, following in zip(await Watching(tap, slug, cursor).take(3), [2, 3, None], strict=True):
            if following:
                assert await Watching(tap, slug, event.cursor).versions(1) == [following]

    async def test_a_long_history_arrives_whole(
        self, tap: Tap, tell: Telling, slug: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(feed, "_FETCH", 7)
        cursor = await cursor_of(tap, tell, slug)
        await tell(slug, *range(1, 51))
        assert await Watching(tap, slug, cursor).versions(50) == list(range(1, 51))

    async def test_a_history_is_never_cut_short_by_a_bus_that_froze(
        self, tap: Tap, tell: Telling, frail_nats: Nats, slug: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(feed, "_FETCH", 7)
        cursor = await cursor_of(tap, tell, slug)
        await tell(slug, *range(1, 31))
        watching = Watching(tap, slug, cursor)
        came = await watching.versions(7)
        frail_nats.pause()
        following = asyncio.create_task(watching.versions(24))
        await asyncio.sleep(0.8)
        frail_nats.resume()
        await tell(slug, 31)
        try:
            came += await following
        except Away:
            return  # told to watch again from the last cursor
        assert came == list(range(1, 32))

    @pytest.mark.parametrize("cursor", ["x", "1", "1-", "-1", "1-1-1", "g-1", "١-x", "1-x", " "])
    async def test_a_cursor_that_never_was_is_refused(self, tap: Tap, slug: str, cursor: str) -> None:
        with pytest.raises(Refused) as refusal:
            await Watching(tap, slug, cursor).take(1)
        assert (refusal.value.field, refusal.value.reason) == ("cursor", "feed.cursor-malformed")

    async def test_a_cursor_from_the_future_has_expired(self, tap: Tap, tell: Telling, slug: str) -> None:
        born, _, _ = (await cursor_of(tap, tell, slug)).partition("-")
        with pytest.raises(Expired):
            await Watching(tap, slug, f"{born}-ffffff").take(1)

    async def test_a_cursor_whose_followers_are_no_longer_kept_has_expired(
        self, tap: Tap, tell: Telling, frail_nats: Nats, slug: str
    ) -> None:
        cursor = await cursor_of(tap, tell, slug)
        await tell(slug, 1, 2)
        async with as_provisioner(frail_nats) as client:
            await client.jetstream().purge_stream("EV_KIT", keep=1)
        with pytest.raises(Expired):
            await Watching(tap, slug, cursor).take(1)

    async def test_the_last_event_that_is_no_longer_kept_still_leads_on(
        self, tap: Tap, tell: Telling, frail_nats: Nats, slug: str
    ) -> None:
        cursor = await cursor_of(tap, tell, slug)
        async with as_provisioner(frail_nats) as client:
            await client.jetstream().purge_stream("EV_KIT")
        watching = Watching(tap, slug, cursor)
        await watching.begin()
        await tell(slug, 1)
        assert await watching.versions(1) == [1]

    async def test_a_cursor_of_a_stream_that_was_made_anew_has_expired(
        self, tap: Tap, tell: Telling, frail_nats: Nats, slug: str
    ) -> None:
        cursor = await cursor_of(tap, tell, slug)
        await made_anew(frail_nats)
        await tell(slug, *range(1, 4))
        with pytest.raises(Expired):
            await Watching(tap, slug, cursor).take(1)


async def made_anew(server: Nats) -> None:
    async with as_provisioner(server) as client:
        await client.jetstream().delete_stream("EV_KIT")
    await streams.ensure(server.url(), "kit", [])


class TestTrouble:
    async def test_a_restart_of_the_bus_leaves_no_gap_for_one_who_saw_events(
        self, tap: Tap, tell: Telling, frail_nats: Nats, slug: str
    ) -> None:
        watching = Watching(tap, slug)
        await watching.begin()
        await tell(slug, 1)
        came = await watching.versions(1)
        frail_nats.kill()
        await frail_nats.restart()
        await tell(slug, 2, 3)
        assert came + await watching.versions(2) == [1, 2, 3]

    async def test_a_restart_of_the_bus_leaves_no_gap_before_the_first_event(
        self, tap: Tap, tell: Telling, frail_nats: Nats, slug: str
    ) -> None:
        watching = Watching(tap, slug)
        await watching.begin()
        frail_nats.kill()
        await frail_nats.restart()
        await tell(slug, 1)
        await asyncio.sleep(1.2)
        await tell(slug, 2)
        assert await watching.versions(2) == [1, 2]

    async def test_a_frozen_bus_leaves_no_gap(self, tap: Tap, tell: Telling, frail_nats: Nats, slug: str) -> None:
        watching = Watching(tap, slug)
        await watching.begin()
        await tell(slug, 1)
        frail_nats.pause()
        await asyncio.sleep(1)
        frail_nats.resume()
        await tell(slug, 2)
        assert await watching.versions(2) == [1, 2]

    async def test_what_was_lost_on_the_way_to_us_is_fetched_again(
        self, frail_nats: Nats, tell: Telling, slug: str
    ) -> None:
        async with wire_to(frail_nats) as wire:
            bus = Bus(f"nats://kit:{PASSWORD}@127.0.0.1:{wire.port}", "kit")
            await bus.open()
            async with tapping(bus) as tap:
                watching = Watching(tap, slug)
                await watching.begin()
                wire.swallows = True
                await tell(slug, 1)
                await asyncio.sleep(0.2)
                wire.cut()
                await asyncio.sleep(1)
                await tell(slug, 2)
                assert await watching.versions(2) == [1, 2]
            await bus.close()

    async def test_a_slow_watcher_is_sent_back_to_its_cursor(
        self, tap: Tap, tell: Telling, slug: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(feed, "_WAITING", 3)
        watching = Watching(tap, slug)
        await watching.begin()
        await tell(slug, *range(1, 10))
        await asyncio.sleep(0.3)
        [first] = await watching.take(1)
        with pytest.raises(Away, match=r"feed\.too-slow"):
            await watching.take(9)
        assert await Watching(tap, slug, first.cursor).versions(8) == list(range(2, 10))

    async def test_a_slow_watcher_does_not_hold_up_the_others(
        self, tap: Tap, tell: Telling, slug: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(feed, "_WAITING", 3)
        slow, quick = Watching(tap, slug), Watching(tap, slug)
        await slow.begin()
        await quick.begin()
        for version in range(1, 10):
            await tell(slug, version)
            assert await quick.versions(1) == [version]

    async def test_one_who_watches_is_sent_back_when_the_stream_is_made_anew(
        self, tap: Tap, tell: Telling, frail_nats: Nats, slug: str
    ) -> None:
        watching = Watching(tap, slug)
        await watching.begin()
        await made_anew(frail_nats)
        with pytest.raises(Away):
            await watching.take(1)

    async def test_after_the_stream_was_made_anew_events_arrive_again(
        self, tap: Tap, tell: Telling, frail_nats: Nats, slug: str
    ) -> None:
        await cursor_of(tap, tell, slug)
        born = tap._born
        await made_anew(frail_nats)
        await until(lambda: tap._born != born)
        watching = Watching(tap, slug)
        await watching.begin()
        await tell(slug, 1)
        assert await watching.versions(1) == [1]

    async def test_while_the_bus_is_away_nobody_can_begin(
        self, tap: Tap, frail_bus: Bus, frail_nats: Nats, slug: str
    ) -> None:
        await Watching(tap, slug).begin()
        frail_nats.kill()
        await until(lambda: frail_bus.away)
        with pytest.raises(Away):
            await Watching(tap, slug).take(1)

    async def test_a_tap_that_closes_sends_everybody_away(self, tap: Tap, slug: str) -> None:
        watching = Watching(tap, slug)
        await watching.begin()
        tap.close()
        with pytest.raises(Away):
            await watching.take(1, within=1)
        with pytest.raises(Away):
            await Watching(tap, slug).take(1, within=1)

    async def test_one_who_goes_is_forgotten(self, tap: Tap, slug: str) -> None:
        watching = asyncio.create_task(Watching(tap, slug).take(1))
        await asyncio.sleep(0.1)
        watching.cancel()
        await asyncio.wait([watching])
        await until(lambda: not tap._watchers)


class Wire:
    """The wire to a server: it may swallow what the server says, and be cut."""

    def __init__(self) -> None:
        self.port = 0
        self.swallows = False
        self._writers: list[asyncio.StreamWriter] = []

    async def join(self, server: Nats, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to = urlsplit(server.url())
        with suppress(OSError):
            theirs, ours = await asyncio.open_connection(to.hostname, to.port)
            self._writers += [writer, ours]
            await asyncio.gather(self._carry(reader, ours), self._carry(theirs, writer, may_swallow=True))

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, may_swallow: bool = False
    ) -> None:
        while said := await reader.read(65536):
            if not (may_swallow and self.swallows):
                writer.write(said)
                await writer.drain()
        writer.close()

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()
        self.swallows = False


@asynccontextmanager
async def wire_to(server: Nats) -> AsyncIterator[Wire]:
    wire = Wire()
    listening = await asyncio.start_server(lambda r, w: wire.join(server, r, w), "127.0.0.1", 0)
    wire.port = listening.sockets[0].getsockname()[1]
    yield wire
    wire.cut()
    listening.close()
