"""python -m bench.watched [open]: the gateway, where everybody may do everything; `open` lets all media through.

An open gate reads no signature, asks for no view and no right, writes no row and nothing into the trail.
"""

import asyncio
import struct
import sys
from base64 import urlsafe_b64decode
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import cache
from unittest.mock import patch
from uuid import NAMESPACE_URL, UUID, uuid5

import uvloop
from cctv_gateway.engine.on_air import Programme
from cctv_gateway.media import serve
from cctv_gateway.media.gate import Gate
from cctv_gateway.recordings.rules import Span
from cctv_gateway.service import service
from cctv_gateway.settings import Settings
from cctv_gateway.views.rules import Pass
from kit.auth.authority import Authorisation
from kit.call import Hromada
from sample.everybody import Everybody

from kit import telemetry

_PASS = struct.Struct(">16s16sI16s")


class Watching(Everybody):
    """In place of identity."""

    async def of(self, hromada: str, subject: str) -> Authorisation:
        return _everything(hromada, subject)


class Open(Gate):
    """Lets everybody through."""

    async def admit(self, hromada: str, text: str, cookie: str) -> Pass:
        view, camera, expires, _ = _PASS.unpack(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return Pass(hromada, UUID(bytes=view), UUID(bytes=camera), datetime.fromtimestamp(expires, UTC))

    async def hold(self, one: Pass) -> None:
        """It is good."""

    def hromada_of(self, one: Pass) -> Hromada:
        return _hromada(one.hromada)

    def span_of(self, one: Pass) -> Span | None:
        return None

    async def programme(self, one: Pass, rendition: str) -> Programme:
        streams = await self.lit(self.hromada_of(one), one.camera)
        return streams.get(rendition) or streams["main"]


@cache
def _hromada(slug: str) -> Hromada:
    return Hromada(slug, uuid5(NAMESPACE_URL, slug))


@cache
def _everything(hromada: str, subject: str) -> Authorisation:
    verbs = ("read", "write", "activate", "view")
    may = frozenset(f"cameras.{each}" for each in verbs)
    return Authorisation(_hromada(hromada).id, display_name=subject, permissions=may, pseudonym=f"pseudonym-{subject}")


async def main() -> None:
    settings = Settings.from_environment()
    telemetry.start("cctv", settings.log_level)
    async with AsyncExitStack() as stack:
        if "open" in sys.argv:
            stack.enter_context(patch.object(serve, "Gate", Open))
        kit = await service.kit(stack)
        kit.chain.authorities = Watching()
        running = await stack.enter_async_context(service.running(kit, settings.grpc_address))
        sys.stdout.write(f"{running.port}\n")
        sys.stdout.flush()
        await asyncio.gather(*running.tasks)


if __name__ == "__main__":
    uvloop.run(main())
