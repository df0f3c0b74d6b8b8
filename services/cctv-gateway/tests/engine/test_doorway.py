"""What an RTSP server may say on the way to the picture."""

import asyncio
import threading
from ipaddress import ip_network
from itertools import pairwise

import pytest
from cctv_gateway.engine.addresses import Kind
from cctv_gateway.engine.doorway import Answers
from cctv_gateway.engine.parts import SCALE
from cctv_gateway.engine.sources import Source, connect
from cctv_gateway.engine.troubles import Cause, Trouble
from cctv_gateway.testing.pouring import poured
from hypothesis import given
from hypothesis import strategies as st
from kit.servers.cameras import Cameras

DESCRIBED = b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 5\r\n\r\nv=0\r\n"
SET_UP = b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nTransport: RTP/AVP;unicast;source=10.0.0.1;server_port=1-2\r\n\r\n"
PLAYS = b"RTSP/1.0 200 OK\r\nCSeq: 4\r\n\r\n"
RATE = 20
"""Pictures a second of the camera."""
PICTURE = b"$\0\0\4abcd"


class Libav:
    """Who the answers are passed on to."""

    def __init__(self) -> None:
        self.told = b""
        self.answers = Answers(self._tell)

    def _tell(self, told: bytes) -> None:
        self.told += told


def test_answers_are_passed_on_until_pictures_come() -> None:
    libav = Libav()
    assert not libav.answers.take(DESCRIBED)
    libav.answers.is_playing = True
    assert libav.answers.take(PLAYS + PICTURE)
    assert libav.told == DESCRIBED + PLAYS + PICTURE


@given(st.lists(st.integers(1, 40), min_size=1, max_size=30))
def test_however_the_answers_are_cut_they_arrive_whole(cuts: list[int]) -> None:
    libav, left = Libav(), DESCRIBED + PLAYS
    for cut in cuts:
        libav.answers.take(left[:cut])
        left = left[cut:]
    libav.answers.take(left) if left else None
    assert libav.told == DESCRIBED + PLAYS


def test_a_redirect_is_not_passed_on() -> None:
    libav = Libav()
    for told in (b"RTSP/1.0 301 Moved\r\n\r\n", b"RTSP/1.0 302 Found\r\nLocation: rtsp://[::1]/\r\n\r\n"):
        with pytest.raises(Trouble) as trouble:
            libav.answers.take(told)
        assert trouble.value.cause is Cause.REDIRECTS
        assert libav.told == b""
        libav = Libav()


def test_a_redirect_behind_another_answer_is_found() -> None:
    with pytest.raises(Trouble):
        Libav().answers.take(DESCRIBED + b"RTSP/1.0 302 Found\r\n\r\n")


def test_a_place_to_send_to_is_left_out() -> None:
    libav = Libav()
    libav.answers.take(SET_UP)
    assert b"Transport: RTP/AVP;unicast;server_port=1-2\r\n" in libav.told
    assert b"10.0.0.1" not in libav.told


@pytest.mark.parametrize(
    "told",
    [b"HTTP/1.1 200 OK\r\n\r\n", b"RTSP/1.0 200 OK\r\nContent-Length: x\r\n\r\n", b"a" * 300_000],
)
def test_what_is_no_answer_closes_the_door(told: bytes) -> None:
    with pytest.raises(Trouble) as trouble:
        Libav().answers.take(told)
    assert trouble.value.cause is Cause.BROKEN


@pytest.mark.parametrize("kind", [Kind.RTSP, Kind.RTSP_UDP])
async def test_once_pictures_come_the_relay_is_gone_and_none_of_them_is_missed(cameras: Cameras, kind: Kind) -> None:
    def read() -> tuple[list[int], bool]:
        source = Source(kind, cameras.url("h264"), allowed=(ip_network("127.0.0.0/8"),))
        connection = connect(source, lambda: True)
        try:
            times = [unit.dts or 0 for unit in poured(connection, 60)]
            return times, any(each.name == "doorway" for each in threading.enumerate())
        finally:
            connection.close()

    times, is_relayed = await asyncio.to_thread(read)
    assert not is_relayed
    assert max(after - before for before, after in pairwise(times)) <= 1.5 * SCALE / RATE
