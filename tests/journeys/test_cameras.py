"""The head watches a camera and a wall in a browser that plays H.264; a suspended one goes dark before their eyes."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from cctv_gateway.testing import papers
from grpc import StatusCode
from kit.rpc.client import Failure
from kit.servers.cameras import Cameras
from kit.testing.pictures import photo_with_a_place
from playwright.async_api import Browser, Locator, Page, expect
from spilno.cctv.v1 import cameras_pb2, views_pb2

from tests.journeys.browser import PICTURES, WIDTHS, looked_at, visitor
from tests.journeys.test_one_appeal import sign_in
from tests.world import MARKER, OWN, World, as_whom

_FRAMES = "video => video.getVideoPlaybackQuality().totalVideoFrames"
_GO_ON = """tiles => {
    const times = tiles.map(tile => document.querySelector(`${tile} video`).currentTime);
    window.from ??= times;
    return times.every((time, at) => Math.abs(time - window.from[at]) > 1);
}"""
_LATE = 3.6
"""Seconds: who is later than that goes on with what is now."""
_BEHIND = "video => video.buffered.end(video.buffered.length - 1) - video.currentTime"


async def frames(video: Locator) -> int:
    shown: int = await video.evaluate(_FRAMES)
    return shown


async def plays(video: Locator, within: float = 40.0) -> float:
    """Waits until pictures have advanced by two seconds' worth; tells how long that took."""
    began, first = time.monotonic(), await frames(video)
    while await frames(video) < first + 40:
        assert time.monotonic() - began < within, f"{await frames(video)} pictures after {within} s"
        await asyncio.sleep(0.2)
    return time.monotonic() - began


async def watching(page: Page) -> tuple[Locator, float]:
    """Begins to watch: the picture, which plays, and the seconds from the click until there was a first one."""
    began = time.monotonic()
    await page.get_by_role("button", name="Дивитися").click()
    video = page.locator("video")
    await video.wait_for()
    while await frames(video) == 0:
        assert time.monotonic() - began < 40
        await asyncio.sleep(0.05)
    first = time.monotonic() - began
    await plays(video)
    await expect(page.locator("[data-said]")).to_be_hidden()
    return video, first


async def pictured(page: Page, name: str, device: str) -> None:
    """A picture of a page that plays: axe opens a copy of a page, which would be a stranger to the media."""
    PICTURES.mkdir(exist_ok=True)
    await page.screenshot(path=PICTURES / f"{name}_{device}.png", full_page=True)
    overflow = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0


async def ended(world: World, camera: cameras_pb2.Camera) -> views_pb2.View:
    """The newest view of a camera once it has ended."""
    with as_whom(world.tokens[f"head:{OWN}"]):
        async with asyncio.timeout(150):
            while True:
                try:
                    listed = await world.views.ListViews(views_pb2.ListViewsRequest(parent=camera.name, page_size=1))
                except Failure as failure:  # the gateway was killed a while ago, and is not there yet
                    if failure.code is not StatusCode.UNAVAILABLE:
                        raise
                    await asyncio.sleep(0.2)
                    continue
                if listed.views[0].HasField("ended_at"):
                    view: views_pb2.View = listed.views[0]
                    return view
                await asyncio.sleep(0.2)


@pytest.mark.parametrize("device", list(WIDTHS))
async def test_a_camera_is_watched_live_with_a_reason(
    world: World, browser: Browser, device: str, record_property: Any
) -> None:
    camera = await world.camera(OWN, lit=True)
    await world.camera(OWN)
    page_of_it = f"{world.house.web_url}/{OWN}/office/cameras/{camera.name.rpartition('/')[2]}"
    async with visitor(browser, device, scripts=True) as head:
        await sign_in(head, world, f"head@{OWN}.example.org")
        await head.goto(f"{world.house.web_url}/{OWN}/office/cameras")
        await looked_at(head, "50-cameras", device)
        await head.goto(page_of_it)
        await looked_at(head, "51-camera", device)
        await head.get_by_label("Навіщо дивитеся").select_option("incident")
        await head.get_by_label("Номер справи").fill("147/2026")
        video, first = await watching(head)
        await expect(head.locator(".live__mark")).to_contain_text("Керівник офісу")
        behind = await video.evaluate(_BEHIND)
        await head.wait_for_function(f"() => ({_BEHIND})(document.querySelector('video')) < {_LATE}", timeout=20_000)
        record_property(
            "figures",
            f"camera in Chromium ({device}): first picture {first:.1f} s after the click, {behind:.1f} s held",
        )
        await pictured(head, "52-live", device)
        await head.get_by_role("button", name="Закінчити перегляд").click()
        await head.get_by_role("heading", name="Камери").wait_for()
    view = await ended(world, camera)
    assert (view.reason, view.case_reference) == (views_pb2.VIEW_REASON_INCIDENT, "147/2026")


