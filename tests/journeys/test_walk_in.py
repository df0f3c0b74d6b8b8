"""Somebody simply comes: staff put them into the waiting order from the day's list."""

from playwright.async_api import Browser

from tests.journeys.browser import looked_at, visitor
from tests.journeys.test_one_appeal import sign_in
from tests.world import OWN, World


async def test_whoever_came_without_a_booking_waits_in_the_days_list(world: World, browser: Browser) -> None:
    name = "Пані Марія"
    async with visitor(browser, "phone") as officer:
        await sign_in(officer, world, f"officer@{OWN}.example.org")
        await officer.goto(f"{world.house.web_url}/{OWN}/office/visits")
        await officer.get_by_role("link", name="Прийшли без запису").click()
        await officer.get_by_role("button", name="Поставити в чергу").click()
        await officer.get_by_role("alert").wait_for()
        await looked_at(officer, "50-walk-in-errors")
        await officer.get_by_label("Як звертатися до людини").fill(name)
        await officer.get_by_role("button", name="Поставити в чергу").click()
        await officer.get_by_role("link", name=name).wait_for()
        await looked_at(officer, "51-day-with-walk-in")
        await officer.get_by_role("link", name=name).click()
        await officer.get_by_text("Чекає тут").wait_for()
        await officer.goto(f"{world.house.web_url}/{OWN}/office")
        await looked_at(officer, "52-today")
