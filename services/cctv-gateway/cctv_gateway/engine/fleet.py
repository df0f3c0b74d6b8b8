"""The workers: started when there are cameras to read, started again when one dies."""

import asyncio
import itertools
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from subprocess import DEVNULL
from tempfile import gettempdir
from typing import Any, Protocol

import structlog

from cctv_gateway.engine import wire
from cctv_gateway.engine.parts import Init, Part
from cctv_gateway.engine.shelves import Shelf, Shelved
from cctv_gateway.engine.sources import Source
from cctv_gateway.engine.troubles import Cause
from cctv_gateway.engine.vitals import Vitals
from kit import processes

log = structlog.get_logger("fleet")

PER_WORKER = 64
_ENOUGH = 8
"""Streams that a worker has before there is another for another core: the threads of one take turns."""
LOOKED_AT_EACH = 10.0
"""Seconds after which the next key picture of a stream is decoded, to see how it fares."""
_PAUSES = (0.2, 1.0, 5.0, 15.0)
_CALM_AFTER = 60.0


class State(StrEnum):
    """How a reading stands."""

    CONNECTING = "connecting"
    PLAYING = "playing"
    WAITING = "waiting"
    """Something was wrong; it is tried again."""


class Listener(Protocol):
    """Who is told what comes of a stream."""

    def on_state(self, state: State, cause: Cause | None) -> None: ...
    def on_init(self, init: Init) -> None: ...
    def on_part(self, part: Part) -> None: ...
    def on_picture(self, picture: bytes) -> None: ...
    def on_vitals(self, vitals: Vitals) -> None: ...


@dataclass(slots=True)
class _Stream:
    source: Source
    hromada: str
    listener: Listener
    is_encoded: bool = False
    shelf: Shelf | None = None
    """Where its newest parts lie."""


class Fleet:
    """Reads streams in as few processes as they need."""

    def __init__(
        self,
        *,
        encoded_per_hromada: int,
        per_worker: int = PER_WORKER,
        looked_at_each: float = LOOKED_AT_EACH,
        cores: Sequence[int] = tuple(sorted(os.sched_getaffinity(0))),
    ) -> None:
        self._looked_at_each = looked_at_each
        self._cores = cores
        self._encoded_per_hromada = encoded_per_hromada
        self._per_worker = per_worker
        self._workers = list[_Worker]()
        self._numbers = itertools.count()
        self._started = dict[str, int]()
        """By which number the workers know a stream. Read anew it has another: what an earlier reading still tells,
        perhaps of a picture that is masked since, belongs to nobody."""

    @property
    def processes(self) -> list[int]:
        """The ids of the workers' processes."""
        return [worker.pid for worker in self._workers if worker.pid is not None]

    def start(self, name: str, hromada: str, source: Source, listener: Listener) -> None:
        """Begins to read a stream, and goes on until `stop`."""
        worker = self._worker()
        number = self._started[name] = next(self._numbers)
        worker.add(number, _Stream(source, hromada, listener))

    def stop(self, name: str) -> None:
        """Reads a stream no more. A worker without streams ends."""
        number = self._started.pop(name, None)
        for worker in self._workers:
            if number in worker.streams:
                worker.remove(number)
                if not worker.streams:
                    self._workers.remove(worker)
                    worker.end()
                return

    def draw(self, name: str) -> None:
        """Has the listener told the newest picture."""
        number = self._started.get(name)
        for worker in self._workers:
            if number in worker.streams:
                worker.say({"do": "draw", "stream": number})

    async def close(self) -> None:
        """Ends every worker."""
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.end()
        await asyncio.gather(*(worker.ended() for worker in workers))

    def _worker(self) -> "_Worker":
        """The one with the fewest streams, or a new one while there are cores for it and enough to do. Once each core
        has one they keep to them: threads that take turns anyway do it best where the others' things are at hand."""
        free = [each for each in self._workers if len(each.streams) < self._per_worker]
        least = min(free, key=lambda each: len(each.streams), default=None)
        if least is None or (len(least.streams) >= _ENOUGH and len(self._workers) < len(self._cores)):
            least = _Worker(self._may_encode, self._looked_at_each)
            self._workers.append(least)
            if len(self._workers) >= len(self._cores):
                for number, each in enumerate(self._workers):
                    each.bind(self._cores[number % len(self._cores)])
        return least

    def _may_encode(self, asking: _Stream) -> bool:
        others = (
            each
            for worker in self._workers
            for each in worker.streams.values()
            if each is not asking and each.hromada == asking.hromada and each.is_encoded
        )
        return sum(1 for _ in others) < self._encoded_per_hromada


