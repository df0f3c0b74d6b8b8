"""What it costs to show cameras to many, and how much of that is knowing who looks: beside a gate that stands open."""

import asyncio
import hashlib
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import psutil
from cctv_gateway.testing.filming import film
from cctv_gateway.testing.papers import lit
from kit.bus import streams
from kit.database.migrations import migrate
from kit.rpc.client import Acting, acting, dial
from kit.servers.postgres import provision
from kit.servers.process import free_port
from kit.testing.ground import PASSWORD, PASSWORDS, environment
from spilno.cctv.v1 import cameras_pb2_grpc, views_pb2, views_pb2_grpc

from bench.conversing import conversing, said, seconds, tell
from bench.ground import Ground
from bench.measuring import Limit, Result, compared

_SLUG = "tatarbunary"
_TILES = 12
_SECONDS = 8.0
"""As who looks for minutes would have it: what a beginning costs is a part of that alone."""
_LIMIT = Limit(at_most=1.05)
_THAN = "the same gateway whose gate stands open: no signature, view, right, row or trail"
_FILM_SECONDS = 20


@dataclass(slots=True)
class Gateway:
    """A gateway of its own, before it many who look."""

    process: Any
    port: int
    views: Any
    cameras: list[str]
    crowd: "Popen[bytes]"
    origin: str

    async def spent(self, streams: int, walls: int) -> float:
        """Milliseconds of the gateway's processor time for each second of each who looks."""
        cookie = uuid4().hex
        seen = [await self._look(cookie, [self.cameras[each % _TILES]]) for each in range(streams)]
        seen += [await self._look(cookie, self.cameras) for _ in range(walls)]
        asked = {
            "port": self.port,
            "cookie": cookie,
            "origin": self.origin,
            "seconds": _SECONDS,
            "streams": [each.passes[0].path for each in seen[:streams]],
            "walls": [[one.ticket for one in each.passes] for each in seen[streams:]],
        }
        begun = seconds(self.process)
        tell(self.crowd, json.dumps(asked))
        if not await said(self.crowd):
            raise RuntimeError("nobody saw anything")
        spent = seconds(self.process) - begun
        for each in seen:
            await self.views.EndView(views_pb2.EndViewRequest(name=each.view.name))
        return 1000 * spent / _SECONDS / len(seen)

    async def _look(self, cookie: str, cameras: Sequence[str]) -> Any:
        return await self.views.StartView(
            views_pb2.StartViewRequest(
                parent=f"hromadas/{_SLUG}",
                cameras=cameras,
                reason=views_pb2.VIEW_REASON_DUTY,
                browser=hashlib.sha256(cookie.encode()).hexdigest(),
                request_id=str(uuid4()),
            )
        )


async def viewers(ground: Ground, looking: int, walls: int) -> list[Result]:
    """So many before a stream each, and so many before a wall of twelve."""
    with TemporaryDirectory() as folder:
        await asyncio.to_thread(film, Path(folder) / "film.mp4", seconds=_FILM_SECONDS)
        async with AsyncExitStack() as stack:
            ours = await stack.enter_async_context(_gateway(ground, "watched", Path(folder)))
            unasked = await stack.enter_async_context(_gateway(ground, "unasked", Path(folder), "open"))
            streams = await compared(
                f"a viewer of one stream, {looking} at once",
                lambda: ours.spent(looking, 0),
                lambda: unasked.spent(looking, 0),
                unit="ms/s",
                than=_THAN,
                limit=_LIMIT,
            )
            on_walls = await compared(
                f"a wall of {_TILES}, {walls} at once",
                lambda: ours.spent(0, walls),
                lambda: unasked.spent(0, walls),
                unit="ms/s",
                than=_THAN,
                limit=_LIMIT,
            )
    return [streams, on_walls]


@asynccontextmanager
async def _gateway(ground: Ground, name: str, folder: Path, *how: str) -> AsyncIterator[Gateway]:
    """A gateway in a database of that name, with twelve cameras that play."""
    await provision(ground.postgres, name, PASSWORDS)
    await migrate("cctv_gateway", ground.postgres.url(f"{name}_migrator", PASSWORD, name))
    await streams.ensure(ground.nats.url(), "cctv", [])
    grpc, port, origin = free_port(), free_port(), "http://localhost:8080"
    also = {
        "SPILNO_DATABASE_URL": ground.postgres.url(f"{name}_app", PASSWORD, name),
        "SPILNO_RELAY_DATABASE_URL": ground.postgres.url(f"{name}_relay", PASSWORD, name),
        "SPILNO_GRPC_ADDRESS": f"127.0.0.1:{grpc}",
        "SPILNO_HTTP_ADDRESS": f"127.0.0.1:{port}",
        "SPILNO_WEB_URL": origin,
        "SPILNO_FILMS": str(folder),
        "SPILNO_RECORDINGS": str(folder / name),
        "SPILNO_LOG_LEVEL": "warning",
    }
    told = environment("cctv", ground.postgres, ground.nats, ground.issuer.url, also)
    before = acting.set(Acting(ground.issuer.person(str(uuid4()), _SLUG)))
    try:
        async with (
            conversing([sys.executable, "-m", "bench.watched", *how], told) as serving,
            conversing([sys.executable, "-m", "bench.looking"]) as crowd,
        ):
            await said(serving)
            async with dial(f"127.0.0.1:{grpc}", None) as channel:
                cameras = cameras_pb2_grpc.CamerasStub(channel)
                names = [(await lit(cameras, _SLUG, "film.mp4")).name for _ in range(_TILES)]
                views = views_pb2_grpc.ViewsStub(channel)
                yield Gateway(psutil.Process(serving.pid), port, views, names, crowd, origin)
    finally:
        acting.reset(before)
