"""A method that takes a stream in, as its caller meets it."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import grpc
import pytest
import pytest_asyncio
from kit.rpc.client import Acting, Failure, acting
from kit.rpc.uploads import MAX_CHUNK
from kit.testing.ground import PASSWORD, Ground
from kit.testing.pictures import picture
from sample.contract import KeepPaperRequest, PaperMessage
from sample.model import Paper
from sqlmodel import select

METHOD = "/spilno.kit.v1.Papers/KeepPaper"
Code = grpc.StatusCode


class Office:
    def __init__(self, ground: Ground, channel: Any) -> None:
        self.ground = ground
        self.slug = f"h-{uuid4().hex[:12]}"
        self.who, self.token = ground.staff(self.slug, "notes.write")
        self.call = channel.stream_unary(METHOD, lambda message: message.SerializeToString(), PaperMessage.FromString)

    def first(self, data: bytes, **changes: Any) -> Any:
        said = {"parent": f"hromadas/{self.slug}", "request_id": str(uuid4()), "size": len(data)}
        return KeepPaperRequest(**{**said, "sha256": sha256(data).digest(), **changes})

    async def send(self, *messages: Any, **options: Any) -> Any:
        return await self.send_all(messages, **options)

    async def send_all(self, messages: Iterable[Any], **options: Any) -> Any:
        before = acting.set(Acting(self.token, "en"))
        try:
            return await self.call(iterated(messages), **options)
        finally:
            acting.reset(before)

    async def refused(self, *messages: Any, **options: Any) -> Failure:
        with pytest.raises(Failure) as refused:
            await self.send(*messages, **options)
        assert await self.papers() == []
        return refused.value

    async def papers(self) -> list[Paper]:
        async with self.ground.call(self.slug) as call:
            return await call.db.all(select(Paper))

    def blobs(self) -> list[Path]:
        folder = Path(urlsplit(self.ground.kit.settings.files_url).path) / str(self.ground.hromada(self.slug).id)
        return [each for each in folder.rglob("*") if each.is_file()]


async def iterated(messages: Iterable[Any]) -> AsyncIterator[Any]:
    for message in messages:
        if isinstance(message, float):
            await asyncio.sleep(message)
        else:
            yield message


def chunks(data: bytes, size: int = 500) -> list[Any]:
    return [KeepPaperRequest(chunk=data[start : start + size]) for start in range(0, len(data), size)]


@pytest_asyncio.fixture
async def office(sample: Ground) -> AsyncIterator[Office]:
    async with sample.channel() as channel:
        yield Office(sample, channel)


async def test_a_file_comes_in_parts_and_is_kept_once(office: Office) -> None:
    data = picture()
    first = office.first(data)
    answer = await office.send(first, *chunks(data))
    assert (answer.kind, len(office.blobs())) == ("image/jpeg", 1)
    assert await office.send(first, *chunks(data)) == answer
    assert (len(await office.papers()), len(office.blobs())) == (1, 1)


async def test_the_same_request_at_the_same_time_is_kept_once(office: Office) -> None:
    data = picture()
    first = office.first(data)
    answers = await asyncio.gather(*(office.send(first, *chunks(data)) for _ in range(3)))
    assert answers[0] == answers[1] == answers[2]
    assert len(await office.papers()) == 1


async def test_another_file_under_the_same_request_is_refused(office: Office) -> None:
    data, other = picture(), picture(size=(50, 50))
    first = office.first(data)
    await office.send(first, *chunks(data))
    with pytest.raises(Failure) as refused:
        await office.send(office.first(other, request_id=first.request_id), *chunks(other))
    assert refused.value.reason == "request-id.other-payload"


async def test_what_was_taken_in_is_in_the_trail(office: Office) -> None:
    data = picture()
    answer = await office.send(office.first(data), *chunks(data))
    url = office.ground.postgres.url("kit_migrator", PASSWORD, "kit")
    connection = await asyncpg.connect(url)
    try:
        kept = await connection.fetch("SELECT method FROM audit WHERE records @> $1", [answer.name])
    finally:
        await connection.close()
    assert [each["method"] for each in kept] == ["spilno.kit.v1.Papers.KeepPaper"]


@pytest.mark.parametrize(
    ("messages", "reason", "field"),
    [
        (lambda office, data: [], "upload.nothing", "request"),
        (lambda office, data: chunks(data), "", ""),
        (lambda office, data: [office.first(data, chunk=b"early")], "upload.begun-with-content", "chunk"),
        (lambda office, data: [office.first(data), office.first(data)], "upload.not-a-chunk", "chunk"),
        (lambda office, data: [office.first(data), KeepPaperRequest()], "upload.chunk-empty", "chunk"),
        (
            lambda office, data: [office.first(data), KeepPaperRequest(chunk=b"x" * (MAX_CHUNK + 1))],
            "upload.chunk-too-large",
            "chunk",
        ),
        (lambda office, data: [office.first(data), *chunks(data)[:1]], "files.not-as-declared", "chunk"),
        (lambda office, data: [office.first(data), *chunks(data), *chunks(data)], "files.not-as-declared", "chunk"),
        (lambda office, data: [office.first(b"")], "files.empty", "chunk"),
        (lambda office, data: [office.first(b"<svg/>"), *chunks(b"<svg/>")], "files.unknown-kind", "chunk"),
    ],
)
async def test_what_is_sent_amiss_is_refused_and_nothing_is_kept(
    office: Office, messages: Any, reason: str, field: str
) -> None:
    failure = await office.refused(*messages(office, picture()))
    assert failure.reason == reason or not reason
    assert list(failure.fields) == [field] or not field
    assert failure.code is not Code.INTERNAL
    assert office.blobs() == []


async def test_who_may_not_is_refused_by_the_first_message(office: Office) -> None:
    office.ground.register.people[office.slug, office.who] = frozenset()
    data = picture()
    assert (await office.refused(office.first(data), *chunks(data))).code is Code.PERMISSION_DENIED


async def test_who_may_no_more_when_it_has_come_keeps_nothing(office: Office) -> None:
    data = picture()
    sending = asyncio.ensure_future(office.send(office.first(data), *chunks(data)[:-1], 0.5, *chunks(data)[-1:]))
    await asyncio.sleep(0.2)
    office.ground.register.people[office.slug, office.who] = frozenset()
    with pytest.raises(Failure) as refused:
        await sending
    assert refused.value.code is Code.PERMISSION_DENIED
    assert await office.papers() == []


async def test_what_takes_longer_than_its_sender_gave_is_not_kept(office: Office) -> None:
    data = picture()
    failure = await office.refused(office.first(data), *chunks(data)[:-1], 5.0, *chunks(data)[-1:], timeout=0.5)
    assert failure.code is Code.DEADLINE_EXCEEDED
    assert office.blobs() == []


async def test_a_refusal_does_not_overtake_what_is_still_being_sent(office: Office) -> None:
    sent_all = False

    def messages() -> Iterator[Any]:
        nonlocal sent_all
        yield office.first(b"", sha256=b"short")
        yield from [0.2, KeepPaperRequest(chunk=b"late")]
        sent_all = True

    with pytest.raises(Failure) as refused:
        await office.send_all(messages())
    assert refused.value.code is Code.INVALID_ARGUMENT
    assert sent_all
