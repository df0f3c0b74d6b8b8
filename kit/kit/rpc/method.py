"""The server's one chain: parse, who calls, may they, is it valid, transaction, verb, event, commit, answer.

It wraps each method once instead of stacking interceptors, which cost a fifth of the throughput even when they do
nothing.
"""

import asyncio
import re
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
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
from kit.auth.tokens import Bearer
from kit.call import Call, Caller, Hromada
from kit.database import Repeated
from kit.errors import Away, Denied, Missing, Refusal, Refused, TooLate, TooMany, Unknown
from kit.localisation import best_locale
from kit.rpc import client
from kit.rpc.access import WEB, Callers, Rule, admit, rule_of, subject_at_home
from kit.rpc.chain import Chain
from kit.rpc.errors import Invalid, Unfit, broken, status_of, violations_of
from kit.rpc.requests import Once
from kit.telemetry import duration, span, trace_in
from kit.throttle import Throttle

log = structlog.get_logger("rpc")

_PURPOSE = re.compile(r"[a-z0-9][a-z0-9./-]{0,63}")
_DENIALS = Throttle("denial", 20, timedelta(hours=1))
"""Of one caller: beyond it denials are refused as ever, and no more of them are written down."""


class Method:
    """One method of the contract: who may call it, once for each request, and what its refusals say."""

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
        metadata = metadata_of(context)
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

    async def _done_once(
        self,
        opened: Callable[[], AbstractAsyncContextManager[Call]],
        request: Message,
        metadata: dict[str, str],
        verb: Callable[[Any, Call], Awaitable[Message]],
    ) -> bytes:
        try:
            async with opened() as call:
                call.purpose = purpose_in(metadata)
                once = Once(call, self._name, request, request_id_of(request)) if self._once else None
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
                call.purpose = purpose_in(metadata)
                earlier = await Once(call, self._name, request, request_id_of(request)).earlier()
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


def purpose_in(metadata: dict[str, str]) -> str:
    purpose = metadata.get(client.PURPOSE, "")
    if purpose and not _PURPOSE.fullmatch(purpose):
        raise Refused("purpose", "purpose.malformed")
    return purpose


def request_id_of(request: Any) -> str:
    return str(request.request_id)


def grpc_code(status: status_pb2.Status) -> grpc.StatusCode:
    return next(code for code in grpc.StatusCode if code.value[0] == status.code)


def metadata_of(context: "grpc.aio.ServicerContext[Any, Any]") -> dict[str, str]:
    return {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
