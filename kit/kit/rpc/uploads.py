"""Methods that take a stream in."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import grpc
import grpc.aio
from google.protobuf.message import DecodeError, Message

from kit.audit import Outcome
from kit.call import Call
from kit.errors import Refused
from kit.rpc.chain import LONGEST_SECONDS, StreamCall
from kit.rpc.errors import check
from kit.rpc.method import Method, purpose_in, request_id_of
from kit.rpc.requests import Once

LONGEST_UPLOAD_SECONDS = 300.0
MAX_CHUNK = 256 * 1024
_HEARD_OUT_SECONDS = 3.0


class Upload(Method):
    """A first message that says what comes, and chunks of it."""

    def handler(self) -> "grpc.RpcMethodHandler[Any, Any]":
        return grpc.stream_unary_rpc_method_handler(self._answer)

    async def _answer(self, bodies: AsyncIterator[bytes], context: "grpc.aio.ServicerContext[Any, Any]") -> bytes:
        return await self._in_time(self._taken_in_to_the_end, bodies, context, LONGEST_UPLOAD_SECONDS)

    async def _taken_in_to_the_end(self, bodies: AsyncIterator[bytes], *given: Any) -> bytes:
        """Answers when the sender has ended: an answer that overtakes what is still being sent can reach them as
        INTERNAL instead of what it says."""
        try:
            answer = await self._taken_in(bodies, *given)
        except Exception:
            await _heard_out(bodies)
            raise
        await _heard_out(bodies)
        return answer

    async def _taken_in(
        self, bodies: AsyncIterator[bytes], metadata: dict[str, str], locale: str, seconds: float, peer: str
    ) -> bytes:
        """What comes is taken in without a transaction, however slow its sender; what the verb made of it is kept in
        one, if the caller may still do so and has not done so before."""
        first = await anext(bodies, None)
        if first is None:
            raise Refused("request", "upload.nothing")
        request, caller, hromada = await self._admitted(first, metadata, peer)
        check(request, self._chain.catalogue, locale)
        if self._chunk_of(request):
            raise Refused("chunk", "upload.begun-with-content")
        stream = StreamCall(self._chain, caller, hromada, locale)
        if self._once and (earlier := await self._answered(stream, request, metadata)) is not None:
            return earlier
        async with self._verb(request, self._chunks(bodies), stream) as keep:
            caller, hromada = await self._admit(request, metadata, peer)
            opened = partial(self._chain.call, caller, hromada, locale, min(seconds, LONGEST_SECONDS))

            async def kept(_: Any, call: Call) -> Message:
                await call.db.claimed()  # so that nothing is kept of what was kept before
                answer: Message = await keep(call)
                return answer

            return await self._done_once(opened, request, metadata, kept)

    async def _answered(self, stream: "StreamCall", request: Message, metadata: dict[str, str]) -> bytes | None:
        """What was answered to the same request before, so that nobody sends a file for it again."""
        async with stream.open() as call:
            earlier = await Once(call, self._name, request, request_id_of(request)).answered()
            if earlier is not None:
                call.purpose = purpose_in(metadata)
                self._keep(call, request, self._response.FromString(earlier), Outcome.REPEATED)
            return earlier

    async def _chunks(self, bodies: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for body in bodies:
            try:
                message = self._request.FromString(body)
            except DecodeError:
                raise Refused("request", "request.unreadable") from None
            if [field.name for field, _ in message.ListFields()] not in ([], ["chunk"]):
                raise Refused("chunk", "upload.not-a-chunk")
            chunk = self._chunk_of(message)
            if not chunk:
                raise Refused("chunk", "upload.chunk-empty")
            if len(chunk) > MAX_CHUNK:
                raise Refused("chunk", "upload.chunk-too-large", limit=MAX_CHUNK // 1024)
            yield chunk

    @staticmethod
    def _chunk_of(request: Any) -> bytes:
        chunk: bytes = request.chunk
        return chunk


async def _heard_out(bodies: AsyncIterator[bytes]) -> None:
    """Lets the sender finish, for a while; what they send is of no use any more."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_HEARD_OUT_SECONDS):
            async for _ in bodies:
                pass
