"""One store behind two kinds of address: a folder of this machine, and an S3 that answers over HTTP."""

import json
import secrets
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from kit.errors import Missing
from kit.files.frames import FRAME
from kit.files.store import Store
from kit.servers.process import Child, free_port

DATA = secrets.token_bytes(6_000_000)
"""More than one part of an upload to S3."""


async def stream(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), FRAME):
        yield data[start : start + FRAME]


async def whole(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


@pytest.fixture(scope="module")
async def s3(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = Child("s3", command, log=tmp_path_factory.mktemp("s3") / "s3.log")

    async def has_its_bucket() -> bool:
        async with httpx.AsyncClient() as client:
            try:
                return (await client.put(f"{endpoint}/files")).is_success
            except httpx.TransportError:
                return False

    server.start()
    await server.wait_ready(has_its_bucket)
    config = {"endpoint": endpoint, "access_key_id": "a", "secret_access_key": "b", "region": "us-east-1"}
    yield Store("s3://files/prefix", json.dumps({"config": config, "client_options": {"allow_http": True}}))
    await server.stop()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    kept: Store = request.getfixturevalue("s3") if request.param == "s3" else Store(tmp_path.as_uri())
    return kept


async def test_a_blob_is_read_as_it_was_kept_whole_and_in_part(store: Store) -> None:
    path = f"{uuid4()}/paper/1/whole"
    await store.put(path, stream(DATA))
    size, chunks = await store.get(path)
    assert (size, await whole(chunks)) == (len(DATA), DATA)
    size, chunks = await store.get(path, 70_000, 200_000)
    assert (size, await whole(chunks)) == (len(DATA), DATA[70_000:200_000])


async def test_blobs_of_one_prefix_are_told_and_no_others(store: Store) -> None:
    mine, theirs = f"{uuid4()}/paper/1/whole", f"{uuid4()}/paper/1/whole"
    for path in (mine, theirs):
        await store.put(path, stream(b"text"))
    told = [blob async for blob in store.blobs(mine.partition("/")[0] + "/")]
    assert [(blob.path, blob.kept) for blob in told] == [(mine, 4)]


async def test_a_removed_blob_is_missing_and_may_be_removed_again(store: Store) -> None:
    path = f"{uuid4()}/paper/1/whole"
    await store.put(path, stream(b"text"))
    await store.delete([path])
    await store.delete([path])
    with pytest.raises(Missing, match=r"files\.lost"):
        await store.get(path)


async def test_what_broke_off_while_it_came_is_not_there(store: Store) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield DATA
        raise RuntimeError("the sender left")

    prefix = f"{uuid4()}/"
    with pytest.raises(RuntimeError):
        await store.put(f"{prefix}paper/1/whole", broken())
    assert [blob async for blob in store.blobs(prefix)] == []
