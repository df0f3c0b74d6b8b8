"""What the chain keeps of calls: in their transaction, numbered without gaps, by pseudonyms alone."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from statistics import median
from typing import Any
from uuid import uuid4

import asyncpg
import grpc
import grpc.aio
import pytest
import pytest_asyncio
from kit.audit import Outcome
from kit.errors import Away
from kit.rpc.client import PURPOSE, Acting, Failure, acting
from kit.testing.ground import Ground
from sample.contract import BatchGetNotesRequest, BatchGetNotesResponse, NoteMessage, WriteNoteRequest
from sample.ground import Bare, eventually
from sqlalchemy import text

WRITE, READ, READ_UNWATCHED = "Notes/WriteNote", "Notes/BatchGetNotes", "Unwatched/BatchGetNotes"
ANSWERS = {WRITE: NoteMessage, READ: BatchGetNotesResponse, READ_UNWATCHED: BatchGetNotesResponse}


class Office:
    """A hromada's office, one member of which may write and read notes, and another nothing."""

    def __init__(self, ground: Ground, channel: grpc.aio.Channel) -> None:
        self.slug = f"h-{uuid4().hex[:8]}"
        self.parent = f"hromadas/{self.slug}"
        self.ground = ground
        self.channel = channel
        self.who, self.token = ground.staff(self.slug, "notes.write", "notes.read")
        self.idle, self.idle_token = ground.staff(self.slug)

    async def call(self, method: str, request: Any, token: str = "", **metadata: str) -> Any:
        stub: Any = self.channel.unary_unary(
            f"/spilno.kit.v1.{method}", lambda message: message.SerializeToString(), ANSWERS[method].FromString
        )
        before = acting.set(Acting(token or self.token, "en"))
        try:
            return await stub(request, metadata=tuple((name, value) for name, value in metadata.items()))
        finally:
            acting.reset(before)

    def note(self, words: str = "") -> Any:
        return WriteNoteRequest(parent=self.parent, text=words or uuid4().hex, request_id=str(uuid4()))

    def reading(self, *names: str) -> Any:
        return BatchGetNotesRequest(parent=self.parent, names=names)

    async def rows(self) -> Sequence[Any]:
        """What the trail holds, as who owns the database sees it."""
        bare = Bare(self.ground.postgres, "kit")
        hromada = self.ground.hromada(self.slug).id
        return await bare.as_migrator("SELECT * FROM audit WHERE hromada_id = $1 ORDER BY id", hromada)


@pytest_asyncio.fixture
async def office(sample: Ground) -> AsyncIterator[Office]:
    async with sample.channel() as channel:
        yield Office(sample, channel)


async def test_a_change_is_kept_with_who_and_what(office: Office) -> None:
    written = await office.call(WRITE, office.note())
    (row,) = await office.rows()
    assert (row["subject"], row["method"]) == (f"pseudonym-of-{office.who}", "spilno.kit.v1.Notes.WriteNote")
    assert (row["records"], row["outcome"]) == ([written.name], Outcome.DONE)


async def test_a_read_is_kept_with_every_record_that_it_showed(office: Office) -> None:
    names = [(await office.call(WRITE, office.note())).name for _ in range(3)]
    await office.call(READ, office.reading(*names))
    assert (await office.rows())[-1]["records"] == names


async def test_nothing_is_kept_of_a_method_that_declares_so(office: Office) -> None:
    await office.call(READ_UNWATCHED, office.reading())
    assert await office.rows() == []


async def test_no_text_and_no_subject_of_a_token_is_kept(office: Office) -> None:
    await office.call(WRITE, office.note("Олена, +380971234567"))
    kept = str([dict(row) for row in await office.rows()])
    assert "Олена" not in kept
    assert office.who not in kept.replace(f"pseudonym-of-{office.who}", "")


async def test_a_repeated_request_is_kept_as_one(office: Office) -> None:
    request = office.note()
    first, again = await office.call(WRITE, request), await office.call(WRITE, request)
    assert first == again
    assert [row["outcome"] for row in await office.rows()] == [Outcome.DONE, Outcome.REPEATED]


