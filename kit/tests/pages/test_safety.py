import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from kit.pages import Pages, Submitted
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit import pages as room

FORM = {"content-type": "application/x-www-form-urlencoded"}
PAGE = """{% extends "plain.html" %}{% import "parts.html" as p with context %}
{% block title %}t{% endblock %}{% block main %}{{ p.error_summary(form) }}
<form method="post">{{ csrf }}{{ p.text(form, "name", "Name") }}
{{ p.text(form, "password", "Password", type="password") }}</form>
{% endblock %}"""


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    (tmp_path / "page.html").write_text(PAGE)
    pages = Pages(
        base_url="http://portal.test:8080",
        secret="c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA",
        templates=tmp_path,
        locale=tmp_path,
        form_targets=["https://issuer.test/realms/x"],
    )
    app = FastAPI(openapi_url=None)
    pages.install(app)

    @app.get("/")
    def ask(request: Request) -> Response:
        return pages.show(request, "page.html")

    @app.post("/")
    def answer(request: Request, form: Submitted) -> Response:
        form.refuse("name", "Not that one")
        return pages.show(request, "page.html", form=form)

    @app.get("/away")
    def away() -> Response:
        return RedirectResponse("/")

    @app.get("/broken")
    def broken() -> Response:
        raise ZeroDivisionError

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://portal.test:8080") as client:
        yield client


async def proof(browser: httpx.AsyncClient) -> str:
    found = re.search(r'name="proof" value="([^"]+)"', (await browser.get("/")).text)
    assert found
    return found[1]


async def test_a_form_of_ours_is_read_and_keeps_what_was_typed(browser: httpx.AsyncClient) -> None:
    sent = {"proof": await proof(browser), "name": " <b>Олена</b>\r\n", "password": " s "}
    answer = await browser.post("/", data=sent)
    assert answer.status_code == 422
    assert 'value="&lt;b&gt;Олена&lt;/b&gt;"' in answer.text
    assert 'href="#name"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert '" s "' not in answer.text


async def test_a_form_without_our_proof_is_refused(browser: httpx.AsyncClient) -> None:
    await browser.get("/")
    assert (await browser.post("/", data={"name": "x"})).status_code == 403
    assert (await browser.post("/", data={"name": "x", "proof": "nonce.forged"})).status_code == 403


async def test_a_proof_of_another_browser_is_refused(browser: httpx.AsyncClient) -> None:
    foreign = await proof(browser)
    browser.cookies.clear()
    await browser.get("/")
    assert (await browser.post("/", data={"proof": foreign})).status_code == 403


async def test_a_form_from_another_site_is_refused(browser: httpx.AsyncClient) -> None:
    sent = {"proof": await proof(browser)}
    assert (await browser.post("/", data=sent, headers={"sec-fetch-site": "cross-site"})).status_code == 403


@pytest.mark.parametrize("body", [b"name=%FF", b"name=%00", b"name=\xff", b"&".join([b"a=b"] * 500)])
async def test_bytes_that_no_form_has_get_a_plain_page(browser: httpx.AsyncClient, body: bytes) -> None:
    sent = b"proof=" + (await proof(browser)).encode() + b"&" + body
    answer = await browser.post("/", content=sent, headers=FORM)
    assert answer.status_code == 400
    assert "<h1>" in answer.text


async def test_another_type_of_body_gets_a_plain_page(browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/", json={"name": "x"})).status_code == 400


async def test_ten_megabytes_are_too_much(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/", content=b"name=" + b"a" * 10_000_000, headers=FORM)
    assert answer.status_code == 413


async def test_a_defect_of_ours_is_a_page_with_the_same_headers(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/broken")
    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_the_policy_lets_nothing_in(browser: httpx.AsyncClient) -> None:
    policy = (await browser.get("/")).headers["content-security-policy"]
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert "form-action 'self' https://issuer.test;" in policy


async def test_a_browser_is_known_from_its_first_redirect(browser: httpx.AsyncClient) -> None:
    assert "visitor-8080=" in (await browser.get("/away")).headers["set-cookie"]


async def test_a_language_is_remembered_and_leads_back(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/?lang=en&page=2")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/?page=2"
    assert 'lang="en"' in (await browser.get("/")).text


async def test_a_language_link_leads_to_no_other_site(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("http://portal.test:8080//evil.test/?lang=en")
    assert answer.headers["location"] == "/evil.test/"


async def test_static_files_are_packed_and_kept(browser: httpx.AsyncClient) -> None:
    addresses = re.findall(r'"(/static/[^"]+)"', (await browser.get("/")).text)
    for address in addresses:
        answer = await browser.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        if address.endswith("app.css"):
            assert answer.headers["content-encoding"] == "br"
            older = await browser.get(address, headers={"accept-encoding": "gzip"})
            assert (older.headers["content-encoding"], older.text) == ("gzip", answer.text)
            fonts = re.findall(r"url\((/static/[^)]+)\)", answer.text)
            assert (await browser.get(fonts[0])).headers["content-type"] == "font/woff2"
    assert (await browser.get("/static/0/../../secret")).status_code == 404


def test_templates_have_nothing_inline() -> None:
    inline = re.compile(r"""\sstyle=|<script|<style|\son[a-z]+=|javascript:""", re.IGNORECASE)
    for path in (Path(room.__file__).parent / "templates").rglob("*.*"):
        assert not inline.search(path.read_text()), path
