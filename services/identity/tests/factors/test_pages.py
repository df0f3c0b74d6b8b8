"""A second factor as people meet it: set up on their account page, asked for when they sign in."""

import asyncio
import html
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from identity.factors import rules
from identity.factors.model import Authenticator, RecoveryCode
from identity.testing import (
    OPERATOR,
    Asked,
    Clock,
    Office,
    Person,
    Visitor,
    answer_in,
    claims_in,
    codes_in,
    enrolled,
    now_code,
    proof_in,
    secret_in,
    signed_in,
)
from sqlmodel import select


async def after_password(office: Office, person: Person, asked: Asked | None = None) -> tuple[Visitor, httpx.Response]:
    visitor = office.identity.visitor()
    return visitor, await visitor.sign_in(asked or Asked(f"openid organization:{office.slug}"), person)


async def in_by(visitor: Visitor, page: httpx.Response, code: str) -> httpx.Response:
    return await visitor.within(await visitor.fill(page, code=code))


async def test_the_app_is_told_its_secret_as_a_picture_and_as_text(office: Office) -> None:
    visitor = await signed_in(office, office.head)
    page = await visitor.client.get("/account/app")
    assert '<svg viewBox="0 0' in page.text
    assert "style=" not in page.text
    assert len(secret_in(page)) == 32


async def test_the_secret_stays_the_same_until_a_code_of_it_was_shown(office: Office) -> None:
    visitor = await signed_in(office, office.head)
    page = await visitor.client.get("/account/app")
    wrong = await visitor.fill(page, code="000000")
    assert wrong.status_code == 422
    assert secret_in(wrong) == secret_in(page)


async def test_with_the_first_factor_come_ten_recovery_codes(office: Office) -> None:
    _, _, codes = await enrolled(office, office.head)
    assert len(set(codes)) == 10


async def test_the_secret_is_kept_sealed_and_the_codes_as_digests(office: Office) -> None:
    _, secret, codes = await enrolled(office, office.head)
    async with office.identity.call() as call:
        apps, kept = await call.db.all(select(Authenticator)), await call.db.all(select(RecoveryCode))
    assert all(secret.encode() not in app.sealed for app in apps)
    assert all(codes[0].replace(" ", "").encode() not in code.digest for code in kept)


async def test_a_sealed_secret_opens_for_its_own_person_only(office: Office) -> None:
    other, _ = await office.member()
    await enrolled(office, office.head)
    await enrolled(office, other)
    async with office.identity.call() as call:
        one, another = (await call.db.all(select(Authenticator)))[-2:]
        with pytest.raises(ValueError, match="another key or context"):
            call.keys.open("authenticator", one.sealed, str(another.person_id))


async def test_after_the_password_the_code_is_asked_for(office: Office) -> None:
    await enrolled(office, office.head)
    _, page = await after_password(office, office.head)
    assert page.url.path == "/sign-in/code"


async def test_with_password_and_code_people_come_in_and_the_tokens_say_so(office: Office) -> None:
    _, secret, _ = await enrolled(office, office.head)
    asked = Asked(f"openid organization:{office.slug}")
    visitor, page = await after_password(office, office.head, asked)
    back = await in_by(visitor, page, now_code(office, secret))
    tokens: dict[str, Any] = (await office.identity.exchange(answer_in(back)["code"], asked.verifier)).json()
    for token in (tokens["access_token"], tokens["id_token"]):
        assert (claims_in(token)["acr"], claims_in(token)["amr"]) == (rules.TWO, ["pwd", "otp", "mfa"])


async def test_a_password_alone_is_one_factor(office: Office) -> None:
    claims = claims_in(await office.as_head())
    assert (claims["acr"], claims["amr"]) == (rules.ONE, ["pwd"])


async def test_the_same_code_within_its_window_is_refused(office: Office) -> None:
    _, secret, _ = await enrolled(office, office.head)
    code = now_code(office, secret)
    assert "code" in answer_in(await in_by(*await after_password(office, office.head), code))
    again = await in_by(*await after_password(office, office.head), code)
    assert again.status_code == 422


async def test_of_two_who_show_one_code_at_once_one_comes_in(office: Office) -> None:
    _, secret, _ = await enrolled(office, office.head)
    doors = [await after_password(office, office.head) for _ in range(2)]
    code = now_code(office, secret)
    answers = await asyncio.gather(*(visitor.fill(page, code=code) for visitor, page in doors))
    assert sorted(answer.status_code for answer in answers) == [303, 422]


async def test_a_recovery_code_lets_in_once(office: Office) -> None:
    _, _, codes = await enrolled(office, office.head)
    assert "code" in answer_in(await in_by(*await after_password(office, office.head), codes[0]))
    assert (await in_by(*await after_password(office, office.head), codes[0])).status_code == 422


async def test_new_recovery_codes_take_the_place_of_the_old(office: Office) -> None:
    visitor, _, codes = await enrolled(office, office.head)
    fresh = codes_in(await visitor.fill(await visitor.client.get("/account/codes")))
    assert len(fresh) == 10
    assert (await in_by(*await after_password(office, office.head), codes[0])).status_code == 422
    assert "code" in answer_in(await in_by(*await after_password(office, office.head), fresh[0]))


