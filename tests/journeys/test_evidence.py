"""A camera is asked what it has, masked and found on the map; footage goes to the police with all that proves it."""

import asyncio
import json
import re
import subprocess
import zipfile
from contextlib import suppress
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import pytest
from cctv_gateway.testing import onvif
from kit.clock import KYIV
from playwright.async_api import Browser, Page, expect
from playwright.async_api import TimeoutError as TooLate
from spilno.identity.v1 import members_pb2
from spilno.reception.v1 import maps_pb2

from tests.journeys.browser import PICTURES, WIDTHS, looked_at, visitor
from tests.journeys.test_one_appeal import sign_in
from tests.world import FILMED_AT, OWN, World, as_whom

DOCS = Path(__file__).parents[2] / "docs/evidence.md"
LETTER = {
    "Назва органу": "Відділ поліції № 1",
    "Хто підписав лист": "Начальник відділу",
    "Номер листа": "147/05",
    "Номер справи": "12019160000000147",
    "Підстава": "ст. 40 Закону «Про Національну поліцію»: бійка на площі",
}


def lightness(jpeg: bytes) -> tuple[float, float]:
    """Of the middle of a picture's left half, and of its right."""
    read: Any = av.open(BytesIO(jpeg))
    picture = next(iter(read.decode(video=0)))
    plane = picture.planes[0]
    row = bytes(plane)[picture.height // 2 * plane.line_size :][: picture.width]
    return row[picture.width // 4], row[3 * picture.width // 4]


async def bring_map(world: World) -> None:
    """The hromada brings a map with one street, where the cameras of the tests hang."""
    line = [[29.605, 45.84], [29.61, 45.84], [29.615, 45.841]]
    street = {
        "type": "Feature",
        "properties": {"kind": "street", "name": "вул. Зразкова"},
        "geometry": {"type": "LineString", "coordinates": line},
    }
    features = json.dumps({"type": "FeatureCollection", "features": [street]})
    with as_whom(world.tokens[f"head:{OWN}"]):
        kept = await world.maps.GetMap(
            maps_pb2.GetMapRequest(parent=f"hromadas/{OWN}"), metadata=await world.through_web()
        )
        await world.maps.UpdateMap(
            maps_pb2.UpdateMapRequest(parent=f"hromadas/{OWN}", features=features, etag=kept.etag)
        )


async def snapshot(page: Page) -> bytes:
    """The picture that masks are drawn over."""
    await page.get_by_role("button", name="Показати картинку").click()
    address = await page.locator(".masks__frame img").get_attribute("src")
    for _ in range(60):
        answer = await page.request.get(address or "")
        if answer.ok:
            return await answer.body()
        await asyncio.sleep(0.5)
    raise AssertionError("no picture came")


async def found(head: Page, name: str) -> None:
    """Looks for cameras, and again if nobody answered in the seconds that are waited."""
    for _ in range(4):
        await head.get_by_role("button", name="Шукати").click()
        with suppress(TooLate):
            await head.get_by_role("link", name=name).first.wait_for(timeout=15_000)
            return
    raise AssertionError("no camera answered")


async def test_a_camera_is_asked_for_its_streams_and_what_it_must_not_show_is_painted_over(
    world: World, browser: Browser
) -> None:
    camera, lit = await world.camera(OWN), await world.camera(OWN, lit=True)
    office = f"{world.house.web_url}/{OWN}/office"
    async with visitor(browser, "desk", scripts=True) as head:
        await sign_in(head, world, f"head@{OWN}.example.org")
        await head.goto(f"{office}/cameras/new")
        await found(head, "Біля школи")
        await looked_at(head, "58-cameras-found", "desk")
        await head.goto(f"{office}/cameras/{camera.name.rpartition('/')[2]}/probe")
        await head.get_by_label("Адреса камери").fill("169.254.169.254")
        await head.get_by_role("button", name="Запитати").click()
        await head.get_by_role("alert").get_by_text("мережі").wait_for()
        await head.get_by_label("Адреса камери").fill(world.device)
        await head.get_by_label("Ім’я для входу").fill(onvif.USERNAME)
        await head.get_by_label("Пароль камери").fill(onvif.PASSWORD)
        await head.get_by_role("button", name="Запитати").click()
        await head.get_by_text("спішить на").wait_for()
        assert onvif.PASSWORD not in await head.content()
        await looked_at(head, "56-camera-probe", "desk")
        await head.get_by_label("Основний потік").select_option("main")
        await head.get_by_role("button", name="Підключити").click()
        await head.get_by_text("127.0.0.1").wait_for()

        await head.goto(f"{office}/cameras/{lit.name.rpartition('/')[2]}/masks")
        before = lightness(await snapshot(head))
        assert min(before) > 10
        frame = head.locator(".masks__frame")
        await frame.locator("img").evaluate("picture => picture.decode()")
        box = await frame.bounding_box()
        assert box is not None
        await head.mouse.move(box["x"] + 1, box["y"] + 1)
        await head.mouse.down()
        await head.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] - 1, steps=4)
        await head.mouse.up()
        await expect(head.get_by_label("Маски числами")).to_have_value(re.compile(r"^0(\.\d)? 0(\.\d)?, 40"))
        await head.screenshot(path=PICTURES / "57-masks_desk.png", full_page=True)
        await head.get_by_role("button", name="Зберегти").click()
        await head.get_by_text("Збережено").first.wait_for()
        async with asyncio.timeout(40):
            while True:
                await head.goto(f"{office}/cameras/{lit.name.rpartition('/')[2]}/masks")
                left, right = lightness(await snapshot(head))
                if left < 8:
                    break
                await asyncio.sleep(1)
        assert right > 10
        await bring_map(world)
        await head.goto(f"{office}/cameras/map")
        await expect(head.locator("path.map__sees")).to_have_count(await head.locator("tbody tr").count())
        await head.screenshot(path=PICTURES / "58-camera-map_desk.png", full_page=True)


