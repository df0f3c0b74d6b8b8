"""Durable handlers: each event once in effect; what cannot be handled is parked, and nobody waits for it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import grpc
import nats as nats_client
import pytest
import pytest_asyncio
from kit.bus import dead, events, handlers
from kit.bus.dead import DeadLetter
from kit.rpc.client import Failure
from kit.servers.nats import Nats
from kit.servers.postgres import Postgres
from kit.testing.containers import AnyNats
from kit.testing.ground import Ground
from sample.ground import eventually, kept
from sample.handlers import troubles
from sample.model import Note
from spilno.identity.v1.events_pb2 import HromadaCreated, HromadaEvent
from sqlmodel import select

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)


class Identity:
    """The service that the sample listens to."""

    def __init__(self, client: Any, ground: Ground) -> None:
        self._stream = client.jetstream()
        self._ground = ground

    async def tell(self, slug: str, version: int = 1, body: bytes | None = None, **headers: str) -> None:
        """Publishes the creation of a hromada, each time as if it were told anew."""
        message = HromadaCreated(hromada=HromadaEvent(name=f"hromadas/{slug}", version=version))
        event = events.make(message, NOW)
        said = {
            **event.headers,
            "ce-hromadaid": str(self._ground.hromada(slug).id),
            "Nats-Msg-Id": str(uuid4()),
            **{f"ce-{name}": value for name, value in headers.items()},
        }
        data = message.SerializeToString() if body is None else body
        await self._stream.publish(event.bus_subject, data, headers=said)


@pytest_asyncio.fixture
async def identity(sample: Ground, nats: AnyNats) -> AsyncIterator[Identity]:
    client = await nats_client.connect(nats.url("identity"), inbox_prefix=b"_INBOX_identity")
    yield Identity(client, sample)
    await client.close()


@pytest_asyncio.fixture
async def identity_of_the_frail(frail: Ground, frail_nats: Nats) -> AsyncIterator[Identity]:
    client = await nats_client.connect(frail_nats.url("identity"), inbox_prefix=b"_INBOX_identity")
    yield Identity(client, frail)
    await client.close()


@pytest.fixture
def slug() -> Iterator[str]:
    slug = f"h-{uuid4().hex[:12]}"
    yield slug
    troubles.pop(slug, None)


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "_PAUSES", (0.05,))
    monkeypatch.setattr(handlers, "_PAUSE_WHILE_AWAY", 0.05)
    monkeypatch.setattr(handlers, "_WAIT", 0.5)


def fails(slug: str, times: int = 10**9, error: Callable[[], Exception] = lambda: ValueError("a secret")) -> list[int]:
    """Makes the handler fail for a hromada so many times; gives a list that grows with every try."""
    tries: list[int] = []

    def trouble() -> None:
        tries.append(len(tries) + 1)
        if len(tries) <= times:
            raise error()

    troubles[slug] = trouble
    return tries


async def welcomed(ground: Ground, slug: str) -> list[int]:
    """The versions of the hromada that were handled."""
    async with ground.call(slug) as call:
        return sorted(note.times_read for note in await call.db.all(select(Note)))


async def parked(server: AnyNats, slug: str) -> list[DeadLetter]:
    """The dead letters of a hromada."""
    return [
        letter for letter in await dead.letters(server.url(), "kit") if letter.subject.startswith(f"hromadas/{slug}")
    ]


async def is_parked(server: AnyNats, slug: str) -> bool:
    return bool(await kept(server, "DEAD", f"dead.kit.ev.identity.{slug}.>"))


class TestOnce:
    async def test_an_event_delivered_twice_takes_effect_once(
        self, sample: Ground, identity: Identity, slug: str
    ) -> None:
        for version in (1, 1, 2):
            await identity.tell(slug, version)

        async def the_last() -> bool:
            return 2 in await welcomed(sample, slug)

        await eventually(the_last)
        assert await welcomed(sample, slug) == [1, 2]

    async def test_a_handler_that_failed_after_writing_has_written_nothing(
        self, sample: Ground, identity: Identity, slug: str
    ) -> None:
        fails(slug, times=2)
        await identity.tell(slug)
        await eventually(lambda: welcomed(sample, slug))
        assert await welcomed(sample, slug) == [1]

    async def test_two_replicas_handle_it_once(self, sample: Ground, slug: str) -> None:
        message = HromadaCreated(hromada=HromadaEvent(name=f"hromadas/{slug}", version=1))
        headers = {**events.make(message, NOW).headers, "ce-hromadaid": str(sample.hromada(slug).id)}
        consumer = sample.service.consumer(sample.kit)
        both = await asyncio.gather(*(consumer.handle(headers, message.SerializeToString()) for _ in range(2)))
        assert sorted(both) == [False, True]

    async def test_a_hromadas_event_is_handled_among_its_own_rows(
        self, sample: Ground, identity: Identity, slug: str
    ) -> None:
        await identity.tell(slug)
        await eventually(lambda: welcomed(sample, slug))
        assert await welcomed(sample, f"another-{slug}") == []


class TestFailing:
    async def test_an_event_is_tried_again_until_it_is_handled(
        self, sample: Ground, nats: AnyNats, identity: Identity, slug: str
    ) -> None:
        tries = fails(slug, times=handlers.TRIES - 1)
        await identity.tell(slug)
        await eventually(lambda: welcomed(sample, slug))
        assert (len(tries), await parked(nats, slug)) == (handlers.TRIES, [])

    async def test_an_event_is_parked_after_the_last_try(self, nats: AnyNats, identity: Identity, slug: str) -> None:
        tries = fails(slug)
        await identity.tell(slug)
        await eventually(lambda: is_parked(nats, slug))
        await asyncio.sleep(0.2)
        assert len(tries) == handlers.TRIES

    async def test_a_dead_letter_tells_the_place_of_the_failure_and_not_its_words(
        self, nats: AnyNats, identity: Identity, slug: str
    ) -> None:
        fails(slug)
        await identity.tell(slug)
        await eventually(lambda: is_parked(nats, slug))
        [letter] = await parked(nats, slug)
        assert letter.cause.startswith("ValueError at trouble:")

    async def test_others_do_not_wait_for_the_one_that_fails(
        self, sample: Ground, nats: AnyNats, identity: Identity, slug: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(handlers, "_PAUSES", (0.5,))
        fails(slug)
        await identity.tell(slug)
        await identity.tell(f"{slug}-2")
        await eventually(lambda: welcomed(sample, f"{slug}-2"))
        assert not await is_parked(nats, slug)

    async def test_a_body_that_is_not_what_its_type_says_is_parked(
        self, nats: AnyNats, identity: Identity, slug: str
    ) -> None:
        await identity.tell(slug, body=b"\xff\xff\xff")
        await eventually(lambda: is_parked(nats, slug))
        [letter] = await parked(nats, slug)
        assert letter.cause.startswith("ValueError")

    @pytest.mark.parametrize("header", ["id", "hromadaid"])
    async def test_an_event_whose_headers_say_nothing_is_parked(
        self, nats: AnyNats, identity: Identity, slug: str, header: str
    ) -> None:
        await identity.tell(slug, 1, None, **{header: "None"})
        await eventually(lambda: is_parked(nats, slug))

    async def test_an_event_of_an_unknown_type_is_passed_by(
        self, sample: Ground, nats: AnyNats, identity: Identity, slug: str
    ) -> None:
        await identity.tell(slug, 1, type="spilno.identity.v1.HromadaAbolished")
        await identity.tell(slug, 2)
        await eventually(lambda: welcomed(sample, slug))
        assert (await welcomed(sample, slug), await is_parked(nats, slug)) == ([2], False)


class TestReplay:
    async def test_a_dead_letter_is_handled_and_taken_away(
        self, sample: Ground, nats: AnyNats, identity: Identity, slug: str
    ) -> None:
        fails(slug)
        await identity.tell(slug)
        await eventually(lambda: is_parked(nats, slug))
        del troubles[slug]
        await dead.letters(nats.url(), "kit", sample.service.consumer(sample.kit))
        assert (await welcomed(sample, slug), await parked(nats, slug)) == ([1], [])

    async def test_one_that_fails_again_stays(
        self, sample: Ground, nats: AnyNats, identity: Identity, slug: str
    ) -> None:
        fails(slug)
        await identity.tell(slug)
        await eventually(lambda: is_parked(nats, slug))
        await dead.letters(nats.url(), "kit", sample.service.consumer(sample.kit))
        assert len(await parked(nats, slug)) == 1

    async def test_one_that_nobody_handles_any_more_stays(
        self, sample: Ground, nats: AnyNats, identity: Identity, slug: str
    ) -> None:
        fails(slug)
        await identity.tell(slug)
        await eventually(lambda: is_parked(nats, slug))
        nobody = handlers.Consumer(sample.kit.bus, "kit", [], lambda _, __: sample.call(slug))
        await dead.letters(nats.url(), "kit", nobody)
        assert len(await parked(nats, slug)) == 1

    async def test_one_that_was_handled_meanwhile_is_taken_away(
        self, sample: Ground, nats: AnyNats, identity: Identity, slug: str
    ) -> None:
        fails(slug)
        await identity.tell(slug)
        await eventually(lambda: is_parked(nats, slug))
        del troubles[slug]
        await identity.tell(slug)
        await eventually(lambda: welcomed(sample, slug))
        await dead.letters(nats.url(), "kit", sample.service.consumer(sample.kit))
        assert (await welcomed(sample, slug), await parked(nats, slug)) == ([1], [])


class TestADependencyAway:
    async def test_while_another_service_is_away_nothing_is_parked(
        self, sample: Ground, nats: AnyNats, identity: Identity, slug: str
    ) -> None:
        tries = fails(slug, handlers.TRIES + 2, lambda: Failure(grpc.StatusCode.UNAVAILABLE, None))
        await identity.tell(slug)
        await eventually(lambda: welcomed(sample, slug))
        assert (len(tries), await is_parked(nats, slug)) == (handlers.TRIES + 3, False)

    async def test_another_service_that_refuses_is_not_away(
        self, sample: Ground, nats: AnyNats, identity: Identity, slug: str
    ) -> None:
        fails(slug, error=lambda: Failure(grpc.StatusCode.NOT_FOUND, None))
        await identity.tell(slug)
        await eventually(lambda: is_parked(nats, slug))

    async def test_while_the_database_is_away_nothing_is_parked(
        self, frail: Ground, frail_postgres: Postgres, frail_nats: Nats, identity_of_the_frail: Identity, slug: str
    ) -> None:
        assert isinstance(frail.postgres, Postgres)
        frail_postgres.kill()
        await identity_of_the_frail.tell(slug)
        await asyncio.sleep(0.06 * handlers.TRIES * 3)
        await frail_postgres.restart()
        await eventually(lambda: welcomed(frail, slug))
        assert not await is_parked(frail_nats, slug)

    async def test_an_outage_does_not_use_up_the_tries(
        self, frail: Ground, frail_postgres: Postgres, frail_nats: Nats, identity_of_the_frail: Identity, slug: str
    ) -> None:
        fails(slug, times=1)
        assert isinstance(frail.postgres, Postgres)
        frail_postgres.kill()
        await identity_of_the_frail.tell(slug)
        await asyncio.sleep(0.06 * handlers.TRIES * 3)
        await frail_postgres.restart()
        await eventually(lambda: welcomed(frail, slug))
        assert not await is_parked(frail_nats, slug)

    async def test_after_the_bus_was_killed_events_are_handled_again(
        self,
        frail: Ground,
        frail_nats: Nats,
        identity_of_the_frail: Identity,
        slug: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        await identity_of_the_frail.tell(slug, 1)
        await eventually(lambda: welcomed(frail, slug))
        frail_nats.kill()
        await frail_nats.restart()
        await identity_of_the_frail.tell(slug, 2)

        async def both() -> bool:
            return await welcomed(frail, slug) == [1, 2]

        await eventually(both)
