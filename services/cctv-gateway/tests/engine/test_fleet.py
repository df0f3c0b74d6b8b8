"""The engine before real cameras of a third party: what comes in, what goes out, and what goes wrong."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from io import BytesIO
from ipaddress import ip_network
from pathlib import Path
from socket import socket
from typing import Any

import av
import psutil
import pytest
from cctv_gateway.engine.addresses import Kind
from cctv_gateway.engine.boxes import boxes
from cctv_gateway.engine.fleet import LOOKED_AT_EACH, PER_WORKER, Fleet, State
from cctv_gateway.engine.on_air import OnAir, Programme
from cctv_gateway.engine.parts import Part
from cctv_gateway.engine.shelves import Shelved
from cctv_gateway.engine.sources import Source
from cctv_gateway.engine.streams import Stream
from cctv_gateway.engine.troubles import Cause
from cctv_gateway.health import rules as health
from cctv_gateway.health.rules import Change, Standing
from cctv_gateway.testing import hls_rules
from cctv_gateway.testing.filming import film, jpegs
from cctv_gateway.testing.rtmp import playing
from cctv_gateway.testing.serving import answering, between, flooding, folder, http, jpeg_camera
from kit.servers.cameras import Cameras

CORES = sorted(os.sched_getaffinity(0))
LOOPBACK = (ip_network("127.0.0.0/8"),)


@asynccontextmanager
async def fleet_of(
    *,
    encoded: int = 4,
    per_worker: int = PER_WORKER,
    looked_at_each: float = LOOKED_AT_EACH,
    cores: Sequence[int] = CORES,
) -> AsyncIterator[Fleet]:
    fleet = Fleet(encoded_per_hromada=encoded, per_worker=per_worker, looked_at_each=looked_at_each, cores=cores)
    try:
        yield fleet
    finally:
        await fleet.close()


def source(kind: Kind, url: str, username: str = "", password: str = "") -> Source:
    return Source(kind, url, username, password, LOOPBACK)


async def until(stream: Stream, is_so: Any, within: float = 60.0) -> None:
    """Waits until the stream is so."""
    deadline = time.monotonic() + within
    while not is_so(stream):
        assert time.monotonic() < deadline, f"{stream.state} {stream.cause} {stream.listed.decode()}"
        await stream.change(0.2)


def parts_of(stream: Stream) -> int:
    return sum(len(each.parts) for each in stream.segments)


def newest(stream: Stream) -> Part:
    return stream.segments[-1].parts[-1]


async def parts(stream: Stream, count: int) -> None:
    await until(stream, lambda it: parts_of(it) >= count)


async def cause(stream: Stream, expected: Cause) -> None:
    await until(stream, lambda it: it.state is State.WAITING and it.cause is expected)


async def goes_on(stream: Stream) -> None:
    """Waits until a whole segment more is there, of the same reckoning."""
    last, inits = stream.segments[-1].number, len(stream.inits)
    await until(stream, lambda it: it.segments[-1].number > last + 1)
    assert len(stream.inits) == inits


def decoded(stream: Stream) -> int:
    """The pictures that libav finds in what was published under the newest init."""
    newest = max(stream.inits)
    body = b"".join(each.body for each in stream.segments if each.init == newest)
    container: Any = av.open(BytesIO(stream.inits[newest].body + body))
    return sum(1 for _ in container.decode(video=0))


@pytest.mark.parametrize(
    ("name", "kind", "codec"),
    [
        ("h264", Kind.RTSP, "avc1."),
        ("h264", Kind.RTSP_UDP, "avc1."),
        ("reordered", Kind.RTSP, "avc1.64"),
        ("h265", Kind.RTSP, "hvc1."),
        ("jpeg", Kind.RTSP, "avc1."),
    ],
)
async def test_a_camera_plays(cameras: Cameras, name: str, kind: Kind, codec: str) -> None:
    async with fleet_of() as fleet:
        stream = Stream()
        fleet.start(name, "h", source(kind, cameras.url(name)), stream)
        await parts(stream, 7)
        assert stream.state is State.PLAYING
        assert stream.inits[0].codecs.startswith(codec)
        ticks = sum(part.duration for each in stream.segments for part in each.parts)
        assert abs(decoded(stream) - ticks * 20 / 90_000) <= 2
        hls_rules.read(stream.listed.decode())
        fleet.draw(name)
        assert (await stream.drawn(5)).startswith(b"\xff\xd8\xff")


async def test_a_locked_camera_is_opened_with_its_name_and_password_only(cameras: Cameras) -> None:
    async with fleet_of() as fleet:
        opened, shut = Stream(), Stream()
        fleet.start("a", "h", source(Kind.RTSP, cameras.locked_url, cameras.username, cameras.password), opened)
        fleet.start("b", "h", source(Kind.RTSP, cameras.locked_url, cameras.username, "wrong"), shut)
        await parts(opened, 1)
        await cause(shut, Cause.UNAUTHORIZED)


async def test_a_camera_that_is_not_there_is_told_by_what_is_wrong(cameras: Cameras) -> None:
    async with fleet_of() as fleet:
        streams = {
            Cause.NOT_FOUND: source(Kind.RTSP, cameras.url("nowhere")),
            Cause.UNREACHABLE: source(Kind.RTSP, "rtsp://127.0.0.1:9/"),
            Cause.NOT_ALLOWED: Source(Kind.RTSP, cameras.url("h264")),
        }
        told = {expected: Stream() for expected in streams}
        for expected, one in streams.items():
            fleet.start(expected, "h", one, told[expected])
        for expected, stream in told.items():
            await cause(stream, expected)


async def test_jpegs_over_http_play_and_the_password_is_told_only_when_asked_for() -> None:
    seen = list[str]()
    with http(jpeg_camera(jpegs(20), seen)) as port:
        async with fleet_of() as fleet:
            stream, moved = Stream(), Stream()
            fleet.start("a", "h", source(Kind.MJPEG, f"http://127.0.0.1:{port}/", "camera", "s3cret"), stream)
            fleet.start("b", "h", source(Kind.MJPEG, f"http://127.0.0.1:{port}/elsewhere", "c", "s"), moved)
            await parts(stream, 3)
            await cause(moved, Cause.REDIRECTS)
            assert decoded(stream) > 10
    assert seen[0] == ""
    assert any(each.startswith("Basic ") for each in seen)


async def test_a_live_playlist_is_pulled_and_let_through_at_its_own_pace(tmp_path: Path) -> None:
    film(tmp_path / "live.m3u8", seconds=12, format="hls")
    text = (tmp_path / "live.m3u8").read_text()
    assert "#EXT-X-ENDLIST" in text
    with http(folder(tmp_path)) as port:
        async with fleet_of() as fleet:
            stream = Stream()
            began = time.monotonic()
            fleet.start("a", "h", source(Kind.HLS, f"http://127.0.0.1:{port}/live.m3u8"), stream)
            await parts(stream, 6)
            assert time.monotonic() - began > 2
            assert decoded(stream) > 40


async def test_a_playlist_that_leads_elsewhere_is_not_followed(tmp_path: Path, cameras: Cameras) -> None:
    (tmp_path / "live.m3u8").write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://[::1]:80/secret.ts\n#EXT-X-ENDLIST\n"
    )
    (tmp_path / "file.m3u8").write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
    )
    with http(folder(tmp_path)) as port:
        async with fleet_of() as fleet:
            for name in ("live", "file"):
                stream = Stream()
                fleet.start(name, "h", source(Kind.HLS, f"http://127.0.0.1:{port}/{name}.m3u8"), stream)
                await until(stream, lambda it: it.state is State.WAITING)
                assert stream.cause in (Cause.NOT_ALLOWED, Cause.BROKEN)


async def test_a_film_is_played_over_and_over(short_film: Path) -> None:
    async with fleet_of() as fleet:
        stream = Stream()
        fleet.start("a", "h", Source(Kind.FILM, str(short_film)), stream)
        await until(stream, lambda it: sum(each.duration for each in it.segments) > 6 * 90_000)
        assert len(stream.inits) == 1
        assert decoded(stream) > 100


async def test_a_worker_that_dies_costs_its_own_cameras_alone_and_for_seconds(cameras: Cameras) -> None:
    async with fleet_of(per_worker=1) as fleet:
        mine, others = Stream(), Stream()
        fleet.start("mine", "h", source(Kind.RTSP, cameras.url("h264")), mine)
        fleet.start("others", "h", source(Kind.RTSP, cameras.url("street")), others)
        await parts(mine, 1)
        await parts(others, 1)
        first, _ = fleet.processes
        os.kill(first, signal.SIGSEGV)
        await until(mine, lambda it: it.cause is Cause.WORKER)
        await until(mine, lambda it: len(it.inits) == 2 and it.segments[-1].init == 1)
        assert "#EXT-X-DISCONTINUITY\n" in mine.listed.decode()
        assert len(others.inits) == 1


async def test_what_a_worker_cannot_put_on_the_disk_the_gateway_holds_itself(short_film: Path) -> None:
    async with fleet_of() as fleet:
        fleet.start("film", "h", Source(Kind.FILM, str(short_film)), stream := Stream())
        await until(stream, lambda it: parts_of(it) > 0 and isinstance(newest(it).held, Shelved))
        full_disk = (0, 0)
        psutil.Process(fleet.processes[0]).rlimit(psutil.RLIMIT_FSIZE, full_disk)
        await until(stream, lambda it: isinstance(newest(it).held, bytes))
        assert decoded(stream) == 10 * parts_of(stream)


async def test_a_worker_reads_sixty_four_cameras_and_the_next_one_is_another_worker_s(short_film: Path) -> None:
    async with fleet_of(cores=CORES[:1]) as fleet:
        streams = {str(number): Stream() for number in range(PER_WORKER + 1)}
        for name, stream in streams.items():
            fleet.start(name, "h", Source(Kind.FILM, str(short_film)), stream)
        for stream in streams.values():
            await parts(stream, 1)
        first, second = fleet.processes
        last = streams[str(PER_WORKER)]
        os.kill(second, signal.SIGKILL)
        await until(last, lambda it: it.cause is Cause.WORKER)
        assert all(each.state is State.PLAYING for each in streams.values() if each is not last)
        await until(last, lambda it: it.state is State.PLAYING)
        fleet.stop(str(PER_WORKER))
        fleet.stop("0")
        fleet.start("new", "h", Source(Kind.FILM, str(short_film)), new := Stream())
        await parts(new, 1)
        assert fleet.processes == [first]


async def test_streams_are_spread_over_as_many_workers_as_there_are_cores(short_film: Path) -> None:
    async with fleet_of(cores=[CORES[0], CORES[-1]]) as fleet:
        streams = {str(number): Stream() for number in range(18)}
        for name, stream in list(streams.items())[:8]:
            fleet.start(name, "h", Source(Kind.FILM, str(short_film)), stream)
        await parts(streams["7"], 1)
        assert len(fleet.processes) == 1
        for name, stream in list(streams.items())[8:]:
            fleet.start(name, "h", Source(Kind.FILM, str(short_film)), stream)
        await parts(streams["17"], 1)
        _, second = fleet.processes
        os.kill(second, signal.SIGKILL)
        dies = [each for each in streams.values() if each not in (streams[str(number)] for number in range(8))]
        await until(dies[0], lambda it: it.cause is Cause.WORKER)
        assert sum(each.cause is Cause.WORKER for each in streams.values()) == 9


async def kept_to(stream: Stream, process: int, cores: set[int]) -> None:
    """Waits, while the stream plays, until each thread of a process may run on these cores alone."""
    await until(stream, lambda _: all(each == cores for each in _may_run_on(process)))


def _may_run_on(process: int) -> Iterator[set[int]]:
    for thread in os.listdir(f"/proc/{process}/task"):
        with suppress(ProcessLookupError):
            yield os.sched_getaffinity(int(thread))


async def test_workers_keep_to_a_core_each_once_every_core_has_one_unless_they_encode(short_film: Path) -> None:
    async with fleet_of(cores=[CORES[0], CORES[-1]]) as fleet:
        for number in range(9):
            fleet.start(str(number), "h", Source(Kind.FILM, str(short_film)), stream := Stream())
        await parts(stream, 1)
        for core, process in zip((CORES[0], CORES[-1]), fleet.processes, strict=True):
            await kept_to(stream, process, {core})
        masked = Source(Kind.FILM, str(short_film), masks=(((100, 100), (400, 100), (400, 400)),))
        fleet.start("masked", "h", masked, stream := Stream())
        await parts(stream, 1)
        await kept_to(stream, fleet.processes[1], set(CORES))
        await kept_to(stream, fleet.processes[0], {CORES[0]})


async def test_no_hromada_has_more_pictures_encoded_anew_than_it_may(cameras: Cameras) -> None:
    async with fleet_of(encoded=1) as fleet:
        first, second, foreign = Stream(), Stream(), Stream()
        fleet.start("first", "h", source(Kind.RTSP, cameras.url("jpeg")), first)
        await parts(first, 1)
        fleet.start("second", "h", source(Kind.RTSP, cameras.url("jpeg")), second)
        fleet.start("foreign", "other", source(Kind.RTSP, cameras.url("jpeg")), foreign)
        await parts(foreign, 1)
        await cause(second, Cause.QUOTA)
        assert first.state is State.PLAYING


async def test_a_server_that_stalls_or_answers_nonsense_is_told_and_tried_again_and_the_others_play_on(
    short_film: Path,
) -> None:
    asked = list[bytes]()

    def stall(connection: socket) -> None:
        asked.append(connection.recv(4096))
        time.sleep(60)

    def nonsense(connection: socket) -> None:
        connection.recv(4096)
        connection.sendall(b"\0\xff" * 1000)

    def redirect(connection: socket) -> None:
        connection.recv(4096)
        connection.sendall(b"RTSP/1.0 302 Moved\r\nCSeq: 1\r\nLocation: rtsp://169.254.169.254/\r\n\r\n")

    with answering(stall) as stalling, answering(nonsense) as babbling, answering(redirect) as redirecting:
        async with fleet_of() as fleet:
            other = Stream()
            fleet.start("other", "h", Source(Kind.FILM, str(short_film)), other)
            streams = {
                Cause.STALLS: (stalling, Stream()),
                Cause.BROKEN: (babbling, Stream()),
                Cause.REDIRECTS: (redirecting, Stream()),
            }
            for expected, (port, stream) in streams.items():
                fleet.start(expected, "h", source(Kind.RTSP, f"rtsp://127.0.0.1:{port}/"), stream)
            for expected, (_, stream) in streams.items():
                await cause(stream, expected)
            await until(streams[Cause.REDIRECTS][1], lambda it: it.state is State.CONNECTING)
            await goes_on(other)
    assert asked[0].startswith(b"OPTIONS rtsp://127.0.0.1:")


async def test_a_stream_over_rtmp_plays(tmp_path: Path) -> None:
    film(tmp_path / "film.mp4", seconds=20)
    with answering(playing(tmp_path / "film.mp4")) as port:
        async with fleet_of() as fleet:
            stream = Stream()
            fleet.start("a", "h", source(Kind.RTMP, f"rtmp://127.0.0.1:{port}/live/cam"), stream)
            await parts(stream, 5)
            assert decoded(stream) >= 40


async def test_a_line_that_garbles_what_it_carries_costs_pictures_and_nothing_else(cameras: Cameras) -> None:
    def garble(data: bytes, sent: int) -> bytes:
        """Turns a byte in each few hundred, and now and then swallows three: the same ones each time."""
        if sent < 20_000:
            return data
        noisy = bytearray(data)
        for place in range(sent % 397, len(noisy), 397):
            noisy[place] ^= 0xFF
        return bytes(noisy[:-3] if sent % 11 == 0 else noisy)

    with answering(between(cameras.port, garble)) as port:
        async with fleet_of() as fleet:
            clean, noisy = Stream(), Stream()
            fleet.start("clean", "h", source(Kind.RTSP, cameras.url("street")), clean)
            fleet.start("noisy", "h", source(Kind.RTSP, f"rtsp://127.0.0.1:{port}/h264"), noisy)
            await parts(noisy, 1)
            workers = fleet.processes
            await parts(clean, 24)
            assert fleet.processes == workers
            assert len(clean.inits) == 1
            for segment in noisy.segments:
                for part in segment.parts:
                    assert [name for name, _ in boxes(part.body)] == ["moof", "mdat"]
            hls_rules.read(noisy.listed.decode())


NO_H265, NO_H264 = (b" H265/", b" H264/"), (b" H264/", b" H265/")
LIES = {
    "h265 as h264": ("h265", [NO_H265]),
    "h264 as h265": ("h264", [NO_H264]),
    "another payload type": ("yard", [(b"RTP/AVP 96", b"RTP/AVP 97"), (b":96 ", b":97 ")]),
    "no parameter sets": ("reordered", [(b"sprop-parameter-sets", b"xprop-parameter-sets"), (b"gd\0", b"ld\0")]),
}
"""What is changed in what the cameras of a third party announce, and in the one case in what they send."""


async def test_a_server_whose_announcement_lies_is_told_and_costs_nobody_else_a_picture(cameras: Cameras) -> None:
    def lying(lie: list[tuple[bytes, bytes]]) -> Callable[[bytes, int], bytes]:
        def change(data: bytes, sent: int) -> bytes:
            for true, false in lie:
                data = data.replace(true, false)
            return data

        return change

    with ExitStack() as stack:
        async with fleet_of() as fleet:
            honest, liars = Stream(), {name: Stream() for name in LIES}
            fleet.start("honest", "h", source(Kind.RTSP, cameras.url("street")), honest)
            await parts(honest, 1)
            for name, (camera, lie) in LIES.items():
                port = stack.enter_context(answering(between(cameras.port, lying(lie))))
                fleet.start(name, "h", source(Kind.RTSP, f"rtsp://127.0.0.1:{port}/{camera}"), liars[name])
            workers = fleet.processes
            for stream in liars.values():
                await cause(stream, Cause.UNREADABLE)
            await goes_on(honest)
            assert fleet.processes == workers
            assert len(workers) == 1


async def test_a_camera_that_names_another_clock_rate_is_shown_as_it_comes_and_told(cameras: Cameras) -> None:
    with answering(between(cameras.port, lambda data, _: data.replace(b"/90000", b"/45000"))) as port:
        async with fleet_of(looked_at_each=0.5) as fleet:
            stream, standing = Stream(), Standing()
            fleet.start("a", "h", source(Kind.RTSP, f"rtsp://127.0.0.1:{port}/gate"), stream)
            changes = list[Change]()
            while Change(health.Kind.PACE, True) not in changes:
                await until(stream, lambda it, seen=stream.vitals: it.vitals is not seen)
                assert stream.vitals is not None
                changes += standing.look(stream.vitals, "main", 1)
            await until(stream, lambda it: len(it.inits) > 1 and it.segments[-1].is_whole)
            newest = [part for each in stream.segments for part in each.parts if each.init == max(stream.inits)]
            lasts = sum(each.duration for each in newest[:-1]) / 90_000
            assert lasts == pytest.approx(newest[-1].at - newest[0].at, rel=0.3)
            hls_rules.read(stream.listed.decode())


async def test_a_camera_that_falls_silent_is_told_and_goes_on_with_a_new_reckoning(cameras: Cameras) -> None:
    with answering(between(cameras.port, lambda data, sent: data if sent < 200_000 else None)) as port:
        async with fleet_of() as fleet:
            stream = Stream()
            fleet.start("a", "h", source(Kind.RTSP, f"rtsp://127.0.0.1:{port}/h264"), stream)
            await parts(stream, 1)
            await cause(stream, Cause.STALLS)
            await until(stream, lambda it: "#EXT-X-DISCONTINUITY\n" in it.listed.decode())


async def test_a_camera_that_dies_is_told_and_is_read_again_when_it_is_back(tmp_path: Path) -> None:
    mortal = Cameras(tmp_path / "cameras.log")
    await mortal.start()
    try:
        async with fleet_of() as fleet:
            stream = Stream()
            fleet.start("a", "h", source(Kind.RTSP, mortal.url("h264")), stream)
            await parts(stream, 1)
            mortal.child.kill()
            await cause(stream, Cause.UNREACHABLE)
            await mortal.start()
            await until(stream, lambda it: len(it.inits) > 1 and it.state is State.PLAYING, within=90)
    finally:
        await mortal.stop()


async def test_a_camera_that_floods_is_shut_off_and_the_others_play_on(short_film: Path) -> None:
    with http(flooding(jpegs(1)[0])) as port:
        async with fleet_of() as fleet:
            stream, other = Stream(), Stream()
            fleet.start("other", "h", Source(Kind.FILM, str(short_film)), other)
            await parts(other, 1)
            fleet.start("a", "h", source(Kind.MJPEG, f"http://127.0.0.1:{port}/"), stream)
            await cause(stream, Cause.FLOODS)
            await goes_on(other)
            assert len(fleet.processes) == 1


async def test_what_nobody_watches_is_read_no_more(cameras: Cameras) -> None:
    async with fleet_of() as fleet:
        on_air = OnAir(fleet, idle_seconds=0.5)
        watched = Programme("watched", "h", source(Kind.RTSP, cameras.url("h264")))
        always = Programme("always", "h", source(Kind.RTSP, cameras.url("h264")), is_always_on=True)
        on_air.tune(always)
        assert (await on_air.picture(watched, 60)).startswith(b"\xff\xd8\xff")
        async with asyncio.timeout(20):
            while on_air.find("watched") is not None:
                on_air.keep(lambda _: True)
                await asyncio.sleep(0.05)
        assert on_air.find("always") is not None
        on_air.keep(lambda programme: programme.name != "always")
        assert on_air.find("always") is None
        assert fleet.processes == []


async def test_what_was_read_before_a_mask_was_drawn_never_reaches_who_looks_after_it(short_film: Path) -> None:
    """The worker goes on for another camera: what it still tells of the first reading belongs to nobody."""
    plain = Source(Kind.FILM, str(short_film))
    masked = Source(Kind.FILM, str(short_film), masks=(((0, 0), (1000, 0), (1000, 1000), (0, 1000)),))
    async with fleet_of() as fleet:
        on_air, other = OnAir(fleet), Stream()
        fleet.start("other", "h", plain, other)
        await parts(other, 1)
        for _ in range(5):
            await parts(on_air.tune(Programme("camera", "h", plain)), 1)
            await parts(stream := on_air.tune(Programme("camera", "h", masked)), 2)
            shown: Any = av.open(BytesIO(b"".join([stream.inits[0].body, *(each.part.body for each in stream.held())])))
            assert all(max(bytes(picture.planes[0])) < 24 for picture in shown.decode(video=0))
        assert len(fleet.processes) == 1
        assert other.state is State.PLAYING
