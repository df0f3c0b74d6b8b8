"""A wall: the parts of many cameras over one socket, because a browser has six connections to a host.

The viewer sends {"watch": [{"pass": …, "rendition": "sub"}, …]} at first and again whenever passes are renewed or tiles
change. It is sent, for each camera, words about its state as JSON, and frames of bytes: what it is (0 init, 1 part that
begins with a key picture, 2 any other part), the camera's id, the part's length in ticks, and the body.
"""

import asyncio
import contextlib
import json
import struct
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cctv_gateway.engine.on_air import OnAir
from cctv_gateway.engine.parts import Init
from cctv_gateway.engine.streams import Numbered, Stream
from cctv_gateway.media.gate import Gate, Turned
from cctv_gateway.media.passing import Passing, Upstream
from cctv_gateway.views.rules import Pass

MOST_TILES = 64
_LONGEST_WORD = 32 * 1024
_ASKS_EACH = 1.0
_HEAD = struct.Struct(">B16sI")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A camera that the viewer wants to see, and was let to."""

    one: Pass
    ticket: str
    rendition: str


@dataclass(slots=True)
class _Tile:
    """One camera of the wall."""

    camera: UUID
    one: Pass
    rendition: str
    serial: int = -1
    init: int = -1
    said: str = ""


class Wall:
    """One socket."""

    def __init__(
        self,
        gate: Gate,
        on_air: OnAir,
        passing: Passing | None,
        cookies: tuple[str, str],
        origin: str,
        receive: Any,
        send: Any,
    ) -> None:
        self._gate = gate
        self._on_air = on_air
        self._passing = passing
        """None: another gateway has passed the socket on, and it goes no further."""
        self._cookie, self._cookies = cookies
        self._origin = origin
        self._receive = receive
        self._send = send
        self._asked = list[_Asked]()
        self._tiles = dict[UUID, tuple[_Tile, asyncio.Task[None]]]()
        self._upstreams = dict[str, Upstream]()
        self._arranging = asyncio.Lock()

    async def run(self) -> None:
        """Serves until the viewer is gone."""
        minding = asyncio.ensure_future(self._mind())
        try:
            while (message := await self._receive())["type"] == "websocket.receive":
                if not await self._hear(message.get("text") or ""):
                    await self._send({"type": "websocket.close", "code": 1003})
                    return
        finally:
            tasks = [minding, *(task for _, task in self._tiles.values())]
            tasks += [each.task for each in self._upstreams.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _hear(self, text: str) -> bool:
        wanted = _watched(text)
        if wanted is None:
            return False
        asked = list[_Asked]()
        for hromada, written, rendition in wanted:
            try:
                one = await self._gate.admit(hromada, written, self._cookie)
            except Turned as turned:
                await self._say({"state": "refused", "why": turned.why})
                continue
            asked.append(_Asked(one, f"{hromada}/{written}", rendition))
        self._asked = asked
        await self._arrange()
        return True

    async def _mind(self) -> None:
        """Once a second: a camera may be read by another gateway now."""
        while True:
            await asyncio.sleep(_ASKS_EACH)
            if self._passing is not None:
                await self._arrange()

    async def _arrange(self) -> None:
        """Plays what is read here, and has the other gateways play what is read there."""
        async with self._arranging:
            here, there = set[UUID](), dict[str, list[dict[str, str]]]()
            for each in self._asked:
                try:
                    address = await self._passing.elsewhere(each.one) if self._passing is not None else None
                except Turned:
                    address = None  # who plays it here is told why
                if address is None:
                    here.add(each.one.camera)
                    self._play_here(each)
                else:
                    there.setdefault(address, []).append({"pass": each.ticket, "rendition": each.rendition})
            for camera in set(self._tiles) - here:
                self._drop(camera)
            for address, upstream in list(self._upstreams.items()):
                if address not in there or upstream.task.done():
                    self._upstreams.pop(address).end()
            for address, tiles in there.items():
                if address not in self._upstreams:
                    self._upstreams[address] = Upstream(address, self._cookies, self._origin, self._send)
                self._upstreams[address].ask(tiles)

    def _play_here(self, asked: "_Asked") -> None:
        one = asked.one
        known = self._tiles.get(one.camera)
        is_same = known is not None and known[0].rendition == asked.rendition
        if known is not None and is_same and (not known[1].done() or known[0].one == one):
            known[0].one = one
            return
        self._drop(one.camera)
        tile = _Tile(one.camera, one, asked.rendition)
        self._tiles[one.camera] = (tile, asyncio.ensure_future(self._play(tile)))

    def _drop(self, camera: UUID) -> None:
        if camera in self._tiles:
            self._tiles.pop(camera)[1].cancel()

    async def _play(self, tile: _Tile) -> None:
        """Sends one camera's parts for as long as its pass is good: that is asked once a second."""
        held_at = -_ASKS_EACH
        with contextlib.suppress(OSError):
            try:
                while True:
                    if (now := time.monotonic()) - held_at >= _ASKS_EACH:
                        await self._gate.hold(tile.one)
                        held_at = now
                    stream = self._on_air.tune(await self._gate.programme(tile.one, tile.rendition))
                    await self._say_state(tile, stream)
                    for each in stream.after(tile.serial):
                        await self._send_part(tile, stream, each)
                    await stream.change(_ASKS_EACH)
            except Turned as turned:
                await self._say({"camera": str(tile.camera), "state": "refused", "why": turned.why})

    async def _say_state(self, tile: _Tile, stream: Stream) -> None:
        said = f"{stream.state}/{stream.cause or ''}"
        if said != tile.said:
            tile.said = said
            await self._say({"camera": str(tile.camera), "state": stream.state, "why": stream.cause or ""})

    async def _send_part(self, tile: _Tile, stream: Stream, each: Numbered) -> None:
        if each.serial != tile.serial + 1:
            tile.init = -1  # what went before is not there: the player begins anew
        if each.init != tile.init:
            if each.init not in stream.inits:
                return
            await self._send_init(tile, stream.inits[each.init])
            tile.init = each.init
        head = _HEAD.pack(1 if each.part.is_key else 2, tile.camera.bytes, each.part.duration)
        await self._send({"type": "websocket.send", "bytes": head + each.part.body})
        tile.serial = each.serial

    async def _send_init(self, tile: _Tile, init: Init) -> None:
        described = {"camera": str(tile.camera), "state": "init", "codecs": init.codecs}
        await self._say(described)
        await self._send({"type": "websocket.send", "bytes": _HEAD.pack(0, tile.camera.bytes, 0) + init.body})

    async def _say(self, said: dict[str, Any]) -> None:
        await self._send({"type": "websocket.send", "text": json.dumps(said)})


def _watched(text: str) -> list[tuple[str, str, str]] | None:
    """What is to be watched: hromada, pass, rendition; None if that cannot be read."""
    if len(text) > _LONGEST_WORD:
        return None
    try:
        said = json.loads(text)
        found = [(*str(each["pass"]).split("/", 1), str(each["rendition"])) for each in said["watch"]]
    except (ValueError, KeyError, TypeError):
        return None
    if len(found) > MOST_TILES or any(len(each) != 3 or each[2] not in ("main", "sub") for each in found):
        return None
    return [(hromada, written, rendition) for hromada, written, rendition in found]
