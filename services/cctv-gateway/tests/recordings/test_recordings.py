"""Footage: written as it comes, found by time, seen for a purpose, held by a case, and gone when its time is over."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import av
import grpc
import httpx
import pytest
import pytest_asyncio
from cctv_gateway.engine.fleet import Fleet
from cctv_gateway.engine.on_air import OnAir
from cctv_gateway.gateways import roster
from cctv_gateway.gateways.roster import Roster
from cctv_gateway.media.application import COOKIE
from cctv_gateway.media.gate import Gate
from cctv_gateway.recordings import actions, tidying
from cctv_gateway.recordings.model import Recording
from cctv_gateway.recordings.taping import Recorder, Wanted
from cctv_gateway.testing.papers import draft, lit
from google.protobuf.timestamp_pb2 import Timestamp
from kit.clock import Clock
from kit.names import uid
from kit.rpc.client import Acting, Failure, acting
from kit.testing.ground import Ground
from spilno.cctv.v1 import cameras_pb2, health_pb2, recordings_pb2, views_pb2
from spilno.cctv.v1.cameras_pb2_grpc import CamerasStub
from spilno.cctv.v1.health_pb2_grpc import HealthStub
from spilno.cctv.v1.recordings_pb2_grpc import RecordingsStub
from spilno.cctv.v1.views_pb2_grpc import ViewsStub

FILM = "film.mp4"
LONG_AGO = timedelta(hours=1)


def stamp(at: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(at)
    return made


@dataclass
class Office:
    """An office whose cameras are recorded by a gateway of the test's own."""

    ground: Ground
    slug: str
    port: int
    folder: Path
    cameras: Any
    recordings: Any
    views: Any
    health: Any
    on_air: OnAir
    falls_to: UUID | None = None
    """The gateway that cameras fall to: not the one that serves the test."""

    def __post_init__(self) -> None:
        self.here = self.ground.hromada(self.slug)
        self.gate = Gate(self.ground.kit)

    def gateway(self) -> tuple[Roster, Recorder]:
        one = Roster(self.ground.kit.database, "http://127.0.0.1:9")
        self.falls_to = one.id
        return one, Recorder(self.ground.kit, self.on_air, one, self.folder)

    async def camera(self, mode: int = recordings_pb2.RECORDING_MODE_ALWAYS, **changes: Any) -> cameras_pb2.Camera:
        made = await lit(self.cameras, self.slug, FILM, draft(**changes))
        await self.recordings.SetRecordingPlan(
            recordings_pb2.SetRecordingPlanRequest(
                name=made.name,
                etag="0",
                mode=recordings_pb2.RecordingMode.ValueType(mode),
                stream=recordings_pb2.RECORDED_STREAM_MAIN,
            )
        )
        return made

    async def turn(self, ours: Roster, recorder: Recorder, camera: cameras_pb2.Camera) -> None:
        """One turn of a gateway that was given the camera."""
        id = uid(camera.name)
        held = ours.held.get(id)
        streams = await self.gate.lit(self.here, id)
        await recorder.turn([Wanted(streams["main"], held, is_on=True)] if held else [])

    async def record(self, camera: cameras_pb2.Camera, seconds: float) -> list[Recording]:
        """Records for about so long."""
        ours, recorder = self.gateway()
        await ours.beat()
        await ours.elsewhere(self.here, uid(camera.name))
        async with asyncio.timeout(60):
            while sum((each.to_at - each.from_at).total_seconds() for each in await self.found(camera)) < seconds:
                await self.turn(ours, recorder, camera)
                await asyncio.sleep(0.2)
        await recorder.close()
        await ours.leave()
        return await self.found(camera)

    async def found(self, camera: cameras_pb2.Camera) -> list[Recording]:
        now = datetime.now(UTC)
        async with self.ground.call(self.slug) as call:
            between = actions.between(call, uid(camera.name), now - LONG_AGO, now + LONG_AGO)
            return [each async for each in between]

    async def hold(self, camera: cameras_pb2.Camera, start: datetime, end: datetime, case: str) -> recordings_pb2.Hold:
        held: recordings_pb2.Hold = await self.recordings.HoldFootage(
            recordings_pb2.HoldFootageRequest(
                parent=camera.name,
                start=stamp(start),
                end=stamp(end),
                case_reference=case,
                reason="Запит слідчого",
                request_id=str(uuid4()),
            )
        )
        return held

    def playing(self, camera: cameras_pb2.Camera, start: datetime, end: datetime, **said: str) -> Any:
        return views_pb2.StartPlaybackRequest(
            parent=camera.name,
            start=stamp(start),
            end=stamp(end),
            browser=hashlib.sha256(b"browser").hexdigest(),
            request_id=str(uuid4()),
            **{"purpose": "Запит поліції", "case_reference": "147/2026", **said},
        )

    async def alarms(self) -> set[int]:
        asked = health_pb2.ListAlarmsRequest(parent=f"hromadas/{self.slug}", only_open=True)
        return {each.kind for each in (await self.health.ListAlarms(asked)).alarms}


