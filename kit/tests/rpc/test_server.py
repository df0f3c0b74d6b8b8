"""The chain around every method, as a caller meets it: what is done, what is not, and what is said of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import grpc
import grpc.aio
import pytest
import pytest_asyncio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from kit.call import Call
from kit.errors import Denied
from kit.rpc import client, streams
from kit.rpc.client import Acting, Failure, acting
from kit.servers.nats import Nats
from kit.servers.postgres import Postgres
from kit.testing.containers import AnyNats
from kit.testing.ground import Ground
from sample import actions
from sample.contract import (
    BatchGetNotesRequest,
    BatchGetNotesResponse,
    ListNotesResponse,
    NoteMessage,
    NoteWritten,
    ReadSlowlyRequest,
    WriteNoteRequest,
)
from sample.ground import eventually, kept, until
from sample.model import Note
from spilno.feed.v1 import feed_pb2, feed_pb2_grpc
from sqlmodel import select
from structlog.testing import capture_logs

EVERYTHING = ("notes.write", "notes.read", "feed.watch")
NOTES = "/spilno.kit.v1.Notes"
Code = grpc.StatusCode


@contextmanager
def as_whom(token: str | None, locale: str = "en", address: str = "") -> Iterator[None]:
    before = acting.set(Acting(token, locale, address))
    try:
        yield
    finally:
        acting.reset(before)


class Office:
    """A hromada's office that calls the sample."""

    def __init__(self, ground: Ground, channel: Any, slug: str) -> None:
        self.slug = slug
        self.ground = ground
        self.channel = channel
        self.parent = f"hromadas/{slug}"
        self.who, self.token = ground.staff(slug, *EVERYTHING)

    def request(self, text: str = "a note", **changes: Any) -> Any:
        return WriteNoteRequest(**{"parent": self.parent, "text": text, "request_id": str(uuid4()), **changes})

    async def write(self, text: str = "a note", request: Any = None, **options: Any) -> Any:
        call = self.channel.unary_unary(
            f"{NOTES}/WriteNote", lambda message: message.SerializeToString(), NoteMessage.FromString
        )
        with as_whom(self.token):
            return await call(request or self.request(text), **options)

    async def batch(self, *names: str) -> Any:
        call = self.channel.unary_unary(
            f"{NOTES}/BatchGetNotes", lambda message: message.SerializeToString(), BatchGetNotesResponse.FromString
        )
        with as_whom(self.token):
            return await call(BatchGetNotesRequest(parent=self.parent, names=names))

    async def read_slowly(self, seconds: float, **options: Any) -> Any:
        call = self.channel.unary_unary(
            f"{NOTES}/ReadSlowly", lambda message: message.SerializeToString(), ListNotesResponse.FromString
        )
        with as_whom(self.token):
            return await call(ReadSlowlyRequest(parent=self.parent, seconds=seconds), **options)

    async def notes(self) -> list[str]:
        async with self.ground.call(self.slug) as call:
            return sorted(note.text for note in await call.db.all(select(Note)))

    async def raw(self, body: bytes, *metadata: tuple[str, str]) -> Failure:
        with pytest.raises(Failure) as failure:
            await self.channel.unary_unary(f"{NOTES}/WriteNote")(body, metadata=metadata)
        return failure.value


async def refused(call: Any) -> Failure:
    with pytest.raises(Failure) as failure:
        await call
    return failure.value


@pytest_asyncio.fixture
async def channel(sample: Ground) -> AsyncIterator[Any]:
    async with sample.channel() as channel:
        yield channel


@pytest.fixture
def office(sample: Ground, channel: Any) -> Office:
    return Office(sample, channel, f"h-{uuid4().hex[:12]}")


@pytest.fixture
def neighbour(sample: Ground, channel: Any) -> Office:
    return Office(sample, channel, f"h-{uuid4().hex[:12]}")


