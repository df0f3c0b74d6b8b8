"""What the gate does of itself: what is always read, and views that a dead process left open."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from cctv_gateway.engine.on_air import camera_of
from cctv_gateway.media import gate as gates
from cctv_gateway.media.gate import Gate, browser_of
from cctv_gateway.testing.papers import draft, lit
from cctv_gateway.views import actions as views
from cctv_gateway.views.rules import Ending, Reason
from kit.call import Caller
from kit.names import uid
from kit.rpc.client import Acting, acting
from kit.service import Kit
from kit.testing.ground import Ground
from spilno.cctv.v1 import cameras_pb2 as pb
from spilno.cctv.v1.cameras_pb2_grpc import CamerasStub

FILM = "film.mp4"


@pytest.fixture
def gate(gateway: Ground, slug: str, monkeypatch: pytest.MonkeyPatch) -> Gate:
    """A gate that has heard of one hromada."""
    here = gateway.hromada(slug)
    monkeypatch.setattr(Kit, "hromadas", lambda _: [here])
    return Gate(gateway.kit)


@pytest_asyncio.fixture
async def cameras(gateway: Ground, slug: str) -> AsyncIterator[Any]:
    _, token = gateway.staff(slug, "cameras.read", "cameras.write", "cameras.activate")
    before = acting.set(Acting(token))
    async with gateway.channel() as channel:
        yield CamerasStub(channel)
    acting.reset(before)


async def test_what_is_always_read_is_the_main_stream_of_an_active_camera(
    gate: Gate, gateway: Ground, cameras: Any, slug: str
) -> None:
    watched = await lit(cameras, slug, FILM)
    always = await lit(cameras, slug, FILM, draft(always_on=True))
    dark = await lit(cameras, slug, FILM, draft(always_on=True))
    await cameras.SuspendCamera(pb.SuspendCameraRequest(name=dark.name, etag=dark.etag, reason="Ремонт опори"))
    here = gateway.hromada(slug)
    assert await gate.kept(here) == {uid(always.name): ""}
    streams = await gate.lit(here, uid(always.name))
    assert streams["main"].is_always_on
    assert gate.is_lit(streams["main"])
    visited = await gate.visited(here)
    assert [(camera_of(each), each.name.rpartition("/")[2]) for each in visited] == [
        (uid(watched.name), "sub"),
        (uid(always.name), "sub"),
    ]


async def test_a_view_that_a_dead_process_left_open_ends_as_lapsed(
    gate: Gate, gateway: Ground, cameras: Any, slug: str
) -> None:
    camera = uid((await lit(cameras, slug, FILM)).name)

    async def started(ago: timedelta) -> UUID:
        viewer = Caller("0198c0de-0000-7000-8000-000000000001", pseudonym="somebody")
        async with gateway.call(slug, viewer, now=gateway.kit.clock.now() - ago) as call:
            return (await views.start(call, [camera], Reason.DUTY, "", "0" * 64)).seen.view.id

    old, fresh = await started(timedelta(minutes=5)), await started(timedelta(0))
    await gate.sweep()
    async with gateway.call(slug) as call:
        assert (await views.find(call, old)).view.ending is Ending.LAPSED
        assert (await views.find(call, fresh)).view.ending is None


async def test_a_view_lapses_though_its_row_was_told_late_that_it_was_served(
    gate: Gate, gateway: Ground, cameras: Any, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = uid((await lit(cameras, slug, FILM)).name)
    viewer, _ = gateway.staff(slug, "cameras.view")
    async with gateway.call(slug, Caller(viewer, pseudonym="somebody")) as call:
        opened = await views.start(call, [camera], Reason.DUTY, "", browser_of("a cookie"))
    one = await gate.admit(slug, opened.passes[camera], "a cookie")
    await asyncio.sleep(0.5)
    await gate.watch([])
    monkeypatch.setattr(gates, "LAPSES_AFTER", 0.1)
    await gate.watch([])
    async with gateway.call(slug) as call:
        assert (await views.find(call, one.view)).view.ending is Ending.LAPSED
