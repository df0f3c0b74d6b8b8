"""Media over HTTP: by right, at each request, and no longer than that."""

import asyncio
import hashlib
import json
import struct
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import av
import grpc
import httpx
import pytest
import pytest_asyncio
from cctv_gateway.media import gate
from cctv_gateway.media.application import COOKIE
from cctv_gateway.testing import hls_rules
from cctv_gateway.testing.filming import film
from cctv_gateway.testing.papers import lit
from cctv_gateway.views import actions as views
from cctv_gateway.views import rules
from kit.audit import Act
from kit.rpc.client import Acting, Failure, acting
from kit.testing.ground import Ground
from spilno.cctv.v1 import cameras_pb2, views_pb2
from spilno.cctv.v1.cameras_pb2_grpc import CamerasStub
from spilno.cctv.v1.views_pb2_grpc import ViewsStub
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

FILM = "film.mp4"
ORIGIN = "http://localhost:8080"


@dataclass
class Room:
    """An office with a viewer in front of a browser."""

    ground: Ground
    slug: str
    port: int
    cameras: Any
    views: Any
    http: httpx.AsyncClient
    viewer: str
    cookie: str

    @property
    def browser(self) -> str:
        return hashlib.sha256(self.cookie.encode()).hexdigest()

    async def camera(self) -> cameras_pb2.Camera:
        return await lit(self.cameras, self.slug, FILM)

    async def look(self, *cameras: cameras_pb2.Camera) -> views_pb2.ViewPasses:
        passes: views_pb2.ViewPasses = await self.views.StartView(self.looking(*cameras))
        return passes

    def looking(self, *cameras: cameras_pb2.Camera) -> views_pb2.StartViewRequest:
        return views_pb2.StartViewRequest(
            parent=f"hromadas/{self.slug}",
            cameras=[each.name for each in cameras],
            reason=views_pb2.VIEW_REASON_DUTY,
            browser=self.browser,
            request_id=str(uuid4()),
        )

    async def get(self, path: str, cookie: str | None = None) -> httpx.Response:
        headers = {"cookie": f"{COOKIE}={self.cookie if cookie is None else cookie}"}
        return await self.http.get(f"http://127.0.0.1:{self.port}{path}", headers=headers)

    async def becomes(self, path: str, status: int) -> None:
        """Waits until the path is answered so: some seconds, on a machine that is busy."""
        deadline = time.monotonic() + 20
        while (found := await self.get(path)).status_code != status:
            assert time.monotonic() < deadline, f"{found.status_code} instead of {status}"
            await asyncio.sleep(0.1)

    async def acts(self, view: views_pb2.View) -> list[Act]:
        """What the trail holds of a view."""
        url = self.ground.postgres.url()
        database = url.rpartition("/")[0] + "/cctv"
        connection = await asyncpg.connect(database)
        try:
            rows = await connection.fetch("SELECT * FROM audit WHERE $1 = ANY(records) ORDER BY at, id", view.name)
        finally:
            await connection.close()
        return [Act.read(dict(row)) for row in rows]

    async def ending(self, view: views_pb2.View) -> str:
        """How a view ends, once it has."""
        async with asyncio.timeout(60):
            while True:
                async with self.ground.call(self.slug) as call:
                    ending = (await views.find(call, UUID(view.name.rpartition("/")[2]))).view.ending
                if ending is not None:
                    return str(ending)
                await asyncio.sleep(0.1)

    def wall(self, cookie: str | None = None, origin: str = ORIGIN) -> connect:
        headers = {"cookie": f"{COOKIE}={self.cookie if cookie is None else cookie}"}
        return connect(
            f"ws://127.0.0.1:{self.port}/wall", additional_headers=headers, origin=Origin(origin), max_size=1 << 24
        )


@pytest_asyncio.fixture
async def room(gateway: Ground, slug: str, media_port: int) -> AsyncIterator[Room]:
    viewer, token = gateway.staff(
        slug, "cameras.read", "cameras.write", "cameras.activate", "cameras.view", "views.read"
    )
    before = acting.set(Acting(token))
    async with gateway.channel() as channel, httpx.AsyncClient(trust_env=False, timeout=30) as http:
        yield Room(gateway, slug, media_port, CamerasStub(channel), ViewsStub(channel), http, viewer, uuid4().hex)
    acting.reset(before)


