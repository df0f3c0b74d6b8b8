"""A request for media that reaches the wrong gateway, passed to the one that reads the camera.

Both check it: the pass is signed with what all gateways share, and the cookie travels with the request.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx
import structlog
from kit.errors import Refusal
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin

from cctv_gateway.gateways.roster import Roster
from cctv_gateway.media.gate import Gate, Refused, Turned
from cctv_gateway.views.rules import Pass

log = structlog.get_logger("media")

PASSED = "x-spilno-passed"
"""Says that another gateway has passed the request on: it goes no further."""
_LONGEST = 15.0


class Passing:
    """One gateway's way to the others."""

    def __init__(self, gate: Gate, roster: Roster) -> None:
        self._gate = gate
        self._roster = roster
        self._client = httpx.AsyncClient(
            trust_env=False,
            timeout=httpx.Timeout(_LONGEST, connect=1.0),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=100),
        )

    async def elsewhere(self, one: Pass) -> str | None:
        """Where the camera of a pass that was let through is read, if not here.

        Raises:
            Turned: nobody who knows answers.
        """
        try:
            return await self._roster.elsewhere(self._gate.hromada_of(one), one.camera)
        except Refusal:
            raise Turned(Refused.AWAY) from None

    async def ask(self, address: str, path: str, query: str, cookie: str) -> tuple[int, str, bytes, str]:
        """What the other gateway answers: status, content type, body, and for how long it may be kept."""
        url = f"{address}{path}?{query}" if query else f"{address}{path}"
        try:
            answer = await self._client.get(url, headers={"cookie": cookie, PASSED: "1"})
        except httpx.HTTPError:
            return 503, "text/plain", b"its gateway does not answer", "no-store"
        headers = answer.headers
        return answer.status_code, headers["content-type"], answer.content, headers["cache-control"]

    async def close(self) -> None:
        await self._client.aclose()


class Upstream:
    """The tiles of a wall that another gateway reads, over one socket to it."""

    def __init__(self, address: str, cookie: str, origin: str, send: Callable[[Any], Awaitable[None]]) -> None:
        self._address = "ws" + address.removeprefix("http") + "/wall"
        self._headers = {"cookie": cookie, PASSED: "1"}
        self._origin = Origin(origin)
        self._send = send
        self._asked = list[dict[str, str]]()
        self._is_new = asyncio.Event()
        self.task = asyncio.ensure_future(self._run())

    def ask(self, tiles: Sequence[dict[str, str]]) -> None:
        """Wants these tiles and no others."""
        if tiles != self._asked:
            self._asked = list(tiles)
            self._is_new.set()

    def end(self) -> None:
        self.task.cancel()

    async def _run(self) -> None:
        with contextlib.suppress(OSError, WebSocketException):
            async with connect(
                self._address,
                additional_headers=self._headers,
                origin=self._origin,
                max_size=None,
                compression=None,
                proxy=None,
                open_timeout=2,
            ) as socket:
                asking = asyncio.ensure_future(self._ask(socket))
                try:
                    async for message in socket:
                        kind = "text" if isinstance(message, str) else "bytes"
                        await self._send({"type": "websocket.send", kind: message})
                finally:
                    asking.cancel()

    async def _ask(self, socket: Any) -> None:
        while True:
            await self._is_new.wait()
            self._is_new.clear()
            await socket.send(json.dumps({"watch": self._asked}))
