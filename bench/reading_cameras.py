"""python -m bench.reading_cameras <url> <count> <seconds from look to look>: the engine alone, as the gateway runs it.

It says when a camera is first playable, and keeps what is published between "keep" and "tell" on its standard input.
"""

import asyncio
import base64
import json
import sys
import time
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import uvloop
from cctv_gateway.engine.addresses import Kind
from cctv_gateway.engine.fleet import Fleet
from cctv_gateway.engine.parts import Init, Part
from cctv_gateway.engine.sources import Source
from cctv_gateway.engine.streams import Stream

_SAMPLED = 4
"""Cameras whose parts are looked into."""


class Watched(Stream):
    """A stream that knows when what it has was there to be played."""

    __slots__ = ("init", "playable", "published")

    def __init__(self) -> None:
        super().__init__()
        self.playable = asyncio.Event()
        self.published: list[tuple[float, Part]] | None = None
        self.init = b""

    def on_init(self, init: Init) -> None:
        super().on_init(init)
        self.init = init.body

    def on_part(self, part: Part) -> None:
        super().on_part(part)
        self.playable.set()
        if self.published is not None:
            self.published.append((time.time(), part))


async def main(url: str, count: int, looked_at_each: float) -> None:
    fleet = Fleet(encoded_per_hromada=0, looked_at_each=looked_at_each)
    streams = [Watched() for _ in range(count)]
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    _say("ready")
    await lines.readline()
    source = Source(Kind.RTSP, url, allowed=(ip_network("127.0.0.0/8"),))
    began = time.monotonic()
    for number, stream in enumerate(streams):
        fleet.start(str(number), "h", source, stream)
    _say(sorted([each async for each in _playable(streams, began)]))
    await lines.readline()
    for stream in streams[:_SAMPLED]:
        stream.published = []
    await lines.readline()
    _say(list(_published(streams)))
    await fleet.close()


async def _playable(streams: list[Watched], began: float) -> Any:
    async def after(stream: Watched) -> float:
        await stream.playable.wait()
        return time.monotonic() - began

    for each in asyncio.as_completed([after(stream) for stream in streams]):
        yield await each


def _published(streams: list[Watched]) -> Iterator[tuple[float, str]]:
    for stream in streams:
        for at, part in stream.published or ():
            yield at, base64.b64encode(stream.init + part.body).decode()


def _say(what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
