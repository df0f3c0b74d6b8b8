"""The pages as people meet them."""

import html
from datetime import timedelta

import httpx
import pytest
from identity.testing import Asked, Clock, Identity, Office, Opened, Person, Visitor, answer_in, proof_in
from kit.throttle import Throttle


async def sign_in_page(visitor: Visitor, asked: Asked | None = None) -> httpx.Response:
    return await visitor.ask(asked or Asked())


def errors_in(page: httpx.Response) -> str:
    start = page.text.index("govuk-error-summary")
    return html.unescape(page.text[start : page.text.index("</ul>", start)])


async def test_a_wrong_password_and_an_unknown_address_are_told_the_same(office: Office) -> None:
    visitor = office.identity.visitor()
    page = await sign_in_page(visitor)
    wrong = await visitor.fill(page, email=office.head.email, password="not the password")
    unknown = await visitor.fill(page, email="nobody@example.org", password="not the password")
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert errors_in(wrong) == errors_in(unknown)


async def test_what_was_typed_is_kept_but_not_the_password(identity: Identity) -> None:
    visitor = identity.visitor()
    page = await visitor.fill(await sign_in_page(visitor), email="nobody@example.org", password="my secret words")
    assert "nobody@example.org" in page.text
    assert "my secret words" not in page.text


@pytest.mark.parametrize(("email", "password"), [("", ""), ("", "x"), ("x", "")])
async def test_empty_fields_are_named(identity: Identity, email: str, password: str) -> None:
    visitor = identity.visitor()
    page = await visitor.fill(await sign_in_page(visitor), email=email, password=password)
    assert page.status_code == 422
    assert ("Enter your e-mail" in errors_in(page)) == (not email)
    assert ("Enter your password" in errors_in(page)) == (not password)


@pytest.mark.parametrize("text", ["x" * 10_000, "' OR 1=1 --", "ґ" * 3000, "<script>alert(1)</script>"])
async def test_odd_texts_are_only_wrong(identity: Identity, text: str) -> None:
    visitor = identity.visitor()
    page = await visitor.fill(await sign_in_page(visitor), email=text, password=text)
    assert page.status_code == 422
    assert "<script>" not in page.text


async def test_a_form_without_its_proof_is_refused(office: Office) -> None:
    visitor = office.identity.visitor()
    page = await sign_in_page(visitor)
    answer = await visitor.client.post(page.url, data={"email": office.head.email, "password": office.head.password})
    assert answer.status_code == 403


async def test_a_proof_of_another_browser_is_refused(office: Office) -> None:
    page = await sign_in_page(office.identity.visitor())
    other = office.identity.visitor()
    await sign_in_page(other)
    answer = await other.client.post(page.url, data={"proof": proof_in(page), "email": "x", "password": "y"})
    assert answer.status_code == 403


async def test_nul_bytes_in_a_form_are_refused(identity: Identity) -> None:
    visitor = identity.visitor()
    page = await visitor.fill(await sign_in_page(visitor), email="a\0b", password="x")
    assert page.status_code == 400


async def test_after_twenty_wrong_passwords_the_account_waits(office: Office, clock: Clock) -> None:
    visitor = office.identity.visitor()
    page = await sign_in_page(visitor)
    for _ in range(20):
        await visitor.fill(page, email=office.head.email, password="not the password")
    locked = await visitor.fill(page, email=office.head.email, password=office.head.password)
    assert locked.status_code == 429
    clock.move(timedelta(minutes=16))
    assert "code" in answer_in(await visitor.sign_in(Asked(), office.head))


async def test_from_one_network_address_so_many_sign_in_in_a_quarter_of_an_hour_and_others_go_on(
    office: Office, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer = Throttle("sign-in-few", 3, timedelta(minutes=15))
    monkeypatch.setattr("identity.issuer.actions._BY_ADDRESS", fewer)
    visitor, elsewhere = office.identity.visitor(), office.identity.visitor()
    page = await sign_in_page(visitor)
    for number in range(3):
        assert (await visitor.fill(page, email=f"{number}@example.org", password="wrong")).status_code == 422
    refused = await visitor.fill(page, email=office.head.email, password=office.head.password)
    assert refused.status_code == 429
    assert "code" in answer_in(await elsewhere.sign_in(Asked(), office.head))
    clock.move(timedelta(minutes=16))
    assert "code" in answer_in(await visitor.sign_in(Asked(), office.head))


async def test_the_cookie_of_a_sign_in_is_out_of_reach_of_scripts_and_other_sites(office: Office) -> None:
    visitor = office.identity.visitor()
    page = await sign_in_page(visitor)
    answer = await visitor.fill(page, email=office.head.email, password=office.head.password)
    cookie = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("sign-in-"))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


