"""Somebody who agreed to it is told: a visit booked by phone, the day before it, an appeal that is answered."""

import asyncio
import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio
from kit.clock import KYIV
from playwright.async_api import Browser, Page
from spilno.reception.v1 import receptions_pb2

from tests.isolation.minting import renew
from tests.journeys.browser import looked_at, visitor
from tests.journeys.test_one_appeal import sign_in
from tests.world import OWN, World

OLENA = "olena@example.net"


@pytest_asyncio.fixture(scope="module")
async def world(later: World) -> World:
    return later


async def arrived(world: World, to: str, subject: str, within: float = 45.0) -> Any:
    """The letter to an address with such a subject, once it is in the mailbox."""
    async with asyncio.timeout(within):
        while True:
            for letter in world.house.letters.letters():
                if letter["To"] == to and subject in letter["Subject"]:
                    return letter
            await asyncio.sleep(0.2)


async def go(page: Page, world: World, path: str) -> None:
    await page.goto(f"{world.house.web_url}/{OWN}/{path}")


async def booked_by_phone(page: Page, world: World, device: str) -> datetime:
    """Staff book the latest slot that is offered, with the caller's consent to letters; tells when it is."""
    await go(page, world, "office/visits/new")
    await looked_at(page, "80-book-with-consent", device)
    await page.locator("a.day").last.click()
    slot = page.locator('input[name="slot"]:enabled').last
    start = datetime.fromtimestamp(int(await slot.get_attribute("value") or 0), UTC)
    await slot.check()
    await page.get_by_label("Як звертатися до людини").fill("Пані Олена")
    await page.get_by_label("Номер телефону").fill("097 765 43 21")
    await page.get_by_role("radio", name="Листом на електронну пошту").check()
    await page.get_by_label("Електронна пошта для повідомлень").fill(OLENA)
    await page.get_by_role("button", name="Записати").click()
    await page.locator(".code").wait_for()
    return start


async def filed_in_english(page: Page, world: World, email: str) -> str:
    """A resident files an appeal and agrees to letters in English; tells the code."""
    await go(page, world, "appeals/new")
    await page.get_by_role("radio", name="Заява").check()
    await page.get_by_role("radio", name="Порядок").check()
    await page.get_by_label("Розкажіть своїми словами").fill("Щоночі шум біля магазину на розі.")
    await page.get_by_label("Прізвище та ім’я").fill("Петро Мешканець")
    await page.get_by_label("Де ви живете").fill("Татарбунари")
    await page.get_by_label("Електронна пошта").fill(email)
    await page.get_by_role("radio", name="Листом на пошту").check()
    await page.get_by_label("Мова повідомлень").select_option("en")
    await page.get_by_role("button", name="Надіслати звернення").click()
    return re.sub(r"\D", "", await page.locator(".code").inner_text())


async def test_a_caller_is_told_of_their_visit_and_reminded_the_day_before(world: World, browser: Browser) -> None:
    async with visitor(browser, "desk") as officer:
        await sign_in(officer, world, f"officer@{OWN}.example.org")
        start = await booked_by_phone(officer, world, "desk")
        letter = await arrived(world, OLENA, "Вас записано на прийом")
        told = f"{start.astimezone(KYIV):%H:%M}"
        assert told in letter["Subject"]
        assert f"{world.house.web_url}/{OWN}/visits/cancel" in letter.get_content()
        assert "Олена" not in letter.as_string(), "nobody's words are in it"
        await officer.reload()
        await officer.get_by_text("o***@example.net").wait_for()
        await officer.get_by_text("Надіслано", exact=True).wait_for()
        await looked_at(officer, "81-visit-told", "desk")
    day_before = datetime.combine(start.astimezone(KYIV).date() - timedelta(days=1), datetime.min.time(), KYIV)
    assert not any("Нагадуємо" in one["Subject"] for one in world.house.letters.letters())
    moved = day_before.replace(hour=10).timestamp() + 30 - time.time()
    assert moved > 0, "the latest slot that is offered is days ahead"
    world.house.clock_file.write_text(str(moved))
    try:
        reminder = await arrived(world, OLENA, "Нагадуємо про візит")
    finally:
        world.house.clock_file.unlink()
    assert told in reminder["Subject"]
    assert reminder["Message-ID"] != letter["Message-ID"]


