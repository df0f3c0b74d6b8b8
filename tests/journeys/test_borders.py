"""The head types a beat's border off a map; the beats are drawn, and a resident sees the border of theirs."""

import re

import pytest
from playwright.async_api import Browser

from tests.journeys.browser import looked_at, visitor
from tests.journeys.test_one_appeal import sign_in
from tests.world import OWN, World

POINTS = "45.{0}30, 29.60\n45.{0}30, 29.64\n45.{0}45, 29.66\n45.{0}60, 29.63\n45.{0}55, 29.59"


@pytest.mark.parametrize("device", ["phone", "desk"])
async def test_a_border_is_typed_judged_and_drawn(world: World, browser: Browser, device: str) -> None:
    row, street = {"phone": (7, "вул. Межова"), "desk": (8, "вул. Крайня")}[device]
    number = await world.free_beat_number(OWN)
    office = f"{world.house.web_url}/{OWN}/office"
    async with visitor(browser, device) as head, visitor(browser, device) as resident:
        await sign_in(head, world, f"head@{OWN}.example.org")
        await head.goto(f"{office}/beats/new")
        await head.get_by_label("Номер дільниці").fill(str(number))
        await head.get_by_label("Вулиці", exact=True).fill(street)
        await head.get_by_label("Межа на карті").fill("29.60, 45.83\n29.64, 45.83\n29.66, 45.84")
        await head.get_by_role("button", name="Зберегти").click()
        await head.get_by_role("alert").get_by_text("Україну").wait_for()
        await looked_at(head, "40-border-errors", device)
        await head.get_by_label("Межа на карті").fill(POINTS.format(row))
        await head.get_by_role("button", name="Зберегти").click()
        await head.get_by_role("heading", name="Межі дільниць").wait_for()
        await looked_at(head, "41-borders", device)

        await head.goto(f"{office}/beats/new")
        await head.get_by_label("Номер дільниці").fill(str(number + 1))
        await head.get_by_label("Вулиці", exact=True).fill(street.replace("вул.", "пров."))
        await head.get_by_label("Межа на карті").fill(POINTS.format(row))
        await head.get_by_role("button", name="Зберегти").click()
        await head.get_by_role("alert").get_by_text(re.compile(rf"№\s{number}")).wait_for()

        await resident.goto(f"{world.house.web_url}/{OWN}/officer")
        await resident.get_by_label("Вулиця та будинок").fill(street)
        await resident.get_by_role("button", name="Знайти").click()
        await resident.get_by_role("img", name="Межа дільниці").wait_for()
        await looked_at(resident, "42-border-card", device)
