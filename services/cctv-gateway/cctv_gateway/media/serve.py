"""The media server: plain ASGI, since a playlist is asked for with every part by everyone who watches."""

import asyncio
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
import uvicorn
from kit.errors import Refusal
from kit.service import Kit

from cctv_gateway.engine.fleet import Fleet
from cctv_gateway.engine.on_air import OnAir
from cctv_gateway.gateways.roster import Roster
from cctv_gateway.gateways.rules import BEATS_EACH
from cctv_gateway.health.rounds import Rounds
from cctv_gateway.media.application import Application
from cctv_gateway.media.archive import Archive
from cctv_gateway.media.gate import Gate
from cctv_gateway.media.keeping import Keeper
from cctv_gateway.media.passing import Passing
from cctv_gateway.recordings import tidying
from cctv_gateway.recordings.taping import TURNS_EACH, Recorder
from cctv_gateway.settings import own

log = structlog.get_logger("media")

_LOOK_SECONDS = 1.0
_TIDIED_EACH = 60.0
_LONGEST_WORD = 64 * 1024


class _Quiet(uvicorn.Server):
    """A server that leaves signals to the service around it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def media(kit: Kit) -> None:
    """Reads cameras and serves their media until cancelled."""
    settings = own(kit.settings)
    _allow_many_files()
    fleet = Fleet(encoded_per_hromada=settings.encoded_per_hromada, looked_at_each=settings.looked_at_each)
    on_air, gate = OnAir(fleet), Gate(kit)
    host, _, port = settings.http_address.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host.strip("[]"), int(port)), family=family)
    reached_at = settings.passed_to or f"http://{host}:{listening.getsockname()[1]}"
    roster = Roster(kit.database, reached_at)
    keeper = Keeper(kit, gate, on_air, roster, Rounds(kit, on_air))
    passing = Passing(gate, roster)
    recorder = Recorder(kit, on_air, roster, settings.recordings)
    log.info("media", port=listening.getsockname()[1])
    server = _Quiet(
        uvicorn.Config(
            Application(gate, on_air, passing, Archive(kit, settings.recordings), settings.web_url),
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=2,
            ws_max_size=_LONGEST_WORD,
            ws_per_message_deflate=False,  # pictures are compressed already
        )
    )
    work = [
        asyncio.ensure_future(each)
        for each in (
            server.serve([listening]),
            _beat(roster),
            _keep(keeper),
            _record(recorder, keeper),
            _tidy(kit, recorder, settings.recordings),
        )
    ]
    try:
        done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
        for each in done:
            each.result()
    finally:
        server.should_exit = True
        for each in work[1:]:
            each.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        await passing.close()
        await _ended(recorder, roster)
        await fleet.close()


def _allow_many_files() -> None:
    """The newest seconds of each stream lie in some files: the usual thousand would be few for two hundred cameras."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def _ended(recorder: Recorder, roster: Roster) -> None:
    """What is left is written, and the others may take the cameras."""
    try:
        await recorder.close()
        await roster.leave()
    except Refusal as refusal:
        log.warning("gateway.left-in-haste", cause=refusal.reason)


async def _beat(roster: Roster) -> None:
    """Beats, whatever else is slow."""
    while True:
        try:
            await roster.beat()
        except Refusal as refusal:
            log.warning("gateway.waits", cause=refusal.reason)
        await asyncio.sleep(BEATS_EACH)


async def _keep(keeper: Keeper) -> None:
    while True:
        await keeper.turn()
        await asyncio.sleep(_LOOK_SECONDS)


async def _record(recorder: Recorder, keeper: Keeper) -> None:
    while True:
        began = time.monotonic()
        await recorder.turn(keeper.recorded)
        await asyncio.sleep(max(0.1, TURNS_EACH - (time.monotonic() - began)))


async def _tidy(kit: Kit, recorder: Recorder, folder: Path) -> None:
    """What has to go goes; whether it went is looked at from the rows, not from who was to do it."""
    while True:
        await asyncio.sleep(_TIDIED_EACH)
        for hromada in kit.hromadas():
            try:
                await tidying.tidy(kit, hromada, folder, has_failed=hromada.id in recorder.has_failed)
            except Refusal as refusal:
                log.warning("tidying.waits", cause=refusal.reason)
