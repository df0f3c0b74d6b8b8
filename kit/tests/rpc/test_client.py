"""Calls to other services: who stands behind them, how long they last, what is repeated, and what a refusal says."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import grpc
import grpc.aio
import pytest
import pytest_asyncio
from google.protobuf import any_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status
from kit.rpc import client
from kit.rpc.client import Acting, Failure, ServiceIdentity, acting, deadline, dial
from kit.servers.process import free_port

OK = grpc.StatusCode.OK
AWAY = grpc.StatusCode.UNAVAILABLE


class Other:
    """Another service, which answers what a test tells it to and remembers how it was called."""

    def __init__(self) -> None:
        self.port = 0
        self.answers: list[grpc.StatusCode] = []
        """The codes of the next answers; then OK."""
        self.takes = 0.0
        self.calls: list[dict[str, str]] = []
        self.time_left: list[float] = []
        self.server: Any = None

    async def start(self) -> None:
        unary: Any = grpc.unary_unary_rpc_method_handler(self._answer)
        handlers = dict.fromkeys(
            ("GetThing", "ListThings", "BatchGetThings", "CreateThing", "GettysburgAddress"), unary
        )
        stream: dict[str, Any] = {"WatchThings": grpc.unary_stream_rpc_method_handler(self._watch)}
        self.server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        self.server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("o.Other", {**handlers, **stream}),))
        self.port = self.server.add_insecure_port(f"127.0.0.1:{self.port}")
        await self.server.start()

    async def stop(self) -> None:
        await self.server.stop(0)

    async def _answer(self, body: bytes, context: Any) -> bytes:
        self.calls.append(dict(context.invocation_metadata()))
        self.time_left.append(context.time_remaining())
        await asyncio.sleep(self.takes)
        code = self.answers.pop(0) if self.answers else OK
        if code is not OK:
            await context.abort(code, "")
        return body

    async def _watch(self, body: bytes, context: Any) -> AsyncIterator[bytes]:
        self.calls.append(dict(context.invocation_metadata()))
        yield body
        await context.abort_with_status(rpc_status.to_status(status_of(AWAY, "feed.too-slow")))


@pytest_asyncio.fixture
async def other() -> AsyncIterator[Other]:
    other = Other()
    await other.start()
    yield other
    await other.stop()


@pytest_asyncio.fixture
async def channel(other: Other) -> AsyncIterator[Any]:
    async with dial(f"127.0.0.1:{other.port}", None) as channel:
        yield channel


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_RETRY_PAUSES", (0.01, 0.02))


@contextmanager
def done_within(seconds: float) -> Iterator[None]:
    """The call that is being served must be done by then."""
    before = deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        deadline.reset(before)


@contextmanager
def as_whom(who: Acting) -> Iterator[None]:
    before = acting.set(who)
    try:
        yield
    finally:
        acting.reset(before)


async def call(channel: Any, method: str = "GetThing", **options: Any) -> bytes:
    answer: bytes = await channel.unary_unary(f"/o.Other/{method}")(b"body", **options)
    return answer


async def failure(channel: Any, method: str = "GetThing", **options: Any) -> Failure:
    with pytest.raises(Failure) as failure:
        await call(channel, method, **options)
    return failure.value


def status_of(code: grpc.StatusCode, reason: str = "", *details: Message) -> status_pb2.Status:
    status = status_pb2.Status(code=code.value[0], message="says why")
    for detail in (error_details_pb2.ErrorInfo(reason=reason), *details):
        packed = any_pb2.Any()
        packed.Pack(detail)
        status.details.append(packed)
    return status


class TestRepeating:
    @pytest.mark.parametrize("method", ["GetThing", "ListThings", "BatchGetThings"])
    async def test_what_only_reads_is_repeated_while_the_service_is_away(
        self, other: Other, channel: Any, method: str
    ) -> None:
        other.answers = [AWAY, AWAY]
        assert await call(channel, method) == b"body"
        assert len(other.calls) == 3

    async def test_of_several_processes_one_goes_on_where_another_dies(self, other: Other) -> None:
        third = Other()
        await third.start()
        async with dial(f"ipv4:127.0.0.1:{other.port},127.0.0.1:{third.port}", None) as channel:
            async with asyncio.timeout(30):
                while not (other.calls and third.calls):
                    await call(channel)
            await other.stop()
            for method in (*["ListThings"] * 4, "CreateThing"):  # once one is known to be gone, nothing is repeated
                assert await call(channel, method) == b"body"
            await third.stop()
            await other.start()
            async with asyncio.timeout(30):
                while (await asyncio.gather(call(channel), return_exceptions=True))[0] != b"body":
                    pass

    async def test_after_the_third_time_the_service_is_away(self, other: Other, channel: Any) -> None:
        other.answers = [AWAY] * 9
        assert (await failure(channel)).code is AWAY
        assert len(other.calls) == 3

    async def test_what_changes_anything_is_never_repeated(self, other: Other, channel: Any) -> None:
        other.answers = [AWAY]
        assert (await failure(channel, "CreateThing")).code is AWAY
        assert len(other.calls) == 1

    @pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code not in (OK, AWAY)])
    async def test_no_other_refusal_is_repeated(self, other: Other, channel: Any, code: grpc.StatusCode) -> None:
        other.answers = [code]
        assert (await failure(channel)).code is code
        assert len(other.calls) == 1

    async def test_a_service_that_was_restarted_is_found_again(self, other: Other, channel: Any) -> None:
        await call(channel)
        await other.stop()
        assert (await failure(channel)).code is AWAY
        await other.start()
        assert await call(channel, wait_for_ready=True) == b"body"


class TestDeadlines:
    async def test_a_call_lasts_ten_seconds_when_nobody_says_otherwise(self, other: Other, channel: Any) -> None:
        await call(channel)
        assert 8 < other.time_left[0] < 10.1

    async def test_a_call_lasts_as_long_as_is_asked(self, other: Other, channel: Any) -> None:
        await call(channel, timeout=3)
        assert 1 < other.time_left[0] < 3.1

    async def test_a_call_is_done_before_the_one_that_it_serves(self, other: Other, channel: Any) -> None:
        with done_within(2):
            await call(channel, timeout=5)
        assert 0.5 < other.time_left[0] < 2.1

    async def test_a_call_that_is_asked_to_be_quicker_is(self, other: Other, channel: Any) -> None:
        with done_within(5):
            await call(channel, timeout=2)
        assert 0.5 < other.time_left[0] < 2.1

    async def test_a_call_that_comes_too_late_is_not_made_to_wait(self, other: Other, channel: Any) -> None:
        other.takes = 5
        with done_within(-1):
            assert (await failure(channel)).code is grpc.StatusCode.DEADLINE_EXCEEDED

    async def test_all_repetitions_together_last_no_longer(self, other: Other, channel: Any) -> None:
        other.answers, other.takes = [AWAY] * 9, 0.2
        started = time.monotonic()
        await failure(channel, timeout=0.3)
        assert time.monotonic() - started < 0.4


class TestWhoCalls:
    async def test_the_callers_token_language_and_address_go_along(self, other: Other, channel: Any) -> None:
        with as_whom(Acting("token", "en", "10.0.0.1")):
            await call(channel)
        said = other.calls[0]
        assert (said["authorization"], said["accept-language"], said["spilno-client-address"]) == (
            "Bearer token",
            "en",
            "10.0.0.1",
        )

    async def test_nobody_calls_without_a_token(self, other: Other, channel: Any) -> None:
        await call(channel)
        assert not {"authorization", "spilno-service", "spilno-client-address"} & set(other.calls[0])

    async def test_a_service_calls_in_its_own_name_too(self, other: Other) -> None:
        identity: Any = SimpleNamespace(token=_token)
        async with dial(f"127.0.0.1:{other.port}", identity) as channel:
            with as_whom(Acting("a person's")):
                await call(channel)
        assert (other.calls[0]["authorization"], other.calls[0]["spilno-service"]) == (
            "Bearer a person's",
            "Bearer the service's",
        )

    async def test_what_the_caller_adds_goes_along(self, other: Other, channel: Any) -> None:
        await call(channel, metadata=(("x-own", "1"),))
        assert other.calls[0]["x-own"] == "1"

    async def test_two_tasks_do_not_call_in_each_others_name(self, other: Other, channel: Any) -> None:
        async def one(token: str) -> None:
            acting.set(replace(Acting(), token=token))
            await asyncio.sleep(0.01)
            await call(channel, metadata=(("x-own", f"Bearer {token}"),))

        await asyncio.gather(*(one(f"token-{number}") for number in range(10)))
        assert all(said["authorization"] == said["x-own"] for said in other.calls)


async def _token() -> str:
    return "the service's"


class TestStreams:
    async def test_a_stream_that_breaks_off_says_why(self, channel: Any) -> None:
        stream = channel.unary_stream("/o.Other/WatchThings")(b"body").__aiter__()
        assert await anext(stream) == b"body"
        with pytest.raises(Failure) as failure:
            await anext(stream)
        assert (failure.value.code, failure.value.reason) == (AWAY, "feed.too-slow")

    async def test_the_callers_token_goes_along_with_a_stream(self, other: Other, channel: Any) -> None:
        with as_whom(Acting("token")):
            async for _ in channel.unary_stream("/o.Other/WatchThings")(b"body"):
                break
        assert other.calls[0]["authorization"] == "Bearer token"


class TestFailure:
    def test_a_failure_tells_the_reason_the_fields_and_when_to_come_again(self) -> None:
        field = error_details_pb2.BadRequest.FieldViolation
        bad = error_details_pb2.BadRequest(
            field_violations=[
                field(field="name", description="the first"),
                field(field="name", description="the second"),
                field(field="phone", description="another"),
            ]
        )
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromTimedelta(timedelta(seconds=2))
        failure = Failure(AWAY, status_of(AWAY, "request.invalid", bad, retry))
        assert (failure.code, failure.reason, failure.message, failure.fields, failure.retry_after) == (
            AWAY,
            "request.invalid",
            "says why",
            {"name": "the first", "phone": "another"},
            timedelta(seconds=2),
        )

    async def test_a_refusal_without_details_is_a_failure_too(self, other: Other, channel: Any) -> None:
        other.answers = [grpc.StatusCode.NOT_FOUND]
        said = await failure(channel)
        assert (said.reason, said.fields, said.retry_after) == ("", {}, None)

    async def test_a_service_that_does_not_answer_is_a_failure_too(self) -> None:
        async with dial(f"127.0.0.1:{free_port()}", None) as channel:
            assert (await failure(channel)).code is AWAY

    def test_details_that_nobody_knows_are_passed_by(self) -> None:
        strange = any_pb2.Any(type_url="type.googleapis.com/strange.Thing", value=b"\xff")
        status = status_of(AWAY, "known")
        status.details.append(strange)
        assert Failure(AWAY, status).reason == "known"


class Endpoint:
    """An issuer's token endpoint that answers what a test tells it to."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.answer = json.dumps({"access_token": "the service's", "expires_in": 100})
        self.asked: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        if head.startswith("GET"):
            status, body = 200, json.dumps({"token_endpoint": f"{self.url}/token"})
        else:
            self.asked.append(head)
            status, body = self.status, self.answer
        writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()


