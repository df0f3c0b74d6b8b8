"""A photo goes with an appeal: what the telephone wrote into it stays with the resident."""

import asyncio
from io import BytesIO
from pathlib import Path

import pytest
from kit.testing.pictures import PDF, SVG, photo_with_a_place, picture
from PIL import Image
from playwright.async_api import Browser, FilePayload

from tests.journeys.browser import looked_at, visitor
from tests.journeys.test_one_appeal import follow, sign_in
from tests.world import OWN, World

FIELD = "Фото чи документи"
MORE = "Додати фото чи документ"


@pytest.mark.parametrize("device", ["phone", "desk"])
async def test_a_photo_with_its_place_goes_in_and_comes_out_without_it(
    world: World, browser: Browser, device: str, tmp_path: Path
) -> None:
    photo, drawing, paper = tmp_path / "яма на дорозі.jpg", tmp_path / "схема.svg", tmp_path / "довідка.pdf"
    photo.write_bytes(photo_with_a_place())
    drawing.write_bytes(SVG)
    paper.write_bytes(PDF)
    assert Image.open(photo).getexif().get_ifd(0x8825)
    story = f"Яма на дорозі біля школи, фото додаю. {device}"
    async with visitor(browser, device) as resident, visitor(browser, device) as officer:
        await resident.goto(f"{world.house.web_url}/{OWN}/appeals/new")
        await resident.get_by_role("radio", name="Заява").check()
        await resident.get_by_role("radio", name="Дорога").check()
        await resident.get_by_label("Розкажіть своїми словами").fill(story)
        await resident.get_by_label("Прізвище та ім’я").fill("Мешканка Олена")
        await resident.get_by_label("Де ви живете").fill("м. Татарбунари, вул. Центральна, 1")
        await resident.get_by_label("Телефон").fill("097 123 45 67")
        await resident.get_by_label(FIELD).set_input_files([photo, drawing])
        await resident.get_by_role("button", name="Надіслати звернення").click()
        await resident.get_by_role("alert").wait_for()
        await looked_at(resident, "60-file-refused", device)
        assert await resident.get_by_label("Розкажіть своїми словами").input_value() == story
        await resident.get_by_label(FIELD).set_input_files([photo])
        await resident.get_by_role("button", name="Надіслати звернення").click()
        code = (await resident.locator(".code").inner_text()).strip()

        await follow(resident, world, code)
        await resident.get_by_text(photo.name).wait_for()
        await resident.get_by_label(MORE).set_input_files([paper])
        await resident.get_by_role("button", name="Додати файли").click()
        await resident.get_by_text(paper.name).wait_for()
        await looked_at(resident, "61-status-with-files", device)

        await sign_in(officer, world, f"officer@{OWN}.example.org")
        await officer.get_by_text(story).first.wait_for()
        await officer.locator("tr", has_text=story).get_by_role("link").first.click()
        await officer.get_by_role("heading", name="Файли", exact=True).wait_for()
        await officer.get_by_label(MORE).set_input_files(
            FilePayload(name="знімок офісу.png", mimeType="image/png", buffer=picture("PNG", (900, 600)))
        )
        await officer.get_by_role("button", name="Додати файли").click()
        await officer.get_by_role("link", name="знімок офісу.png", exact=True).wait_for()
        await officer.wait_for_load_state("load")
        assert await officer.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
        await looked_at(officer, "62-case-with-files", device)
        async with officer.expect_download() as downloading:
            await officer.get_by_role("link", name=photo.name, exact=True).click()
        download = await downloading.value
        assert download.suggested_filename == photo.name
        data = await asyncio.to_thread(Path(await download.path()).read_bytes)
        assert not dict(Image.open(BytesIO(data)).getexif())
        assert Image.open(BytesIO(data)).size == (40, 80)
        assert b"Olena" not in data
        if device == "desk":
            await officer.locator("summary", has_text="знімок офісу.png").click()
            await looked_at(officer, "63-file-to-be-erased", device)
            await officer.get_by_role("button", name="Стерти файл").locator("visible=true").click()
            await officer.get_by_text("Файл прибрано").wait_for()
            await looked_at(officer, "64-file-taken-away", device)
