"""What it costs to make live streams of cameras, and how old they are: beside one ffmpeg for each camera."""

import asyncio
import base64
import socket
import statistics
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import av
import imageio_ffmpeg
import psutil
from kit.servers.cameras import Cameras

from bench.conversing import conversing, said, seconds, started_by, tell
from bench.measuring import ROUNDS, Limit, Result, judged
from kit import processes

_SETTLES = 0.5
_FILLS = 18.0
"""Seconds after which the newest pictures, which are kept in memory, are as many as they will be: memory is what a
first turn takes then."""
_WINDOW = 4.0
"""Two of ffmpeg's segments."""
_SAMPLED = 4
_NEVER = 1e9
_EACH = 10.0
"""Seconds from look to look, as a gateway looks when nothing else is said."""
_OFTEN = 1.0
"""A look each second, of whose cost a tenth is counted: in four seconds a look each ten might not fall."""
_POLLED_EACH = 0.02
_BEGINS_WITHIN = 60.0
_THAN = "ffmpeg -c copy -f hls, a process a camera"
_TAIL = 16
"""The last bytes of a picture, by which it is known however it is wrapped."""
_FFMPEG = ("-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-i")
_HLS = ("-c", "copy", "-f", "hls", "-hls_time", "2", "-hls_list_size", "5", "-hls_flags", "delete_segments")
_WRITTEN = ("-hls_segment_type", "fmp4", "index.m3u8")


@dataclass(slots=True)
class Turn:
    """What one turn showed."""

    first: float
    """Seconds until the median camera was playable."""
    cpu: float = 0.0
    """Milliseconds of processor time for each second of each stream."""
    memory: float = 0.0
    """Megabytes that are nobody else's, for each camera, without what the gateway's process has without any."""
    all_memory: float = 0.0
    """The same with all of the gateway's process."""
    newest: list[float] = field(default_factory=list)
    oldest: list[float] = field(default_factory=list)
    """Milliseconds from a picture's arrival until it was published, of the newest and the oldest published with it."""


