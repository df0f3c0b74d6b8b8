"""The server's one chain: parse, who calls, may they, is it valid, transaction, verb, event, commit, answer.

It wraps each method once instead of stacking interceptors, which cost a fifth of the throughput even when they do
nothing.
"""

import asyncio
import contextlib
import re
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Any

import grpc
import grpc.aio
import structlog
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import status_pb2
from grpc_status import rpc_status
from spilno.contract.v1 import contract_pb2

from kit.audit import Outcome
from kit.audit.records import records_in
from kit.auth.authority import Authorities
from kit.auth.tokens import Bearer, Verifier
from kit.bus import events, outbox
from kit.call import Call, Caller, Hromada
from kit.clock import Clock
from kit.database import Database, Repeated, Session
from kit.errors import Away, Denied, Missing, Refusal, Refused, TooLate, TooMany, Unknown
from kit.files import Files
from kit.keys import Keys
from kit.localisation import Catalogue, best_locale
from kit.rpc import client
from kit.rpc.access import WEB, Callers, Rule, admit, rule_of, subject_at_home
from kit.rpc.errors import Invalid, Unfit, broken, check, status_of, violations_of
from kit.rpc.requests import Once
from kit.rpc.servicer import Servicer
from kit.settings import Settings
from kit.telemetry import duration, span, trace_in
from kit.throttle import Throttle
from kit.vault import Vault

log = structlog.get_logger("rpc")

LONGEST_SECONDS = 30.0
LONGEST_UPLOAD_SECONDS = 300.0
_HEARD_OUT_SECONDS = 3.0
MAX_MESSAGE = 1024 * 1024
MAX_CHUNK = 256 * 1024
_RECHECK_SECONDS = 2.0
_PURPOSE = re.compile(r"[a-z0-9][a-z0-9./-]{0,63}")
_DENIALS = Throttle("denial", 20, timedelta(hours=1))
"""Of one caller: beyond it denials are refused as ever, and no more of them are written down."""


@dataclass(slots=True)
class Chain:
    """What the chain stands on."""

    settings: Settings
    database: Database
    aside: Database
    """Connections for short transactions beside a call's own: a call that held one while it waited for another of the
    same pool would wait for calls that wait for it."""
    verifier: Verifier
    authorities: Authorities
    clock: Clock
    keys: Keys
    vault: Vault
    files: Files
    catalogue: Catalogue
    committed: Callable[[], Awaitable[None]]
    """Called after a commit that put events into the outbox."""

    def call(
        self, caller: Caller, hromada: Hromada | None, locale: str, seconds: float = LONGEST_SECONDS
    ) -> AbstractAsyncContextManager[Call]:
        """A call of a verb: its transaction, and the events it emits."""
        return _Opened(self, caller, hromada, locale, seconds)


class _Opened:
    """A call from its begin to its end: a class, because a generator costs a call more than what it does."""

    __slots__ = ("_call", "_caller", "_chain", "_hromada", "_locale", "_seconds", "_transaction")

    def __init__(self, chain: Chain, caller: Caller, hromada: Hromada | None, locale: str, seconds: float) -> None:
        self._chain = chain
        self._caller = caller
        self._hromada = hromada
        self._locale = locale
        self._seconds = seconds

    async def __aenter__(self) -> Call:
        chain, scope = self._chain, self._hromada.id if self._hromada else None
        self._transaction = chain.database.transaction(scope, self._caller.subject, seconds=self._seconds)
        self._call = Call(
            caller=self._caller,
            db=await self._transaction.__aenter__(),
            now=chain.clock.now(),
            locale=self._locale,
            keys=chain.keys,
            vault=chain.vault,
            files=chain.files,
            settings=chain.settings,
            authorities=chain.authorities,
            apart=self._apart,
            hromada_or_none=self._hromada,
        )
        return self._call

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if kind is not None:
            await self._transaction.__aexit__(kind, error, at)
            return
        async with self._transaction as db:
            call = self._call
            waiting = [outbox.Waiting.event(events.make(body, call.now), db.hromada) for body in call.emitted]
            waiting += [outbox.Waiting.state(key, state) for key, state in call.shared]
            if waiting:
                outbox.put(db, waiting, call.now)
        if waiting:
            await self._chain.committed()

    @asynccontextmanager
    async def _apart(self) -> AsyncIterator[Session]:
        await self._call.db.claimed()
        scope = self._hromada.id if self._hromada else None
        async with self._chain.aside.transaction(scope, self._caller.subject, seconds=5) as db:
            yield db