async def test_a_camera_of_a_third_party_is_watched_live(
    world: World, browser: Browser, tmp_path: Path, record_property: Any
) -> None:
    street = Cameras(tmp_path / "cameras.log")
    address = street.url("street").replace("127.0.0.1", "localhost")  # so that what is found at the other is not known
    await street.start()
    try:
        with as_whom(world.tokens[f"head:{OWN}"]):
            camera = await papers.lit(
                world.cameras, OWN, address, papers.draft(purpose=MARKER), cameras_pb2.SOURCE_KIND_RTSP
            )
        async with visitor(browser, "desk", scripts=True) as head:
            await sign_in(head, world, f"head@{OWN}.example.org")
            await head.goto(f"{world.house.web_url}/{OWN}/office/cameras/{camera.name.rpartition('/')[2]}")
            await head.get_by_label("Навіщо дивитеся").select_option("duty")
            _, first = await watching(head)
            record_property("figures", f"RTSP camera in Chromium: first picture {first:.1f} s after the click")
            await head.get_by_role("button", name="Закінчити перегляд").click()
            await head.get_by_role("heading", name="Камери").wait_for()
    finally:
        await street.stop()


async def survives_a_gateway(world: World, pages: list[tuple[Page, str, list[str]]], address: str) -> None:
    """The gateway that a page plays from dies: the page goes to the next address by itself, every tile of it plays on,
    and the portal asks the other gateway: passes are renewed and pages open as before."""
    begun = [await page.locator(stage).get_attribute("data-at") for page, stage, _ in pages]
    assert set(begun) == {world.house.media_url.split()[0]}
    world.house.service("cctv").kill()
    try:
        for page, stage, tiles in pages:
            await expect(page.locator(stage)).to_have_attribute(
                "data-at", world.house.media_url.split()[1], timeout=60_000
            )
            for tile in tiles:
                await expect(page.locator(tile).locator("[data-said]")).to_be_hidden(timeout=60_000)
            await page.wait_for_function(_GO_ON, arg=tiles, timeout=60_000)
            passes = await page.locator(stage).get_attribute("data-passes")
            assert (await page.request.get(f"{world.house.web_url}{passes}")).ok
        another = await pages[0][0].context.new_page()
        answer = await another.goto(address)
        assert answer is not None
        assert answer.ok
    finally:
        await world.house.service("cctv").start()


PAPERS = {
    "Назва": "Біля аптеки",
    "Адреса": "вул. Зразкова, 3",
    "Широта": "45,84",
    "Довгота": "29.61",
    "Напрям": "90",
    "Дальність, метрів": "40",
    "Назва власника": "Зразкова міська рада",
    "Положення ради": "Положення про відеоспостереження",
    "Номер положення": "10",
    "Ухвалено": "2019-02-13",
    "Скільки годин зберігати запис": "72",
    "Табличку встановлено": "2019-11-07",
}


