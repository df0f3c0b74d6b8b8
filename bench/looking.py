"""python -m bench.looking: many who look, in a process of their own. A line of JSON says at what, and for how long;
answered is how many parts came to all of them.
"""

import asyncio
import json
import sys
import time
from typing import Any

import uvloop
from cctv_gateway.media.application import COOKIE
from cctv_gateway.testing import hls_rules
from websockets.asyncio.client import connect
from websockets.typing import Origin

_MOST = 1 << 24


class Viewer:
    """One connection, as a player of low-latency HLS keeps it: the playlist with the next part, then the part."""

    def __init__(self, port: int, path: str, cookie: str) -> None:
        self._port = port
        self._path = path
        self._head = f"Host: 127.0.0.1:{port}\r\nCookie: {COOKIE}={cookie}\r\n\r\n"

    async def look(self, until: float) -> int:
        """How many parts came."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=_MOST)

        async def ask(file: str) -> bytes:
            writer.write(f"GET {self._path}/main/{file} HTTP/1.1\r\n{self._head}".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.partition("content-length:")[2].partition("\r\n")[0])
            body = await reader.readexactly(length)
            if " 200 " not in head.partition("\r\n")[0]:
                raise RuntimeError(body.decode())
            return body

        parts, hint = 0, hls_rules.read((await ask("index.m3u8")).decode()).hint
        while time.monotonic() < until:
            segment, part = hint.removesuffix(".m4s").split(".")
            listed = await ask(f"index.m3u8?_HLS_msn={segment}&_HLS_part={part}")
            await ask(hint)
            parts, hint = parts + 1, listed.rpartition(b'URI="')[2].partition(b'"')[0].decode()
        writer.close()
        return parts


async def _wall(port: int, tickets: list[str], cookie: str, origin: str, until: float) -> int:
    parts = 0
    headers = {"cookie": f"{COOKIE}={cookie}"}
    address = f"ws://127.0.0.1:{port}/wall"
    async with connect(
        address, additional_headers=headers, origin=Origin(origin), max_size=_MOST, compression=None
    ) as socket:
        await socket.send(json.dumps({"watch": [{"pass": each, "rendition": "sub"} for each in tickets]}))
        while time.monotonic() < until:
            parts += isinstance(await socket.recv(), bytes)
    return parts


async def _looked(asked: dict[str, Any]) -> int:
    until = time.monotonic() + asked["seconds"]
    port, cookie = asked["port"], asked["cookie"]
    looking = [Viewer(port, each, cookie).look(until) for each in asked["streams"]]
    looking += [_wall(port, each, cookie, asked["origin"], until) for each in asked["walls"]]
    return sum(await asyncio.gather(*looking))


async def main() -> None:
    for line in iter(sys.stdin.readline, ""):
        sys.stdout.write(f"{await _looked(json.loads(line))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(main())
