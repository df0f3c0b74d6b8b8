"""Files of a hromada in the store: kept under its key, read from anywhere, collected when nobody has them."""

import asyncio
import json
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from kit.errors import Away, Missing, WrongState
from kit.files import Files
from kit.files.files import GRACE
from kit.files.frames import FRAME
from kit.files.store import Store
from kit.files.tidying import sweep
from kit.testing.ground import PASSWORD, Ground
from kit.vault.rotation import rotate
from sample.model import Paper
from sample.service import service

DATA = secrets.token_bytes(3 * FRAME + 100)


async def stream(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 100_000):
        yield data[start : start + 100_000]


async def whole(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


@pytest.fixture
def slug() -> str:
    return f"h-{uuid4().hex[:12]}"


def folder_of(ground: Ground) -> Path:
    return Path(urlsplit(ground.kit.settings.files_url).path)


def blobs_of(ground: Ground, slug: str) -> list[Path]:
    return [each for each in (folder_of(ground) / str(ground.hromada(slug).id)).rglob("*") if each.is_file()]


def aged(path: Path) -> None:
    """As if it had been written a day and an hour ago."""
    before = (datetime.now(UTC) - GRACE - timedelta(hours=1)).timestamp()
    os.utime(path, (before, before))


async def kept(ground: Ground, slug: str, data: bytes = DATA) -> UUID:
    async with ground.call(slug) as call:
        folder = call.files.fresh(call.hromada.id, Paper)
        written = await folder.put("whole", stream(data))
        sealed_key = await call.files.seal(call, folder)
        call.db.add(Paper(id=folder.row, sealed_key=sealed_key, kept=written.size, kind=""))
    return folder.row


async def read(ground: Ground, slug: str, row: UUID, *range: Any) -> bytes:
    async with ground.call(slug) as call:
        folder = await call.files.folder(call, await call.db.get(Paper, row))
        return await whole(folder.get("whole", *range))


async def test_what_is_kept_is_read_and_is_noise_in_the_store(sample: Ground, slug: str) -> None:
    text = "Лист мешканця. ".encode() * 9000
    row = await kept(sample, slug, text)
    assert await read(sample, slug, row) == text
    [blob] = blobs_of(sample, slug)
    assert blob.relative_to(folder_of(sample)).parts == (str(sample.hromada(slug).id), "paper", str(row), "whole")
    assert "Лист".encode() not in blob.read_bytes()


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        (0, 10),
        (5, None),
        (FRAME - 3, FRAME + 3),
        (FRAME, 2 * FRAME),
        (3 * FRAME + 50, 4 * FRAME),
        (100, 100),
        (0, 10**9),
    ],
)
async def test_a_file_is_read_from_anywhere_to_anywhere(
    sample: Ground, slug: str, start: int, stop: int | None
) -> None:
    row = await kept(sample, slug)
    assert await read(sample, slug, row, start, stop) == DATA[start:stop]


@pytest.mark.parametrize("spoil", [lambda kept: kept[: FRAME + 16], lambda kept: b"", lambda kept: kept[:-5]])
async def test_a_blob_that_was_cut_is_not_read(sample: Ground, slug: str, spoil: Any) -> None:
    row = await kept(sample, slug)
    [blob] = blobs_of(sample, slug)
    blob.write_bytes(spoil(blob.read_bytes()))
    with pytest.raises(WrongState, match=r"files\.altered"):
        await read(sample, slug, row)


async def test_one_files_blob_does_not_open_in_anothers_place(sample: Ground, slug: str) -> None:
    rows = [await kept(sample, slug), await kept(sample, slug)]
    first, second = (next(each for each in blobs_of(sample, slug) if str(row) in str(each)) for row in rows)
    first.write_bytes(second.read_bytes())
    with pytest.raises(WrongState, match=r"files\.altered"):
        await read(sample, slug, rows[0])


async def test_a_file_whose_blob_is_gone_is_missing(sample: Ground, slug: str) -> None:
    row = await kept(sample, slug)
    blobs_of(sample, slug)[0].unlink()
    with pytest.raises(Missing, match=r"files\.lost"):
        await read(sample, slug, row)


async def test_a_rotation_of_the_vault_covers_the_keys_of_files(sample: Ground, slug: str) -> None:
    row = await kept(sample, slug)
    async with sample.call(slug) as call:
        before = (await call.db.get(Paper, row)).sealed_key
    url = sample.postgres.url("kit_migrator", PASSWORD, "kit")
    ring = sample.kit.chain.vault._ring
    await rotate(url, ring, service.every_sealed, datetime.now(UTC))
    async with sample.call(slug) as call:
        assert (await call.db.get(Paper, row)).sealed_key != before
    assert await read(sample, slug, row) == DATA


async def test_a_blob_without_a_row_is_collected_a_day_later(sample: Ground, slug: str) -> None:
    row = await kept(sample, slug)
    async with sample.call(slug) as call:
        orphan = call.files.fresh(call.hromada.id, Paper)
        await orphan.put("whole", stream(b"nobody's"))
        assert await call.files.collect(call.db, Paper, call.now) == 0
    for each in blobs_of(sample, slug):
        aged(each)
    async with sample.call(slug) as call:
        assert await call.files.collect(call.db, Paper, call.now) == 1
    assert [each.parent.name for each in blobs_of(sample, slug)] == [str(row)]
    assert await read(sample, slug, row) == DATA