class Method:
    """One method of the contract, served."""

    def __init__(self, chain: Chain, method: MethodDescriptor, verb: Callable[..., Any]) -> None:
        self._chain = chain
        self._rule: Rule = rule_of(method)
        self._request: type[Message] = GetMessageClass(method.input_type)
        self._response: type[Message] = GetMessageClass(method.output_type)
        self._full_name = str(method.full_name)
        self._is_audited = self._rule.audit != contract_pb2.AUDIT_NONE
        self._verb = verb
        self._name = f"{method.containing_service.name}.{method.name}"
        self._once = "request_id" in method.input_type.fields_by_name
        self.handler: grpc.RpcMethodHandler[Any, Any] = self._handler(method)

    def _handler(self, method: MethodDescriptor) -> "grpc.RpcMethodHandler[Any, Any]":
        if method.server_streaming:
            return grpc.unary_stream_rpc_method_handler(self._stream)
        if method.client_streaming:
            return grpc.stream_unary_rpc_method_handler(self._take_in)
        return grpc.unary_unary_rpc_method_handler(self._answer)

    async def _answer(self, body: bytes, context: "grpc.aio.ServicerContext[Any, Any]") -> bytes:
        return await self._in_time(self._served, body, context, LONGEST_SECONDS)

    async def _take_in(self, bodies: AsyncIterator[bytes], context: "grpc.aio.ServicerContext[Any, Any]") -> bytes:
        return await self._in_time(self._taken_in_to_the_end, bodies, context, LONGEST_UPLOAD_SECONDS)

    async def _in_time(
        self,
        serve: Callable[..., Awaitable[bytes]],
        sent: bytes | AsyncIterator[bytes],
        context: "grpc.aio.ServicerContext[Any, Any]",
        longest: float,
    ) -> bytes:
        started = time.perf_counter()
        left = context.time_remaining()
        seconds = longest if left is None else min(left, longest)
        metadata = _metadata(context)
        locale = best_locale(metadata.get(client.LOCALE, ""))
        outcome = "OK"
        with span(self._name, trace_in(metadata)):
            try:
                async with asyncio.timeout(seconds):
                    client.deadline.set(time.monotonic() + seconds)
                    return await serve(sent, metadata, locale, seconds, context.peer())
            except Exception as error:
                status = self._status(error, locale)
                outcome = grpc_code(status).name
                await context.abort_with_status(rpc_status.to_status(status))
            finally:
                self._done(started, outcome)

    async def _served(self, body: bytes, metadata: dict[str, str], locale: str, seconds: float, peer: str) -> bytes:
        request, caller, hromada = await self._admitted(body, metadata, peer)
        check(request, self._chain.catalogue, locale)
        opened = partial(self._chain.call, caller, hromada, locale, seconds)
        return await self._done_once(opened, request, metadata, self._verb)

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
            earlier = await Once(call, self._name, request, _request_id(request)).answered()
            if earlier is not None:
                call.purpose = _purpose(metadata)
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

    async def _done_once(
        self,
        opened: Callable[[], AbstractAsyncContextManager[Call]],
        request: Message,
        metadata: dict[str, str],
        verb: Callable[[Any, Call], Awaitable[Message]],
    ) -> bytes:
        try:
            async with opened() as call:
                call.purpose = _purpose(metadata)
                once = Once(call, self._name, request, _request_id(request)) if self._once else None
                if once is not None:
                    once.claim()
                try:
                    answer = await verb(request, call)
                except Exception:
                    await call.db.claimed()  # of a request that is repeated the answer of then counts
                    raise
                self._keep(call, request, answer)
                response = bytes(answer.SerializeToString())
                if once is not None:
                    once.keep(response)
                return response
        except Repeated:
            async with opened() as call:
                call.purpose = _purpose(metadata)
                earlier = await Once(call, self._name, request, _request_id(request)).earlier()
                self._keep(call, request, self._response.FromString(earlier), Outcome.REPEATED)
                return earlier

    def _keep(self, call: Call, request: Message, answer: Message | None, outcome: Outcome = Outcome.DONE) -> None:
        """What the trail keeps of the call: the records that its request, its answer and its events name. An operator's
        request that was answered before is in no hromada, and did nothing."""
        if not self._is_audited or (outcome is Outcome.REPEATED and call.db.hromada is None):
            return
        told = [] if answer is None else list(records_in(answer))
        events_told = [each for event in call.emitted for each in records_in(event)]
        call.keep(self._full_name, [*self._rule.records(request), *events_told, *told], outcome)

    async def _stream(self, body: bytes, context: "grpc.aio.ServicerContext[Any, Any]") -> AsyncIterator[bytes]:
        started = time.perf_counter()
        metadata = _metadata(context)
        locale = best_locale(metadata.get(client.LOCALE, ""))
        outcome = "OK"
        try:
            request, caller, hromada = await self._admitted(body, metadata, context.peer())
            check(request, self._chain.catalogue, locale)
            stream = StreamCall(self._chain, caller, hromada, locale)
            if self._is_audited:
                async with stream.open() as call:
                    call.purpose = _purpose(metadata)
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

    async def _admitted(
        self, body: bytes, metadata: dict[str, str], peer: str
    ) -> tuple[Message, Caller, Hromada | None]:
        try:
            request = self._request.FromString(body)
        except DecodeError:
            callers = await self._callers(metadata, peer)
            if callers.principal is None and callers.through is None:
                raise Unknown from None
            raise Refused("request", "request.unreadable") from None
        try:
            return (request, *await self._admit(request, metadata, peer))
        except (Denied, Missing):
            await self._keep_denial(request, await self._callers(metadata, peer))
            raise

    async def _keep_denial(self, request: Message, callers: Callers) -> None:
        """Writes a denial into the trail of the hromada whose token was shown: it is their member, or integrator, who
        tried; the hromada that was tried learns nothing of them."""
        if not callers.home:
            return
        try:
            caller, hromada = await subject_at_home(callers, self._chain.authorities)
            async with self._chain.call(caller, hromada, "") as call:
                await _DENIALS.attempt(call, hromada.slug, caller.subject)
                records = [each for each in self._rule.records(request) if each.name.startswith(f"{hromada.name}/")]
                call.keep(self._full_name, records, Outcome.DENIED)
        except TooMany:
            return
        except Refusal as refusal:
            log.warning("audit.denial-not-kept", method=self._name, cause=refusal.reason)

    async def _admit(self, request: Message, metadata: dict[str, str], peer: str) -> tuple[Caller, Hromada | None]:
        callers = await self._callers(metadata, peer)
        if callers.principal is None and callers.through is None:
            raise Unknown
        slug = self._rule.name_of_hromada(request)
        structlog.contextvars.bind_contextvars(hromada=slug)
        return await admit(self._rule, callers, slug, self._chain.authorities, self._chain.clock)

    async def _callers(self, metadata: dict[str, str], peer: str) -> Callers:
        person, service = metadata.get(client.AUTHORIZATION), metadata.get(client.SERVICE)
        principal = await self._bearer(person) if person is not None else None
        through = await self._bearer(service) if service is not None else None
        if through is not None and not through.service:
            raise Unknown("access.token")
        trusted = through is not None and through.service == WEB
        address = metadata.get(client.ADDRESS, "") if trusted else peer
        return Callers(principal, through, address)

    async def _bearer(self, header: str) -> Bearer:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unknown("access.token")
        return await self._chain.verifier.verify(token)

    def _status(self, error: Exception, locale: str) -> status_pb2.Status:
        if isinstance(error, TimeoutError):
            error = TooLate()
        if isinstance(error, Unfit):
            error = Invalid(violations_of(error.request, self._chain.catalogue, locale))
        if isinstance(error, client.Failure) and error.code is grpc.StatusCode.UNAVAILABLE:
            error = Away("dependency.away")
        if isinstance(error, Refusal | Invalid):
            return status_of(error, self._chain.catalogue, locale)
        where = traceback.extract_tb(error.__traceback__)[-1]  # its place, not its words: a message may quote a row
        log.error("rpc.broken", method=self._name, error=type(error).__name__, at=f"{where.filename}:{where.lineno}")
        return broken(self._chain.catalogue, locale)

    def _done(self, started: float, outcome: str) -> None:
        milliseconds = (time.perf_counter() - started) * 1000
        duration.record(milliseconds, {"rpc.method": self._name, "rpc.grpc.status": outcome})
        log.info("call", method=self._name, code=outcome, ms=round(milliseconds, 2))