async def test_a_playlist_and_everything_it_names_is_served(room: Room) -> None:
    passes = await room.look(await room.camera())
    path = f"{passes.passes[0].path}/main"
    first = await room.get(f"{path}/index.m3u8")
    assert first.status_code == 200
    assert first.headers["content-type"] == "application/vnd.apple.mpegurl"
    assert first.headers["access-control-allow-origin"] == ORIGIN
    earlier = hls_rules.read(first.text)
    assert earlier.segments, "players begin once a segment is whole"
    body = (await room.get(f"{path}/{earlier.maps[0]}")).content
    for _ in range(8):
        hint = earlier.hint.removesuffix(".m4s").split(".")
        part = await room.get(f"{path}/{earlier.hint}")
        assert part.status_code == 200
        body += part.content
        later = hls_rules.read((await room.get(f"{path}/index.m3u8?_HLS_msn={hint[0]}&_HLS_part={hint[1]}")).text)
        hls_rules.follows(earlier, later)
        assert later.hint != earlier.hint
        earlier = later
    container: Any = av.open(BytesIO(body))
    assert sum(1 for _ in container.decode(video=0)) >= 60
    segment = max(earlier.segments)
    assert (await room.get(f"{path}/{segment}.m4s")).status_code == 200


async def test_libav_plays_the_playlist_without_an_error_and_who_returns_is_spared_what_they_have(room: Room) -> None:
    path = f"{(await room.look(await room.camera())).passes[0].path}/main/index.m3u8"
    await room.get(f"{path}?_HLS_msn=1")
    assert await asyncio.to_thread(played, room, path, [(320, 240)], 60)
    number = 1
    while not hls_rules.read((await room.get(f"{path}?_HLS_skip=YES&_HLS_msn={number}")).text).skipped:
        number += 1
        assert number < 20


async def test_a_camera_s_two_streams_are_named_in_one_playlist_and_both_play(room: Room, short_film: Path) -> None:
    film(short_film.parent / "small.mp4", seconds=4, width=160, height=120)
    camera = await room.camera()
    await room.cameras.ConnectCamera(
        cameras_pb2.ConnectCameraRequest(
            name=camera.name,
            etag=camera.etag,
            kind=cameras_pb2.SOURCE_KIND_FILM,
            main_url=FILM,
            sub_url="small.mp4",
        )
    )
    place = (await room.look(camera)).passes[0].path
    playlist = await room.get(path := f"{place}/index.m3u8")
    assert playlist.headers["content-type"] == "application/vnd.apple.mpegurl"
    lines = playlist.text.splitlines()
    assert lines[3::2] == ["main/index.m3u8", "sub/index.m3u8"]
    said = [hls_rules.attributes(line.partition(":")[2]) for line in lines[2::2]]
    assert [each["RESOLUTION"] for each in said] == ["320x240", "160x120"]
    for each in said:
        assert each["CODECS"].startswith("avc1.")
        assert int(each["BANDWIDTH"]) >= int(each["AVERAGE-BANDWIDTH"]) > 0
    for name in ("main", "sub"):
        await room.get(f"{place}/{name}/index.m3u8?_HLS_msn=1")
    assert await asyncio.to_thread(played, room, path, [(320, 240), (160, 120)], 30)


def played(room: Room, path: str, sizes: list[tuple[int, int]], pictures: int) -> bool:
    """Whether libav finds streams of these sizes in a playlist, and so many sound pictures in each."""
    options = {"headers": f"Cookie: {COOKIE}={room.cookie}\r\n", "live_start_index": "-2"}
    container: Any = av.open(f"http://127.0.0.1:{room.port}{path}", format="hls", options=options, timeout=20)
    with container:
        streams = container.streams.video
        assert [(each.width, each.height) for each in streams] == sizes
        seen = dict.fromkeys(range(len(sizes)), 0)
        for packet in container.demux(*streams):
            for frame in packet.decode():
                assert not frame.is_corrupt
                seen[packet.stream.index] += 1
            if min(seen.values()) >= pictures:
                return True
    return False


async def test_a_picture_is_a_jpeg(room: Room) -> None:
    path = f"{(await room.look(await room.camera())).passes[0].path}/picture.jpg"
    picture = await room.get(path)
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert picture.content.startswith(b"\xff\xd8\xff")
    assert picture.headers["cache-control"] == "no-store"