@pytest.mark.parametrize("device", list(WIDTHS))
async def test_footage_is_asked_for_approved_by_another_and_checked_as_the_documents_say(
    world: World, browser: Browser, device: str, tmp_path: Path
) -> None:
    await world.filmed_camera(OWN)
    mailbox = f"evidence-{device}"
    await world.invite(OWN, "Координатор", members_pb2.ROLE_COORDINATOR, mailbox=mailbox)
    asked_from = FILMED_AT.astimezone(KYIV) + timedelta(seconds=1)
    async with visitor(browser, device) as coordinator:
        await sign_in(coordinator, world, f"{mailbox}@{OWN}.example.org")
        await coordinator.goto(f"{world.house.web_url}/{OWN}/office/evidence/new")
        for label, typed in LETTER.items():
            await coordinator.get_by_label(label).fill(typed)
        await coordinator.get_by_label("Дата листа").fill(str(asked_from.date()))
        await coordinator.locator("input[name^=camera-]").last.check()
        await coordinator.get_by_label("Від", exact=True).fill(f"{asked_from - timedelta(hours=2):%Y-%m-%dT%H:%M}")
        await coordinator.get_by_label("До", exact=True).fill(f"{asked_from - timedelta(hours=1):%Y-%m-%dT%H:%M}")
        await coordinator.get_by_role("button", name="Внести запит").click()
        await coordinator.get_by_role("alert").get_by_text("запису немає").wait_for()
        await looked_at(coordinator, "59-evidence-errors", device)
        await coordinator.get_by_label("Від", exact=True).fill(f"{asked_from:%Y-%m-%dT%H:%M}")
        await coordinator.get_by_label("До", exact=True).fill(f"{asked_from + timedelta(minutes=2):%Y-%m-%dT%H:%M}")
        await coordinator.get_by_role("button", name="Внести запит").click()
        await coordinator.get_by_text("Запис замкнено від видалення").wait_for()
        address = coordinator.url.partition("?")[0]
        assert await coordinator.get_by_role("button", name="Дозволити").count() == 0
    async with visitor(browser, device) as head:
        await sign_in(head, world, f"head@{OWN}.example.org")
        await head.goto(address)
        await head.get_by_role("button", name="Дозволити").click()
        link = head.get_by_role("link", name="Завантажити архів")
        async with head.expect_download() as coming:
            await link.click()
        await (await coming.value).save_as(tmp_path / "evidence.zip")
        await head.goto(address)
        await head.get_by_text("Запис завантажено").wait_for()
        await looked_at(head, "60-evidence", device)
        await head.goto(f"{world.house.web_url}/{OWN}/office/evidence")
        await looked_at(head, "61-evidence-list", device)
        published = await (await head.request.get(f"{world.house.web_url}/{OWN}/evidence-key.pem")).text()
    zipfile.ZipFile(tmp_path / "evidence.zip").extractall(tmp_path)
    assert (tmp_path / "evidence-key.pem").read_text() == published
    [commands] = re.findall(r"```sh\n(.*?)```", DOCS.read_text(), re.DOTALL)
    checked = await asyncio.to_thread(
        subprocess.run, ["bash", "-euo", "pipefail", "-c", commands], cwd=tmp_path, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr
