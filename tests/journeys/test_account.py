"""People look after their own way in: a code from the telephone, a passkey, other browsers; in a real browser."""

from uuid import uuid4

import pyotp
from playwright.async_api import Browser, CDPSession, Page
from spilno.identity.v1 import members_pb2

from tests.journeys.browser import looked_at, visitor
from tests.world import OWN, PASSWORD, World, as_whom


async def somebody(world: World) -> tuple[str, str]:
    """A coordinator of the office: the member's name, and the address to sign in with."""
    mailbox = f"c{uuid4().hex[:8]}"
    name, _ = await world.invite(OWN, "Координатор", members_pb2.ROLE_COORDINATOR, mailbox=mailbox)
    return name, f"{mailbox}@{OWN}.example.org"


async def type_password(page: Page, email: str) -> None:
    await page.get_by_label("Пошта").fill(email)
    await page.get_by_label("Пароль").fill(PASSWORD)
    await page.get_by_role("button", name="Увійти", exact=True).click()


async def at_account(page: Page, world: World, email: str) -> None:
    await page.goto(f"{world.house.issuer_url}/account")
    await type_password(page, email)
    await page.get_by_role("heading", name="Мій вхід").wait_for()


async def a_device(page: Page) -> tuple[CDPSession, str]:
    """A device that opens passkeys by its owner's finger, as Chromium imitates it."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    made = await session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session, str(made["authenticatorId"])


async def test_a_code_from_the_telephone_is_set_up_and_asked_for_without_javascript(
    world: World, browser: Browser
) -> None:
    _, email = await somebody(world)
    async with visitor(browser, "phone") as page:
        await at_account(page, world, email)
        await looked_at(page, "60-account")
        await page.get_by_role("link", name="Увімкнути код із телефону").click()
        app = pyotp.TOTP((await page.locator(".secret").inner_text()).replace(" ", ""))
        await page.get_by_label("Шість цифр із застосунку").fill("000000")
        await page.get_by_role("button", name="Підтвердити").click()
        await looked_at(page, "61-account-app")
        await page.get_by_label("Шість цифр із застосунку").fill(app.now())
        await page.get_by_role("button", name="Підтвердити").click()
        await looked_at(page, "62-account-codes")
        assert await page.locator(".codes code").count() == 10
        code = await page.locator(".codes code").first.inner_text()
        await page.get_by_role("link", name="Коди збережено, далі").click()
        await looked_at(page, "63-account-with-app")
    async with visitor(browser, "phone") as page:
        await page.goto(f"{world.house.web_url}/{OWN}/office")
        await type_password(page, email)
        await looked_at(page, "64-sign-in-code")
        assert not await page.get_by_role("button", name="Увійти ключем доступу").is_visible()
        await page.get_by_label("Код із застосунку").fill(code)
        await page.get_by_role("button", name="Увійти", exact=True).click()
        await page.wait_for_url(f"{world.house.web_url}/{OWN}/office**")


async def test_a_passkey_is_made_and_then_opens_the_office_without_a_password(world: World, browser: Browser) -> None:
    _, email = await somebody(world)
    async with visitor(browser, "phone", scripts=True) as page:
        session, authenticator = await a_device(page)
        await at_account(page, world, email)
        await page.get_by_role("link", name="Додати ключ доступу").click()
        await looked_at(page, "65-passkey")
        await page.get_by_role("button", name="Зробити ключ доступу").click()
        await page.get_by_role("link", name="Коди збережено, далі").click()
        await looked_at(page, "66-account-with-passkey")
        kept = await session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})
        assert [each["rpId"] for each in kept["credentials"]] == ["localhost"]

        await page.goto(f"{world.house.issuer_url}/sign-out")
        await page.get_by_role("button", name="Вийти").click()
        await page.goto(f"{world.house.web_url}/{OWN}/office")
        await page.get_by_role("button", name="Увійти ключем доступу").wait_for()
        await looked_at(page, "67-sign-in")
        await page.get_by_role("button", name="Увійти ключем доступу").click()
        await page.wait_for_url(f"{world.house.web_url}/{OWN}/office**")


async def test_a_device_that_does_not_know_its_owner_makes_no_passkey(world: World, browser: Browser) -> None:
    _, email = await somebody(world)
    async with visitor(browser, "phone", scripts=True) as page:
        session, authenticator = await a_device(page)
        await session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
        await at_account(page, world, email)
        await page.get_by_role("link", name="Додати ключ доступу").click()
        await page.get_by_role("button", name="Зробити ключ доступу").click()
        await page.get_by_text("Пристрій не відповів").wait_for()


async def test_an_answer_of_a_passkey_is_good_once(world: World, browser: Browser) -> None:
    _, email = await somebody(world)
    async with visitor(browser, "desk", scripts=True) as page:
        await a_device(page)
        await at_account(page, world, email)
        await page.get_by_role("link", name="Додати ключ доступу").click()
        await page.get_by_role("button", name="Зробити ключ доступу").click()
        await page.get_by_role("link", name="Коди збережено, далі").click()
        await page.goto(f"{world.house.issuer_url}/sign-in?account=1")
        async with page.expect_request("**/sign-in/passkey**") as sent:
            await page.get_by_role("button", name="Увійти ключем доступу").click()
        await page.get_by_role("heading", name="Мій вхід").wait_for()
        request = await sent.value
        again = await page.context.request.post(
            request.url,
            data=request.post_data or "",
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
        assert again.status == 422


async def test_other_browsers_are_listed_and_ended(world: World, browser: Browser) -> None:
    _, email = await somebody(world)
    async with visitor(browser, "phone") as lost, visitor(browser, "desk") as mine:
        await at_account(lost, world, email)
        await at_account(mine, world, email)
        assert await mine.locator(".list-plain .line").count() >= 2
        await looked_at(mine, "68-browsers", "desk")
        await mine.get_by_role("button", name="Вийти в усіх інших браузерах").click()
        await mine.get_by_role("heading", name="Мій вхід").wait_for()
        assert await mine.locator(".list-plain .line").count() == 1
        await lost.reload()
        await lost.get_by_label("Пошта").wait_for()


async def test_a_recovery_link_leads_back_in(world: World, browser: Browser) -> None:
    name, email = await somebody(world)
    with as_whom(world.tokens[f"head:{OWN}"]):
        link = await world.members.CreateRecoveryLink(
            members_pb2.CreateRecoveryLinkRequest(name=name, forget_second_factors=True, request_id=str(uuid4()))
        )
    async with visitor(browser, "phone") as page:
        await page.goto(link.url)
        await looked_at(page, "69-recovery")
        await page.get_by_label("Новий пароль").fill(f"{PASSWORD} anew")
        await page.get_by_label("Той самий пароль ще раз").fill(f"{PASSWORD} anew")
        await page.get_by_role("button", name="Зберегти новий пароль").click()
        await page.get_by_role("link", name="До мого входу").click()
        await page.get_by_label("Пошта").fill(email)
        await page.get_by_label("Пароль").fill(f"{PASSWORD} anew")
        await page.get_by_role("button", name="Увійти", exact=True).click()
        await page.get_by_role("link", name="Змінити пароль").click()
        await looked_at(page, "70-password")
