"""One's own account page at the issuer: the password and the browsers."""

import re
from datetime import timedelta

from identity.testing import Asked, Clock, Office, Person, answer_in, signed_in

NEW = "quite another few words"


async def test_a_stranger_is_asked_to_sign_in_first_and_then_comes_to_the_account(office: Office) -> None:
    visitor = office.identity.visitor()
    away = await visitor.client.get("/account")
    page = await visitor.client.get(away.headers["location"])
    back = await visitor.fill(page, email=office.head.email, password=office.head.password)
    assert back.headers["location"] == "/account"


async def test_a_new_password_takes_the_old_ones_place(office: Office) -> None:
    visitor = await signed_in(office, office.head)
    page = await visitor.client.get("/account/password")
    done = await visitor.fill(page, old_password=office.head.password, password=NEW, again_password=NEW)
    assert done.status_code == 200
    old = await office.identity.visitor().sign_in(Asked(), office.head)
    assert old.status_code == 422
    assert await office.identity.tokens(Person(office.head.email, NEW), office.slug)


async def test_a_new_password_ends_other_browsers_and_not_this_one(office: Office) -> None:
    tokens = await office.identity.tokens(office.head, office.slug)
    visitor = await signed_in(office, office.head)
    page = await visitor.client.get("/account/password")
    await visitor.fill(page, old_password=office.head.password, password=NEW, again_password=NEW)
    assert (await office.identity.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await visitor.client.get("/account")).status_code == 200


async def test_without_the_present_password_nothing_changes(office: Office) -> None:
    visitor = await signed_in(office, office.head)
    page = await visitor.client.get("/account/password")
    told = await visitor.fill(page, old_password="not it at all", password=NEW, again_password=NEW)
    assert told.status_code == 422
    assert 'id="old_password-error"' in told.text


async def test_ending_a_browser_ends_its_refresh_tokens(office: Office) -> None:
    other = office.identity.visitor()
    tokens = await office.identity.tokens(office.head, office.slug, other)
    visitor = await signed_in(office, office.head)
    page = await visitor.client.get("/account")
    for path in re.findall(r'action="(/account/browsers/[0-9a-f-]+/end)"', page.text):
        proof = re.findall(r'name="proof" value="([^"]+)"', page.text)[0]
        await visitor.client.post(path, data={"proof": proof})
    assert (await office.identity.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await other.client.get("/account")).is_redirect
    assert (await visitor.client.get("/account")).status_code == 200


async def test_nobody_ends_somebody_elses_browser(office: Office) -> None:
    person, _ = await office.member()
    tokens = await office.identity.tokens(office.head, office.slug)
    head = await signed_in(office, office.head)
    paths = re.findall(r'action="(/account/browsers/[0-9a-f-]+/end)"', (await head.client.get("/account")).text)
    stranger = await signed_in(office, person)
    page = await stranger.client.get("/account/password")
    proof = re.findall(r'name="proof" value="([^"]+)"', page.text)[0]
    for path in paths:
        await stranger.client.post(path, data={"proof": proof})
    assert paths
    assert (await office.identity.refresh(tokens["refresh_token"])).status_code == 200


async def test_the_account_is_closed_twelve_hours_after_the_password(office: Office, clock: Clock) -> None:
    visitor = await signed_in(office, office.head)
    clock.move(timedelta(hours=12, minutes=1))
    assert (await visitor.client.get("/account")).headers["location"] == "/sign-in?account=1"


async def test_after_the_account_the_office_opens_without_asking_again(office: Office) -> None:
    visitor = office.identity.visitor()
    page = await visitor.client.get("/sign-in?account=1")
    await visitor.fill(page, email=office.head.email, password=office.head.password)
    assert "code" in answer_in(await visitor.ask(Asked(f"openid organization:{office.slug}")))
