"""The head's team: somebody is invited, comes in, gets another role, loses the way in and finds it, goes."""

from uuid import uuid4

from playwright.async_api import Browser, Page

from tests.journeys.browser import looked_at, visitor
from tests.journeys.test_one_appeal import sign_in
from tests.world import OWN, PASSWORD, World

HEAD = f"head@{OWN}.example.org"


async def link_in(page: Page) -> str:
    return (await page.locator(".receipt code").inner_text()).strip()


async def accept(page: Page, link: str) -> None:
    await page.goto(link)
    await page.get_by_label("Новий пароль").fill(PASSWORD)
    await page.get_by_label("Той самий пароль ще раз").fill(PASSWORD)
    await page.get_by_role("button", name="Прийняти запрошення").click()
    await page.get_by_role("heading", name="Готово, ви в команді").wait_for()


async def test_a_person_comes_into_the_team_and_leaves_it(world: World, browser: Browser) -> None:
    name, email = f"Координатор {uuid4().hex[:6]}", f"{uuid4().hex[:8]}@{OWN}.example.org"
    office = f"{world.house.web_url}/{OWN}/office"
    async with visitor(browser, "phone") as head, visitor(browser, "phone") as guest:
        await sign_in(head, world, HEAD)
        await head.goto(f"{office}/members/new")
        await head.get_by_label("Як називати в офісі").fill(name)
        await head.get_by_label("Пошта для входу").fill(email)
        await head.get_by_label("Останній день роботи").fill("2020-01-01")
        await head.get_by_role("button", name="Запросити").click()
        await head.get_by_role("alert").wait_for()
        await looked_at(head, "30-invite-errors")
        await head.get_by_role("checkbox", name="Координатор").check()
        await head.get_by_label("Останній день роботи").fill("2099-12-31")
        await head.get_by_role("button", name="Запросити").click()
        await head.get_by_role("heading", name="Запрошення готове").wait_for()
        await looked_at(head, "31-invitation")
        link = await link_in(head)

        await accept(guest, link)
        await guest.goto(link)
        await looked_at(guest, "32-invitation-used")
        assert "Запрошення вже прийнято" in (await guest.get_by_role("main").inner_text()).replace("\u00a0", " ")

        await sign_in(guest, world, email)
        await guest.goto(f"{office}/me")
        await looked_at(guest, "33-my-access")
        told = (await guest.get_by_role("main").inner_text()).replace("\u00a0", " ")
        assert "Керівник офісу" in told
        assert "31 грудня 2099 року" in told
        refused = await guest.goto(f"{office}/members/new")
        assert refused is not None
        assert refused.status == 403

        await head.goto(f"{office}/members")
        await looked_at(head, "34-team")
        await head.get_by_role("link", name=f"Змінити {name}").click()
        await looked_at(head, "35-member")
        await head.get_by_role("checkbox", name="Аудитор").check()
        await head.get_by_role("checkbox", name="Керівник офісу").check()
        await head.get_by_role("button", name="Зберегти ролі").click()
        await head.get_by_role("alert").wait_for()
        await head.get_by_role("checkbox", name="Керівник офісу").uncheck()
        await head.get_by_role("button", name="Зберегти ролі").click()
        await head.get_by_role("row", name=name).get_by_text("Аудитор").wait_for()
        await head.get_by_role("status").get_by_text("Збережено").wait_for()
        await looked_at(head, "37-roles-saved")

        await head.get_by_role("link", name=f"Змінити {name}").click()
        await head.get_by_role("button", name="Зробити посилання").click()
        await head.get_by_role("heading", name="Посилання для входу готове").wait_for()
        await guest.goto(await link_in(head))
        assert await guest.get_by_role("main").get_by_role("button").count() == 1

        await head.goto(f"{office}/members")
        await head.get_by_role("link", name=f"Змінити {name}").click()
        await head.get_by_role("link", name="Закрити доступ").click()
        await looked_at(head, "36-end-access")
        await head.get_by_role("button", name="Закрити доступ").click()
        await head.get_by_role("heading", name="Команда").wait_for()
        assert await head.get_by_role("row", name=name).count() == 0
        await guest.goto(f"{office}/me")
        await guest.get_by_role("heading", name="Ваш доступ до офісу закінчився").wait_for()


async def test_nobody_ends_or_changes_themselves(world: World, browser: Browser) -> None:
    async with visitor(browser, "desk") as head:
        await sign_in(head, world, HEAD)
        await head.goto(f"{world.house.web_url}/{OWN}/office/members")
        await head.get_by_role("link", name="Це ви").click()
        await head.get_by_role("heading", name="Мої ролі").wait_for()
