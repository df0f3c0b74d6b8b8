"""Calls to the other services: the caller's token, the service's own, deadline, trace and language go along."""

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import grpc
import grpc.aio
import httpx
import structlog
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status
from opentelemetry import propagate

from kit.errors import Away

log = structlog.get_logger("client")

AUTHORIZATION = "authorization"
SERVICE = "spilno-service"
LOCALE = "accept-language"
ADDRESS = "spilno-client-address"
PURPOSE = "spilno-purpose"

_DEADLINE = 10.0
_RETRY_PAUSES = (0.1, 0.4)
_DOUBT_SECONDS = 1.0
"""Tokens are doubted no oftener: whoever is refused again so soon is refused for something else."""


@dataclass(frozen=True, slots=True)
class Acting:
    """On whose behalf this task calls other services."""

    token: str | None = None
    """A person's or an integrator's access token; None calls as the service alone."""
    locale: str = "uk"
    client_address: str = ""
    purpose: str = ""
    """What the calls are for, as a short code: the trail of whoever is called keeps it."""


acting: ContextVar[Acting] = ContextVar("acting", default=Acting())

deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
"""When the call being served must be done, on the monotonic clock: what it calls must be done before."""


class Failure(Exception):
    """A call that was refused, or did not come through."""

    def __init__(self, code: grpc.StatusCode, status: status_pb2.Status | None) -> None:
        super().__init__(code.name)
        self.code = code
        self.reason = ""
        self.message = status.message if status else ""
        self.fields: dict[str, str] = {}
        self.retry_after: timedelta | None = None
        for detail in status.details if status else ():
            info, bad, retry = (
                error_details_pb2.ErrorInfo(),
                error_details_pb2.BadRequest(),
                error_details_pb2.RetryInfo(),
            )
            if detail.Unpack(info):
                self.reason = info.reason
            elif detail.Unpack(bad):
                for violation in bad.field_violations:
                    self.fields.setdefault(violation.field, violation.description)
            elif detail.Unpack(retry):
                self.retry_after = retry.retry_delay.ToTimedelta()


def is_away(error: BaseException) -> bool:
    """Whether it says that something does not answer, so that nobody is at fault and it may be tried again."""
    return isinstance(error, Away) or (isinstance(error, Failure) and error.code is grpc.StatusCode.UNAVAILABLE)


class ServiceIdentity:
    """The service's own access token by client credentials, renewed before it expires."""

    def __init__(self, issuer_url: str, client_id: str, client_secret: str) -> None:
        self._issuer = issuer_url.rstrip("/")
        self._auth = (client_id, client_secret)
        self._token = ""
        self._renew_at = 0.0
        self._doubt_again_at = 0.0
        self._renewing = asyncio.Lock()

    async def token(self) -> str:
        """A token that is good for a while.

        Raises:
            Failure: the issuer does not answer (UNAVAILABLE) or does not know us (UNAUTHENTICATED).
        """
        if time.monotonic() < self._renew_at:
            return self._token
        async with self._renewing:
            if time.monotonic() < self._renew_at:
                return self._token
            try:
                async with httpx.AsyncClient(timeout=3, auth=self._auth) as client:
                    discovered = (
                        await client.get(f"{self._issuer}/.well-known/openid-configuration")
                    ).raise_for_status()
                    answer = await client.post(
                        discovered.json()["token_endpoint"], data={"grant_type": "client_credentials"}
                    )
                    said = answer.raise_for_status().json()
                token, lasts = str(said["access_token"]), float(said.get("expires_in", 60))
            except httpx.HTTPStatusError as error:
                refused = error.response.status_code < 500
                code = grpc.StatusCode.UNAUTHENTICATED if refused else grpc.StatusCode.UNAVAILABLE
                raise Failure(code, None) from error
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
                raise Failure(grpc.StatusCode.UNAVAILABLE, None) from error
            self._token, self._renew_at = token, time.monotonic() + lasts * 0.7
            return self._token

    def doubt(self) -> bool:
        """Says that the token was refused: its key may be gone, or a clock was set. Whether another will be fetched."""
        if time.monotonic() < self._doubt_again_at:
            return False
        self._renew_at, self._doubt_again_at = 0.0, time.monotonic() + _DOUBT_SECONDS
        return True


