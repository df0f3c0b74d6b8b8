"""A resident finds the beat's officer and books Tuesday 10:00; staff see the visit, record it with both hosts, and it
becomes an appeal."""

import re
from uuid import uuid4

import pytest_asyncio
from playwright.async_api import Browser, Page
from spilno.reception.v1 import receptions_pb2

from tests.journeys.browser import looked_at, visitor
from tests.world import OWN, PASSWORD, World, as_whom

STREET = "вул. Мар'яненка"


@pytest_asyncio.fixture(scope="package")
async def beat(world: World) -> None:
    officer = await world.officer(OWN, "Дільничний офіцер, дільниця 1")
    await world.beat(OWN, f"{STREET} (Леніна) 1-25 непарні", "вул. Садова", officer=officer.name)


async def sign_in(page: Page, world: World, mailbox: str, path: str = "") -> None:
    await page.goto(f"{world.house.web_url}/{OWN}/office{path}")
    await page.get_by_label("Пошта").fill(f"{mailbox}@{OWN}.example.org")
    await page.get_by_label("Пароль").fill(PASSWORD)
    await page.get_by_role("button", name="Увійти", exact=True).click()


async def book(page: Page, who: str, email: str = "") -> tuple[str, str]:
    """Books the first free time of the next Tuesday, told of it at the address if one is given: the day, and the
    code."""
    tuesday = page.locator("a.day").filter(has_text="Вівторок").first
    day = (await tuesday.get_attribute("href") or "").removeprefix("?day=")
    await tuesday.click()
    await page.locator('input[name="slot"]:enabled').first.check()
    await page.get_by_label("Як до вас звертатися?").fill(who)
    await page.get_by_label("Номер телефону").fill(f"097 {uuid4().int % 10_000_000:07}")
    if email:
        await page.get_by_role("radio", name="Листом на електронну пошту").check()
        await page.get_by_label("Електронна пошта для повідомлень").fill(email)
    await page.get_by_role("button", name="Записатися").click()
    return day, (await page.locator(".code").inner_text()).strip()


async def test_a_resident_comes_on_tuesday_and_an_appeal_comes_of_it(
    world: World, browser: Browser, beat: None
) -> None:
    who = "Олена з телефона"
    async with visitor(browser, "phone") as resident, visitor(browser, "phone") as head:
        await resident.goto(f"{world.house.web_url}/{OWN}")
        await resident.get_by_role("main").get_by_role("link", name="Мій дільничний").click()
        await resident.get_by_label("Вулиця та будинок").fill("вулиця Мар’яненка, 13")
        await resident.get_by_role("button", name="Знайти").click()
        await resident.get_by_role("heading", name="Дільничний офіцер, дільниця 1").wait_for()
        await looked_at(resident, "20-officer")
        await resident.get_by_role("link", name="Записатися на прийом").click()
        await looked_at(resident, "21-visit")
        day, code = await book(resident, who, "olena@example.org")
        await looked_at(resident, "22-visit-receipt")
        assert re.sub(r"\D", "", code) not in resident.url

        await sign_in(head, world, "head")
        await head.get_by_role("heading", name="Нові звернення").wait_for()
        await looked_at(head, "23-today")
        await head.goto(f"{world.house.web_url}/{OWN}/office/visits?day={day}")
        await looked_at(head, "24-day")
        await head.get_by_role("link", name=who).click()
        await head.get_by_text("olena@example.org").wait_for()
        await head.get_by_role("button", name="Відмітити, що чекає").click()
        await head.get_by_text("Чекає тут").wait_for()
        await looked_at(head, "25-visit")
        assert await head.locator('input[name^="host-"]:checked').count() == 2
        await head.get_by_role("radio", name="Приймаємо звернення").check()
        await head.get_by_role("button", name="Зберегти").click()
        await head.get_by_role("radio", name="Заява").check()
        await head.get_by_role("radio", name="Порядок").check()
        await head.get_by_label("Суть, словами людини").fill("Щоночі шум біля магазину на розі.")
        await head.get_by_label("Місце проживання").fill("вул. Мар’яненка, 13")
        await head.get_by_role("button", name="Зареєструвати").click()
        await head.get_by_role("heading", name="Звернення зареєстровано").wait_for()
        with as_whom(world.tokens[f"head:{OWN}"]):
            listed = await world.receptions.ListVisits(
                receptions_pb2.ListVisitsRequest(parent=f"hromadas/{OWN}", date=day)
            )
        visit = next(visit for visit in listed.visits if visit.visitor == who)
        assert visit.state == receptions_pb2.VISIT_STATE_HELD
        assert len(visit.hosts) == 2
        assert visit.appeal
        await head.goto(f"{world.house.web_url}/{OWN}/office/visits/{visit.name.rpartition('/')[2]}")
        await looked_at(head, "26-visit-held")


async def test_a_visit_is_cancelled_and_the_offices_forms_are_looked_at(
    world: World, browser: Browser, beat: None
) -> None:
    async with visitor(browser, "phone") as resident, visitor(browser, "phone") as head:
        await resident.goto(f"{world.house.web_url}/{OWN}/visits/new")
        _, code = await book(resident, "Той, хто передумав")
        await resident.goto(f"{world.house.web_url}/{OWN}/visits/cancel")
        await resident.get_by_label("Код візиту").fill(code)
        await looked_at(resident, "27-cancel")
        await resident.get_by_role("button", name="Скасувати візит").click()
        await resident.get_by_role("heading", name="Візит скасовано").wait_for()
        await looked_at(resident, "28-cancelled")
        await resident.goto(f"{world.house.web_url}/{OWN}/visits/new")
        await resident.get_by_role("button", name="Записатися").click()
        await resident.get_by_role("alert").wait_for()
        await looked_at(resident, "29-visit-errors")
        await sign_in(head, world, "head", "/beats")
        for name, path in (
            ("30-beats", "beats"),
            ("31-beat-form", "beats/new"),
            ("32-officer-form", "officers/new"),
            ("33-schedule", "schedule"),
            ("34-book-for-caller", "visits/new"),
        ):
            await head.goto(f"{world.house.web_url}/{OWN}/office/{path}")
            await head.get_by_role("heading", level=1).wait_for()
            await looked_at(head, name)
