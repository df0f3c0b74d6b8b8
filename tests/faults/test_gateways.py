"""A gateway dies in the middle of recording: its cameras play and are recorded elsewhere within seconds, and nothing
is recorded twice."""

import asyncio
import hashlib
import time
from itertools import pairwise
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
from cctv_gateway.media.application import COOKIE
from kit.names import uid
from spilno.cctv.v1 import cameras_pb2, recordings_pb2, views_pb2

from tests.world import OWN, World, as_whom

CAMERAS = 4
WITHIN = 10.0
MOST_LOST = 2.0
PORTS = {"cctv": 1081, "cctv-2": 1181}
_READ_BY = """
    SELECT a.camera_id, right(g.address, 5) AS port FROM assignment a JOIN gateway g ON g.id = a.gateway_id
"""
_FOOTAGE = """
    SELECT camera_id, epoch, extract(epoch FROM from_at)::float8 AS from_at, extract(epoch FROM to_at)::float8 AS to_at
    FROM recording ORDER BY from_at
"""


class Cctv:
    """The gateways' database, and their media."""

    def __init__(self, world: World, database: Any, browser: httpx.AsyncClient) -> None:
        self.world, self.database, self.browser = world, database, browser

    async def readers(self) -> dict[Any, str]:
        """Which process reads which camera."""
        names = {str(self.world.house.ports.at(offset)): name for name, offset in PORTS.items()}
        return {row["camera_id"]: names[row["port"]] for row in await self.database.fetch(_READ_BY)}

    async def footage(self) -> dict[Any, list[Any]]:
        found: dict[Any, list[Any]] = {}
        for row in await self.database.fetch(_FOOTAGE):
            found.setdefault(row["camera_id"], []).append(row)
        return found

    async def ask(self, process: str, path: str) -> int:
        port = self.world.house.ports.at(PORTS[process])
        return (await self.browser.get(f"http://127.0.0.1:{port}{path}/sub/index.m3u8")).status_code


async def recorded(world: World) -> cameras_pb2.Camera:
    camera = await world.camera(OWN, lit=True)
    await world.recordings.SetRecordingPlan(
        recordings_pb2.SetRecordingPlanRequest(
            name=camera.name,
            etag="0",
            mode=recordings_pb2.RECORDING_MODE_ALWAYS,
            stream=recordings_pb2.RECORDED_STREAM_SUB,
        )
    )
    return camera


async def test_a_killed_gateway_s_cameras_play_elsewhere_and_nothing_is_recorded_twice(
    world: World, record_property: Any
) -> None:
    database = await asyncpg.connect(world.house.database_url("cctv", "migrator"))
    headers = {"cookie": f"{COOKIE}=browser"}
    async with httpx.AsyncClient(trust_env=False, headers=headers, timeout=20) as browser:
        cctv = Cctv(world, database, browser)
        with as_whom(world.tokens[f"head:{OWN}"]):
            cameras = [await recorded(world) for _ in range(CAMERAS)]
            passes = await world.views.StartView(
                views_pb2.StartViewRequest(
                    parent=f"hromadas/{OWN}",
                    cameras=[each.name for each in cameras],
                    reason=views_pb2.VIEW_REASON_DUTY,
                    browser=hashlib.sha256(b"browser").hexdigest(),
                    request_id=str(uuid4()),
                )
            )
        async with asyncio.timeout(90):
            while True:
                if len(await cctv.footage()) == CAMERAS:
                    break
                await asyncio.sleep(0.3)
        for process in PORTS:  # whichever reads a camera, both serve it
            for each in passes.passes:
                assert await cctv.ask(process, each.path) == 200
        readers = await cctv.readers()
        victim = readers[uid(cameras[0].name)]
        survivor = next(name for name in PORTS if name != victim)
        orphans = [uid(each.name) for each in cameras if readers[uid(each.name)] == victim]
        before = await cctv.footage()
        killed_at = time.time()
        world.house.service(victim).kill()
        async with asyncio.timeout(60):
            while True:
                footage = await cctv.footage()
                after = {id: [row for row in footage[id] if row["epoch"] > before[id][-1]["epoch"]] for id in orphans}
                if all(after.values()):
                    break
                await asyncio.sleep(0.1)
        gap = max(rows[0]["from_at"] for rows in after.values()) - killed_at
        old = {id: [row for row in footage[id] if row["epoch"] == before[id][-1]["epoch"]] for id in orphans}
        lost = max(killed_at - rows[-1]["to_at"] for rows in old.values())
        record_property("gap", f"{gap:.1f} s until recorded elsewhere, {lost:.1f} s before the kill lost")
        assert gap < WITHIN
        assert lost < MOST_LOST
        for each in passes.passes:
            assert await cctv.ask(survivor, each.path) == 200
        for rows in footage.values():
            for one, other in pairwise(rows):
                assert other["from_at"] - one["to_at"] > -0.2
        await world.house.service(victim).start()
    await database.close()
