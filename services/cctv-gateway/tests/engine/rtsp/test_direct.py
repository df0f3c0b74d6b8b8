"""Cameras of a third party, spoken to without libav."""

import asyncio
import re
import threading
import time
from collections.abc import Callable
from ipaddress import ip_network
from itertools import pairwise
from socket import create_connection, socket

import pytest
from cctv_gateway.engine.addresses import Kind
from cctv_gateway.engine.packaging import AccessUnit
from cctv_gateway.engine.parts import SCALE
from cctv_gateway.engine.rtsp.direct import Direct
from cctv_gateway.engine.sources import Connection, Source, connect
from cctv_gateway.engine.troubles import Cause, Trouble, Unsuited
from cctv_gateway.testing.pouring import poured
from cctv_gateway.testing.serving import answering, between
from kit.servers.cameras import Cameras

LOOPBACK = (ip_network("127.0.0.0/8"),)
RATE = 20
"""Pictures a second of the cameras."""


def opened(url: str, username: str = "", password: str = "") -> Connection:
    return connect(Source(Kind.RTSP, url, username, password, LOOPBACK), lambda: True, directly=True)


async def pictures(url: str, count: int, username: str = "", password: str = "") -> list[AccessUnit]:
    connection = await asyncio.to_thread(opened, url, username, password)
    try:
        assert isinstance(connection, Direct)
        return await asyncio.to_thread(poured, connection, count)
    finally:
        connection.close()


@pytest.mark.parametrize("name", ["h264", "h265", "street"])
async def test_from_the_first_key_picture_on_none_is_missed(cameras: Cameras, name: str) -> None:
    units = await pictures(cameras.url(name), 60)
    assert units[0].is_key
    steps = {(after.dts or 0) - (before.dts or 0) for before, after in pairwise(units)}
    assert max(steps) <= 1.5 * SCALE / RATE


async def test_what_the_camera_s_clock_shows_is_known_from_its_reports(cameras: Cameras) -> None:
    newest = (await pictures(cameras.url("h264"), RATE * 6))[-1]
    assert newest.packet.clock == pytest.approx(newest.arrived, abs=2)


async def test_the_rate_is_told_from_the_pictures_themselves(cameras: Cameras) -> None:
    connection = await asyncio.to_thread(opened, cameras.url("h264"))
    assert connection.format.frames_per_second == pytest.approx(RATE, rel=0.05)
    assert (connection.format.width, connection.format.height) == (640, 360)
    connection.close()


async def test_a_camera_that_asks_for_a_digest_is_told_it(cameras: Cameras) -> None:
    assert len(await pictures(cameras.locked_url, 3, cameras.username, cameras.password)) == 3


@pytest.mark.parametrize(("username", "password"), [("", ""), ("camera", "wrong")])
async def test_who_may_not_look_is_told(cameras: Cameras, username: str, password: str) -> None:
    with pytest.raises(Trouble) as trouble:
        await asyncio.to_thread(opened, cameras.locked_url, username, password)
    assert trouble.value.cause is Cause.UNAUTHORIZED


async def test_a_camera_that_is_not_there_is_told(cameras: Cameras) -> None:
    with pytest.raises(Trouble) as trouble:
        await asyncio.to_thread(opened, cameras.url("nowhere"))
    assert trouble.value.cause is Cause.NOT_FOUND


@pytest.mark.parametrize("name", ["reordered", "jpeg"])
async def test_what_is_not_plain_is_left_to_libav(cameras: Cameras, name: str) -> None:
    with pytest.raises(Unsuited):
        await asyncio.to_thread(opened, cameras.url(name))


async def test_what_is_masked_is_libav_s_from_the_beginning(cameras: Cameras) -> None:
    masked = Source(Kind.RTSP, cameras.url("h264"), "", "", LOOPBACK, (((0, 0), (9, 0), (9, 9)),))
    connection = await asyncio.to_thread(connect, masked, lambda: True, directly=True)
    assert not isinstance(connection, Direct)
    connection.close()


async def test_who_waits_for_pictures_hears_when_it_is_closed(cameras: Cameras) -> None:
    connection = await asyncio.to_thread(opened, cameras.url("h264"))
    threading.Timer(0.3, connection.close).start()
    with pytest.raises(Trouble) as trouble:
        await asyncio.to_thread(poured, connection, 1_000)
    assert trouble.value.cause is Cause.ENDS
    connection.close()


