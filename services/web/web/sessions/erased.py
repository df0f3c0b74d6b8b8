"""No browser stays signed in to a hromada that was erased: sessions are the one thing that web keeps of it."""

import asyncio
from typing import TYPE_CHECKING

import structlog
from kit.errors import Away
from kit.rpc.client import Failure
from spilno.identity.v1 import archives_pb2 as pb

from web.sessions.sessions import Sessions

if TYPE_CHECKING:
    from spilno.identity.v1.archives_pb2_grpc import ErasuresAsyncStub

_log = structlog.get_logger("web")
_EVERY_SECONDS = 5.0


async def forget_erased(erasures: "ErasuresAsyncStub", sessions: Sessions) -> None:
    """Asks identity until cancelled."""
    while True:
        try:
            erased = await erasures.ListErased(pb.ListErasedRequest(), timeout=5)
            if erased.slugs:
                await sessions.forget(list(erased.slugs))
        except (Failure, Away) as error:
            _log.info("erased.waits", cause=type(error).__name__)
        await asyncio.sleep(_EVERY_SECONDS)