@pytest_asyncio.fixture
async def office(
    gateway: Ground, slug: str, media_port: int, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    may = ("cameras.read", "cameras.write", "cameras.activate", "cameras.view")
    _, token = gateway.staff(slug, *may, "recordings.view", "recordings.write", "recordings.hold")
    before = acting.set(Acting(token))
    fleet = Fleet(encoded_per_hromada=1)
    async with gateway.channel() as channel:
        stubs = (CamerasStub(channel), RecordingsStub(channel), ViewsStub(channel), HealthStub(channel))
        office = Office(gateway, slug, media_port, recordings, *stubs, OnAir(fleet))
        monkeypatch.setattr(roster, "falls_to", lambda camera, living: office.falls_to)
        yield office
    await fleet.close()
    acting.reset(before)


async def test_what_is_recorded_is_whole_on_the_disk_and_played_for_a_purpose(office: Office) -> None:
    camera = await office.camera()
    found = await office.record(camera, 6)
    for each in found:
        body = (office.folder / each.path).read_bytes()[: each.bytes]
        container: Any = av.open(BytesIO(body))
        assert abs(sum(1 for _ in container.decode(video=0)) - sum(each.ticks) * 20 / 90_000) <= 2
        assert each.cuts[-1] == each.bytes
    start, end = found[0].from_at, found[-1].to_at
    listed = await office.recordings.ListFootage(
        recordings_pb2.ListFootageRequest(parent=camera.name, start=stamp(start - LONG_AGO), end=stamp(end))
    )
    assert len(listed.stretches) == 1
    passes = await office.views.StartPlayback(office.playing(camera, start, end))
    assert (passes.view.purpose, passes.view.reason) == ("Запит поліції", views_pb2.VIEW_REASON_ARCHIVE)
    path = f"http://127.0.0.1:{office.port}{passes.passes[0].path}/main"
    async with httpx.AsyncClient(trust_env=False, headers={"cookie": f"{COOKIE}=browser"}) as browser:
        playlist = await browser.get(f"{path}/index.m3u8")
        assert playlist.status_code == 200
        assert playlist.text.endswith("#EXT-X-ENDLIST\n")
        assert (await browser.get(f"{path}/{uuid4()}.mp4")).status_code == 404
        assert (await browser.get(path.replace("/archive/", "/live/") + "/index.m3u8")).status_code == 404
    async with httpx.AsyncClient(trust_env=False) as stranger:
        assert (await stranger.get(f"{path}/index.m3u8")).status_code == 403

    def played() -> int:
        options = {"headers": f"Cookie: {COOKIE}=browser\r\n"}
        footage: Any = av.open(f"{path}/index.m3u8", format="hls", options=options, timeout=20)
        return sum(1 for _ in footage.decode(video=0))

    seconds = sum(sum(each.ticks) for each in found) / 90_000
    assert await asyncio.to_thread(played) == pytest.approx(seconds * 20, abs=3)


async def test_a_hold_needs_a_case_and_footage_and_survives_the_end_of_its_time(office: Office) -> None:
    camera = await office.camera(retention_hours=1)
    (first, *_) = await office.record(camera, 2)
    for start, case, field in (
        (first.from_at, "", "case_reference"),
        (first.from_at, "   ", "case_reference"),
        (first.from_at - timedelta(hours=9), "147/2026", "start"),
    ):
        with pytest.raises(Failure) as refused:
            await office.hold(camera, start, start + timedelta(seconds=1), case)
        assert refused.value.code is grpc.StatusCode.INVALID_ARGUMENT
        assert list(refused.value.fields) == [field]
    held = await office.hold(camera, first.from_at, first.to_at, "147/2026")
    later = first.to_at + timedelta(hours=1, minutes=5)
    assert await office_tidied(office, later) == 0
    assert (office.folder / first.path).exists()
    released = await office.recordings.ReleaseHold(
        recordings_pb2.ReleaseHoldRequest(name=held.name, etag=held.etag, reason="Справу закрито")
    )
    assert released.released_because == "Справу закрито"
    assert await office_tidied(office, later) >= 1
    assert not (office.folder / first.path).exists()
    with pytest.raises(Failure) as refused:
        await office.views.StartPlayback(office.playing(camera, first.from_at, first.to_at))
    assert list(refused.value.fields) == ["start"]


@pytest.mark.parametrize("missing", ["purpose", "case_reference"])
async def test_nobody_looks_at_footage_without_a_purpose_and_a_case(office: Office, missing: str) -> None:
    camera = await lit(office.cameras, office.slug, FILM)
    now = datetime.now(UTC)
    with pytest.raises(Failure) as refused:
        await office.views.StartPlayback(office.playing(camera, now - LONG_AGO, now, **{missing: ""}))
    assert list(refused.value.fields) == [missing]


async def test_footage_that_cannot_be_deleted_in_time_raises_an_alarm(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = await office.camera(retention_hours=1)
    (first, *_) = await office.record(camera, 1)

    def refuses(self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "no")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuses)
        assert await office_tidied(office, first.to_at + timedelta(hours=3)) == 0
    assert await office.alarms() == {health_pb2.ALARM_KIND_RETENTION}
    await office_tidied(office, first.to_at + timedelta(hours=3))
    assert await office.alarms() == set()


async def test_where_only_held_footage_is_left_recording_stops_and_says_so(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera, other = await office.camera(), await office.camera()
    (first, *_) = await office.record(camera, 1)
    (second, *_) = await office.record(other, 1)
    await office.hold(camera, first.from_at, first.to_at, "147/2026")
    chain = office.ground.kit.chain
    monkeypatch.setattr(chain, "settings", chain.settings.model_copy(update={"recorded_per_hromada": first.bytes - 1}))
    await tidying.tidy(office.ground.kit, office.here, office.folder)
    assert [(office.folder / each.path).exists() for each in (first, second)] == [True, False]
    assert await office.alarms() == {health_pb2.ALARM_KIND_STORAGE}
    assert await office.gate.kept(office.here) == {}
    storage = await office.recordings.GetStorage(recordings_pb2.GetStorageRequest(parent=f"hromadas/{office.slug}"))
    assert storage.full


async def test_a_camera_on_events_is_recorded_while_something_happens(office: Office) -> None:
    camera = await office.camera(recordings_pb2.RECORDING_MODE_ON_EVENT)
    assert await office.gate.kept(office.here) == {}
    until = datetime.now(UTC) + timedelta(minutes=5)
    await office.recordings.RecordEvent(recordings_pb2.RecordEventRequest(name=camera.name, until=stamp(until)))
    assert await office.gate.kept(office.here) == {uid(camera.name): "main"}


async def test_a_gateway_that_wakes_after_it_was_taken_for_dead_indexes_nothing_more(office: Office) -> None:
    camera = await office.camera()
    id: UUID = uid(camera.name)
    slept, sleeping = office.gateway()
    await slept.beat()
    await slept.elsewhere(office.here, id)
    await slept.keep(office.here, [id])
    while not (before := await office.found(camera)):
        await office.turn(slept, sleeping, camera)
        await asyncio.sleep(0.1)
    epoch = slept.held[id].epoch
    fresh, recording = office.gateway()
    began = time.monotonic()
    async with asyncio.timeout(60):
        while id not in fresh.held:
            await fresh.beat()
            await asyncio.sleep(0.1)
    assert time.monotonic() - began < 5
    assert fresh.held[id].epoch == epoch + 1
    known = await office.found(camera)
    await office.turn(slept, sleeping, camera)  # it believes still that the camera is its own
    assert [each.bytes for each in await office.found(camera)] == [each.bytes for each in known]
    async with asyncio.timeout(60):
        while len(await office.found(camera)) < len(before) + 1:
            await office.turn(fresh, recording, camera)
            await asyncio.sleep(0.1)
    assert {each.epoch for each in await office.found(camera)} == {epoch, epoch + 1}
    await slept.beat()
    assert id not in slept.held
    for each, recorder in ((slept, sleeping), (fresh, recording)):
        await recorder.close()
        await each.leave()


async def office_tidied(office: Office, now: datetime) -> int:
    """One run at a moment; tells how many files went."""
    kit = office.ground.kit
    before = kit.chain.clock
    kit.chain.clock = Fixed(now)
    try:
        return await tidying.tidy(kit, office.here, office.folder)
    finally:
        kit.chain.clock = before


class Fixed(Clock):
    """A clock that stands."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now
