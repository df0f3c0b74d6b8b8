"""The media server: plain ASGI, since a playlist is asked for with every part by everyone who watches."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
from kit.errors import Refusal
from kit.service import Kit

from cctv_gateway.engine.fleet import Fleet
from cctv_gateway.engine.on_air import OnAir, Programme
from cctv_gateway.health.rounds import Rounds
from cctv_gateway.media.application import Application
from cctv_gateway.media.gate import Gate
from cctv_gateway.settings import own

log = structlog.get_logger("media")

_LOOK_SECONDS = 1.0
_SWEEP_LOOKS = 30
_LONGEST_WORD = 64 * 1024


class _Quiet(uvicorn.Server):
    """A server that leaves signals to the service around it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def media(kit: Kit) -> None:
    """Reads cameras and serves their media until cancelled."""
    settings = own(kit.settings)
    fleet = Fleet(encoded_per_hromada=settings.encoded_per_hromada, looked_at_each=settings.looked_at_each)
    on_air, gate = OnAir(fleet), Gate(kit)
    host, _, port = settings.http_address.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host.strip("[]"), int(port)), family=family)
    log.info("media", port=listening.getsockname()[1])
    server = _Quiet(
        uvicorn.Config(
            Application(gate, on_air, settings.web_url),
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=2,
            ws_max_size=_LONGEST_WORD,
            ws_per_message_deflate=False,  # pictures are compressed already
        )
    )
    serving = asyncio.ensure_future(server.serve([listening]))
    watching = asyncio.ensure_future(_watch(gate, on_air, Rounds(kit, on_air)))
    try:
        await asyncio.wait([serving, watching], return_when=asyncio.FIRST_COMPLETED)
        watching.result()
    finally:
        watching.cancel()
        server.should_exit = True
        await asyncio.gather(serving, watching, return_exceptions=True)
        await fleet.close()


async def _watch(gate: Gate, on_air: OnAir, rounds: Rounds) -> None:
    """Each second: what may no longer be read or watched ends. What cannot be asked is asked again."""
    looks, visited = 0, list[Programme]()
    while True:
        try:
            await gate.watch(on_air.programmes())
            if looks % _SWEEP_LOOKS == 0:
                await gate.sweep()
                for programme in await gate.always_on():
                    on_air.tune(programme)
                visited = await gate.visited()
            rounds.visit(visited)
            await rounds.look()
            looks += 1
        except Refusal as refusal:
            log.warning("media.waits", cause=refusal.reason)
        on_air.keep(gate.is_lit)
        await asyncio.sleep(_LOOK_SECONDS)
