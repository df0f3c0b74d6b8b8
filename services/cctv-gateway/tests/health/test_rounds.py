"""Real streams that something is wrong with: it is recognised and said in words."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cctv_gateway.engine.fleet import Fleet
from cctv_gateway.engine.on_air import OnAir
from cctv_gateway.health import rounds
from cctv_gateway.health.rounds import Rounds
from cctv_gateway.media.gate import Gate
from cctv_gateway.testing import scenes
from cctv_gateway.testing.papers import lit
from kit.rpc.client import Acting, acting
from kit.testing.ground import Ground
from spilno.cctv.v1 import cameras_pb2, health_pb2
from spilno.cctv.v1.cameras_pb2_grpc import CamerasStub
from spilno.cctv.v1.health_pb2_grpc import HealthStub

PLAIN = scenes.WIDTH * scenes.HEIGHT


@pytest.fixture(scope="session")
def films(short_film: Path) -> None:
    """What may happen to a street, beside the film that is there."""
    street = scenes.scene(1)
    for name, pictures in {
        "street": scenes.live(street, 40),
        "still": scenes.still(street, 60),
        "black": scenes.still(bytes([17]) * PLAIN, 40),
    }.items():
        scenes.write(short_film.parent / f"{name}.mp4", pictures)


class Office:
    """An office's cameras, and a gateway's rounds of them."""

    def __init__(self, ground: Ground, cameras: Any, health: Any, slug: str, on_air: OnAir) -> None:
        self.ground, self.here = ground, ground.hromada(slug)
        self.gate = Gate(ground.kit)
        self.rounds = Rounds(ground.kit, on_air)
        self.cameras, self.health, self.slug, self.on_air = cameras, health, slug, on_air

    async def until(self, kinds: dict[str, set[int]], within: float = 90.0) -> None:
        """Makes rounds until what is wrong with each camera is that."""
        deadline = time.monotonic() + within
        while True:
            for programme in await self.gate.visited(self.here):
                self.on_air.tune(programme)
            await self.gate.watch(self.on_air.programmes())
            await self.rounds.look()
            listed = await self.health.ListHealth(health_pb2.ListHealthRequest(parent=f"hromadas/{self.slug}"))
            ours = [each for each in listed.cameras if each.camera in kinds]
            found = {each.camera: {alarm.kind for alarm in each.alarms} for each in ours}
            if found == kinds:
                return
            assert time.monotonic() < deadline, f"{found} instead of {kinds}"
            await asyncio.sleep(0.5)

    async def shows(self, camera: cameras_pb2.Camera, url: str, kind: int = cameras_pb2.SOURCE_KIND_FILM) -> None:
        now = await self.cameras.GetCamera(cameras_pb2.GetCameraRequest(name=camera.name))
        await self.cameras.ConnectCamera(
            cameras_pb2.ConnectCameraRequest(
                name=now.name, etag=now.etag, kind=cameras_pb2.SourceKind.ValueType(kind), main_url=url
            )
        )

    async def faring(self, camera: cameras_pb2.Camera) -> health_pb2.CameraHealth:
        found: health_pb2.CameraHealth = await self.health.GetHealth(health_pb2.GetHealthRequest(name=camera.name))
        return found

    async def alarms(self, **asked: Any) -> list[health_pb2.Alarm]:
        listed = await self.health.ListAlarms(health_pb2.ListAlarmsRequest(parent=f"hromadas/{self.slug}", **asked))
        return list(listed.alarms)


@pytest_asyncio.fixture
async def office(gateway: Ground, films: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    gateway.hromada("led-home")
    monkeypatch.setattr(rounds, "KEPT_EACH", 1.0)
    _, token = gateway.staff("led-home", "cameras.read", "cameras.write", "cameras.activate")
    before = acting.set(Acting(token))
    fleet = Fleet(encoded_per_hromada=1, looked_at_each=0.5)
    async with gateway.channel() as channel:
        yield Office(gateway, CamerasStub(channel), HealthStub(channel), "led-home", OnAir(fleet))
    await fleet.close()
    acting.reset(before)


async def test_what_happens_to_a_camera_is_recognised_and_told_in_words(office: Office) -> None:
    kinds: dict[str, set[int]] = {
        "street.mp4": set(),
        "still.mp4": {health_pb2.ALARM_KIND_FROZEN},
        "black.mp4": {health_pb2.ALARM_KIND_BLACK, health_pb2.ALARM_KIND_FROZEN},
    }
    ours = {name: await lit(office.cameras, "led-home", name) for name in kinds}
    street, dead = ours["street.mp4"], await lit(office.cameras, "led-home", "street.mp4")
    await office.shows(dead, "rtsp://127.0.0.1:9/", cameras_pb2.SOURCE_KIND_RTSP)
    expected = {ours[name].name: kinds[name] for name in kinds}
    await office.until({**expected, dead.name: {health_pb2.ALARM_KIND_AWAY}})
    measured = await office.faring(street)
    assert measured.up
    assert 15 < measured.frames_per_second < 25
    assert 0.8 < measured.key_interval < 1.3
    assert (measured.width, measured.height) == (320, 240)
    assert measured.up_today > 0.5
    told = await office.alarms(camera=dead.name, only_open=True)
    assert told[0].text == "Картинки немає. Камера не відповідає: перевірте, чи є в неї живлення та зв’язок."