async def test_what_the_taker_raises_ends_it_and_no_other(cameras: Cameras) -> None:
    first = await asyncio.to_thread(opened, cameras.url("h264"))
    second = await asyncio.to_thread(opened, cameras.url("h264"))
    going_on = asyncio.ensure_future(asyncio.to_thread(poured, second, 40))
    assert len(await asyncio.to_thread(poured, first, 12)) == 12
    assert len(await going_on) == 40
    first.close()
    second.close()


async def test_a_camera_that_falls_silent_stalls(cameras: Cameras) -> None:
    with answering(between(cameras.port, lambda data, sent: data if sent < 100_000 else None)) as port:
        connection = await asyncio.to_thread(opened, f"rtsp://127.0.0.1:{port}/h264")
        with pytest.raises(Trouble) as trouble:
            await asyncio.to_thread(poured, connection, 10_000)
        assert trouble.value.cause is Cause.STALLS
        connection.close()


def overheard(port: int, said: list[bytes], has_left: threading.Event) -> Callable[[socket], None]:
    """A line to a camera that keeps what the camera is told, and knows when no more will be; the camera says that a
    session lasts two seconds."""

    def pass_on(client: socket) -> None:
        with create_connection(("127.0.0.1", port)) as server:

            def to_server() -> None:
                while data := client.recv(1 << 14):
                    said.append(data)
                    server.sendall(data)
                has_left.set()

            threading.Thread(target=to_server, daemon=True).start()
            while data := server.recv(1 << 14):
                client.sendall(re.sub(rb"(\r\nSession: [^;\r]*)(;timeout=\d+)?", rb"\1;timeout=2", data))

    return pass_on


async def test_a_session_is_kept_alive_at_half_of_its_time(cameras: Cameras) -> None:
    said = list[bytes]()
    with answering(overheard(cameras.port, said, threading.Event())) as port:
        began = time.monotonic()
        await pictures(f"rtsp://127.0.0.1:{port}/h264", RATE * 4)
        kept = [each for each in said if each.startswith(b"GET_PARAMETER ")]
        assert 2 <= len(kept) <= (time.monotonic() - began) + 1
        assert b"\r\nSession: " in kept[0]


async def test_a_camera_is_told_when_it_is_left(cameras: Cameras) -> None:
    said, has_left = list[bytes](), threading.Event()
    with answering(overheard(cameras.port, said, has_left)) as port:
        await pictures(f"rtsp://127.0.0.1:{port}/h264", 1)
        assert await asyncio.to_thread(has_left.wait, 10)
    assert sum(each.count(b"TEARDOWN rtsp://") for each in said) == 1


async def test_a_camera_that_sends_no_key_picture_for_long_is_left_to_libav(cameras: Cameras) -> None:
    def without_keys(data: bytes, sent: int) -> bytes:
        return data.replace(b"$\0", b"$\4") if sent > 2_000 else data

    with answering(between(cameras.port, without_keys)) as port, pytest.raises(Unsuited):
        await asyncio.to_thread(opened, f"rtsp://127.0.0.1:{port}/h264")


async def test_a_camera_that_never_stops_answering_is_left_to_libav(cameras: Cameras) -> None:
    def endless(data: bytes, sent: int) -> bytes:
        return data if sent < 100_000 else b"RTSP/1.0 200 OK\r\n" * len(data)

    with answering(between(cameras.port, endless)) as port:
        connection = await asyncio.to_thread(opened, f"rtsp://127.0.0.1:{port}/h264")
        with pytest.raises(Unsuited):
            await asyncio.to_thread(poured, connection, 10_000)
        connection.close()


async def test_a_camera_of_which_more_pictures_wait_than_may_is_left_to_libav(
    cameras: Cameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cctv_gateway.engine.rtsp.direct._MOST_HELD", 3)
    with pytest.raises(Unsuited):
        await asyncio.to_thread(opened, cameras.url("h264"))


@pytest.mark.parametrize(
    ("changed", "into"),
    [
        (b"interleaved=0-1", b"client_port=5-6"),
        (b"RTSP/1.0 200 OK\r\nCSeq: 4", b"RTSP/1.0 454 Session Not Found\r\nCSeq: 4"),
        (b"Session: ", b"X-Session: "),
    ],
)
async def test_what_is_answered_otherwise_than_expected_is_left_to_libav(
    cameras: Cameras, changed: bytes, into: bytes
) -> None:
    line = between(cameras.port, lambda data, _: data.replace(changed, into))
    with answering(line) as port, pytest.raises(Unsuited):
        await asyncio.to_thread(opened, f"rtsp://127.0.0.1:{port}/h264")