class TestDone:
    async def test_what_is_answered_is_done(self, office: Office) -> None:
        assert (await office.write("a note")).text == "a note"
        assert await office.notes() == ["a note"]

    async def test_what_is_done_is_told(self, office: Office, nats: AnyNats) -> None:
        note = await office.write()
        told = await eventually(lambda: kept(nats, "EV_KIT", f"ev.kit.{office.slug}.>"))
        assert [NoteWritten.FromString(message.data).note.name for message in told] == [note.name]

    async def test_what_is_asked_twice_is_done_once(self, office: Office) -> None:
        request = office.request()
        assert await office.write(request=request) == await office.write(request=request)
        assert len(await office.notes()) == 1

    async def test_what_is_asked_twice_is_answered_as_before_even_if_it_would_be_refused_by_now(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def refuse(*_: object) -> None:
            raise Denied

        request = office.request()
        first = await office.write(request=request)
        monkeypatch.setattr(actions, "write", refuse)
        assert await office.write(request=request) == first

    async def test_several_notes_are_got_at_once(self, office: Office) -> None:
        names = [(await office.write(text)).name for text in ("first", "second")]
        assert [note.text for note in (await office.batch(*names)).notes] == ["first", "second"]

    async def test_a_neighbours_note_under_ones_own_hromada_is_missing(self, office: Office, neighbour: Office) -> None:
        foreign = (await neighbour.write()).name.rpartition("/")[2]
        assert (await refused(office.batch(f"{office.parent}/notes/{foreign}"))).code is Code.NOT_FOUND

    async def test_a_neighbours_note_beside_ones_own_is_refused(self, office: Office, neighbour: Office) -> None:
        names = [(await one.write()).name for one in (office, neighbour)]
        failure = await refused(office.batch(*names))
        assert (failure.code, list(failure.fields)) == (Code.INVALID_ARGUMENT, ["names"])


class TestNotDone:
    async def test_what_is_refused_is_neither_kept_nor_told(
        self, office: Office, nats: AnyNats, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write = actions.write

        async def write_and_refuse(call: Call, text: str) -> Note:
            await write(call, text)
            await call.db.flush()
            raise Denied

        monkeypatch.setattr(actions, "write", write_and_refuse)
        assert (await refused(office.write())).code is Code.PERMISSION_DENIED
        await asyncio.sleep(0.2)
        assert (await office.notes(), await kept(nats, "EV_KIT", f"ev.kit.{office.slug}.>")) == ([], [])

    async def test_what_the_caller_cancels_is_not_kept(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        write, written, ended = actions.write, asyncio.Event(), asyncio.Event()

        async def write_slowly(call: Call, text: str) -> Note:
            note = await write(call, text)
            await call.db.flush()
            written.set()
            try:
                await asyncio.sleep(30)
            finally:
                ended.set()
            return note

        monkeypatch.setattr(actions, "write", write_slowly)
        calling = asyncio.create_task(office.write())
        await asyncio.wait_for(written.wait(), 60)
        calling.cancel()
        await asyncio.wait_for(ended.wait(), 60)
        assert await office.notes() == []

    async def test_what_takes_longer_than_the_caller_waits_is_stopped(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write, ended = actions.write, asyncio.Event()

        async def write_slowly(call: Call, text: str) -> Note:
            note = await write(call, text)
            try:
                await asyncio.sleep(30)
            finally:
                ended.set()
            return note

        monkeypatch.setattr(actions, "write", write_slowly)
        assert (await refused(office.write(timeout=0.2))).code is Code.DEADLINE_EXCEEDED
        await asyncio.wait_for(ended.wait(), 60)
        assert await office.notes() == []

    async def test_what_the_verb_calls_must_be_done_before_the_caller_gives_up(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        left: list[float] = []
        write = actions.write

        async def look_at_the_clock(call: Call, text: str) -> Note:
            left.append((client.deadline.get() or 0) - time.monotonic())
            return await write(call, text)

        monkeypatch.setattr(actions, "write", look_at_the_clock)
        await office.write(timeout=3)
        assert 1 < left[0] < 3.1


class TestBadInput:
    async def test_bytes_that_are_no_message_are_refused(self, office: Office) -> None:
        failure = await office.raw(b"\x0a\xff", ("authorization", f"Bearer {office.token}"))
        assert (failure.code, failure.reason) == (Code.INVALID_ARGUMENT, "request.unreadable")

    async def test_nobody_learns_whether_bytes_are_a_message(self, office: Office) -> None:
        assert (await office.raw(b"\x0a\xff")).code is Code.UNAUTHENTICATED

    async def test_two_thousand_broken_values_are_answered_in_a_few_words(self, office: Office) -> None:
        failure = await refused(office.write(request=office.request(labels=["long"] * 2000)))
        assert (failure.code, failure.fields) == (
            Code.INVALID_ARGUMENT,
            {"labels": "Labels: at most 3 characters"},
        )

    async def test_a_name_with_two_thousand_letters_is_answered_in_a_few_words(self, office: Office) -> None:
        failure = await refused(office.write(request=office.request(parent="hromadas/" + "a" * 2000)))
        assert (failure.code, list(failure.fields)) == (Code.INVALID_ARGUMENT, ["parent"])

    async def test_fields_that_we_do_not_know_are_passed_by(self, office: Office) -> None:
        body = office.request().SerializeToString() + b"\xfa\x3f\x05later"
        with as_whom(office.token):
            assert await office.channel.unary_unary(f"{NOTES}/WriteNote")(body)


class TestDefects:
    async def test_a_defect_of_ours_says_nothing_of_itself_to_the_caller(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(actions, "write", _broken)
        failure = await refused(office.write())
        assert (failure.code, failure.reason) == (Code.INTERNAL, "service.broken")
        assert "secret" not in failure.message

    async def test_a_defect_of_ours_is_logged_by_its_place_not_by_its_words(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(actions, "write", _broken)
        with capture_logs() as said:
            await refused(office.write())
        [line] = [line for line in said if line["event"] == "rpc.broken"]
        assert line["error"] == "KeyError"
        assert "test_server.py" in line["at"]
        assert "secret" not in str(said)

    @pytest.mark.parametrize(
        ("theirs", "ours"),
        [
            (Code.UNAVAILABLE, Code.UNAVAILABLE),
            (Code.NOT_FOUND, Code.INTERNAL),
            (Code.PERMISSION_DENIED, Code.INTERNAL),
        ],
    )
    async def test_what_another_service_says_to_us_is_not_what_we_say(
        self, office: Office, monkeypatch: pytest.MonkeyPatch, theirs: Code, ours: Code
    ) -> None:
        async def ask_another(call: Call, text: str) -> Note:
            raise Failure(theirs, None)

        monkeypatch.setattr(actions, "write", ask_another)
        assert (await refused(office.write())).code is ours


async def _broken(call: Call, text: str) -> Note:
    raise KeyError("secret")


class TestAddresses:
    @pytest.fixture
    def seen(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        seen: list[str] = []
        write = actions.write

        async def look(call: Call, text: str) -> Note:
            seen.append(call.caller.address)
            return await write(call, text)

        monkeypatch.setattr(actions, "write", look)
        return seen

    async def write(self, office: Office, *metadata: tuple[str, str]) -> None:
        call = office.channel.unary_unary(f"{NOTES}/WriteNote")
        with as_whom(office.token, address="203.0.113.7"):
            await call(office.request(str(uuid4())).SerializeToString(), metadata=metadata)

    async def test_webs_word_on_a_persons_address_is_taken(
        self, office: Office, sample: Ground, seen: list[str]
    ) -> None:
        await self.write(office, ("spilno-service", f"Bearer {sample.issuer.service('web')}"))
        assert seen == ["203.0.113.7"]

    async def test_nobody_elses_is(self, office: Office, sample: Ground, seen: list[str]) -> None:
        await self.write(office)
        await self.write(office, ("spilno-service", f"Bearer {sample.issuer.service('reception')}"))
        assert [address.partition(":")[0] for address in seen] == ["ipv4", "ipv4"]


class TestStreams:
    @pytest.fixture(autouse=True)
    def _quickly(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(streams, "_RECHECK_SECONDS", 0.2)

    async def watch(self, office: Office, count: int) -> list[feed_pb2.Event]:
        stream = feed_pb2_grpc.FeedStub(office.channel).Watch(feed_pb2.WatchRequest(parent=office.parent))
        found: list[feed_pb2.Event] = []
        async for event in stream:
            found.append(event)
            if len(found) == count:
                break
        return found

    async def test_backfill_tells_again_what_the_feed_told_page_after_page(self, office: Office) -> None:
        with as_whom(office.token):
            watching = asyncio.create_task(self.watch(office, 5))
            while not watching.done():
                await office.write(f"note {uuid4()}")
                await asyncio.wait([watching], timeout=0.05)
            live = {event.id: event.body for event in await watching}
            request = feed_pb2.BackfillRequest(parent=office.parent)
            again = [event async for event in feed_pb2_grpc.FeedStub(office.channel).Backfill(request)]
        assert [(event.id, event.body) for event in again if event.id in live] == list(live.items())

    async def test_a_stream_ends_when_the_callers_token_expires(self, office: Office, sample: Ground) -> None:
        with as_whom(sample.issuer.person(office.who, office.slug, exp=time.time() + 0.5)):
            failure = await refused(asyncio.wait_for(self.watch(office, 1), 10))
        assert (failure.code, failure.reason) == (Code.UNAUTHENTICATED, "access.expired")

    async def test_a_stream_ends_when_the_hromada_is_suspended(self, office: Office, sample: Ground) -> None:
        with as_whom(office.token):
            watching = asyncio.create_task(self.watch(office, 1))
            await asyncio.sleep(0.2)
            sample.register.suspended.add(office.slug)
            failure = await refused(asyncio.wait_for(watching, 10))
        assert failure.code is Code.FAILED_PRECONDITION

    async def test_one_who_may_not_watch_is_refused_at_once(self, office: Office, sample: Ground) -> None:
        _, token = sample.staff(office.slug, "notes.read")
        with as_whom(token):
            assert (await refused(self.watch(office, 1))).code is Code.PERMISSION_DENIED


class TestTheDatabaseAway:
    async def test_calls_are_refused_and_work_again_without_a_restart(
        self, frail: Ground, frail_postgres: Postgres
    ) -> None:
        async with frail.channel() as channel:
            office = Office(frail, channel, f"h-{uuid4().hex[:12]}")
            await office.write("before")
            frail_postgres.kill()
            failure = await refused(office.write("meanwhile"))
            assert (failure.code, failure.reason) == (Code.UNAVAILABLE, "database.away")
            await frail_postgres.restart()
            await office.write("after")
            assert await office.notes() == ["after", "before"]

    async def test_the_bus_away_is_no_reason_to_refuse(self, frail: Ground, frail_nats: Nats) -> None:
        async with frail.channel() as channel:
            office = Office(frail, channel, f"h-{uuid4().hex[:12]}")
            frail_nats.kill()
            await until(lambda: frail.kit.bus.away)
            await office.write()
            assert len(await office.notes()) == 1
            await frail_nats.restart()
            assert await eventually(lambda: kept(frail_nats, "EV_KIT", f"ev.kit.{office.slug}.>"))


class TestTheRest:
    async def test_the_service_says_that_it_is_well(self, channel: Any) -> None:
        answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
        assert answer.status == health_pb2.HealthCheckResponse.SERVING

    async def test_the_service_says_what_it_serves(self, sample: Ground) -> None:
        async with grpc.aio.insecure_channel(sample.address) as channel:
            ask = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo
            request = reflection_pb2.ServerReflectionRequest(list_services="")
            async for answer in ask(iter([request])):
                names = {service.name for service in answer.list_services_response.service}
        assert {"spilno.kit.v1.Notes", "spilno.feed.v1.Feed", "grpc.health.v1.Health"} <= names
