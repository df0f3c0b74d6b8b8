"""Real streams that something happens to: the gateway recognises it, says it in words, and takes it back."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cctv_gateway.health import actions, rounds
from cctv_gateway.testing import scenes
from cctv_gateway.testing.papers import draft, lit
from kit.names import uid
from kit.rpc.client import Acting, acting
from kit.testing.ground import Ground
from spilno.cctv.v1 import cameras_pb2, health_pb2
from spilno.cctv.v1.cameras_pb2_grpc import CamerasStub
from spilno.cctv.v1.health_pb2_grpc import HealthStub

PLAIN = scenes.WIDTH * scenes.HEIGHT
AWAY, FROZEN, BLACK, COVERED, MOVED = (
    health_pb2.ALARM_KIND_AWAY,
    health_pb2.ALARM_KIND_FROZEN,
    health_pb2.ALARM_KIND_BLACK,
    health_pb2.ALARM_KIND_COVERED,
    health_pb2.ALARM_KIND_MOVED,
)
LOOKED_FOR = {AWAY, FROZEN, BLACK, COVERED, MOVED}
"""A machine that is busy may also be slow, which is not what this is about."""
HERE = "led-home"


@pytest.fixture(scope="session")
def films(short_film: Path) -> None:
    """What may happen to a street, beside the film that is there."""
    street = scenes.scene(1)
    for name, pictures in {
        "street": scenes.live(street, 40),
        "turned": scenes.live(scenes.scene(2), 40),
        "still": scenes.still(street, 60),
        "black": scenes.still(bytes([17]) * PLAIN, 40),
        "bag": scenes.still(bytes([90]) * PLAIN, 40),
    }.items():
        scenes.write(short_film.parent / f"{name}.mp4", pictures)


class Office:
    """An office's cameras, which the gateway reads all the time."""

    def __init__(self, ground: Ground, cameras: Any, health: Any) -> None:
        self.ground, self.cameras, self.health = ground, cameras, health

    async def camera(self) -> cameras_pb2.Camera:
        """One that shows a street."""
        return await lit(self.cameras, HERE, "street.mp4", draft(always_on=True))

    async def shows(self, camera: cameras_pb2.Camera, url: str, kind: int = cameras_pb2.SOURCE_KIND_FILM) -> None:
        now = await self.cameras.GetCamera(cameras_pb2.GetCameraRequest(name=camera.name))
        await self.cameras.ConnectCamera(
            cameras_pb2.ConnectCameraRequest(
                name=now.name, etag=now.etag, kind=cameras_pb2.SourceKind.ValueType(kind), main_url=url
            )
        )

    async def until(self, kinds: dict[str, set[int]], within: float = 150.0) -> None:
        """Waits until what is wrong with each camera is that."""
        deadline = time.monotonic() + within
        while True:
            found = {name: {each.kind for each in (await self.faring(name)).alarms} & LOOKED_FOR for name in kinds}
            if found == kinds:
                return
            assert time.monotonic() < deadline, f"{found} instead of {kinds}"
            await asyncio.sleep(0.5)

    async def until_known(self, camera: cameras_pb2.Camera, within: float = 150.0) -> None:
        """Waits until it is known what the camera usually shows."""
        deadline = time.monotonic() + within
        while True:
            async with self.ground.call(HERE) as call:
                row, _ = await actions.known(call, uid(camera.name))
            if row is not None and (row.by_day or row.by_night):
                return
            assert time.monotonic() < deadline, "what is usual was not learnt"
            await asyncio.sleep(0.5)

    async def faring(self, name: str) -> health_pb2.CameraHealth:
        found: health_pb2.CameraHealth = await self.health.GetHealth(health_pb2.GetHealthRequest(name=name))
        return found

    async def alarms(self, camera: cameras_pb2.Camera) -> list[health_pb2.Alarm]:
        asked = health_pb2.ListAlarmsRequest(parent=f"hromadas/{HERE}", camera=camera.name)
        return list((await self.health.ListAlarms(asked)).alarms)


@pytest_asyncio.fixture
async def office(gateway: Ground, films: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    gateway.hromada(HERE)
    monkeypatch.setattr(rounds, "KEPT_EACH", 1.0)
    _, token = gateway.staff(HERE, "cameras.read", "cameras.write", "cameras.activate")
    before = acting.set(Acting(token))
    async with gateway.channel() as channel:
        yield Office(gateway, CamerasStub(channel), HealthStub(channel))
    acting.reset(before)


async def test_what_happens_to_a_camera_is_recognised_told_in_words_and_taken_back(office: Office) -> None:
    turned, covered, dark, gone = [await office.camera() for _ in range(4)]
    names = [each.name for each in (turned, covered, dark, gone)]
    await office.until_known(turned)
    await office.until({name: set() for name in names})
    measured = await office.faring(turned.name)
    assert measured.up
    assert measured.frames_per_second > 0
    assert (measured.width, measured.height) == (scenes.WIDTH, scenes.HEIGHT)
    await office.shows(turned, "turned.mp4")
    await office.shows(covered, "bag.mp4")
    await office.shows(dark, "black.mp4")
    await office.shows(gone, "still.mp4")
    wrong: dict[str, set[int]] = dict(zip(names, [{MOVED}, {COVERED, FROZEN}, {BLACK, FROZEN}, {FROZEN}], strict=True))
    await office.until(wrong)
    await office.shows(gone, "rtsp://127.0.0.1:9/", cameras_pb2.SOURCE_KIND_RTSP)
    await office.until({**wrong, gone.name: {FROZEN, AWAY}})
    told = await office.alarms(gone)
    assert told[0].text == "Картинки немає. Камера не відповідає: перевірте, чи є в неї живлення та зв’язок."
    assert not (await office.health.AcceptPicture(health_pb2.AcceptPictureRequest(name=turned.name))).alarms
    for each in (covered, dark, gone):
        await office.shows(each, "street.mp4")
    await office.until({name: set() for name in names})
    assert [
        (each.kind, each.HasField("cleared_at")) for each in await office.alarms(gone) if each.kind in LOOKED_FOR
    ] == [
        (AWAY, True),
        (FROZEN, True),
    ]
    for each in (turned, covered, dark, gone):
        now = await office.cameras.GetCamera(cameras_pb2.GetCameraRequest(name=each.name))
        await office.cameras.SuspendCamera(
            cameras_pb2.SuspendCameraRequest(name=now.name, etag=now.etag, reason="Перевірку закінчено, знімаємо.")
        )