class Arrivals(threading.Thread):
    """Reads the same camera beside all others, and knows when the end of each picture arrived: not through libav, which
    holds a picture back until it has seen the next one."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._at = dict[bytes, float]()
        self._connection = socket.create_connection(("127.0.0.1", urlsplit(url).port or 554))
        self._file = self._connection.makefile("rb")
        self.has_begun = threading.Event()

    def run(self) -> None:
        self._ask("DESCRIBE", self._url, "Accept: application/sdp")
        told = self._ask("SETUP", f"{self._url}/stream=0", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
        self._ask("PLAY", self._url, f"Session: {told['session'].partition(';')[0]}", "Range: npt=0-")
        while head := self._file.read(4):
            packet = self._file.read(int.from_bytes(head[2:], "big"))
            if head[1] == 0:
                self._at[packet[-_TAIL:]] = time.time()
                self.has_begun.set()

    def _ask(self, method: str, url: str, *headers: str) -> dict[str, str]:
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {len(method)}", *headers, "", ""]
        self._connection.sendall("\r\n".join(lines).encode())
        told = dict[str, str]()
        while line := self._file.readline().decode().strip():
            name, _, value = line.partition(":")
            told[name.lower()] = value.strip()
        self._file.read(int(told.get("content-length", 0)))
        return told

    def end(self) -> None:
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self.join()
        self._connection.close()

    def ages(self, published: float, body: bytes) -> tuple[float, float] | None:
        """How old the newest and the oldest picture were when this was published; None: we have not seen one."""
        container: Any = av.open(BytesIO(body))
        with container:
            seen = [self._at.get(bytes(packet)[-_TAIL:]) for packet in container.demux(video=0) if packet.size]
        if not seen or seen[0] is None or seen[-1] is None:
            return None
        return 1000 * (published - seen[-1]), 1000 * (published - seen[0])


async def cameras(counts: tuple[int, ...]) -> list[Result]:
    """At each count of cameras: processor, memory, age, the first picture, and what it adds to look at them."""
    results = list[Result]()
    with TemporaryDirectory() as folder:
        those = Cameras(Path(folder) / "cameras.log")
        await those.start()
        arrivals = Arrivals(those.url("street"))
        try:
            arrivals.start()
            if not await asyncio.to_thread(arrivals.has_begun.wait, _BEGINS_WITHIN):
                raise RuntimeError("the camera sends nothing")
            for count in counts:
                results += await _compared(those.url("street"), count, arrivals, Path(folder))
        finally:
            arrivals.end()
            await those.stop()
    return results


async def _compared(url: str, count: int, arrivals: Arrivals, folder: Path) -> list[Result]:
    mine, looking, theirs = list[Turn](), list[Turn](), list[Turn]()
    for number in range(ROUNDS):
        settles = _SETTLES if number else _FILLS
        turns: list[tuple[list[Turn], Callable[[], Awaitable[Turn]]]] = [
            (mine, partial(_ours, url, count, arrivals, _NEVER, settles)),
            (theirs, partial(_reference, url, count, arrivals, folder, settles)),
            (looking, partial(_ours, url, count, arrivals, _OFTEN, _SETTLES)),
        ]
        for kept, turn in turns if number % 2 else reversed(turns):
            kept.append(await turn())

    def row(name: str, unit: str, of: Any, limit: Limit | None, turns: int = ROUNDS) -> Result:
        ours, reference = [of(each) for each in mine[:turns]], [of(each) for each in theirs[:turns]]
        return judged(f"{name}, {count} cameras", ours, reference, unit=unit, than=_THAN, limit=limit)

    return [
        row("processor a stream", "ms/s", lambda turn: turn.cpu, Limit(at_most=1.0)),
        row("private memory a camera", "MB", lambda turn: turn.memory, Limit(at_most=0.45), 1),
        row("private memory a camera with all of the gateway", "MB", lambda turn: turn.all_memory, None, 1),
        row("age of the newest picture", "ms", lambda turn: statistics.median(turn.newest), Limit(at_most=1.0)),
        row("age of the oldest picture", "ms", lambda turn: statistics.median(turn.oldest), Limit(at_most=0.3)),
        row("first playable", "s", lambda turn: turn.first, Limit(at_most=0.5)),
        _looking(looking, mine, theirs, count),
    ]


def _looking(looking: list[Turn], plain: list[Turn], theirs: list[Turn], count: int) -> Result:
    """What it adds to look at each camera."""
    pairs = zip(looking, plain, strict=True)
    extra = [max(0.0, (looked.cpu - not_looked.cpu) * _OFTEN / _EACH) for looked, not_looked in pairs]
    name = f"a look each ten seconds adds, {count} cameras"
    return judged(name, extra, [each.cpu for each in theirs], unit="ms/s", than=_THAN, limit=Limit(at_most=0.35))


async def _ours(url: str, count: int, arrivals: Arrivals, looked_at_each: float, settles: float) -> Turn:
    command = [sys.executable, "-m", "bench.reading_cameras", url, str(count), str(looked_at_each)]
    async with conversing(command) as process:
        await said(process)
        before = _memory([psutil.Process(process.pid)])
        tell(process)
        turn = Turn(statistics.median(await said(process)))
        await asyncio.sleep(settles)
        tell(process)
        await _measured(turn, lambda: [psutil.Process(process.pid), *started_by(process.pid)], count)
        turn.memory -= before / count
        tell(process)
        for published, body in await said(process):
            _aged(turn, arrivals.ages(published, base64.b64decode(body)))
    return turn


async def _reference(url: str, count: int, arrivals: Arrivals, folder: Path, settles: float) -> Turn:
    program = imageio_ffmpeg.get_ffmpeg_exe()
    async with AsyncExitStack() as stack:
        inside = stack.enter_context(TemporaryDirectory(dir=folder))
        folders = [Path(inside) / str(number) for number in range(count)]
        for each in folders:
            each.mkdir()
        children, began = list[Any](), time.time()
        for each in folders:
            running = processes.running([program, *_FFMPEG, url, *_HLS, *_WRITTEN], cwd=each)
            children.append(await stack.enter_async_context(running))
        turn = Turn(statistics.median(await asyncio.gather(*(_listed(each) for each in folders))) - began)
        await asyncio.sleep(settles)
        published = list[tuple[float, bytes]]()
        polling = [asyncio.ensure_future(_polled(each, published)) for each in folders[:_SAMPLED]]
        await _measured(turn, lambda: [psutil.Process(each.pid) for each in children], count)
        for poll in polling:
            poll.cancel()
        await asyncio.gather(*polling, return_exceptions=True)
    for at, body in published:
        _aged(turn, arrivals.ages(at, body))
    return turn


async def _measured(turn: Turn, processes: Any, count: int) -> None:
    """Processor time in a window, and memory at its end."""
    running = processes()
    before, began = sum(seconds(each) for each in running), time.monotonic()
    await asyncio.sleep(_WINDOW)
    spent, passed = sum(seconds(each) for each in running) - before, time.monotonic() - began
    turn.cpu = 1000 * spent / passed / count
    turn.memory = turn.all_memory = _memory(running) / count


def _memory(running: Sequence[psutil.Process]) -> float:
    """Megabytes that are nobody else's, of all of them together."""
    return float(sum(each.memory_full_info().uss for each in running)) / (1 << 20)


def _aged(turn: Turn, ages: tuple[float, float] | None) -> None:
    if ages is not None:
        turn.newest.append(ages[0])
        turn.oldest.append(ages[1])


async def _listed(folder: Path) -> float:
    """When a folder's first playlist was there."""
    async with asyncio.timeout(_BEGINS_WITHIN):
        while True:
            with suppress(FileNotFoundError):
                return (folder / "index.m3u8").stat().st_mtime
            await asyncio.sleep(_POLLED_EACH)


async def _polled(folder: Path, published: list[tuple[float, bytes]]) -> None:
    """Each segment that comes to be listed, and when: a playlist is put in its place whole."""
    playlist, known = folder / "index.m3u8", (folder / "index.m3u8").stat().st_mtime
    while True:
        at = playlist.stat().st_mtime
        if at != known:
            known = at
            newest = playlist.read_text().split()[-1]
            published.append((at, (folder / "init.mp4").read_bytes() + (folder / newest).read_bytes()))
        await asyncio.sleep(_POLLED_EACH)