class _Worker:
    """One process, kept alive."""

    def __init__(self, may_encode: Callable[[_Stream], bool], looked_at_each: float) -> None:
        self._looked_at_each = looked_at_each
        self.streams = dict[int, _Stream]()
        self.pid: int | None = None
        self._may_encode = may_encode
        self._writer: asyncio.StreamWriter | None = None
        self._core: int | None = None
        self._keeping = asyncio.ensure_future(self._keep())

    def add(self, number: int, stream: _Stream) -> None:
        self.streams[number] = stream
        self._begin(number)

    def remove(self, number: int) -> None:
        del self.streams[number]
        self.say({"do": "stop", "stream": number})

    def say(self, head: dict[str, Any]) -> None:
        if self._writer is not None:
            self._writer.write(wire.packed(head))

    def bind(self, core: int) -> None:
        self._core = core
        self.say({"do": "bind", "core": core})

    def end(self) -> None:
        self._keeping.cancel()

    async def ended(self) -> None:
        await asyncio.wait([self._keeping])

    def _begin(self, number: int) -> None:
        self.say({"do": "start", "stream": number, "source": wire.source_said(self.streams[number].source)})

    async def _keep(self) -> None:
        failures = 0
        while True:
            began = time.monotonic()
            try:
                await self._run()
            except OSError as error:
                log.error("worker.not-started", error=type(error).__name__)
            failures = 0 if time.monotonic() - began > _CALM_AFTER else failures
            log.error("worker.died", streams=len(self.streams), times=failures + 1)
            for stream in self.streams.values():
                stream.is_encoded = False
                stream.listener.on_state(State.WAITING, Cause.WORKER)
            await asyncio.sleep(_PAUSES[min(failures, len(_PAUSES) - 1)])
            failures += 1

    async def _run(self) -> None:
        """One process, from its start until it is gone."""
        ours, theirs = socket.socketpair()
        with theirs:
            told = [str(theirs.fileno()), str(self._looked_at_each), gettempdir()]
            command = [sys.executable, "-m", "cctv_gateway.engine.worker", *told]
            async with processes.running(command, pass_fds=(theirs.fileno(),), stdin=DEVNULL) as process:
                theirs.close()
                await self._converse(process.pid, ours)

    async def _converse(self, pid: int, ours: socket.socket) -> None:
        self.pid = pid
        reader, self._writer = await asyncio.open_connection(sock=ours, limit=1 << 22)
        try:
            if self._core is not None:
                self.bind(self._core)
            for number in self.streams:
                self._begin(number)
            while (message := await _arriving(reader)) is not None:
                self._hear(*message)
        finally:
            self.pid = None
            self._writer.close()
            self._writer = None

    def _hear(self, said: dict[str, Any], body: bytes) -> None:
        stream = self.streams.get(said["stream"])
        if stream is None:
            return
        match said["tells"]:
            case "part":
                self._hear_part(stream, said, body)
            case "init":
                stream.listener.on_init(wire.init_heard(said, body))
                stream.listener.on_state(State.PLAYING, None)
            case "state":
                stream.is_encoded = False
                stream.listener.on_state(State(said["state"]), Cause(said["cause"]) if said["cause"] else None)
            case "picture":
                stream.listener.on_picture(body)
            case "vitals":
                stream.listener.on_vitals(wire.vitals_heard(said, body))
            case "broke":
                log.error("reading.broke", error=said["error"])
            case "encodes":
                stream.is_encoded = self._may_encode(stream)
                if stream.is_encoded:
                    self.say({"do": "encode", "stream": said["stream"]})

    def _hear_part(self, stream: _Stream, said: dict[str, Any], body: bytes) -> None:
        """A part comes with its bytes, or with where they lie."""
        place = wire.place_heard(said)
        if place is None:
            stream.listener.on_part(wire.part_heard(said, body))
            return
        if self.pid is not None and (stream.shelf is None or stream.shelf.token != place.token):
            try:
                stream.shelf = Shelf(self.pid, place)
            except OSError:  # we were so late that the worker holds it no more
                log.error("part.lost", stream=said["stream"])
                return
        if stream.shelf is not None:
            stream.listener.on_part(wire.part_heard(said, Shelved(stream.shelf, place.offset, place.size)))


async def _arriving(reader: asyncio.StreamReader) -> tuple[dict[str, Any], bytes] | None:
    """The worker's next message; None once it is gone."""
    try:
        said, body = wire.HEAD.unpack(await reader.readexactly(wire.HEAD.size))
        return json.loads(await reader.readexactly(said)), await reader.readexactly(body)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
