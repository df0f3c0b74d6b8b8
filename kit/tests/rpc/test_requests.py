"""`request_id`: what was asked twice is done once, and answered the same."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from kit.call import Caller
from kit.database import Repeated
from kit.errors import Denied, Refused
from kit.rpc.requests import Once, _request
from kit.testing.ground import Ground, at
from sample import actions
from sample.contract import WriteNoteRequest
from sample.model import Note
from sqlalchemy import literal_column
from sqlalchemy import select as select_columns
from sqlmodel import select

OLENA, IVAN = Caller("olena"), Caller("ivan")


@pytest.fixture
def slug() -> str:
    return f"h-{uuid4().hex[:12]}"


@pytest.fixture
def once() -> str:
    return str(uuid4())


async def write(
    sample: Ground,
    slug: str,
    once: str,
    text: str = "a note",
    *,
    caller: Caller = OLENA,
    method: str = "Notes.WriteNote",
    now: str = "2026-05-01 10:00",
    refuse: bool = False,
    reads: bool = False,
) -> bytes:
    """Writes a note as a served method does; the answer holds something that is told only once."""
    request = WriteNoteRequest(parent=f"hromadas/{slug}", text=text, request_id=once)
    try:
        async with sample.call(slug, caller, now=at(now)) as call:
            asked = Once(call, method, request, once)
            asked.claim()
            if reads:
                await call.db.all(select(Note))
            await asyncio.sleep(0.01)
            note = await actions.write(call, f"{text} {uuid4()}")
            if refuse:
                raise Denied
            response = f"secret of {note.id}".encode()
            asked.keep(response)
            return response
    except Repeated:
        async with sample.call(slug, caller, now=at(now)) as call:
            return await Once(call, method, request, once).earlier()


async def notes(sample: Ground, slug: str) -> int:
    async with sample.call(slug) as call:
        return len(await call.db.all(select(Note)))


@pytest.mark.parametrize("reads", [(False, False), (True, True), (False, True), (True, False)])
async def test_the_same_request_is_answered_the_same_and_done_once(
    sample: Ground, slug: str, once: str, reads: tuple[bool, bool]
) -> None:
    first, second = [await write(sample, slug, once, reads=some) for some in reads]
    assert (first == second, await notes(sample, slug)) == (True, 1)


@pytest.mark.parametrize("reads", [False, True], ids=["of one that only writes", "of one that reads before"])
async def test_ten_at_once_are_one(sample: Ground, slug: str, once: str, reads: bool) -> None:
    answers = await asyncio.gather(*(write(sample, slug, once, reads=reads) for _ in range(10)))
    assert (len(set(answers)), await notes(sample, slug)) == (1, 1)


async def test_a_repeated_one_does_nothing_that_would_stay(sample: Ground, slug: str, once: str) -> None:
    async def again() -> None:
        async with sample.call(slug, OLENA, now=at("2026-05-01 10:00")) as call:
            request = WriteNoteRequest(parent=f"hromadas/{slug}", text="a note", request_id=once)
            Once(call, "Notes.WriteNote", request, once).claim()
            async with call.apart():
                pytest.fail("it went on")

    await write(sample, slug, once)
    with pytest.raises(Repeated):
        await again()


async def test_what_a_statement_says_is_told_though_the_claim_was_to_go_with_it(
    sample: Ground, slug: str, once: str
) -> None:
    async def divides() -> None:
        async with sample.call(slug, OLENA, now=at("2026-05-01 10:00")) as call:
            request = WriteNoteRequest(parent=f"hromadas/{slug}", text="a note", request_id=once)
            Once(call, "Notes.WriteNote", request, once).claim()
            try:
                await call.db.records(select_columns(literal_column("1 / 0")))
            finally:
                await call.db.claimed()

    with pytest.raises(asyncpg.DivisionByZeroError):
        await divides()


async def test_another_payload_under_the_same_id_is_refused_at_its_field(sample: Ground, slug: str, once: str) -> None:
    await write(sample, slug, once, "a note")
    with pytest.raises(Refused) as refusal:
        await write(sample, slug, once, "another note")
    assert (refusal.value.field, refusal.value.reason) == ("request_id", "request-id.other-payload")


@pytest.mark.parametrize(
    "other",
    [{"caller": IVAN}, {"method": "Notes.MendNote"}, {"once": str(uuid4())}],
    ids=["caller", "method", "id"],
)
async def test_of_another_caller_method_or_id_is_another_request(
    sample: Ground, slug: str, once: str, other: dict[str, Any]
) -> None:
    await write(sample, slug, once)
    await write(sample, slug, **{"once": once, **other})
    assert await notes(sample, slug) == 2


async def test_in_another_hromada_is_another_request(sample: Ground, slug: str, once: str) -> None:
    await write(sample, slug, once)
    await write(sample, f"{slug}-2", once)
    assert (await notes(sample, slug), await notes(sample, f"{slug}-2")) == (1, 1)


async def test_residents_through_web_share_no_answer_by_chance(sample: Ground, slug: str) -> None:
    resident = Caller("", service="web")
    answers = [await write(sample, slug, str(uuid4()), caller=resident) for _ in range(2)]
    assert answers[0] != answers[1]


async def test_a_request_that_was_refused_may_be_repeated(sample: Ground, slug: str, once: str) -> None:
    with pytest.raises(Denied):
        await write(sample, slug, once, refuse=True)
    await write(sample, slug, once)
    assert await notes(sample, slug) == 1


async def test_one_that_waited_for_a_refused_one_is_done_itself(sample: Ground, slug: str, once: str) -> None:
    results = await asyncio.gather(
        write(sample, slug, once, refuse=True), write(sample, slug, once), return_exceptions=True
    )
    assert isinstance(results[0], Denied | bytes)
    assert await notes(sample, slug) == 1


@pytest.mark.parametrize(("now", "count"), [("2026-05-02 09:59", 1), ("2026-05-02 10:01", 2)])
async def test_an_answer_is_kept_for_a_day(sample: Ground, slug: str, once: str, now: str, count: int) -> None:
    await write(sample, slug, once)
    await write(sample, slug, once, now=now)
    assert await notes(sample, slug) == count


async def test_an_answer_is_kept_sealed(sample: Ground, slug: str, once: str) -> None:
    response = await write(sample, slug, once)
    async with sample.call(slug) as call:
        rows = await call.db.records(select_columns(_request.c.response).where(_request.c.scope == slug))
    assert response not in rows[0]["response"]