async def test_what_a_call_left_in_a_hromada_that_is_no_more_is_swept_a_day_later(sample: Ground, slug: str) -> None:
    other = f"h-{uuid4().hex[:12]}"
    row = await kept(sample, other)
    async with sample.call(slug) as call:
        await call.files.fresh(call.hromada.id, Paper).put("whole", stream(b"nobody's"))
        now, files, living = call.now, call.files, call.hromada.id
    database = sample.kit.database
    await sweep(database, files, [Paper], (), now)
    assert len(blobs_of(sample, slug)) == 1, "its call may be writing yet"
    for each in [*blobs_of(sample, slug), *blobs_of(sample, other)]:
        aged(each)
    await sweep(database, files, [Paper], {living}, now)
    assert len(blobs_of(sample, slug)) == 1, "who has a day of their own is left to it"
    await sweep(database, files, [Paper], (), now)
    assert blobs_of(sample, slug) == []
    assert [each.parent.name for each in blobs_of(sample, other)] == [str(row)]


async def test_a_blob_whose_row_holds_none_any_more_is_collected(sample: Ground, slug: str) -> None:
    row = await kept(sample, slug)
    async with sample.call(slug) as call:
        (await call.db.lock(Paper, row)).sealed_key = None
    with pytest.raises(Missing, match=r"files\.lost"):
        await read(sample, slug, row)
    for each in blobs_of(sample, slug):
        aged(each)
    async with sample.call(slug) as call:
        assert await call.files.collect(call.db, Paper, call.now) == 1
    assert not blobs_of(sample, slug)


async def test_what_a_killed_process_left_half_written_is_swept(sample: Ground, slug: str) -> None:
    half = """
import asyncio, os, signal, sys
from kit.files.store import Store
from kit.files.tidying import sweep
async def endless():
    while True:
        yield b"x" * 1_000_000
        await asyncio.sleep(0)
        if sum(len(files) for _, _, files in os.walk(sys.argv[2])):
            os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(Store(sys.argv[1]).put(sys.argv[3], endless()))
"""
    hromada = sample.hromada(slug).id
    place = folder_of(sample) / str(hromada)
    arguments = [sample.kit.settings.files_url, str(place), f"{hromada}/paper/{uuid4()}/whole"]
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", half, *arguments)
    assert await process.wait() == -9
    [left] = blobs_of(sample, slug)
    async with sample.call(slug) as call:
        assert [blob async for blob in call.files.of(hromada)] == []
        assert await call.files.collect(call.db, Paper, call.now) == 0
        aged(left)
        assert await call.files.collect(call.db, Paper, call.now) == 1
    assert not blobs_of(sample, slug)


async def test_a_hromadas_blobs_are_told_and_erased_and_a_neighbours_stay(sample: Ground, slug: str) -> None:
    row, neighbour = await kept(sample, slug), f"{slug}-too"
    theirs = await kept(sample, neighbour)
    files = sample.kit.chain.files
    here = sample.hromada(slug).id
    assert [blob.path async for blob in files.of(here)] == [f"{here}/paper/{row}/whole"]
    assert (await files.erase(here), await files.erase(here)) == (1, 0)
    assert not blobs_of(sample, slug)
    assert await read(sample, neighbour, theirs) == DATA


async def test_a_row_is_told_from_another_by_what_is_left_of_it(sample: Ground, slug: str) -> None:
    rows = [await kept(sample, slug), await kept(sample, slug)]
    assert await sample.kit.chain.files.remove(sample.hromada(slug).id, "paper", rows[0]) == 1
    assert [each.parent.name for each in blobs_of(sample, slug)] == [str(rows[1])]


@pytest.mark.parametrize("url", ["", "s3://nowhere/files"])
async def test_a_store_that_does_not_answer_is_away(sample: Ground, url: str) -> None:
    config = {"endpoint": "http://127.0.0.1:9", "access_key_id": "a", "secret_access_key": "b", "region": "r"}
    options = json.dumps({"config": config, "client_options": {"allow_http": True}})
    files = Files(Store(url, options), sample.kit.chain.vault)
    with pytest.raises(Away, match=r"files\.away") as away:
        await files.fresh(uuid4(), Paper).put("whole", stream(DATA))
    assert away.value.retry_after


def test_a_full_disk_is_told_as_such_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    fill = """
import asyncio, os, sys
from kit.errors import Away
from kit.files.store import Store
from kit.files.tidying import sweep
async def two_megabytes():
    for _ in range(20):
        yield b"x" * 100_000
try:
    asyncio.run(Store(sys.argv[1]).put("a/b/c/whole", two_megabytes()))
except Away as away:
    print(away.reason, away.retry_after, flush=True)
os._exit(0)  # the store's threads may still be letting go of what they were given
"""
    script, disk = tmp_path / "fill.py", tmp_path / "disk"
    script.write_text(fill)
    disk.mkdir()
    run = f"mount -t tmpfs -o size=1m tmpfs {disk} && {sys.executable} {script} {disk.as_uri()} && find {disk} -type f"
    told = subprocess.run(["unshare", "-rm", "sh", "-c", run], capture_output=True, check=True, timeout=30, text=True)
    assert told.stdout == "files.full 0:00:02\n"
