"""The head looks for what happened an hour ago: finds the hour on the day's strip, watches it for a case, keeps it."""

from typing import Any

import pytest
from kit.clock import KYIV
from playwright.async_api import Browser, expect
from spilno.cctv.v1 import views_pb2

from tests.journeys.browser import WIDTHS, looked_at, visitor
from tests.journeys.test_cameras import ended, pictured
from tests.journeys.test_one_appeal import sign_in
from tests.world import FILMED_AT, OWN, World

_AT = """since => {
    const clock = document.querySelector("[data-clock]").textContent;
    return clock !== "" && document.querySelector("video").currentTime > since;
}"""


@pytest.mark.parametrize("device", list(WIDTHS))
async def test_footage_is_found_watched_for_a_case_and_kept(world: World, browser: Browser, device: str) -> None:
    camera = await world.filmed_camera(OWN)
    filmed = FILMED_AT.astimezone(KYIV)
    async with visitor(browser, device, scripts=True) as head:
        await sign_in(head, world, f"head@{OWN}.example.org")
        await head.goto(f"{world.house.web_url}/{OWN}/office/cameras/{camera.name.rpartition('/')[2]}")
        await head.get_by_role("link", name="Переглянути запис за день").click()
        await head.get_by_label("День", exact=True).fill(filmed.date().isoformat())
        await head.get_by_role("button", name="Показати").click()
        await expect(head.locator(".footage")).to_be_visible()
        await looked_at(head, "57-footage", device)
        await head.get_by_role("button", name="Дивитися запис").click()
        await expect(head.locator("#purpose")).to_have_attribute("aria-describedby", "purpose-hint purpose-error")
        await looked_at(head, "58-footage-refused", device)
        await head.get_by_label("Навіщо").fill("Хто пошкодив лавку біля школи")
        await head.get_by_label("Номер справи чи події").first.fill("147/2026")
        await head.get_by_role("button", name="Дивитися запис").click()
        await head.locator("video").wait_for()
        await head.wait_for_function(_AT, arg=1.0)
        await expect(head.locator("[data-said]")).to_be_hidden()
        shown: Any = await head.locator("[data-clock]").text_content()
        assert filmed.strftime("%d.%m.%Y, %H:") in shown
        await pictured(head, "59-footage-plays", device)
        await head.get_by_role("button", name="Закінчити перегляд").click()
        await head.get_by_role("heading", name="Камери").wait_for()
        await head.goto(
            f"{world.house.web_url}/{OWN}/office/cameras/{camera.name.rpartition('/')[2]}/footage?day={filmed.date()}"
        )
        await head.get_by_label("Номер справи чи події").last.fill("147/2026")
        await head.get_by_label("Чому його треба зберегти").fill("Лист слідчого ще в дорозі")
        await head.get_by_role("button", name="Зберегти запис").click()
        await expect(head.get_by_role("heading", name="Збережено для справ")).to_be_visible()
        await head.locator("summary", has_text="Більше не потрібно").click()
        await looked_at(head, "60-footage-held", device)
        await head.get_by_label("Чому більше не потрібно").fill("Справу закрито")
        await head.get_by_role("button", name="Зняти збереження").click()
        await expect(head.get_by_role("heading", name="Збережено для справ")).to_have_count(0)
    view = await ended(world, camera)
    assert (view.reason, view.purpose, view.case_reference) == (
        views_pb2.VIEW_REASON_ARCHIVE,
        "Хто пошкодив лавку біля школи",
        "147/2026",
    )