async def _heard_out(bodies: AsyncIterator[bytes]) -> None:
    """Lets the sender finish, for a while; what they send is of no use any more."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_HEARD_OUT_SECONDS):
            async for _ in bodies:
                pass


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


class StreamCall:
    """What a streaming verb is given: it opens a call for each short read, and holds no transaction between.

    A verb that answers in a stream is an async generator, `(self, request, stream)`. One that takes a stream in is an
    async context manager, `(self, request, chunks, stream)`: it takes in what the chunks hold and yields the verb that
    keeps it, called with a call of its own; what it put down meanwhile is its own to clear away.
    """

    def __init__(self, chain: Chain, caller: Caller, hromada: Hromada | None, locale: str) -> None:
        self._chain = chain
        self._caller = caller
        self._locale = locale
        self._hromada = hromada
        self.files = chain.files

    @property
    def caller(self) -> Caller:
        return self._caller

    @property
    def hromada(self) -> Hromada:
        if self._hromada is None:
            raise Unknown
        return self._hromada

    def open(self) -> Any:
        """A call in a transaction of its own."""
        return self._chain.call(self._caller, self._hromada, self._locale)


def _purpose(metadata: dict[str, str]) -> str:
    purpose = metadata.get(client.PURPOSE, "")
    if purpose and not _PURPOSE.fullmatch(purpose):
        raise Refused("purpose", "purpose.malformed")
    return purpose


def _request_id(request: Any) -> str:
    return str(request.request_id)


def grpc_code(status: status_pb2.Status) -> grpc.StatusCode:
    return next(code for code in grpc.StatusCode if code.value[0] == status.code)


def methods_of(chain: Chain, servicers: Iterable[Servicer]) -> list[grpc.GenericRpcHandler]:
    """gRPC handlers of every method of the servicers.

    Raises:
        TypeError: a method does not declare who may call it, or what the trail keeps of it.
    """
    return [
        grpc.method_handlers_generic_handler(
            servicer.contract.full_name,
            {name: Method(chain, method, getattr(servicer, name)).handler for name, method in servicer.methods.items()},
        )
        for servicer in servicers
    ]


def _metadata(context: "grpc.aio.ServicerContext[Any, Any]") -> dict[str, str]:
    return {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
