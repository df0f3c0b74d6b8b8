"""What a browser is sent is packed as it takes it."""

import gzip
import zlib
from collections.abc import AsyncIterator

import brotli
import httpx
import pytest
from fastapi import FastAPI
from kit.pages.packing import Packing
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Message

LONG = "Не світить ліхтар. " * 500
ROWS = [f"рядок {number}\n".encode() for number in range(300)]
LARGE = "громада " * 60_000


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI(openapi_url=None)
    app.add_middleware(Packing)
    app.add_api_route("/long", lambda: PlainTextResponse(LONG))
    app.add_api_route("/large", lambda: PlainTextResponse(LARGE))
    app.add_api_route("/short", lambda: PlainTextResponse("Так"))
    app.add_api_route("/rows", lambda: StreamingResponse(iter(ROWS), media_type="text/plain"))
    app.add_api_route("/picture", lambda: Response(LONG.encode(), media_type="image/jpeg"))
    app.add_api_route("/paper", lambda: Response(LONG.encode(), media_type="application/pdf"))
    app.add_api_route("/told", lambda: StreamingResponse(iter(ROWS), media_type="text/event-stream"))
    app.add_api_route("/packed", lambda: Response(gzip.compress(LONG.encode()), headers={"content-encoding": "gzip"}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://portal.test") as client:
        yield client


@pytest.mark.parametrize(
    ("takes", "sent"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=1.0, gzip;q=0.8", "br"),
        ("gzip, deflate", "gzip"),
        ("gzip, br;q=0", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
async def test_a_browser_gets_the_tightest_that_it_takes(
    browser: httpx.AsyncClient, takes: str, sent: str | None
) -> None:
    answer = await browser.get("/long", headers={"accept-encoding": takes})
    assert (answer.headers.get("content-encoding"), answer.text) == (sent, LONG)
    assert int(answer.headers["content-length"]) == answer.num_bytes_downloaded
    assert "accept-encoding" in answer.headers["vary"].lower()


@pytest.mark.parametrize("path", ["/short", "/picture", "/paper", "/told"])
async def test_what_gains_nothing_is_sent_as_it_is(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path, headers={"accept-encoding": "br, gzip"})
    assert "content-encoding" not in answer.headers


async def test_what_is_packed_is_not_packed_again(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/packed", headers={"accept-encoding": "br, gzip"})
    assert (answer.headers["content-encoding"], answer.text) == ("gzip", LONG)


async def test_what_is_large_is_whole(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/large", headers={"accept-encoding": "br"})
    assert (answer.headers["content-encoding"], answer.text) == ("br", LARGE)


@pytest.mark.parametrize("encoding", ["br", "gzip"])
async def test_each_piece_of_what_is_streamed_can_be_read_as_it_comes(encoding: str) -> None:
    unpacked = brotli.Decompressor().process if encoding == "br" else zlib.decompressobj(16 + zlib.MAX_WBITS).decompress
    read = list[bytes]()

    async def send(message: Message) -> None:
        if message.get("body"):
            read.append(unpacked(message["body"]))

    async def receive() -> Message:
        return {"type": "http.request"}

    headers = [(b"accept-encoding", encoding.encode())]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers, "asgi": {"spec_version": "2.4"}}
    await Packing(StreamingResponse(iter(ROWS), media_type="text/plain"))(scope, receive, send)
    assert [row for row in read if row] == ROWS