async def test_after_ten_wrong_codes_the_account_waits(office: Office, clock: Clock) -> None:
    _, secret, _ = await enrolled(office, office.head)
    visitor, page = await after_password(office, office.head)
    for _ in range(10):
        await visitor.fill(page, code="000000")
    assert (await visitor.fill(page, code=now_code(office, secret))).status_code == 429
    clock.move(timedelta(minutes=16))
    visitor, page = await after_password(office, office.head)
    assert "code" in answer_in(await in_by(visitor, page, now_code(office, secret)))


@pytest.mark.parametrize(("code", "told"), [("", "Enter the code"), ("12345", "does not match"), ("ґ" * 900, "match")])
async def test_a_code_that_is_none_is_told_at_its_field(office: Office, code: str, told: str) -> None:
    await enrolled(office, office.head)
    visitor, page = await after_password(office, office.head)
    answer = await visitor.fill(page, code=code)
    assert answer.status_code == 422
    assert 'id="code-error"' in answer.text
    assert told in html.unescape(answer.text)


async def test_the_code_page_alone_leads_to_the_password(office: Office) -> None:
    page = await office.identity.visitor().client.get(f"/sign-in/code?{httpx.QueryParams(Asked().query)}")
    assert page.headers["location"].startswith("/sign-in?")


async def test_the_right_password_is_remembered_for_ten_minutes(office: Office, clock: Clock) -> None:
    _, secret, _ = await enrolled(office, office.head)
    visitor, page = await after_password(office, office.head)
    clock.move(timedelta(minutes=11))
    answer = await visitor.fill(page, code=now_code(office, secret))
    assert answer.headers["location"].startswith("/sign-in?")


async def test_the_right_password_counts_in_its_own_browser_only(office: Office) -> None:
    await enrolled(office, office.head)
    visitor, page = await after_password(office, office.head)
    thief = office.identity.visitor()
    thief.client.cookies.update({k: v for k, v in visitor.client.cookies.items() if k.startswith("first-step")})
    assert (await thief.client.get(page.url)).is_redirect


async def test_a_browser_that_came_in_by_password_must_show_the_factor_set_up_elsewhere(office: Office) -> None:
    earlier = await signed_in(office, office.head)
    await enrolled(office, office.head)
    page = await earlier.ask(Asked(f"openid organization:{office.slug}"))
    assert page.url.path == "/sign-in"
    assert (await earlier.client.get("/account")).headers["location"] == "/sign-in?account=1"


async def test_a_head_must_set_up_a_second_factor_where_real_people_work(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "_OFFERED_ONLY", set())
    asked = Asked(f"openid organization:{office.slug}")
    visitor, page = await after_password(office, office.head, asked)
    assert page.url.path == "/account/app"
    told = await visitor.fill(page, code=now_code(office, secret_in(page)))
    on = html.unescape(re.findall(r'href="(/authorize[^"]+)"', told.text)[0])
    assert "code" in answer_in(await visitor.client.get(on))


async def test_without_a_page_such_a_head_is_told_to_sign_in(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = await signed_in(office, office.head)
    monkeypatch.setattr(rules, "_OFFERED_ONLY", set())
    asked = Asked(f"openid organization:{office.slug}", changes={"prompt": "none"})
    assert answer_in(await visitor.ask(asked))["error"] == "login_required"


async def test_an_operator_must_too(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "_OFFERED_ONLY", set())
    _, page = await after_password(office, Person(*OPERATOR), Asked())
    assert page.url.path == "/account/app"


async def test_an_officer_need_not(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    person, _ = await office.member()
    monkeypatch.setattr(rules, "_OFFERED_ONLY", set())
    _, back = await after_password(office, person)
    assert "code" in answer_in(back)


async def test_removing_the_app_removes_the_recovery_codes_too(office: Office) -> None:
    visitor, _, _ = await enrolled(office, office.head)
    await visitor.fill(await visitor.client.get("/account/app/remove"))
    _, back = await after_password(office, office.head)
    assert "code" in answer_in(back)


async def test_an_hour_later_a_change_asks_for_the_password_again(office: Office, clock: Clock) -> None:
    visitor, _, _ = await enrolled(office, office.head)
    clock.move(timedelta(hours=1))
    page = await visitor.client.get("/account/app/remove")
    assert (await visitor.fill(page, password="not the password")).status_code == 422
    assert (await visitor.fill(page, password=office.head.password)).status_code == 303


@pytest.mark.parametrize("answer", ["", "{}", "null", "[]", '{"rawId": 7}', "x" * 20_000, '{"rawId": "AAAA"}'])
async def test_a_passkey_that_nobody_has_is_refused_in_words(office: Office, answer: str) -> None:
    visitor = office.identity.visitor()
    page = await visitor.ask(Asked())
    told = await visitor.client.post(
        f"/sign-in/passkey?{page.url.query.decode()}", data={"proof": proof_in(page), "answer": answer}
    )
    assert told.status_code == 422
    assert "does not match" in told.text
