"""A form with files, as a browser sends it and as somebody does who means harm."""

import re
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from kit.files.kinds import LARGEST
from kit.pages import Pages, Submitted
from kit.pages.security import FILES_LIMIT
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

PAGE = """{% extends "plain.html" %}{% import "parts.html" as p with context %}
{% block title %}t{% endblock %}{% block main %}<form method="post" enctype="multipart/form-data">{{ csrf }}
{{ p.files(form, "files", "Files") }}</form>{% endblock %}"""


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    (tmp_path / "page.html").write_text(PAGE)
    pages = Pages(
        base_url="http://portal.test:8080",
        secret="c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA",
        templates=tmp_path,
        locale=tmp_path,
        large={"/": FILES_LIMIT},
    )
    app = FastAPI(openapi_url=None)
    pages.install(app)

    @app.get("/")
    def ask(request: Request) -> Response:
        return pages.show(request, "page.html")

    @app.post("/")
    def answer(form: Submitted) -> Response:
        sent = [[each.name, each.size, sha256(each.file.read()).hexdigest()] for each in form.files]
        return JSONResponse({"values": form.values, "files": sent})

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://portal.test:8080") as client:
        yield client


async def proof(browser: httpx.AsyncClient) -> str:
    found = re.search(r'name="proof" value="([^"]+)"', (await browser.get("/")).text)
    assert found
    return found[1]


async def send(browser: httpx.AsyncClient, data: bytes, **values: str) -> httpx.Response:
    said = {"proof": await proof(browser), **values}
    return await browser.post("/", data=said, files={"files": ("a.bin", data)})


async def test_words_and_files_come_together(browser: httpx.AsyncClient) -> None:
    data = bytes(range(256)) * 20_000
    answer = (await send(browser, data, text=" Слово\r\nдруге\x07 ")).json()
    assert answer["values"] == {"text": "Слово\nдруге"}
    assert answer["files"] == [["a.bin", len(data), sha256(data).hexdigest()]]


async def test_a_field_without_a_file_brings_none(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/", data={"proof": await proof(browser)}, files={"files": ("", b"")})
    assert answer.json()["files"] == []


async def test_of_a_file_beyond_every_limit_only_the_size_is_told(
    browser: httpx.AsyncClient,
) -> None:
    answer = await send(browser, b"x" * (LARGEST + 5_000_000), text="typed")
    [[_, size, digest]] = answer.json()["files"]
    assert size == LARGEST + 5_000_000
    assert digest != sha256(b"x" * size).hexdigest()
    assert answer.json()["values"] == {"text": "typed"}


async def test_words_have_the_same_limit_as_in_any_form(browser: httpx.AsyncClient) -> None:
    assert (await send(browser, b"x", text="x" * 300_000)).status_code == 413
    many = {f"text{number}": "x" * 50_000 for number in range(10)}
    assert (await send(browser, b"x", **many)).status_code == 413


@pytest.mark.parametrize("value", ["", "a.b"])
async def test_a_form_that_is_not_ours_is_refused(browser: httpx.AsyncClient, value: str) -> None:
    assert (await browser.post("/", data={"proof": value}, files={"files": ("a", b"x")})).status_code == 403


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=x", "multipart/mixed; boundary=x", "text/plain"]
)
async def test_what_is_no_form_is_refused(browser: httpx.AsyncClient, kind: str) -> None:
    answer = await browser.post("/", content=b"nonsense", headers={"content-type": kind})
    assert answer.status_code == 400
