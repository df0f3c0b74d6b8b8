"""Real streams that something happens to: the gateway recognises it, says it in words, and takes it back."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cctv_gateway.health import actions, rounds
from cctv_gateway.testing import scenes
from cctv_gateway.testing.papers import draft, lit
from kit.names import uid
from kit.rpc.client import Acting, acting
from kit.servers.cameras import Cameras, Sight
from kit.service import Kit
from kit.testing.ground import Ground
from spilno.cctv.v1 import cameras_pb2, health_pb2
from spilno.cctv.v1.cameras_pb2_grpc import CamerasStub
from spilno.cctv.v1.health_pb2_grpc import HealthStub

HERE = "led-home"
PLAIN = scenes.WIDTH * scenes.HEIGHT
AWAY, FROZEN, BLACK, COVERED, MOVED = (
    health_pb2.ALARM_KIND_AWAY,
    health_pb2.ALARM_KIND_FROZEN,
    health_pb2.ALARM_KIND_BLACK,
    health_pb2.ALARM_KIND_COVERED,
    health_pb2.ALARM_KIND_MOVED,
)
LOOKED_FOR = {AWAY, FROZEN, BLACK, COVERED, MOVED}
"""On a machine that is busy a camera may also be slow, which is not what this is about."""


@pytest.fixture(scope="session")
def films(short_film: Path) -> None:
    """What may be wrong with a street from the start, beside the film that is there."""
    street = scenes.scene(1)
    for name, pictures in {
        "street": scenes.live(street, 40),
        "still": scenes.still(street, 60),
        "black": scenes.still(bytes([17]) * PLAIN, 40),
    }.items():
        scenes.write(short_film.parent / f"{name}.mp4", pictures)


class Office:
    """An office's cameras, which the gateway reads all the time and keeps how they fare each second."""

    def __init__(self, ground: Ground, cameras: Any, health: Any) -> None:
        self.ground, self.cameras, self.health = ground, cameras, health
        self.put_up = list[str]()

    async def camera(self, film: str = "street.mp4", rtsp: str = "") -> str:
        """One that shows a film, or is reached over RTSP; its name."""
        camera = await lit(self.cameras, HERE, film, draft(always_on=True))
        self.put_up.append(camera.name)
        if rtsp:
            kind = cameras_pb2.SOURCE_KIND_RTSP
            await self.cameras.ConnectCamera(
                cameras_pb2.ConnectCameraRequest(name=camera.name, etag=camera.etag, kind=kind, main_url=rtsp)
            )
        return camera.name

    async def until(self, kinds: Mapping[str, set[int]], within: float = 90.0) -> None:
        """Waits until what is wrong with each camera is that."""
        deadline = time.monotonic() + within
        while (found := {name: await self.wrong(name) for name in kinds}) != kinds:
            assert time.monotonic() < deadline, f"{found} instead of {kinds}"
            await asyncio.sleep(0.3)

    async def wrong(self, name: str) -> set[int]:
        return {int(each.kind) for each in (await self.faring(name)).alarms} & LOOKED_FOR

    async def until_learnt(self, *names: str, within: float = 90.0) -> None:
        """Waits until it is known, and kept, what these cameras usually show."""
        deadline = time.monotonic() + within
        for name in names:
            while not await self._is_learnt(name):
                assert time.monotonic() < deadline, "what is usual was not learnt"
                await asyncio.sleep(0.3)

    async def _is_learnt(self, name: str) -> bool:
        async with self.ground.call(HERE) as call:
            row, _ = await actions.known(call, uid(name))
        return row is not None and (row.by_day or row.by_night) is not None

    async def faring(self, name: str) -> health_pb2.CameraHealth:
        found: health_pb2.CameraHealth = await self.health.GetHealth(health_pb2.GetHealthRequest(name=name))
        return found

    async def told(self, name: str, *, only_open: bool = True) -> dict[int, health_pb2.Alarm]:
        """A camera's alarms, by what is or was wrong."""
        asked = health_pb2.ListAlarmsRequest(parent=f"hromadas/{HERE}", camera=name, only_open=only_open)
        return {each.kind: each for each in (await self.health.ListAlarms(asked)).alarms}

    async def take_down(self) -> None:
        for name in self.put_up:
            now = await self.cameras.GetCamera(cameras_pb2.GetCameraRequest(name=name))
            await self.cameras.SuspendCamera(
                cameras_pb2.SuspendCameraRequest(name=name, etag=now.etag, reason="Перевірку закінчено, знімаємо.")
            )


@pytest_asyncio.fixture
async def office(gateway: Ground, films: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    here = gateway.hromada(HERE)
    monkeypatch.setattr(Kit, "hromadas", lambda _: [here])
    monkeypatch.setattr(rounds, "KEPT_EACH", 0.0)
    _, token = gateway.staff(HERE, "cameras.read", "cameras.write", "cameras.activate")
    before = acting.set(Acting(token))
    async with gateway.channel() as channel:
        office = Office(gateway, CamerasStub(channel), HealthStub(channel))
        yield office
        await office.take_down()
    acting.reset(before)


async def test_what_happens_to_a_camera_is_recognised_told_in_words_and_taken_back(
    office: Office, cameras: Cameras
) -> None:
    turned, covered = [await office.camera(rtsp=cameras.url(name)) for name in ("gate", "yard")]
    street = await office.camera()
    from_the_start: dict[str, set[int]] = {
        street: set(),
        await office.camera("still.mp4"): {FROZEN},
        await office.camera("black.mp4"): {BLACK, FROZEN},
        (dead := await office.camera(rtsp="rtsp://127.0.0.1:9/")): {AWAY},
    }
    await office.until_learnt(turned, covered)
    assert not await office.told(turned) | await office.told(covered)

    cameras.turn("gate", Sight.ELSEWHERE)
    cameras.turn("yard", Sight.A_BAG)
    await office.until({turned: {MOVED}, covered: {COVERED, FROZEN}})
    assert (await office.told(turned))[MOVED].text.startswith("Камера дивиться не туди, куди раніше")
    assert (await office.told(covered))[COVERED].text.startswith("Нічого не розібрати: об’єктив закрито")

    cameras.turn("gate", Sight.USUAL)
    cameras.turn("yard", Sight.USUAL)
    await office.until({turned: set(), covered: set()})
    history = await office.told(turned, only_open=False) | await office.told(covered, only_open=False)
    assert all(history[kind].HasField("cleared_at") for kind in (MOVED, COVERED, FROZEN))

    cameras.turn("gate", Sight.ELSEWHERE)
    await office.until({turned: {MOVED}, **from_the_start})
    assert not (await office.health.AcceptPicture(health_pb2.AcceptPictureRequest(name=turned))).alarms
    await office.until_learnt(turned)
    assert await office.wrong(turned) == set()
    cameras.turn("gate", Sight.USUAL)
    await office.until({turned: {MOVED}})

    text = (await office.told(dead))[AWAY].text
    assert text == "Картинки немає. Камера не відповідає: перевірте, чи є в неї живлення та зв’язок."
    measured = await office.faring(street)
    assert measured.up
    assert measured.frames_per_second > 0
    assert measured.key_interval > 0.8
    assert (measured.width, measured.height) == (scenes.WIDTH, scenes.HEIGHT)
    assert measured.up_today > 0.5