@pytest_asyncio.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    endpoint = Endpoint()
    listening = await asyncio.start_server(endpoint.serve, "127.0.0.1", 0)
    endpoint.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield endpoint
    listening.close()


def passed(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr(client, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + seconds))


class TestServiceIdentity:
    async def test_asks_for_a_token_once_for_many(self, endpoint: Endpoint) -> None:
        identity = ServiceIdentity(endpoint.url, "svc.kit", "secret")
        tokens = await asyncio.gather(*(identity.token() for _ in range(10)))
        assert (set(tokens), len(endpoint.asked)) == ({"the service's"}, 1)

    async def test_signs_in_with_its_secret(self, endpoint: Endpoint) -> None:
        await ServiceIdentity(endpoint.url, "svc.kit", "secret").token()
        assert "Authorization: Basic c3ZjLmtpdDpzZWNyZXQ=" in endpoint.asked[0]

    @pytest.mark.parametrize(("seconds", "times"), [(60, 1), (75, 2)])
    async def test_renews_a_token_before_it_expires(
        self, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, seconds: float, times: int
    ) -> None:
        identity = ServiceIdentity(endpoint.url, "svc.kit", "secret")
        await identity.token()
        passed(monkeypatch, seconds)
        await identity.token()
        assert len(endpoint.asked) == times

    async def test_a_token_that_was_refused_is_replaced_and_the_call_made_again(
        self, endpoint: Endpoint, other: Other
    ) -> None:
        identity = ServiceIdentity(endpoint.url, "svc.kit", "secret")
        await identity.token()
        other.answers = [grpc.StatusCode.UNAUTHENTICATED]
        async with dial(f"127.0.0.1:{other.port}", identity) as channel:
            assert await call(channel, "CreateThing") == b"body"
        assert len(endpoint.asked) == 2

    @pytest.mark.parametrize(("seconds", "asked"), [(0.5, 2), (1.5, 3)])
    async def test_tokens_are_doubted_once_in_a_second(
        self, endpoint: Endpoint, other: Other, monkeypatch: pytest.MonkeyPatch, seconds: float, asked: int
    ) -> None:
        identity = ServiceIdentity(endpoint.url, "svc.kit", "secret")
        async with dial(f"127.0.0.1:{other.port}", identity) as channel:
            for _ in range(2):
                other.answers = [grpc.StatusCode.UNAUTHENTICATED] * 2
                assert (await failure(channel)).code is grpc.StatusCode.UNAUTHENTICATED
                passed(monkeypatch, seconds)
        assert len(endpoint.asked) == asked

    @pytest.mark.parametrize(
        ("status", "answer", "code"),
        [
            (401, "{}", grpc.StatusCode.UNAUTHENTICATED),
            (400, "{}", grpc.StatusCode.UNAUTHENTICATED),
            (500, "{}", AWAY),
            (503, "", AWAY),
            (200, "<html>", AWAY),
            (200, "{}", AWAY),
            (200, "[]", AWAY),
            (200, '{"access_token": "t", "expires_in": "soon"}', AWAY),
        ],
    )
    async def test_an_issuer_that_gives_none_is_away_or_does_not_know_us(
        self, endpoint: Endpoint, status: int, answer: str, code: grpc.StatusCode
    ) -> None:
        endpoint.status, endpoint.answer = status, answer
        with pytest.raises(Failure) as failure:
            await ServiceIdentity(endpoint.url, "svc.kit", "secret").token()
        assert failure.value.code is code

    async def test_an_issuer_that_does_not_answer_is_away(self) -> None:
        with pytest.raises(Failure) as failure:
            await ServiceIdentity(f"http://127.0.0.1:{free_port()}", "svc.kit", "secret").token()
        assert failure.value.code is AWAY

    async def test_an_issuer_that_comes_back_is_asked_again(self, endpoint: Endpoint) -> None:
        identity = ServiceIdentity(endpoint.url, "svc.kit", "secret")
        endpoint.status = 503
        with pytest.raises(Failure):
            await identity.token()
        endpoint.status = 200
        assert await identity.token() == "the service's"
