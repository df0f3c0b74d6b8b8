"""Work that goes on while something breaks, and what is left of it afterwards."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeVar
from uuid import uuid4

import grpc
import httpx
from kit.rpc.client import Failure
from spilno.feed.v1 import feed_pb2
from spilno.feed.v1.feed_pb2_grpc import FeedStub
from spilno.reception.v1 import appeals_pb2, attachments_pb2, events_pb2
from spilno.reception.v1.attachments_pb2_grpc import AttachmentsStub

from tests.faults.table import IS_FULL, Row
from tests.world import OWN, World, appeal_request, as_whom

PARENT = f"hromadas/{OWN}"
WORKERS = 8
LOAD_SECONDS = 12.0 if IS_FULL else 5.0
PATIENCE_SECONDS = 60.0
_SILENCE_SECONDS = 8.0
"""A feed that says nothing for so long is asked anew."""
FILE_WORKERS = 2
FILE_SIZE = 100_000
FILES = f"{FILE_WORKERS} add files of {FILE_SIZE // 1000} KB meanwhile"
LOAD = f"{WORKERS} register appeals, one reads pages, {LOAD_SECONDS:.0f} s"
_PAGES = (f"/{OWN}", f"/{OWN}/appeals/new", f"/{OWN}/visits/new")
_CALM = "Зараз не виходить"
_MEANWHILE = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}

A = TypeVar("A")


@dataclass
class Load:
    """Appeals registered by several at once; each repeats its request, under its id, until it is acknowledged."""

    acknowledged: dict[str, Any] = field(default_factory=dict)
    """By resource name: an appeal's number, or what a file holds, as a digest."""
    refusals: Counter[str] = field(default_factory=Counter)
    """How often a request had to be repeated, by the reason."""
    pages: Counter[str] = field(default_factory=Counter)
    """What the portal answered."""
    unexpected: list[str] = field(default_factory=list)
    """Refusals that are none of those that a caller can live with."""
    broke_at: float = 0.0
    shut_at: float = 0.0
    """When the last request was refused."""
    opened_at: float = 0.0
    """When the first one after it was acknowledged."""

    @property
    def recovered_in(self) -> float:
        """Seconds from the fault until nobody was refused any more."""
        return max(0.0, self.opened_at - self.broke_at) if self.refusals else 0.0

    async def work(self, world: World, until: float) -> None:
        """Registers appeals for as long, one after the other."""
        while time.monotonic() < until:
            request = appeal_request(OWN, "Звернення під навантаженням")
            patience = time.monotonic() + PATIENCE_SECONDS
            while (answer := await self._answered(world.appeals.RegisterAppeal(request, timeout=5))) is None:
                if time.monotonic() > patience:
                    self.unexpected.append("never acknowledged")
                    return
                await asyncio.sleep(0.1)
            self.acknowledged[answer.appeal.name] = answer.appeal.number

    async def add_files(self, world: World, until: float) -> None:
        """Registers appeals and adds a file to each, one after the other."""
        while time.monotonic() < until:
            appeal = (await world.appeals.RegisterAppeal(appeal_request(OWN, "Звернення з файлом"))).appeal.name
            data = b"%PDF-1.7\n" + os.urandom(FILE_SIZE) + b"%%EOF\n"
            digest = sha256(data).digest()
            first = attachments_pb2.UploadAttachmentRequest(
                parent=appeal, request_id=str(uuid4()), filename="a.pdf", size=len(data), sha256=digest
            )
            patience = time.monotonic() + PATIENCE_SECONDS
            while (answer := await self._answered(world.attach(first, data))) is None:
                if time.monotonic() > patience:
                    self.unexpected.append("never acknowledged")
                    return
                await asyncio.sleep(0.1)
            self.acknowledged[answer.name] = digest

    async def _answered(self, asked: Awaitable[A]) -> A | None:
        """The acknowledgement; nothing while the caller is told to come again."""
        try:
            answer = await asked
        except Failure as failure:
            if failure.code not in _MEANWHILE:
                self.unexpected.append(f"{failure.code.name} {failure.reason}")
            if failure.code is grpc.StatusCode.UNAVAILABLE and failure.reason and failure.retry_after is None:
                self.unexpected.append(f"{failure.reason} does not say when to come again")
            self.refusals[failure.reason or failure.code.name] += 1
            self.shut_at = time.monotonic()
            return None
        if self.opened_at <= self.shut_at:
            self.opened_at = time.monotonic()
        return answer

    async def read(self, world: World, until: float, *, portal_stays: bool) -> None:
        """Reads the residents' pages: each comes, or says calmly that it cannot and when to try again."""
        async with httpx.AsyncClient(trust_env=False, timeout=15) as visitor:
            while time.monotonic() < until:
                for path in _PAGES:
                    try:
                        page = await visitor.get(f"{world.house.web_url}{path}")
                    except httpx.TransportError as error:
                        self.pages["no answer"] += 1
                        if portal_stays:
                            self.unexpected.append(f"{path}: {type(error).__name__}")
                    else:
                        self.pages[str(page.status_code)] += 1
                        if not _is_calm(page):
                            self.unexpected.append(f"{path}: {page.status_code}")
                    await asyncio.sleep(0.05)


