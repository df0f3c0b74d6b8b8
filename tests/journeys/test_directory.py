"""The head sets the day of a report; residents find their officer in the directory and take the booklet with them."""

import re

from playwright.async_api import Browser

from tests.journeys.browser import looked_at, visitor
from tests.journeys.test_one_appeal import sign_in
from tests.world import MARKER, OWN, World


async def test_a_report_is_planned_and_residents_read_of_it_in_the_directory(world: World, browser: Browser) -> None:
    await world.beat(OWN, "вул. Звітна", officer=(await world.officer(OWN)).name)
    portal = f"{world.house.web_url}/{OWN}"
    async with visitor(browser, "desk") as head, visitor(browser, "phone") as resident:
        await sign_in(head, world, f"head@{OWN}.example.org")
        await head.goto(f"{portal}/office/duties")
        await looked_at(head, "60-duties", "desk")
        await head.set_viewport_size({"width": 390, "height": 844})
        await looked_at(head, "60-duties", "phone")
        await head.set_viewport_size({"width": 1440, "height": 900})
        await head.get_by_role("link", name=re.compile("Призначити день.*Звіт")).last.click()
        await head.get_by_label("На який день заплановано").fill("31.12.2020")
        await head.get_by_role("button", name="Зберегти").click()
        await head.get_by_role("alert").get_by_text("Цей день уже минув").first.wait_for()
        await looked_at(head, "61-duty-refused", "desk")
        await head.get_by_label("На який день заплановано").fill("")
        await head.get_by_label("Коли відбулося").fill("01.06.2026")
        await head.get_by_role("button", name="Зберегти").click()
        await head.get_by_role("heading", name="Що вже відбулося").wait_for()

        await resident.goto(f"{portal}/officers")
        await resident.get_by_text(MARKER).first.wait_for()
        await looked_at(resident, "62-directory", "phone")
        await resident.goto(f"{portal}/officers/booklet")
        await resident.get_by_text("Останній звіт перед громадою: 1 червня 2026 року").first.wait_for()
        await looked_at(resident, "63-booklet", "phone")
        booklet = await resident.request.get(f"{portal}/officers/booklet.pdf?lang=en")
        assert (await booklet.body()).startswith(b"%PDF-")
        await head.goto(f"{portal}/officers")
        await looked_at(head, "62-directory", "desk")
        await head.goto(f"{portal}/office/beats")
        await looked_at(head, "64-beats", "desk")
        await head.set_viewport_size({"width": 390, "height": 844})
        await looked_at(head, "64-beats", "phone")
        await head.set_viewport_size({"width": 1440, "height": 900})
