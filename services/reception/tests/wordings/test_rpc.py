"""An office's wordings over gRPC."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc.aio
import pytest
import pytest_asyncio
from kit.rpc.client import Acting, Failure, acting
from kit.testing.ground import Ground
from spilno.reception.v1 import wordings_pb2 as pb
from spilno.reception.v1.wordings_pb2_grpc import WordingsStub

LAMP = pb.Wording(title="Ліхтар", text="Ліхтар замінять до п’ятниці.")
ROAD = pb.Wording(title="Дорога", text="Яму засиплють цього тижня.")


@pytest_asyncio.fixture
async def wordings(reception: Ground) -> AsyncIterator[Any]:
    async with reception.channel() as channel:
        yield WordingsStub(channel)


@pytest_asyncio.fixture
async def slug(reception: Ground, opened: Callable[[], Awaitable[str]]) -> AsyncIterator[str]:
    """A hromada, and its officer who speaks."""
    slug = await opened()
    token = reception.staff(slug, "appeals.answer", "appeals.read")[1]
    before = acting.set(Acting(token, "uk"))
    yield slug
    acting.reset(before)


async def write(wordings: Any, slug: str, *said: pb.Wording, etag: str = "0") -> pb.WordingSet:
    asked = pb.UpdateWordingsRequest(parent=f"hromadas/{slug}", wordings=said, etag=etag)
    written: pb.WordingSet = await wordings.UpdateWordings(asked)
    return written


async def test_what_is_written_is_offered_in_its_order(wordings: Any, slug: str) -> None:
    written = await write(wordings, slug, LAMP, ROAD)
    kept = await wordings.GetWordings(pb.GetWordingsRequest(parent=f"hromadas/{slug}"))
    assert kept == written
    assert list(kept.wordings) == [LAMP, ROAD]


async def test_another_set_takes_its_place(wordings: Any, slug: str) -> None:
    first = await write(wordings, slug, LAMP)
    assert list((await write(wordings, slug, ROAD, etag=first.etag)).wordings) == [ROAD]


async def test_a_stale_one_is_told(wordings: Any, slug: str) -> None:
    await write(wordings, slug, LAMP)
    with pytest.raises(Failure) as failure:
        await write(wordings, slug, ROAD)
    assert failure.value.code is grpc.StatusCode.ABORTED


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (pb.Wording(title="Л", text=LAMP.text), "wordings[0].title"),
        (pb.Wording(title="Ліхтар", text="Так."), "wordings[0].text"),
        (pb.Wording(title="Ліхтар", text="а" * 3001), "wordings[0].text"),
    ],
    ids=["short-title", "short-text", "long-text"],
)
async def test_what_is_wrong_is_named_at_its_place(wordings: Any, slug: str, said: pb.Wording, field: str) -> None:
    with pytest.raises(Failure) as failure:
        await write(wordings, slug, said)
    assert list(failure.value.fields) == [field]