async def test_a_purpose_is_kept(office: Office) -> None:
    await office.call(READ, office.reading(), **{PURPOSE: "complaint/147-2026"})
    assert [row["purpose"] for row in await office.rows()] == ["complaint/147-2026"]


async def test_a_purpose_of_free_words_is_refused_by_its_name(office: Office) -> None:
    with pytest.raises(Failure) as refused:
        await office.call(READ, office.reading(), **{PURPOSE: "because Olena asked"})
    assert (refused.value.code, list(refused.value.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, ["purpose"])
    assert await office.rows() == []


async def test_a_call_that_fails_leaves_nothing(office: Office) -> None:
    await office.call(WRITE, office.note("once"))
    with pytest.raises(Failure):
        await office.call(WRITE, office.note("once"))
    assert len(await office.rows()) == 1


async def test_a_call_that_cannot_be_kept_is_not_done(office: Office) -> None:
    bare = Bare(office.ground.postgres, "kit")
    hromada = office.ground.hromada(office.slug).id
    await bare.as_migrator(f"ALTER TABLE audit ADD CONSTRAINT is_full CHECK (hromada_id <> '{hromada}') NOT VALID")
    try:
        with pytest.raises(Failure):
            await office.call(WRITE, office.note())
    finally:
        await bare.as_migrator("ALTER TABLE audit DROP CONSTRAINT is_full")
    assert await bare.as_migrator("SELECT 1 FROM note WHERE hromada_id = $1", hromada) == []


async def test_a_person_without_a_pseudonym_is_not_served(office: Office) -> None:
    async with office.ground.call(office.slug) as call:
        with pytest.raises(Away):
            call.keep("a method")


async def test_a_denied_colleague_is_kept(office: Office) -> None:
    with pytest.raises(Failure):
        await office.call(WRITE, office.note(), office.idle_token)
    (row,) = await office.rows()
    assert (row["subject"], row["outcome"]) == (f"pseudonym-of-{office.idle}", Outcome.DENIED)


async def test_who_knocks_at_anothers_door_is_kept_at_home_and_not_there(sample: Ground, office: Office) -> None:
    home = Office(sample, office.channel)
    with pytest.raises(Failure) as refused:
        await office.call(WRITE, office.note(), home.token)
    assert refused.value.code is grpc.StatusCode.NOT_FOUND
    assert [row["outcome"] for row in await home.rows()] == [Outcome.DENIED]
    assert await office.rows() == []


async def test_denials_do_not_fill_the_disk(office: Office) -> None:
    for _ in range(30):
        with pytest.raises(Failure):
            await office.call(READ, office.reading(), office.idle_token)
    assert len(await office.rows()) == 20


async def test_numbers_have_no_gaps_however_many_write_at_once_and_some_fail(office: Office) -> None:
    requests = [office.note("the same" if each % 5 == 0 else "") for each in range(60)]
    done = await asyncio.gather(*(office.call(WRITE, each) for each in requests), return_exceptions=True)
    count = sum(not isinstance(each, Exception) for each in done)

    async def numbered() -> list[int]:
        numbers = [row["number"] for row in await office.rows()]
        return [] if None in numbers else numbers

    assert sorted(await eventually(numbered)) == list(range(1, count + 1))


async def test_the_service_can_neither_read_nor_change_nor_number_its_trail(office: Office) -> None:
    hromada = office.ground.hromada(office.slug).id
    for statement in ("SELECT * FROM audit", "DELETE FROM audit", "UPDATE audit SET subject = ''"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with office.ground.kit.database.transaction(hromada) as db:
                await db.records(text(statement))


async def test_what_the_trail_costs_a_read(office: Office, record_property: Any) -> None:
    name = (await office.call(WRITE, office.note())).name
    request = office.reading(name)
    times: dict[str, list[float]] = {READ: [], READ_UNWATCHED: []}
    for _ in range(300):
        for method, of_method in times.items():
            started = time.perf_counter()
            await office.call(method, request)
            of_method.append((time.perf_counter() - started) * 1000)
    kept, unkept = median(times[READ]), median(times[READ_UNWATCHED])
    record_property("figures", f"audited read {kept:.2f} ms, the same unaudited {unkept:.2f} ms: ×{kept / unkept:.2f}")
    assert kept < unkept * 2