def _is_calm(page: httpx.Response) -> bool:
    if page.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        return _CALM in page.text.replace("\u00a0", " ") and "retry-after" in page.headers
    return page.status_code == httpx.codes.OK


async def under_load(world: World, break_it: Callable[[], Awaitable[None]], *, portal_stays: bool = True) -> Load:
    """The load, with something broken in the middle of it."""
    load = Load()
    with as_whom(world.tokens[f"officer:{OWN}"]):
        until = time.monotonic() + LOAD_SECONDS
        async with asyncio.TaskGroup() as tasks:
            for _ in range(WORKERS):
                tasks.create_task(load.work(world, until))
            tasks.create_task(load.read(world, until, portal_stays=portal_stays))
            await asyncio.sleep(LOAD_SECONDS / 3)
            load.broke_at = time.monotonic()
            await break_it()
    return load


async def under_load_with_files(world: World, break_it: Callable[[], Awaitable[None]]) -> tuple[Load, Load]:
    """The same, while files are added to appeals; the second load is theirs."""
    files = Load()
    with as_whom(world.tokens[f"officer:{OWN}"]):
        until = time.monotonic() + LOAD_SECONDS
        adding = [asyncio.ensure_future(files.add_files(world, until)) for _ in range(FILE_WORKERS)]

    async def broken() -> None:
        files.broke_at = time.monotonic()
        await break_it()

    load = await under_load(world, broken)
    await asyncio.gather(*adding)
    return load, files


async def judged_files(world: World, fault: str, load: Load) -> Row:
    """What is left of the files: each that was acknowledged is on its appeal once, and holds what was sent."""
    began = time.monotonic()
    stub: Any = AttachmentsStub(world.channels["reception"])
    lost = doubled = 0
    with as_whom(world.tokens[f"officer:{OWN}"]):
        for name, digest in load.acknowledged.items():
            parent = name.partition("/attachments/")[0]
            listed = await stub.ListAttachments(attachments_pb2.ListAttachmentsRequest(parent=parent))
            doubled += len(listed.attachments) > 1
            lost += sha256(await world.download(name)).digest() != digest
    return Row(
        fault=fault,
        load=FILES,
        acknowledged=len(load.acknowledged),
        lost=lost,
        doubled=doubled,
        refused=dict(load.refusals),
        pages={},
        recovered_in=load.recovered_in,
        told_in=time.monotonic() - began,
    )


async def judged(world: World, fault: str, load: Load, cursor: str) -> Row:
    """What is left of the load: every appeal that was acknowledged is there once, and told once."""
    began = time.monotonic()
    told = await events(world, set(load.acknowledged), cursor)
    took = time.monotonic() - began
    kept = Counter(appeal.name for appeal in await register_of(world))
    return Row(
        fault=fault,
        load=LOAD,
        acknowledged=len(load.acknowledged),
        lost=sum(1 for name in load.acknowledged if name not in kept or name not in told),
        doubled=sum(1 for count in (kept | told).values() if count > 1),
        refused=dict(load.refusals),
        pages=dict(load.pages),
        recovered_in=load.recovered_in,
        told_in=took,
    )


async def register_of(world: World) -> list[appeals_pb2.Appeal]:
    """Every appeal of the hromada, page by page."""
    found: list[appeals_pb2.Appeal] = []
    token = ""
    with as_whom(world.tokens[f"officer:{OWN}"]):
        while True:
            page = await world.appeals.ListAppeals(
                appeals_pb2.ListAppealsRequest(parent=PARENT, page_size=100, page_token=token)
            )
            found.extend(page.appeals)
            token = page.next_page_token
            if not token:
                return found


async def events(world: World, expected: set[str], cursor: str) -> Counter[str]:
    """How often each expected appeal's registration was told since the cursor."""
    told: Counter[str] = Counter()
    stub = FeedStub(world.channels["reception"])
    until = time.monotonic() + PATIENCE_SECONDS
    while expected - set(told) and time.monotonic() < until:
        told.clear()
        try:
            async with asyncio.timeout(_SILENCE_SECONDS) as silence:
                async for event in watch(world, stub, cursor):
                    silence.reschedule(asyncio.get_running_loop().time() + _SILENCE_SECONDS)
                    if event.body.Is(events_pb2.AppealRegistered.DESCRIPTOR):
                        told[event.subject] += 1
                    if not expected - set(told):
                        break
        except (TimeoutError, Failure):
            continue
    return told


async def watch(world: World, stub: Any, cursor: str) -> AsyncGenerator[feed_pb2.Event, None]:
    with as_whom(world.tokens[f"head:{OWN}"]):
        stream = stub.Watch(feed_pb2.WatchRequest(parent=PARENT, cursor=cursor))
    async for event in stream:
        yield event


async def cursor_of_now(world: World) -> str:
    """A cursor: that of an event made for it."""
    stub = FeedStub(world.channels["reception"])
    stream = watch(world, stub, "")
    first = asyncio.ensure_future(anext(stream))
    while not first.done():
        await world.appeal(OWN, "Звернення заради позначки")
        await asyncio.wait([first], timeout=0.5)
    await stream.aclose()
    return first.result().cursor
