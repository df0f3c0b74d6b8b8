import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from web.sign_in.routes import place_of, scope_of
from web.testing import House, Memory


async def asked(browser: httpx.AsyncClient, to: str = "/tatarbunary/office") -> str:
    answer = await browser.get("/sign-in", params={"to": to})
    return parse_qs(urlsplit(answer.headers["location"]).query)["state"][0]


async def come_back(browser: httpx.AsyncClient, **answer: str) -> httpx.Response:
    return await browser.get("/callback", params={"code": "code", "iss": "http://issuer.test", **answer})


async def test_signing_in_leads_back_to_the_page(visitor: httpx.AsyncClient) -> None:
    answer = await come_back(visitor, state=await asked(visitor, "/tatarbunary/office?state=in-work"))
    assert answer.headers["location"] == "/tatarbunary/office?state=in-work"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("spilno-8080=")
    assert "HttpOnly" in cookie
    assert "access" not in cookie


async def test_an_answer_works_once(visitor: httpx.AsyncClient) -> None:
    state = await asked(visitor)
    await come_back(visitor, state=state)
    assert (await come_back(visitor, state=state)).status_code == 400


async def test_an_answer_for_another_browser_is_refused(visitor: httpx.AsyncClient) -> None:
    state = await asked(visitor)
    visitor.cookies.clear()
    assert (await come_back(visitor, state=state)).status_code == 400


async def test_an_answer_of_another_issuer_is_refused(visitor: httpx.AsyncClient) -> None:
    assert (await come_back(visitor, state=await asked(visitor), iss="http://evil.test")).status_code == 400


async def test_another_hromadas_staff_is_told_and_stays_signed_in_at_home(
    officer: httpx.AsyncClient, house: House, memory: Memory
) -> None:
    answer = await come_back(officer, state=await asked(officer, "/kamianets-podilskyi/office"))
    assert answer.status_code == 403
    assert "не\u00a0працюєте" in answer.text
    assert memory.sessions["cookie"].place == "tatarbunary"


@pytest.mark.parametrize("error", ["access_denied", "invalid_scope"])
async def test_what_the_issuer_refuses_is_told(visitor: httpx.AsyncClient, error: str) -> None:
    assert (await come_back(visitor, state=await asked(visitor), error=error, code="")).status_code == 403


async def test_signing_out_ends_the_session_here_and_at_the_issuer(officer: httpx.AsyncClient, memory: Memory) -> None:
    page = await officer.get("/tatarbunary/office")
    proof = re.search(r'name="proof" value="([^"]+)"', page.text)
    assert proof
    answer = await officer.post("/sign-out", data={"proof": proof[1]})
    assert answer.headers["location"] == "http://issuer.test/end?id_token_hint=id-token"
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert not memory.sessions


@pytest.mark.parametrize(
    ("to", "place"),
    [
        ("/tatarbunary/office", "tatarbunary"),
        ("/tatarbunary/office/appeals/new", "tatarbunary"),
        ("/operator", "operator"),
        ("/operator?page=2", "operator"),
        ("/tatarbunary", ""),
        ("//evil.test/office", ""),
        ("https://evil.test/tatarbunary/office", ""),
        ("/tatarbunary/officeX", ""),
        ("/\\evil.test/office", ""),
    ],
)
def test_sign_in_leads_only_to_pages_of_ours(to: str, place: str) -> None:
    assert place_of(to) == place


def test_a_token_is_asked_for_one_hromada() -> None:
    assert scope_of("tatarbunary") == "openid organization:tatarbunary"
    assert scope_of("operator") == "openid"
