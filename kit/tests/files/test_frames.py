"""A sealed stream opens whole and in order, or not at all."""

import secrets
from collections.abc import AsyncIterator, Callable
from itertools import pairwise

import pytest
from kit.files import frames
from kit.files.frames import FRAME

KEY, CONTEXT = secrets.token_bytes(32), b"hromada/table/row/whole"
KEPT = FRAME + 16


async def stream(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def sealed(data: bytes) -> bytes:
    cuts = [0, *range(1000, len(data), 50_000), len(data)]
    pieces = [data[start:stop] for start, stop in pairwise(cuts)]
    return b"".join([frame async for frame in frames.sealed(KEY, stream(*pieces), CONTEXT)])


async def opened(kept: bytes, key: bytes = KEY, context: bytes = CONTEXT, first: int = 0, count: int = -1) -> bytes:
    whole = frames.count_of(len(kept)) if count < 0 else count
    plain = frames.opened(key, stream(kept[:70], kept[70:]), context, first=first, count=whole)
    return b"".join([each async for each in plain])


@pytest.mark.parametrize("size", [0, 1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME, 5 * FRAME + 7])
async def test_what_was_sealed_opens(size: int) -> None:
    data = secrets.token_bytes(size)
    assert await opened(await sealed(data)) == data


async def test_reading_begins_at_any_frame() -> None:
    data = secrets.token_bytes(5 * FRAME + 7)
    kept = await sealed(data)
    assert await opened(kept[2 * KEPT : 4 * KEPT], first=2, count=6) == data[2 * FRAME : 4 * FRAME]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda kept: kept[:KEPT],
        lambda kept: kept[: KEPT + 5],
        lambda kept: kept[KEPT:],
        lambda kept: kept[KEPT : 2 * KEPT] + kept[:KEPT] + kept[2 * KEPT :],
        lambda kept: kept[:KEPT] * 2 + kept[KEPT:],
        lambda kept: kept[:-1] + bytes([kept[-1] ^ 1]),
        lambda kept: kept + b"more",
    ],
    ids=["cut at a frame", "cut in a frame", "without its first", "two changed over", "one twice", "a bit", "longer"],
)
async def test_what_was_altered_does_not_open(spoil: Callable[[bytes], bytes]) -> None:
    kept = await sealed(secrets.token_bytes(2 * FRAME + 9))
    with pytest.raises(ValueError, match="not the stream"):
        await opened(spoil(kept))


async def test_it_opens_in_its_own_place_only() -> None:
    kept = await sealed(b"a file")
    for key, context in ((KEY, b"another row"), (secrets.token_bytes(32), CONTEXT)):
        with pytest.raises(ValueError, match="not the stream"):
            await opened(kept, key, context)
