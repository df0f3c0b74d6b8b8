"""The demo's cameras: twelve of the town's that play drawn films, and a merchant's that is dark, under negotiation.

The places are near Tatarbunary's centre and invented, and so are the papers: their titles say so. A camera is switched
on as soon as its film is drawn; drawing goes on beside everything else.
"""

import asyncio
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from kit.servers.process import Child, ServerTrouble
from spilno.cctv.v1 import cameras_pb2 as pb
from spilno.cctv.v1 import recordings_pb2
from spilno.cctv.v1.cameras_pb2_grpc import CamerasStub
from spilno.cctv.v1.recordings_pb2_grpc import RecordingsStub

from machine import demo, demo_films
from machine.demo_films import SCENES, Scene
from machine.house import House

SLUG = "tatarbunary"
_DEMO = uuid.UUID("3f9a3f0e-7d0c-4d6c-9a8e-51c0a1f0de30")
_LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Place:
    """Where a camera hangs and what for."""

    title: str
    latitude: float
    longitude: float
    direction: int
    purpose: str
    angle: int = 80
    range: int = 60


PLACES = {
    "central-square": Place("Центральна площа", 45.8402, 29.6129, 90, "Безпека людей на площі під час зборів і свят"),
    "crossroads": Place(
        "Перехрестя біля ради", 45.8409, 29.6141, 200, "Безпека пішоходів на перехресті біля міської ради"
    ),
    "school": Place(
        "Перехід біля школи", 45.8418, 29.6112, 140, "Безпека дітей на переході біля школи вранці та вдень"
    ),
    "market": Place("Ринок, головний ряд", 45.8389, 29.6150, 270, "Запобігання крадіжкам у торговому ряду ринку"),
    "bus-station": Place("Автостанція, перон", 45.8381, 29.6163, 30, "Безпека пасажирів на пероні автостанції"),
    "park": Place("Парк, головна алея", 45.8426, 29.6135, 180, "Безпека відпочивальників на головній алеї парку"),
    "playground": Place("Дитячий майданчик", 45.8424, 29.6139, 250, "Безпека дітей та цілість майданчика в парку"),
    "bridge": Place(
        "Міст через Когильник", 45.8363, 29.6188, 320, "Стан мосту та безпека руху під час негоди", 60, 120
    ),
    "stadium": Place("Стадіон", 45.8437, 29.6101, 100, "Безпека глядачів і спортсменів на стадіоні", 110, 90),
    "town-entrance": Place(
        "В’їзд до міста", 45.8340, 29.6215, 0, "Безпека дорожнього руху на в’їзді до міста", 50, 150
    ),
    "pharmacy-at-night": Place("Вулиця біля аптеки", 45.8400, 29.6122, 60, "Безпека людей уночі біля чергової аптеки"),
    "shop": Place("Біля крамниці", 45.8399, 29.6133, 280, "Безпека людей на площі з боку торгових рядів"),
}
"""The square is seen by two: from the west, and from the shop."""

RECORDED = frozenset({"central-square", "crossroads", "shop"})
"""Around the square: the smaller picture, always."""

MERCHANT = Place("Крамниця «Зразок», вітрина", 45.8397, 29.6137, 300, "Запобігання крадіжкам біля входу до крамниці")


async def ensure(house: House) -> None:
    """Enters the cameras the first time, and sees that each plays its film.

    Raises:
        ServerTrouble: the films cannot be drawn, or a camera is refused.
    """
    done = house.folder / "demo-cameras.done"
    if done.exists():
        return
    drawing = Child(
        "films", [sys.executable, "-m", "machine.demo_films", str(house.films)], log=house.logs / "films.log"
    )
    drawing.start()
    try:
        async with grpc.aio.insecure_channel(house.grpc_address("cctv")) as channel:
            cameras: Any = CamerasStub(channel)
            asked = pb.ListCamerasRequest(parent=f"hromadas/{SLUG}", page_size=500)
            known = {
                each.dossier.title: each.name
                for each in (await cameras.ListCameras(asked, metadata=await _metadata(house))).cameras
            }
            for scene in SCENES:
                await _drawn(scene, house, drawing)
                camera = await _switch_on(cameras, await _metadata(house), scene, known)
                if scene.name in RECORDED:
                    await _record(RecordingsStub(channel), await _metadata(house), camera)
            if MERCHANT.title not in known:
                merchants = _request(MERCHANT, "merchant", is_private=True)
                await cameras.CreateCamera(merchants, metadata=await _metadata(house))
    except grpc.aio.AioRpcError as why:
        raise ServerTrouble(f"The demo failed at its cameras: {why.code().name} {why.details()}") from why
    finally:
        await drawing.stop()
    done.touch()
    house.say(f"demo: {len(SCENES)} cameras play in {SLUG}: {house.web_url}/{SLUG}/office/cameras")