async def test_signing_in_anew_ends_the_earlier_sign_in(office: Office) -> None:
    visitor = office.identity.visitor()
    tokens = await office.identity.tokens(office.head, office.slug, visitor)
    person, _ = await office.member()
    await visitor.sign_in(Asked(changes={"prompt": "login"}), person)
    assert (await office.identity.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_the_sign_in_page_without_a_portal_behind_it_leads_to_the_portal(identity: Identity) -> None:
    page = await identity.visitor().client.get("/sign-in")
    assert page.headers["location"] == identity.kit.settings.web_url


@pytest.mark.parametrize("language", ["uk", "en"])
async def test_pages_speak_the_persons_language(identity: Identity, language: str) -> None:
    visitor = identity.visitor()
    visitor.client.headers["accept-language"] = language
    page = await sign_in_page(visitor)
    assert page.headers["content-language"] == language
    assert {"uk": "Вхід", "en": "Sign in"}[language] in page.text


async def test_pages_forbid_scripts(office: Office) -> None:
    invitation = await office.invitation("scripts@example.org")
    policy = (await office.identity.visitor().client.get(invitation.url)).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


async def test_the_sign_in_page_runs_our_own_script_files_and_no_others(identity: Identity) -> None:
    page = await sign_in_page(identity.visitor())
    assert page.headers["content-security-policy"].endswith("; script-src 'self'; connect-src 'self'")
    assert '<script src="/static/' in page.text


async def test_an_accepted_invitation_cannot_be_used_again(office: Office) -> None:
    invitation = await office.invitation("once@example.org")
    await office.identity.visitor().accept(invitation.url, "a few plain words")
    page = await office.identity.visitor().client.get(invitation.url)
    assert page.status_code == 410
    assert "accepted already" in page.text


async def test_an_invitation_lasts_seven_days(office: Office, clock: Clock) -> None:
    invitation = await office.invitation("late@example.org")
    clock.move(timedelta(days=7, seconds=1))
    page = await office.identity.visitor().client.get(invitation.url)
    assert page.status_code == 410
    assert "seven days" in page.text


async def test_a_newer_invitation_takes_the_place_of_an_older_one(office: Office) -> None:
    older = await office.invitation("twice@example.org")
    await office.invitation("twice@example.org")
    assert (await office.identity.visitor().client.get(older.url)).status_code == 410


@pytest.mark.parametrize("link", ["x", "a" * 43, "%00", "%ff", "..%2f", "ґ"])
async def test_a_link_that_never_was_says_so(identity: Identity, link: str) -> None:
    assert (await identity.visitor().client.get(f"/invitations/{link}")).status_code == 404


@pytest.mark.parametrize(
    ("password", "again", "told"),
    [
        ("short", "short", "At least 12 characters"),
        ("a few plain words", "a few plain swords", "The passwords differ"),
        ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "too easy to guess"),
        ("invited@example.org", "invited@example.org", "must not repeat the address"),
        ("x" * 10_000, "x" * 10_000, "At most 200 characters"),
    ],
)
async def test_a_poor_password_is_refused_with_a_clear_word(
    opened: Opened, password: str, again: str, told: str
) -> None:
    office = await opened()
    invitation = await office.invitation("invited@example.org")
    visitor = office.identity.visitor()
    page = await visitor.fill(await visitor.client.get(invitation.url), password=password, again_password=again)
    assert page.status_code == 422
    assert told in errors_in(page)


async def test_whoever_has_a_password_accepts_with_it_and_keeps_it(office: Office, opened: Opened) -> None:
    other = await opened()
    invitation = await other.invitation(office.head.email)
    await office.identity.visitor().accept(invitation.url, office.head.password)
    assert (await office.identity.tokens(office.head, other.slug))["access_token"]


async def test_an_invitation_is_no_way_into_somebody_elses_account(office: Office, opened: Opened) -> None:
    attackers = await opened()
    invitation = await attackers.invitation(office.head.email)
    answer = await office.identity.visitor().accept(invitation.url, "a password of the attacker")
    assert answer.status_code == 422
    page = await office.identity.visitor().sign_in(Asked(), Person(office.head.email, "a password of the attacker"))
    assert page.status_code == 422


async def test_of_two_open_invitations_only_the_first_sets_the_password(office: Office, opened: Opened) -> None:
    other = await opened()
    first = await office.invitation("both@example.org")
    second = await other.invitation("both@example.org")
    late = office.identity.visitor()
    form = await late.client.get(second.url)
    await office.identity.visitor().accept(first.url, "the first plain words")
    answer = await late.fill(form, password="other plain words", again_password="other plain words")
    assert answer.status_code == 422
    assert await office.identity.tokens(Person("both@example.org", "the first plain words"), office.slug)


async def test_before_the_invitation_is_accepted_nobody_is_a_member(office: Office, opened: Opened) -> None:
    other = await opened()
    await other.invitation(office.head.email)
    page = await office.identity.visitor().sign_in(Asked(f"openid organization:{other.slug}"), office.head)
    assert page.status_code == 403
