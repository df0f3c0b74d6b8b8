"""Real streams that something happens to: it is recognised, said in words, and taken back when it is over."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cctv_gateway.engine.fleet import Fleet
from cctv_gateway.engine.on_air import OnAir
from cctv_gateway.health import actions, rounds
from cctv_gateway.health.rounds import Rounds
from cctv_gateway.media.gate import Gate
from cctv_gateway.testing import scenes
from cctv_gateway.testing.papers import lit
from kit.names import uid
from kit.rpc.client import Acting, acting
from kit.servers.cameras import Cameras
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
        "turned": scenes.live(scenes.scene(2), 40),
        "still": scenes.still(street, 60),
        "black": scenes.still(bytes([17]) * PLAIN, 40),
        "bag": scenes.still(bytes([90]) * PLAIN, 40),
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

    async def knows_what_is_usual(self, camera: cameras_pb2.Camera) -> bool:
        async with self.ground.call(self.slug) as call:
            row, _ = await actions.known(call, uid(camera.name))
        return row is not None and (row.by_day or row.by_night) is not None

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


async def test_what_happens_to_a_camera_is_recognised_told_in_words_and_taken_back(
    office: Office, cameras: Cameras
) -> None:
    kinds: dict[str, set[int]] = {
        "street.mp4": set(),
        "still.mp4": {health_pb2.ALARM_KIND_FROZEN},
        "black.mp4": {health_pb2.ALARM_KIND_BLACK, health_pb2.ALARM_KIND_FROZEN},
        "bag.mp4": {health_pb2.ALARM_KIND_COVERED, health_pb2.ALARM_KIND_FROZEN},
    }
    ours = {name: await lit(office.cameras, "led-home", name) for name in kinds}
    street, still = ours["street.mp4"], ours["still.mp4"]
    for name, camera in ours.items():  # one stream each; first a street where it is to be known what it should be
        await office.shows(camera, name if name == "still.mp4" else "street.mp4")
    expected: dict[str, set[int]] = {ours[name].name: kinds[name] for name in kinds}
    await office.until({**expected, ours["black.mp4"].name: set(), ours["bag.mp4"].name: set()})
    while not await office.knows_what_is_usual(street):
        await office.until({**expected, ours["black.mp4"].name: set(), ours["bag.mp4"].name: set()})
    measured = await office.faring(street)
    assert measured.up
    assert 15 < measured.frames_per_second < 25
    assert 0.8 < measured.key_interval < 1.3
    assert (measured.width, measured.height) == (320, 240)
    assert measured.up_today > 0.5
    await office.shows(street, "turned.mp4")
    await office.shows(still, "rtsp://127.0.0.1:9/", cameras_pb2.SOURCE_KIND_RTSP)
    for name in ("black.mp4", "bag.mp4"):
        await office.shows(ours[name], name)
    away: set[int] = {health_pb2.ALARM_KIND_FROZEN, health_pb2.ALARM_KIND_AWAY}
    await office.until({**expected, street.name: {health_pb2.ALARM_KIND_MOVED}, still.name: away})
    told = await office.alarms(camera=still.name, only_open=True)
    assert told[0].text == "Картинки немає. Камера не відповідає: перевірте, чи є в неї живлення та зв’язок."
    accepted = await office.health.AcceptPicture(health_pb2.AcceptPictureRequest(name=street.name))
    assert not accepted.alarms
    await office.shows(still, cameras.url("h264"), cameras_pb2.SOURCE_KIND_RTSP)
    for name in ("black.mp4", "bag.mp4"):
        await office.shows(ours[name], "street.mp4")
    black: set[int] = {health_pb2.ALARM_KIND_BLACK}  # the third party's scene is a small ball in the dark
    await office.until({**{each.name: set() for each in ours.values()}, still.name: black})
    first = await office.alarms(camera=still.name)
    assert [(each.kind, each.HasField("cleared_at")) for each in first] == [
        (health_pb2.ALARM_KIND_BLACK, False),
        (health_pb2.ALARM_KIND_AWAY, True),
        (health_pb2.ALARM_KIND_FROZEN, True),
    ]
    after = await office.faring(still)
    assert 0 < after.up_today < 1
    assert after.clock_drift == pytest.approx(0, abs=3)
