"""What frightens somebody: told by a touch, looked through, handed over, fixed; another says they saw it too."""

from pathlib import Path

from kit.testing.pictures import SVG, huge, picture, polyglot
from machine import demo
from playwright.async_api import Browser, FilePayload
from spilno.reception.v1 import maps_pb2

from tests.journeys.browser import looked_at, visitor
from tests.journeys.test_one_appeal import sign_in
from tests.world import OWN, World, as_whom


async def test_a_hazard_goes_from_a_residents_phone_to_the_map_and_is_fixed(world: World, browser: Browser) -> None:
    with as_whom(world.tokens[f"head:{OWN}"]):
        kept = await world.maps.GetMap(
            maps_pb2.GetMapRequest(parent=f"hromadas/{OWN}"), metadata=await world.through_web()
        )
        features = Path(demo.__file__).with_name("map.geojson").read_text(encoding="utf-8")
        await world.maps.UpdateMap(
            maps_pb2.UpdateMapRequest(
                parent=f"hromadas/{OWN}", features=features, attribution="Умовна схема", etag=kept.etag
            )
        )
    site = f"{world.house.web_url}/{OWN}/hazards"
    async with visitor(browser, "phone", scripts=True) as resident, visitor(browser, "desk") as officer:
        await resident.goto(f"{site}/new")
        await resident.get_by_label("Занедбана будівля").check()
        ground = resident.get_by_role("application", name="Місце на карті громади")
        await ground.click(position={"x": 150, "y": 200})
        await resident.get_by_label("Адреса або орієнтир").fill("вул. Показова, 9")
        await resident.get_by_label("Опишіть коротко").fill("Двері відчинені. Іван Вигаданий, 097 123 45 67")
        photo = resident.get_by_label("Фото", exact=False)
        await photo.set_input_files([_file("a.jpg", polyglot()), _file("drawing.svg", SVG)])
        await resident.get_by_role("button", name="Надіслати").click()
        await resident.get_by_role("link", name="drawing.svg").wait_for()
        assert "Вигаданий" in await resident.get_by_label("Опишіть коротко").input_value()
        await photo.set_input_files([_file("a.jpg", picture(size=(900, 300))), _file("bomb.jpg", huge())])
        await resident.get_by_role("button", name="Надіслати").click()
        await resident.get_by_role("link", name="bomb.jpg").wait_for()
        await resident.get_by_text("Додано 1 фото").wait_for()
        await looked_at(resident, "60-hazard-new", "phone")
        await resident.get_by_role("button", name="Надіслати").click()
        await resident.get_by_role("heading", name="Дякуємо").wait_for()
        code = await resident.locator(".code").inner_text()
        await looked_at(resident, "61-hazard-receipt", "phone")

        await sign_in(officer, world, f"officer@{OWN}.example.org")
        await officer.goto(f"{world.house.web_url}/{OWN}/office/hazards")
        await looked_at(officer, "62-hazards-desk", "desk")
        await officer.locator("a.id").first.click()
        await officer.get_by_text("Можливо, тут є особисті дані").wait_for()
        assert "Вигаданий" not in await officer.get_by_label("Текст для всіх").input_value()
        await officer.get_by_label("Показати фото 1").check()
        await looked_at(officer, "63-hazard-desk", "desk")
        await officer.get_by_role("button", name="Показати всім").click()
        await officer.get_by_text("Збережено").wait_for()

        await resident.goto(site)
        await resident.get_by_role("application", name="Небезпеки на карті громади").wait_for()
        await looked_at(resident, "64-hazards", "phone")
        async with visitor(browser, "desk") as neighbour:
            await neighbour.goto(f"{site}/new")
            await neighbour.get_by_label("Занедбана будівля").check()
            await neighbour.get_by_label("Адреса або орієнтир").fill("Показова, 9, двері відчинені")
            await neighbour.get_by_role("button", name="Надіслати").click()
            await neighbour.get_by_role("heading", name="Поруч уже повідомили").wait_for()
            await looked_at(neighbour, "65-hazard-alike", "desk")
            await neighbour.get_by_role("link", name="Занедбана будівля, №").click()
            await neighbour.get_by_text("Фото з місця: 1").click()
            await neighbour.get_by_role("img", name="Фото 1").wait_for()
            await looked_at(neighbour, "66-hazard", "desk")
            await neighbour.get_by_role("button", name="Я теж це бачу").click()
            await neighbour.get_by_text("1 людина теж бачила").wait_for()

        await officer.get_by_label("Крок").select_option("handed-over")
        await officer.get_by_label("Кому передано").fill("Служба місцевих доріг")
        await officer.get_by_role("button", name="Записати крок").click()
        await officer.get_by_text("Передано відповідальному: Служба місцевих доріг").wait_for()
        await officer.get_by_label("Крок").select_option("fixed")
        await officer.get_by_role("button", name="Записати крок").click()
        await officer.get_by_text("Усунуто").first.wait_for()

        await resident.goto(f"{site}/follow")
        await resident.get_by_label("Таємний код").fill(code)
        await resident.get_by_role("button", name="Показати").click()
        await resident.get_by_label("Що ще не так").fill("Двері знову відчинені")
        await looked_at(resident, "67-hazard-mine", "phone")
        await resident.get_by_role("button", name="Відкрити знову").click()
        await resident.get_by_text("Відкрито знову").first.wait_for()

        await officer.goto(f"{world.house.web_url}/{OWN}/office/hazards/new")
        await looked_at(officer, "68-hazard-call", "desk")
    async with visitor(browser, "desk") as head:
        await sign_in(head, world, f"head@{OWN}.example.org")
        await head.goto(f"{world.house.web_url}/{OWN}/office/hazards/settings")
        await head.get_by_label("Чий це ключ").fill("Застосунок сусіднього міста")
        await head.get_by_role("button", name="Видати ключ").click()
        await head.locator("code").wait_for()
        await looked_at(head, "69-hazard-settings", "desk")


def _file(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": data}