@pytest.mark.parametrize("device", list(WIDTHS))
async def test_a_camera_is_entered_found_wanting_completed_and_switched_on(
    world: World, browser: Browser, device: str
) -> None:
    async with visitor(browser, device) as head:
        await sign_in(head, world, f"head@{OWN}.example.org")
        await head.goto(f"{world.house.web_url}/{OWN}/office/cameras/new")
        for label, typed in PAPERS.items():
            await head.get_by_label(label, exact=True).fill(typed)
        await head.get_by_label("Найдовше зберігання за положенням").fill("72")
        await head.get_by_label("Кут огляду").fill("400")
        await head.get_by_role("button", name="Зберегти").click()
        await head.get_by_role("alert").get_by_text("від 1 до 360").wait_for()
        await looked_at(head, "54-dossier-errors", device)
        await head.get_by_label("Кут огляду").fill("80")
        await head.get_by_role("button", name="Зберегти").click()
        await head.get_by_text("Немає письмової мети").wait_for()
        await looked_at(head, "55-camera-wanting", device)
        await head.get_by_role("link", name="Змінити досьє").click()
        await head.get_by_label("Мета саме цієї камери").fill("Безпека людей біля аптеки вночі")
        await head.get_by_role("button", name="Зберегти").click()

        await head.get_by_label("Адреса основного потоку").fill("rtsp://169.254.169.254/latest")
        await head.get_by_role("button", name="Підключити").click()
        await head.get_by_role("alert").get_by_text("мережі").wait_for()
        await head.get_by_label("Адреса основного потоку").fill("rtsp://admin:s3cret@cam.example.org/1")
        await head.get_by_role("button", name="Підключити").click()
        await head.get_by_text("cam.example.org").wait_for()
        assert "s3cret" not in await head.content()
        await head.get_by_label("Додати фото таблички").set_input_files(
            {"name": "табличка.jpg", "mimeType": "image/jpeg", "buffer": photo_with_a_place()}
        )
        await head.get_by_role("button", name="Додати фото", exact=True).click()
        await head.get_by_role("img", name="Фото таблички: табличка.jpg").wait_for()
        await looked_at(head, "56-camera-sign", device)
        await head.get_by_role("button", name="Так, документи готові").click()
        await head.get_by_role("button", name="Увімкнути").click()
        await head.get_by_role("button", name="Дивитися").wait_for()
        await head.get_by_label("Чому камеру зупинено").fill("Ремонт опори")
        await head.get_by_role("button", name="Зупинити").click()
        await head.get_by_role("button", name="Увімкнути").wait_for()


async def test_a_wall_plays_every_camera_and_one_that_is_suspended_goes_dark(
    world: World, browser: Browser, record_property: Any
) -> None:
    cameras = [await world.camera(OWN, lit=True) for _ in range(4)]
    async with visitor(browser, "desk", scripts=True) as head:
        await sign_in(head, world, f"head@{OWN}.example.org")
        await head.goto(f"{world.house.web_url}/{OWN}/office/cameras")
        await head.get_by_role("button", name="Дивитися всі").click()
        await head.get_by_role("heading", name="Відеостіна").wait_for()
        tiles = {each.name: head.locator(f"[data-tile='{each.name.rpartition('/')[2]}']") for each in cameras}
        for tile in tiles.values():
            await plays(tile.locator("video"))
        await pictured(head, "53-wall", "desk")
        dark = cameras[0]
        with as_whom(world.tokens[f"head:{OWN}"]):
            await world.cameras.SuspendCamera(
                cameras_pb2.SuspendCameraRequest(name=dark.name, etag=dark.etag, reason="Ремонт опори")
            )
        began = time.monotonic()
        await tiles[dark.name].get_by_text("камера зараз темна").wait_for()
        record_property("figures", f"a suspended camera is dark on a wall after {time.monotonic() - began:.1f} s")
        await plays(tiles[cameras[1].name].locator("video"))
        alone = await head.context.new_page()
        await alone.goto(f"{world.house.web_url}/{OWN}/office/cameras/{cameras[1].name.rpartition('/')[2]}")
        await alone.get_by_role("button", name="Дивитися").click()
        await plays(alone.locator("video"))
        behind = await alone.locator("[data-live]").get_attribute("data-behind")
        record_property("figures", f"a camera in Chromium by its PROGRAM-DATE-TIME: {behind} s behind")
        lit = [f"[data-tile='{each.name.rpartition('/')[2]}']" for each in cameras[1:]]
        await survives_a_gateway(
            world,
            [(head, "[data-wall]", lit), (alone, "[data-live]", ["[data-live]"])],
            f"{world.house.web_url}/{OWN}/office/cameras",
        )
    assert (await ended(world, cameras[1])).ending in (views_pb2.VIEW_ENDING_ENDED, views_pb2.VIEW_ENDING_LAPSED)
