"""A connection over which answers come, and between them packets."""

import socket
import threading
from collections.abc import Iterator

import pytest
from cctv_gateway.engine.rtsp.line import ANSWER, Line
from cctv_gateway.engine.troubles import Cause, Trouble
from hypothesis import given
from hypothesis import strategies as st

OK = b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 5\r\n\r\nv=0\r\n"
RTP = b"\x80\x60\0\1rest of a packet"


def framed(packet: bytes, channel: int = 0) -> bytes:
    return b"$" + bytes((channel,)) + len(packet).to_bytes(2, "big") + packet


@pytest.fixture
def ends() -> Iterator[tuple[Line, socket.socket]]:
    """The line, and the camera's end of it."""
    ours, theirs = socket.socketpair()
    line = Line(ours, 0.2)
    yield line, theirs
    line.close()
    theirs.close()


def heard(line: Line) -> list[tuple[int, bytes]]:
    return [(channel, bytes(told)) for channel, told in line.heard()]


def until_it_fails(line: Line) -> tuple[list[tuple[int, bytes]], Cause]:
    """All that is heard, and why no more is."""
    all_of_it = list[tuple[int, bytes]]()
    while True:
        try:
            line.wait()
        except Trouble as trouble:
            return all_of_it, trouble.cause
        all_of_it += heard(line)


PACKETS = st.binary(max_size=70_000).map(lambda rest: RTP + rest[: 65_535 - len(RTP)])
SAID = st.one_of(st.just((ANSWER, OK)), st.tuples(st.integers(0, 3), PACKETS))


@given(st.lists(SAID, max_size=12), st.lists(st.integers(1, 40_000), min_size=1, max_size=12))
def test_however_it_is_cut_all_that_was_said_is_heard(said: list[tuple[int, bytes]], cuts: list[int]) -> None:
    ours, theirs = socket.socketpair()
    line = Line(ours, 5)
    left = b"".join(told if channel == ANSWER else framed(told, channel) for channel, told in said)

    def say() -> None:
        rest = left
        for cut in cuts:
            theirs.sendall(rest[:cut])
            rest = rest[cut:]
        theirs.sendall(rest)
        theirs.close()

    camera = threading.Thread(target=say)
    camera.start()
    try:
        assert until_it_fails(line) == (said, Cause.ENDS)
    finally:
        line.close()
        camera.join()


def test_what_is_neither_is_passed_over(ends: tuple[Line, socket.socket]) -> None:
    line, camera = ends
    camera.sendall(b"\0\xff$$$R" + framed(RTP) + b"R$" + OK + b"OPTIONS * RTSP/1.0\r\n\r\n" + framed(RTP, 1))
    line.wait()
    assert heard(line) == [(0, RTP), (ANSWER, OK), (1, RTP)]


def test_a_camera_that_says_nothing_stalls(ends: tuple[Line, socket.socket]) -> None:
    line, _ = ends
    with pytest.raises(Trouble) as trouble:
        line.wait()
    assert trouble.value.cause is Cause.STALLS


def test_who_waits_hears_the_end_when_it_is_closed_elsewhere(ends: tuple[Line, socket.socket]) -> None:
    line, _ = ends
    threading.Timer(0.05, line.close).start()
    with pytest.raises(Trouble) as trouble:
        line.wait()
    assert trouble.value.cause is Cause.ENDS


def test_nobody_is_told_anything_who_is_gone(ends: tuple[Line, socket.socket]) -> None:
    line, camera = ends
    camera.close()
    with pytest.raises(Trouble) as trouble:
        line.say(b"OPTIONS")
    assert trouble.value.cause is Cause.ENDS


@pytest.mark.parametrize("length", [b"x", b"-1", b"70000"])
def test_an_answer_as_long_as_no_camera_s_is_broken(ends: tuple[Line, socket.socket], length: bytes) -> None:
    line, camera = ends
    camera.sendall(b"RTSP/1.0 200 OK\r\nContent-Length: " + length + b"\r\n\r\n")
    line.wait()
    with pytest.raises(Trouble) as trouble:
        heard(line)
    assert trouble.value.cause is Cause.BROKEN


def test_an_answer_that_does_not_end_is_broken(ends: tuple[Line, socket.socket]) -> None:
    line, camera = ends
    endless = threading.Thread(target=camera.sendall, args=(b"RTSP/1.0 200 OK\r\n" + b"a" * 200_000,), daemon=True)
    endless.start()
    assert until_it_fails(line) == ([], Cause.BROKEN)
    line.close()
