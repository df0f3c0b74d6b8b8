"""A worker: one process that reads up to 64 cameras, a thread for each. If libav dies, it dies alone.

python -m cctv_gateway.engine.worker <descriptor of the socket to the gateway> <seconds from look to look>
<folder where parts may lie>
"""

import os
import random
import socket
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

from cctv_gateway.engine import memory, wire
from cctv_gateway.engine.beginnings import Beginning
from cctv_gateway.engine.packaging import AccessUnit, Packager, Sink
from cctv_gateway.engine.parts import Init, Part
from cctv_gateway.engine.pictures import grid_of, jpeg_of
from cctv_gateway.engine.shelves import Shelves
from cctv_gateway.engine.sources import ENCODED_ANEW, Connection, Source, connect
from cctv_gateway.engine.transcoding import Transcoder
from cctv_gateway.engine.troubles import Cause, Trouble, Unsuited
from cctv_gateway.engine.vitals import Gauge, Vitals, by_arrival

_SHORTEST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_CALM_AFTER = 60.0
_CHANCE = random.SystemRandom()
_ANSWER_SECONDS = 5.0
_WINDOW_SECONDS = 5.0
_MOST_BYTES = 40 << 20
_MOST_PICTURES = 600


class Patience:
    """How long to wait before the next attempt: ever longer, never in step with others, short again after calm."""

    def __init__(self) -> None:
        self._pause = _SHORTEST_PAUSE

    def next(self, lasted: float) -> float:
        """Seconds to wait after a connection that lasted so long."""
        if lasted > _CALM_AFTER:
            self._pause = _SHORTEST_PAUSE
        pause, self._pause = self._pause, min(self._pause * 2, _LONGEST_PAUSE)
        return pause * _CHANCE.uniform(0.7, 1.3)