async def test_a_pass_is_of_no_use_to_a_colleague_s_browser(room: Room) -> None:
    path = f"{(await room.look(await room.camera())).passes[0].path}/picture.jpg"
    assert (await room.get(path)).status_code == 200
    for cookie in ("", uuid4().hex):
        refused = await room.get(path, cookie)
        assert (refused.status_code, refused.text) == (403, "stranger")


async def test_a_pass_opens_its_own_camera_and_hromada_alone(room: Room) -> None:
    mine, other = await room.camera(), await room.camera()
    path = (await room.look(mine)).passes[0].path
    hromada, text = path.removeprefix("/live/").split("/")
    raw = bytearray(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    raw[16:32] = UUID(other.name.rpartition("/")[2]).bytes
    forged = urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()
    for tried in (f"/live/{hromada}/{forged}", f"/live/led-home/{text}", f"/live/{hromada}/{'A' * 91}"):
        assert (await room.get(f"{tried}/picture.jpg")).status_code == 403
    for nowhere in (f"{path}/main/../../x", f"{path}/main/passwd", "/live/x/y/main/index.m3u8", "/"):
        assert (await room.get(nowhere)).status_code == 404


async def test_an_expired_pass_is_refused_and_a_renewed_one_is_good(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "LASTS", timedelta(seconds=1))
    passes = await room.look(await room.camera())
    await room.becomes(f"{passes.passes[0].path}/picture.jpg", 403)
    monkeypatch.undo()
    renewed = await room.views.RenewView(views_pb2.RenewViewRequest(name=passes.view.name, browser=room.browser))
    assert (await room.get(f"{renewed.passes[0].path}/picture.jpg")).status_code == 200


async def test_a_revoked_viewer_is_cut_within_seconds_and_the_trail_says_so(room: Room) -> None:
    passes = await room.look(await room.camera())
    path = f"{passes.passes[0].path}/picture.jpg"
    assert (await room.get(path)).status_code == 200
    room.ground.register.people[room.slug, room.viewer] = frozenset({"cameras.read"})
    await room.becomes(path, 410)
    assert await room.ending(passes.view) == "revoked"
    room.ground.register.people[room.slug, room.viewer] = frozenset({"cameras.read", "cameras.view"})
    assert (await room.get(path)).status_code == 410
    acts = await room.acts(passes.view)
    assert [(each.method.rpartition(".")[2], each.purpose) for each in acts] == [
        ("StartView", "live/duty"),
        ("EndView", "live/revoked"),
    ]
    assert {each.subject for each in acts} == {f"pseudonym-of-{room.viewer}"}


async def test_an_ended_view_ends_its_media_and_cannot_be_renewed(room: Room) -> None:
    passes = await room.look(await room.camera())
    path = f"{passes.passes[0].path}/picture.jpg"
    assert (await room.get(path)).status_code == 200
    ended = await room.views.EndView(views_pb2.EndViewRequest(name=passes.view.name))
    assert ended.ending == views_pb2.VIEW_ENDING_ENDED
    await room.becomes(path, 410)
    with pytest.raises(Failure) as refused:
        await room.views.RenewView(views_pb2.RenewViewRequest(name=passes.view.name, browser=room.browser))
    assert refused.value.code is grpc.StatusCode.FAILED_PRECONDITION


async def test_nobody_renews_or_ends_another_s_view(room: Room) -> None:
    passes = await room.look(await room.camera())
    _, token = room.ground.staff(room.slug, "cameras.view")
    before = acting.set(Acting(token))
    try:
        for verb, request in (
            (room.views.RenewView, views_pb2.RenewViewRequest(name=passes.view.name, browser=room.browser)),
            (room.views.EndView, views_pb2.EndViewRequest(name=passes.view.name)),
        ):
            with pytest.raises(Failure) as refused:
                await verb(request)
            assert refused.value.code is grpc.StatusCode.NOT_FOUND
    finally:
        acting.reset(before)


async def test_a_suspended_camera_goes_dark_within_seconds_for_who_watches(room: Room) -> None:
    camera = await room.camera()
    passes = await room.look(camera)
    path = f"{passes.passes[0].path}/main/index.m3u8"
    assert (await room.get(path)).status_code == 200
    await room.cameras.SuspendCamera(
        cameras_pb2.SuspendCameraRequest(name=camera.name, etag=camera.etag, reason="Ремонт опори")
    )
    await room.becomes(path, 410)
    with pytest.raises(Failure) as refused:
        await room.look(camera)
    assert refused.value.code is grpc.StatusCode.FAILED_PRECONDITION


async def test_who_oversees_sees_who_looked_and_why(room: Room) -> None:
    camera = await room.camera()
    first, second = await room.look(camera), await room.look(camera)
    listed = await room.views.ListViews(views_pb2.ListViewsRequest(parent=camera.name, page_size=1))
    rest = await room.views.ListViews(
        views_pb2.ListViewsRequest(parent=camera.name, page_size=1, page_token=listed.next_page_token)
    )
    assert [each.name for each in [*listed.views, *rest.views]] == [second.view.name, first.view.name]
    assert listed.views[0].viewer_display_name == f"{room.viewer} of {room.slug}"
    assert listed.views[0].reason == views_pb2.VIEW_REASON_DUTY


async def test_a_view_without_a_viewer_lapses_and_the_trail_says_so(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = await room.look(await room.camera())
    assert (await room.get(f"{passes.passes[0].path}/picture.jpg")).status_code == 200
    monkeypatch.setattr(gate, "LAPSES_AFTER", 1.0)
    assert await room.ending(passes.view) == "lapsed"
    monkeypatch.undo()
    assert [each.purpose for each in await room.acts(passes.view)] == ["live/duty", "live/lapsed"]


async def parts_over(socket: ClientConnection, cameras: int, each: int) -> dict[UUID, list[bytes]]:
    """So many parts of so many cameras; of each the init comes first, then one that begins with a key picture."""
    bodies = dict[UUID, list[bytes]]()
    async with asyncio.timeout(60):
        while len(bodies) < cameras or min(map(len, bodies.values())) < each + 1:
            message = await socket.recv()
            if isinstance(message, str):
                continue
            kind, camera, ticks = struct.unpack(">B16sI", message[:21])
            found = bodies.setdefault(UUID(bytes=camera), [])
            assert kind == (0, 1)[min(len(found), 1)] if len(found) < 2 else kind in (1, 2)
            assert (ticks > 0) == (kind > 0)
            found.append(message[21:])
    return bodies


async def test_a_wall_of_twelve_plays_over_one_socket(room: Room) -> None:
    passes = await room.look(*[await room.camera() for _ in range(12)])
    async with room.wall() as socket:
        await socket.send(json.dumps({"watch": [{"pass": each.ticket, "rendition": "sub"} for each in passes.passes]}))
        bodies = await parts_over(socket, 12, 4)
    for body in bodies.values():
        container: Any = av.open(BytesIO(b"".join(body)))
        assert sum(1 for _ in container.decode(video=0)) >= 30


async def test_a_wall_is_cut_when_its_viewer_may_look_no_more(room: Room) -> None:
    passes = await room.look(camera := await room.camera())
    watch = json.dumps({"watch": [{"pass": passes.passes[0].ticket, "rendition": "main"}]})
    async with room.wall() as socket:
        await socket.send(watch)
        await parts_over(socket, 1, 2)
        room.ground.register.people[room.slug, room.viewer] = frozenset()
        async with asyncio.timeout(60):
            while not isinstance(said := await socket.recv(), str) or json.loads(said)["state"] != "refused":
                pass
        acting.set(Acting(room.ground.staff(room.slug, "cameras.view")[1]))
        path = f"{(await room.look(camera)).passes[0].path}/main"
        for _ in range(2):  # for others it plays on
            hint = hls_rules.read((await room.get(f"{path}/index.m3u8")).text).hint
            assert (await room.get(f"{path}/{hint}")).status_code == 200
        await socket.send(watch)
        assert json.loads(await socket.recv())["state"] == "refused"


async def test_a_wall_opens_to_the_portal_s_pages_and_the_viewer_s_browser_alone(room: Room) -> None:
    passes = await room.look(await room.camera())
    with pytest.raises(InvalidStatus):
        async with room.wall(origin="http://elsewhere.example.org"):
            pass
    async with room.wall(cookie=uuid4().hex) as socket:
        await socket.send(json.dumps({"watch": [{"pass": passes.passes[0].ticket, "rendition": "sub"}]}))
        assert json.loads(await socket.recv()) == {"state": "refused", "why": "stranger"}
    for nonsense in ("", "[]", '{"watch": [{"pass": "x"}]}', '{"watch": 7}', "x" * 40_000):
        async with room.wall() as socket:
            await socket.send(nonsense)
            with pytest.raises(ConnectionClosed):
                await socket.recv()