def dial(address: str, identity: ServiceIdentity | None) -> grpc.aio.Channel:
    """A channel to another service. Its calls raise Failure; what only reads is retried while the service is away.

    Args:
        address: of its process; of several, all of them as gRPC names a list (`ipv4:…,…`, or a name that stands for
            them): calls go round, past those that are away.
        identity: who calls, beside the person on whose behalf.
    """
    return grpc.aio.insecure_channel(
        address,
        interceptors=[_Unary(identity), _Streaming(identity), _Sending(identity)],
        options=[
            ("grpc.lb_policy_name", "round_robin"),
            ("grpc.keepalive_time_ms", 30_000),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 1000),
            ("grpc.enable_retries", 0),
        ],
    )


async def _metadata(identity: ServiceIdentity | None, given: grpc.aio.ClientCallDetails) -> grpc.aio.Metadata:
    who = acting.get()
    carried: dict[str, str] = {LOCALE: who.locale}
    if who.token:
        carried[AUTHORIZATION] = f"Bearer {who.token}"
    if identity is not None:
        carried[SERVICE] = f"Bearer {await identity.token()}"
    if who.client_address:
        carried[ADDRESS] = who.client_address
    if who.purpose:
        carried[PURPOSE] = who.purpose
    propagate.inject(carried)
    return grpc.aio.Metadata(*(given.metadata or ()), *carried.items())


def _details(
    given: grpc.aio.ClientCallDetails, metadata: grpc.aio.Metadata, lasts: float | None
) -> grpc.aio.ClientCallDetails:
    return grpc.aio.ClientCallDetails(given.method, lasts, metadata, given.credentials, given.wait_for_ready)


def _time_left(asked: float | None) -> float:
    left = _DEADLINE if asked is None else asked
    until = deadline.get()
    return left if until is None else max(0.001, min(left, until - time.monotonic()))


def _repeatable(method: str | bytes) -> bool:
    name = (method.decode() if isinstance(method, bytes) else method).rpartition("/")[2]
    return name.startswith(("Get", "List", "BatchGet"))


def _failure(error: grpc.aio.AioRpcError) -> Failure:
    try:
        status = rpc_status.from_call(error)
    except ValueError:
        status = None
    return Failure(error.code(), status)


class _Unary(grpc.aio.UnaryUnaryClientInterceptor):
    def __init__(self, identity: ServiceIdentity | None) -> None:
        self._identity = identity

    async def intercept_unary_unary(
        self, continuation: Callable[..., Awaitable[Any]], client_call_details: grpc.aio.ClientCallDetails, request: Any
    ) -> Any:
        given, until = client_call_details, time.monotonic() + _time_left(client_call_details.timeout)
        metadata = await _metadata(self._identity, given)
        pauses = list(_RETRY_PAUSES if _repeatable(given.method) else ())
        while True:
            left = max(0.001, until - time.monotonic())
            call = await continuation(_details(given, metadata, left), request)
            try:
                await call
            except grpc.aio.AioRpcError as error:
                if error.code() is grpc.StatusCode.UNAVAILABLE and pauses and pauses[0] < left:
                    await asyncio.sleep(pauses.pop(0))
                    continue
                refused = error.code() is grpc.StatusCode.UNAUTHENTICATED
                if refused and self._identity is not None and self._identity.doubt():
                    metadata = await _metadata(self._identity, given)
                    continue
                raise _failure(error) from error
            return call


class _Streaming(grpc.aio.UnaryStreamClientInterceptor):
    def __init__(self, identity: ServiceIdentity | None) -> None:
        self._identity = identity

    async def intercept_unary_stream(
        self, continuation: Callable[..., Awaitable[Any]], client_call_details: grpc.aio.ClientCallDetails, request: Any
    ) -> AsyncIterator[Any]:
        metadata = await _metadata(self._identity, client_call_details)
        details = _details(client_call_details, metadata, client_call_details.timeout)
        return _received(await continuation(details, request))


class _Sending(grpc.aio.StreamUnaryClientInterceptor):
    def __init__(self, identity: ServiceIdentity | None) -> None:
        self._identity = identity

    async def intercept_stream_unary(
        self,
        continuation: Callable[..., Awaitable[Any]],
        client_call_details: grpc.aio.ClientCallDetails,
        request_iterator: Any,
    ) -> Any:
        metadata = await _metadata(self._identity, client_call_details)
        lasts = _time_left(client_call_details.timeout)
        call = await continuation(_details(client_call_details, metadata, lasts), request_iterator)
        try:
            await call
        except grpc.aio.AioRpcError as error:
            raise _failure(error) from error
        return call


async def _received(call: AsyncIterable[Any]) -> AsyncIterator[Any]:
    try:
        async for message in call:
            yield message
    except grpc.aio.AioRpcError as error:
        raise _failure(error) from error