class Flow:
    """Notices a camera that sends more than any camera does."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._bytes = 0
        self._pictures = 0

    def count(self, unit: AccessUnit) -> None:
        """Counts a picture.

        Raises:
            Trouble: it was too many, or too much.
        """
        now = time.monotonic()
        if now - self._since > _WINDOW_SECONDS:
            self._since, self._bytes, self._pictures = now, 0, 0
        self._bytes += unit.packet.size
        self._pictures += 1
        if self._bytes > _MOST_BYTES or self._pictures > _MOST_PICTURES:
            raise Trouble(Cause.FLOODS)


class Reading(threading.Thread):
    """One camera, read for as long as it is wanted."""

    def __init__(
        self,
        stream: int,
        source: Source,
        tell: Callable[[dict[str, Any], bytes], None],
        drawing: Executor,
        looked_at_each: float,
        folder: str,
    ) -> None:
        super().__init__(name=f"reading {stream}", daemon=True)
        self._stream = stream
        self._source = source
        self._tell = tell
        self._drawing = drawing
        self._looked_at_each = looked_at_each
        self._is_over = threading.Event()
        self._may_encode = threading.Event()
        self._connection: Connection | None = None
        self._reads_directly = True
        """Until libav was needed once."""
        self._packager = Packager(self._publish)
        self._shelves = Shelves(folder)

    def stop(self) -> None:
        self._is_over.set()
        if self._connection is not None:
            self._connection.close()

    def allow_encoding(self) -> None:
        self._may_encode.set()

    def draw(self) -> None:
        """Has the newest picture told, if there is one yet."""
        self._apart(self._tell_picture)

    def _apart(self, do: Callable[..., None], *said: Any) -> None:
        """Does what would hold up pictures, once it is its turn; what breaks it is told."""
        self._drawing.submit(do, *said).add_done_callback(self._drawn)

    def _drawn(self, done: Future[None]) -> None:
        error = done.exception()
        if isinstance(error, Exception):
            self._broke(error)

    def _broke(self, error: Exception) -> None:
        """Tells what should not have happened."""
        self._tell({"tells": "broke", "stream": self._stream, "error": type(error).__name__}, b"")

    def _tell_picture(self) -> None:
        key = self._packager.last_key
        picture = jpeg_of(*key) if key is not None else None
        self._tell({"tells": "picture", "stream": self._stream}, picture or b"")

    def _tell_vitals(self, vitals: Vitals) -> None:
        key = self._packager.last_key
        grid = grid_of(*key) if key is not None else None
        told = replace(vitals, grid=grid)
        head = {"tells": "vitals", "stream": self._stream, **wire.vitals_said(told)}
        self._tell(head, grid.cells if grid is not None else b"")
        if not vitals.seconds:
            memory.give_back()

    def run(self) -> None:
        try:
            self._read()
        finally:
            self._shelves.close()

    def _read(self) -> None:
        patience = Patience()
        while not self._is_over.is_set():
            began = time.monotonic()
            self._say("connecting")
            try:
                self._play()
                return
            except Unsuited:
                self._reads_directly = False
                continue
            except Trouble as trouble:
                cause = trouble.cause
            except Exception as error:
                self._reads_directly = False
                self._broke(error)
                cause = Cause.BROKEN
            if self._is_over.is_set():
                return
            self._say("waiting", cause)
            self._is_over.wait(patience.next(time.monotonic() - began))

    def _play(self) -> None:
        connection = connect(self._source, lambda: not self._is_over.is_set(), directly=self._reads_directly)
        self._connection = connection
        self._apart(memory.give_back)
        try:
            sink = self._sink(connection)
            flow, gauge, beginning = Flow(), Gauge(self._looked_at_each), Beginning(connection.format)

            def take(unit: AccessUnit) -> None:
                if self._is_over.is_set():
                    raise Trouble(Cause.ENDS)
                flow.count(unit)
                if not beginning.is_over:
                    beginning.look(unit)
                vitals = gauge.count(unit)
                sink.on_access_unit(by_arrival(unit) if gauge.is_off_pace else unit)
                if vitals is not None:
                    self._apart(self._tell_vitals, vitals)

            connection.pour(take)
        finally:
            self._packager.close()
            connection.close()

    def _sink(self, connection: Connection) -> Sink:
        sink: Sink = self._packager
        if connection.format.codec in ENCODED_ANEW or self._source.masks:
            self._may_encode.clear()
            self._tell({"tells": "encodes", "stream": self._stream}, b"")
            if not self._may_encode.wait(_ANSWER_SECONDS):
                raise Trouble(Cause.QUOTA)
            sink = Transcoder(sink, self._source.masks)
        sink.on_format(connection.format)
        return sink

    def _say(self, state: str, cause: str = "") -> None:
        self._tell({"tells": "state", "stream": self._stream, "state": state, "cause": cause}, b"")

    def _publish(self, made: Init | Part) -> None:
        if isinstance(made, Init):
            self._tell({"tells": "init", "stream": self._stream, **wire.init_said(made)}, made.body)
        else:
            place = self._shelves.put(made.body)
            said = {"tells": "part", "stream": self._stream, **wire.part_said(made, place)}
            self._tell(said, made.body if place is None else b"")


class Worker:
    """Does what the gateway says, until the gateway is gone."""

    def __init__(self, connection: socket.socket, looked_at_each: float, folder: str) -> None:
        self._looked_at_each = looked_at_each
        self._folder = folder
        self._connection = connection
        self._sending = threading.Lock()
        self._readings = dict[int, Reading]()
        self._drawing = ThreadPoolExecutor(1, "drawing")
        self._cores = os.sched_getaffinity(0)
        self._is_encoding = False
        """To encode anew may take more than a core has."""

    def run(self) -> None:
        for said, _ in wire.received(self._connection.makefile("rb")):
            self._do(said)

    def _do(self, said: dict[str, Any]) -> None:
        stream = said.get("stream", -1)
        reading = self._readings.get(stream)
        match said["do"]:
            case "bind" if not self._is_encoding:
                _keep_to({said["core"]})
            case "start" if reading is None:
                source = wire.source_heard(said["source"])
                reading = Reading(stream, source, self._tell, self._drawing, self._looked_at_each, self._folder)
                self._readings[stream] = reading
                reading.start()
            case "stop" if reading is not None:
                del self._readings[stream]
                reading.stop()
            case "encode" if reading is not None:
                self._is_encoding = True
                _keep_to(self._cores)
                reading.allow_encoding()
            case "draw" if reading is not None:
                reading.draw()

    def _tell(self, head: dict[str, Any], body: bytes) -> None:
        with self._sending:
            self._connection.sendall(wire.packed(head, body))


def _keep_to(cores: set[int]) -> None:
    """Has every thread there is, and those to come, run on these cores alone."""
    kept = set[str]()
    while begun := set(os.listdir("/proc/self/task")) - kept:  # one may begin another before its own turn
        for thread in begun:
            with suppress(OSError):  # it has just ended, or the core is not ours any more
                os.sched_setaffinity(int(thread), cores)
        kept |= begun


def main() -> None:
    """The process."""
    memory.keep_little()
    connection = socket.socket(fileno=int(sys.argv[1]))
    try:
        Worker(connection, float(sys.argv[2]), sys.argv[3]).run()
    finally:
        os._exit(0)  # threads that wait for a camera are not waited for


if __name__ == "__main__":
    main()
