"""A wall: the parts of many cameras over one socket, because a browser has six connections to a host.

The viewer sends {"watch": [{"pass": …, "rendition": "sub"}, …]} at first and again whenever passes are renewed or tiles
change. It is sent, for each camera, words about its state as JSON, and frames of bytes: what it is (0 init, 1 part that
begins with a key picture, 2 any other part), the camera's id, the part's length in ticks, and the body.
"""

import asyncio
import contextlib
import json
import struct
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cctv_gateway.engine.on_air import OnAir
from cctv_gateway.engine.parts import Init
from cctv_gateway.engine.streams import Numbered, Stream
from cctv_gateway.media.gate import Gate, Turned
from cctv_gateway.views.rules import Pass

MOST_TILES = 64
_LONGEST_WORD = 32 * 1024
_ASKS_EACH = 1.0
_HEAD = struct.Struct(">B16sI")


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

    def __init__(self, gate: Gate, on_air: OnAir, cookie: str, receive: Any, send: Any) -> None:
        self._gate = gate
        self._on_air = on_air
        self._cookie = cookie
        self._receive = receive
        self._send = send
        self._tiles = dict[UUID, tuple[_Tile, asyncio.Task[None]]]()

    async def run(self) -> None:
        """Serves until the viewer is gone."""
        try:
            while (message := await self._receive())["type"] == "websocket.receive":
                if not await self._hear(message.get("text") or ""):
                    await self._send({"type": "websocket.close", "code": 1003})
                    return
        finally:
            tasks = [task for _, task in self._tiles.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _hear(self, text: str) -> bool:
        wanted = _watched(text)
        if wanted is None:
            return False
        named = set[UUID]()
        for hromada, written, rendition in wanted:
            try:
                one = await self._gate.admit(hromada, written, self._cookie)
            except Turned as turned:
                await self._say({"state": "refused", "why": turned.why})
                continue
            named.add(one.camera)
            known = self._tiles.get(one.camera)
            if known is not None and not known[1].done() and known[0].rendition == rendition:
                known[0].one = one
                continue
            self._drop(one.camera)
            tile = _Tile(one.camera, one, rendition)
            self._tiles[one.camera] = (tile, asyncio.ensure_future(self._play(tile)))
        for camera in set(self._tiles) - named:
            self._drop(camera)
        return True

    def _drop(self, camera: UUID) -> None:
        if camera in self._tiles:
            self._tiles.pop(camera)[1].cancel()

    async def _play(self, tile: _Tile) -> None:
        """Sends one camera's parts for as long as its pass is good: that is asked once a second."""
        with contextlib.suppress(OSError):
            try:
                while True:
                    await self._gate.hold(tile.one)
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