async def _drawn(scene: Scene, house: House, drawing: Child) -> None:
    while not demo_films.is_there(scene, house.films):
        if drawing.has_died and drawing.exit_code != 0:
            raise ServerTrouble(
                f"The demo's films could not be drawn. The end of {drawing.log}:\n{drawing.last_words()}"
            )
        await asyncio.sleep(_LOOK_SECONDS)


async def _record(recordings: Any, metadata: Any, camera: str) -> None:
    plan = await recordings.GetRecordingPlan(recordings_pb2.GetRecordingPlanRequest(name=camera), metadata=metadata)
    if plan.mode == recordings_pb2.RECORDING_MODE_OFF:
        asked = recordings_pb2.SetRecordingPlanRequest(
            name=camera,
            etag=plan.etag,
            mode=recordings_pb2.RECORDING_MODE_ALWAYS,
            stream=recordings_pb2.RECORDED_STREAM_SUB,
        )
        await recordings.SetRecordingPlan(asked, metadata=metadata)


async def _switch_on(cameras: Any, metadata: Any, scene: Scene, known: Mapping[str, str]) -> str:
    """Each step only if it has not been done: a first run that was broken off goes on where it stopped."""
    place = PLACES[scene.name]
    made = known.get(place.title)
    if made is None:
        made = (await cameras.CreateCamera(_request(place, scene.name), metadata=metadata)).name
    camera = await cameras.GetCamera(pb.GetCameraRequest(name=made), metadata=metadata)
    if not camera.source_host:
        camera = await cameras.ConnectCamera(
            pb.ConnectCameraRequest(
                name=camera.name,
                etag=camera.etag,
                kind=pb.SOURCE_KIND_FILM,
                main_url=scene.main,
                sub_url=scene.sub,
            ),
            metadata=metadata,
        )
    if camera.state == pb.CAMERA_STATE_DRAFT:
        asked = pb.DocumentCameraRequest(name=camera.name, etag=camera.etag)
        camera = await cameras.DocumentCamera(asked, metadata=metadata)
    if camera.state == pb.CAMERA_STATE_DOCUMENTED:
        await cameras.ActivateCamera(pb.ActivateCameraRequest(name=camera.name, etag=camera.etag), metadata=metadata)
    name: str = camera.name
    return name


def _request(place: Place, name: str, *, is_private: bool = False) -> pb.CreateCameraRequest:
    return pb.CreateCameraRequest(
        parent=f"hromadas/{SLUG}",
        camera=pb.CameraDraft(
            title=place.title,
            address="м. Татарбунари, демонстраційне місце",
            latitude=place.latitude,
            longitude=place.longitude,
            direction=place.direction,
            angle=place.angle,
            range=place.range,
            owner=pb.CAMERA_OWNER_PRIVATE if is_private else pb.CAMERA_OWNER_MUNICIPAL,
            owner_name="Демонстраційна крамниця" if is_private else "Татарбунарська міська рада",
            purpose=place.purpose,
            regulation=pb.Regulation(
                act="Демонстраційне положення про відеоспостереження",
                number="1",
                adopted_on="2019-10-01",
                retention_limit_hours=72,
            ),
            sign_posted_on="" if is_private else "2019-11-07",
            retention_hours=72,
        ),
        request_id=str(uuid.uuid5(_DEMO, f"{SLUG}/camera/{name}")),
    )


async def _metadata(house: House) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {await demo.head_of(house, SLUG)}"),)
