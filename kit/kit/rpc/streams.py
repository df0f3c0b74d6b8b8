"""Methods that answer in a stream."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import grpc.aio
from google.protobuf.message import Message
from grpc_status import rpc_status

from kit.localisation import best_locale
from kit.rpc import client
from kit.rpc.chain import StreamCall
from kit.rpc.errors import check
from kit.rpc.method import Method, grpc_code, metadata_of, purpose_in

_RECHECK_SECONDS = 2.0


class Streamed(Method):
    """An answer in messages, for as long as its caller may have it."""

    def handler(self) -> "grpc.RpcMethodHandler[Any, Any]":
        return grpc.unary_stream_rpc_method_handler(self._stream)

    async def _stream(self, body: bytes, context: "grpc.aio.ServicerContext[Any, Any]") -> AsyncIterator[bytes]:
        started = time.perf_counter()
        metadata = metadata_of(context)
        locale = best_locale(metadata.get(client.LOCALE, ""))
        outcome = "OK"
        try:
            request, caller, hromada = await self._admitted(body, metadata, context.peer())
            check(request, self._chain.catalogue, locale)
            stream = StreamCall(self._chain, caller, hromada, locale)
            if self._is_audited:
                async with stream.open() as call:
                    call.purpose = purpose_in(metadata)
                    self._keep(call, request, None)

            async def still_admitted() -> None:
                await self._admit(request, metadata, context.peer())

            async for message in _while_admitted(self._verb(request, stream), still_admitted):
                yield message.SerializeToString()
        except Exception as error:
            status = self._status(error, locale)
            outcome = grpc_code(status).name
            await context.abort_with_status(rpc_status.to_status(status))
        finally:
            self._done(started, outcome)


async def _while_admitted(messages: Any, still_admitted: Callable[[], Awaitable[None]]) -> AsyncIterator[Message]:
    """A stream's messages, for as long as the caller could still open it: a revocation or an expiry ends it."""
    upcoming: asyncio.Task[Any] | None = None
    admitted_at = time.monotonic()
    try:
        while True:
            upcoming = upcoming or asyncio.ensure_future(anext(messages))
            await asyncio.wait([upcoming], timeout=_RECHECK_SECONDS)
            if time.monotonic() - admitted_at >= _RECHECK_SECONDS:
                await still_admitted()
                admitted_at = time.monotonic()
            if upcoming.done():
                try:
                    yield upcoming.result()
                except StopAsyncIteration:
                    return
                upcoming = None
    finally:
        if upcoming is not None:
            upcoming.cancel()
            await asyncio.gather(upcoming, return_exceptions=True)
        await messages.aclose()