async def test_an_applicant_is_told_in_their_language_that_there_is_an_answer(world: World, browser: Browser) -> None:
    await renew(world)
    async with visitor(browser, "phone") as resident, visitor(browser, "phone") as officer:
        await go(resident, world, "appeals/new")
        await looked_at(resident, "82-appeal-with-consent")
        petro = "petro@example.net"
        code = await filed_in_english(resident, world, petro)
        registered = await arrived(world, petro, "Your appeal is registered")
        number = re.search(r"\d+/\d{4}", registered["Subject"])
        assert number
        assert code not in re.sub(r"\D", "", registered.get_content()), "the code is not sent"
        await sign_in(officer, world, f"officer@{OWN}.example.org")
        await go(officer, world, "office/appeals")
        await officer.get_by_role("link", name=number[0]).first.click()
        await officer.get_by_role("button", name="Взяти до роботи").click()
        await officer.get_by_role("radio", name="Вирішено позитивно").check()
        await officer.get_by_label("Текст відповіді").fill("Поліція провела рейд, шуму більше немає.")
        await officer.get_by_role("button", name="Надіслати відповідь").click()
        await officer.get_by_role("heading", name="Відповідь", exact=True).wait_for()
        answered = await arrived(world, petro, f"The answer to appeal {number[0]}")
        assert "рейд" not in answered.get_content(), "the answer is read by the code"
        await officer.reload()
        await officer.get_by_text("p***@example.net").first.wait_for()
        await looked_at(officer, "83-case-told")


async def test_the_head_changes_a_text_and_takes_the_first_one_back(world: World, browser: Browser) -> None:
    await renew(world)
    async with visitor(browser, "phone") as head:
        await sign_in(head, world, f"head@{OWN}.example.org")
        await go(head, world, "office/notices")
        await looked_at(head, "84-notice-texts")
        await head.get_by_role("link", name=re.compile(r"Українська.*Вас записано")).click()
        await head.get_by_label("Текст листа").fill("Чекаємо на вас: {wen}")
        await head.get_by_role("button", name="Зберегти").click()
        await head.get_by_role("alert").wait_for()
        await looked_at(head, "85-notice-text-refused")
        await head.get_by_label("Текст листа").fill("Чекаємо на вас: {when}. {office}")
        await head.get_by_role("button", name="Переглянути").click()
        await head.get_by_role("heading", name="Так це побачить людина").wait_for()
        await looked_at(head, "86-notice-text-preview")
        await head.get_by_role("button", name="Зберегти").click()
        await head.get_by_text("Змінено офісом").wait_for()
        await head.get_by_role("button", name="Повернути початковий текст").click()
        await head.get_by_role("button", name="Повернути початковий текст").wait_for(state="detached")
        assert "{link}" in await head.get_by_label("Текст листа").input_value()


async def test_where_the_mail_server_is_away_a_notice_waits_where_staff_see_it(world: World, browser: Browser) -> None:
    await renew(world)
    world.house.letters.mail.kill()
    booked = await world.visit_told(OWN, "away@example.net")
    async with visitor(browser, "phone") as officer:
        await sign_in(officer, world, f"officer@{OWN}.example.org")
        await asyncio.sleep(2)
        await go(officer, world, f"office/visits/{booked.visit.name.rpartition('/')[2]}")
        await officer.get_by_text("Чекає на відправлення").wait_for()
        await looked_at(officer, "87-visit-waits", "phone")
    world.house.letters.mail.start()
    assert await arrived(world, "away@example.net", "Вас записано", within=60)
    assert booked.visit.state == receptions_pb2.VISIT_STATE_BOOKED
