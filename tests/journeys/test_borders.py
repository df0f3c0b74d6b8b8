"""The head types a beat's border off a map; the beats are drawn, and a resident sees the border of theirs."""

import re
from pathlib import Path
from urllib.parse import parse_qs

from machine import demo
from playwright.async_api import Browser, Locator, Page

from tests.journeys.browser import looked_at, visitor
from tests.journeys.test_one_appeal import sign_in
from tests.world import OWN, World

POINTS = "45.{0}30, 29.60\n45.{0}30, 29.64\n45.{0}45, 29.66\n45.{0}60, 29.63\n45.{0}55, 29.59"


async def touch_at(page: Page, ground: Locator, latitude: float, longitude: float) -> None:
    """Touches the map where that place is: two touches tell how it lies, the third is the one."""
    box = await ground.bounding_box()
    assert box is not None
    told = []
    for share in (0.25, 0.75):
        async with page.expect_request(lambda request: request.method == "POST") as asked:
            await ground.click(position={"x": box["width"] * share, "y": box["height"] * share})
        sent = parse_qs((await asked.value).post_data or "")
        told.append((float(sent["latitude"][0]), float(sent["longitude"][0])))
        await page.get_by_text("поза межами дільниць").wait_for()
    (north, west), (south, east) = told
    across, down = (longitude - west) / (east - west), (north - latitude) / (north - south)
    where = {"x": box["width"] * (0.25 + across / 2), "y": box["height"] * (0.25 + down / 2)}
    await ground.click(position={"x": where["x"], "y": where["y"]})


async def test_a_beat_is_drawn_by_touching_the_map_and_a_resident_touches_their_home(
    world: World, browser: Browser
) -> None:
    number = await world.free_beat_number(OWN)
    office = f"{world.house.web_url}/{OWN}/office"
    features = (Path(demo.__file__).with_name("map.geojson")).read_text(encoding="utf-8")
    async with visitor(browser, "desk", scripts=True) as head, visitor(browser, "phone", scripts=True) as resident:
        await sign_in(head, world, f"head@{OWN}.example.org")
        await head.goto(f"{office}/map")
        await head.get_by_label("Вміст файлу").fill("[]")
        await head.get_by_role("button", name="Зберегти карту").click()
        await head.get_by_role("alert").get_by_text("GeoJSON").first.wait_for()
        await looked_at(head, "43-map-refused", "desk")
        await head.get_by_label("Вміст файлу").fill(features)
        await head.get_by_label("Чиї це дані").fill("Умовна схема")
        await head.get_by_role("button", name="Зберегти карту").click()
        await head.get_by_role("application", name="Карта громади").wait_for()
        await looked_at(head, "44-map", "desk")

        await head.goto(f"{office}/beats/new")
        await head.get_by_label("Номер дільниці").fill(str(number))
        await head.get_by_label("Вулиці", exact=True).fill("вул. Намальована")
        drawn = head.get_by_role("application", name="Дільниця на карті громади")
        await drawn.scroll_into_view_if_needed()
        box = await drawn.bounding_box()
        assert box is not None
        for right, down in ((0.45, 0.82), (0.6, 0.82), (0.6, 0.94), (0.45, 0.94), (0.5, 0.97)):
            await head.mouse.click(box["x"] + box["width"] * right, box["y"] + box["height"] * down)
        await head.get_by_role("button", name="Скасувати крок").click()
        points = (await head.get_by_label("Межа на карті").input_value()).splitlines()
        assert len(points) == 4
        await looked_at(head, "45-beat-by-touch", "desk")
        await head.get_by_role("button", name="Зберегти").click()
        await head.get_by_role("heading", name="Межі дільниць").wait_for()
        await looked_at(head, "46-beats-on-the-map", "desk")

        await resident.goto(f"{world.house.web_url}/{OWN}/officer")
        ground = resident.get_by_role("application", name="Карта громади")
        await ground.scroll_into_view_if_needed()
        await looked_at(resident, "47-touch-your-home", "phone")
        latitude, longitude = (
            sum(each) / 4 for each in zip(*(map(float, line.split(",")) for line in points), strict=True)
        )
        await touch_at(resident, ground, latitude, longitude)
        await resident.get_by_role("heading", name=re.compile(rf"№\s{number}")).wait_for()
        await looked_at(resident, "48-home-found", "phone")


async def test_a_border_is_typed_judged_and_drawn(world: World, browser: Browser) -> None:
    row, street = 7, "вул. Межова"
    number = await world.free_beat_number(OWN)
    office = f"{world.house.web_url}/{OWN}/office"
    async with visitor(browser, "phone") as head, visitor(browser, "phone") as resident:
        await sign_in(head, world, f"head@{OWN}.example.org")
        await head.goto(f"{office}/beats/new")
        await head.get_by_label("Номер дільниці").fill(str(number))
        await head.get_by_label("Вулиці", exact=True).fill(street)
        await head.get_by_label("Межа на карті").fill("29.60, 45.83\n29.64, 45.83\n29.66, 45.84")
        await head.get_by_role("button", name="Зберегти").click()
        await head.get_by_role("alert").get_by_text("Україну").wait_for()
        await looked_at(head, "40-border-errors")
        await head.get_by_label("Межа на карті").fill(POINTS.format(row))
        await head.get_by_role("button", name="Зберегти").click()
        await head.get_by_role("heading", name="Межі дільниць").wait_for()
        await looked_at(head, "41-borders")

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
        await looked_at(resident, "42-border-card")
