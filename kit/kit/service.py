"""A service: what it is made of, on one screen, and the process that runs it.

`python -m <service> prepare` migrates the database and makes the streams, under logins that the running service never
holds; `python -m <service>` serves until SIGTERM, then drains. Beside it `dead-letters [replay]` shows what could not
be handled, `jobs [retry]` what could not be done, and `vault rotate` replaces the keys of what is sealed.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import grpc.aio
import structlog
import uvloop
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from kit import telemetry
from kit.auth.authority import Authorities, Remembered, RemoteAuthorities
from kit.auth.replica import Replica
from kit.auth.tokens import Verifier
from kit.bus.connection import Bus
from kit.bus.handlers import Consumer, handlers_in
from kit.bus.outbox import Relay
from kit.call import Call, Caller, Hromada
from kit.clock import Clock, clock_for
from kit.database import Database
from kit.errors import Away
from kit.files import FileRow, Files, tidying
from kit.files.kinds import MEGABYTE
from kit.files.store import Store
from kit.jobs import Job
from kit.jobs.worker import Worker
from kit.keys import Keys
from kit.localisation import LOCALES, Catalogue
from kit.rpc.chain import Chain
from kit.rpc.client import ServiceIdentity, dial
from kit.rpc.feed import BackfillOf, Feed, Tap
from kit.rpc.server import MAX_MESSAGE, methods_of
from kit.rpc.servicer import Servicer
from kit.settings import Settings
from kit.tenancy import Template
from kit.tenancy.announcing import announce
from kit.tenancy.blobs import Blobs, FilesOfRows, Together
from kit.tenancy.holdings import Holdings
from kit.tenancy.rpc import Tenancy
from kit.tenancy.tables import Elsewhere
from kit.vault import Ring, Sealed, Vault

log = structlog.get_logger("service")

_DRAIN_SECONDS = 8.0
_COMMANDS = "prepare | dead-letters [replay] | jobs [retry] | vault rotate"
_SERVER_OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.max_metadata_size", 16 * 1024),
    ("grpc.so_reuseport", 0),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
)


@dataclass(slots=True)
class Kit:
    """What a running service has at hand."""

    settings: Any
    database: Database
    bus: Bus
    clock: Clock
    keys: Keys
    catalogue: Catalogue
    relay: Relay
    identity: ServiceIdentity
    chain: Chain = field(init=False)
    replica: Replica | None = None
    """The memberships in memory; identity itself has them at hand."""
    to_identity: grpc.aio.Channel | None = None

    def hromadas(self) -> list[Hromada]:
        """Those that are open, as far as this process has heard."""
        return self.replica.hromadas() if self.replica is not None else []

    @asynccontextmanager
    async def call(self, caller: Caller, hromada: Hromada | None = None) -> AsyncIterator[Call]:
        """A call of the service's own verbs, outside gRPC and the bus."""
        async with self.chain.call(caller, hromada, LOCALES[0]) as call:
            yield call


@dataclass(frozen=True, slots=True)
class Running:
    """A service that is being served."""

    port: int
    tasks: Sequence["asyncio.Future[Any]"]


Background = Callable[[Kit], Awaitable[None]]
Command = Callable[["Service", Sequence[str]], Coroutine[Any, Any, int]]
"""Something that an administrator has done from a terminal: told its arguments, it gives the process's exit code."""


@dataclass(frozen=True, slots=True)
class Service:
    """What a service is made of."""

    name: str
    package: str
    servicers: Sequence[Servicer]
    handlers: Sequence[ModuleType] = ()
    backfill: BackfillOf | None = None
    """Makes the service's events from its rows; a service that has one serves Feed."""
    jobs: Sequence[Job] = ()
    """What it does later, and every day."""
    template: Template[Any] | None = None
    """What a hromada receives here; a service that has one serves Tenancy and tells identity of itself."""
    settings: type[Settings] = Settings
    sealed: Sequence[Sealed] = ()
    """Every column that the vault writes, but for the keys of files."""
    files: Sequence[type[FileRow]] = ()
    """Its tables of files: what they keep of hromadas beside rows."""
    blobs: Blobs | None = None
    """What it keeps of hromadas beside rows, where those are no files of its tables."""
    elsewhere: Elsewhere | None = None
    """Rows of the platform that hromadas' rows name, and that another installation knows by other ids."""
    background: Sequence[Background] = ()
    """What else runs in the process, until it is cancelled."""
    after_migration: Sequence[Background] = ()
    """What must stand before the first start, each safe to repeat."""
    authorities: Callable[[Kit], Authorities] | None = None
    """Who knows what a subject may do; identity over gRPC when left out."""
    commands: Mapping[str, "Command"] = field(default_factory=dict)
    """What else `python -m <service> <name> …` does."""

    def main(self) -> None:
        """The process."""
        match sys.argv[1:]:
            case []:
                uvloop.run(self._serve())
            case ["prepare"]:
                from kit.preparation import prepare

                asyncio.run(prepare(self))
            case ["dead-letters", *rest] if rest in ([], ["replay"]):
                from kit.preparation import dead_letters

                asyncio.run(dead_letters(self, replay=bool(rest)))
            case ["jobs", *rest] if rest in ([], ["retry"]):
                from kit.preparation import jobs

                asyncio.run(jobs(self, retry=bool(rest)))
            case ["vault", "rotate"]:
                from kit.preparation import rotate_vault

                asyncio.run(rotate_vault(self))
            case [name, *rest] if name in self.commands:
                sys.exit(asyncio.run(self.commands[name](self, rest)))
            case _:
                also = "".join(f" | {name} …" for name in self.commands)
                sys.exit(f"usage: python -m {self.package} [{_COMMANDS}{also}]")

    async def _serve(self) -> None:
        settings = self.settings.from_environment()
        telemetry.start(self.name, settings.log_level)
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        async with AsyncExitStack() as stack:
            kit = await _unless(stopped, self.kit(stack))
            if kit is None:
                return
            async with self.running(kit, settings.grpc_address) as running:
                await _until(stopped, running.tasks)
                log.info("draining")

    async def kit(self, stack: AsyncExitStack) -> Kit:
        """What the service stands on. Waits for the database; the bus may come later."""
        settings = self.settings.from_environment()
        clock = clock_for(settings.environment, settings.clock_file)
        url = settings.database_url.get_secret_value()
        database = Database(url, application=self.name)
        aside = Database(url, size=4, application=f"{self.name} aside")
        for one in (database, aside):
            await _patiently(one)
            stack.push_async_callback(one.close)
        bus = Bus(settings.nats_url.get_secret_value(), self.name)
        stack.push_async_callback(bus.close)
        kit = Kit(
            settings=settings,
            database=database,
            bus=bus,
            clock=clock,
            keys=Keys(settings.secret.get_secret_value()),
            catalogue=Catalogue(["kit", self.package]),
            relay=Relay(settings.relay_database_url.get_secret_value(), bus, self.name, clock),
            identity=ServiceIdentity(
                settings.issuer_url, settings.client_id, settings.client_secret.get_secret_value()
            ),
        )
        if self.authorities is not None:
            authorities = self.authorities(kit)
        else:
            kit.to_identity = dial(settings.identity_address, kit.identity)
            stack.push_async_callback(kit.to_identity.close)
            authorities = kit.replica = Replica(bus, Remembered(RemoteAuthorities(kit.to_identity)), clock)
        verifier = Verifier(settings.issuer_url, clock)
        vault = Vault(ring_of(settings, kit.keys))
        kit.chain = Chain(
            settings,
            database,
            aside,
            verifier,
            authorities,
            clock,
            kit.keys,
            vault,
            self._files(settings, vault),
            kit.catalogue,
            kit.relay.tell,
        )
        return kit

    @asynccontextmanager
    async def running(self, kit: Kit, address: str) -> AsyncIterator["Running"]:
        """Everything the process does, until the block ends: then it drains."""
        tap = Tap(kit.bus, self.name)
        servicers = [*self.servicers, *([Feed(tap, self.backfill)] if self.backfill is not None else [])]
        if self.template is not None:
            servicers.append(
                Tenancy(self.name, self.template, self.holdings(kit), kit.catalogue, kit.database, kit.bus),
            )
        server = grpc.aio.server(options=_SERVER_OPTIONS)
        server.add_generic_rpc_handlers(tuple(methods_of(kit.chain, servicers)))
        serving = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(serving, server)
        names = [servicer.contract.full_name for servicer in servicers]
        reflection.enable_server_reflection([*names, health.SERVICE_NAME, reflection.SERVICE_NAME], server)
        port = server.add_insecure_port(address)
        work = [kit.bus.run(), kit.relay.run(), *(run(kit) for run in self.background)]
        if self.handlers:
            work.append(self.consumer(kit).run())
        if self.every_job:
            work.append(self.worker(kit).run())
        if self.files:
            files, clock = kit.chain.files, kit.clock
            work.append(tidying.keep_sweeping(kit.database, files, self.files, kit.hromadas, clock))
        if self.backfill is not None:
            work.append(tap.run())
        if kit.replica is not None:
            work.append(kit.replica.run())
        if self.template is not None and kit.to_identity is not None:
            reached_at = kit.settings.reached_at or address
            work.append(announce(kit.to_identity, self.name, reached_at, self.template))
        tasks = [asyncio.ensure_future(one) for one in work]
        await server.start()
        await serving.set("", health_pb2.HealthCheckResponse.SERVING)
        log.info("serving", port=port)
        try:
            yield Running(port, tasks)
        finally:
            await serving.enter_graceful_shutdown()
            tap.close()
            await server.stop(_DRAIN_SECONDS)
            await end(tasks)

    @property
    def every_sealed(self) -> Sequence[Sealed]:
        return [*self.sealed, *(Sealed(table, "sealed_key") for table in self.files)]

    @property
    def every_job(self) -> Sequence[Job]:
        return [*self.jobs, *tidying.jobs_of(self.files)]

    def holdings(self, kit: Kit) -> Holdings:
        """What it keeps of hromadas."""
        files = FilesOfRows(kit.chain.files) if self.files else None
        blobs = Together(files, self.blobs) if files and self.blobs else files or self.blobs
        return Holdings(self.package, self.every_sealed, blobs, self.elsewhere)

    def _files(self, settings: Settings, vault: Vault) -> Files:
        store = Store(settings.files_url, settings.files_options.get_secret_value())
        return Files(store, vault, self.files, settings.files_quota_megabytes * MEGABYTE)

    def worker(self, kit: Kit) -> Worker:
        return Worker(kit.database, kit.clock, self.every_job, kit.call, kit.hromadas)

    def consumer(self, kit: Kit) -> Consumer:
        return Consumer(
            kit.bus,
            self.name,
            handlers_in(self.handlers),
            lambda hromada, event_id: kit.call(Caller(f"event.{event_id}", pseudonym=f"svc.{self.name}"), hromada),
        )


def ring_of(settings: Settings, keys: Keys) -> Ring:
    """The key-encryption keys that the service is told of."""
    return Ring.of(settings.vault_keys.get_secret_value(), keys.of("vault"))


async def _patiently(database: Database) -> None:
    pause = 0.1
    while True:
        try:
            return await database.open()
        except Away:
            log.warning("database.waits", seconds=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)


async def _unless(stopped: asyncio.Event, starting: Coroutine[Any, Any, Kit]) -> Kit | None:
    """What is being started, unless the process is told to stop first: what it waits for may never come."""
    start, stop = asyncio.ensure_future(starting), asyncio.ensure_future(stopped.wait())
    await asyncio.wait([start, stop], return_when=asyncio.FIRST_COMPLETED)
    if not start.done():
        await end([start])
        return None
    await end([stop])
    return start.result()


async def end(tasks: Sequence["asyncio.Future[Any]"]) -> None:
    """Cancels tasks until they are done: Python 3.11 loses a cancellation that comes together with an answer."""
    while running := [task for task in tasks if not task.done()]:
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=1)
    await asyncio.gather(*tasks, return_exceptions=True)


async def _until(stopped: asyncio.Event, tasks: Sequence["asyncio.Future[Any]"]) -> None:
    """Waits to be told to stop. A background task that ends by itself with an error takes the process down: whoever
    runs it starts it anew."""
    stop: asyncio.Future[Any] = asyncio.ensure_future(stopped.wait())
    pending: set[asyncio.Future[Any]] = {stop, *tasks}
    while not stop.done():
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if task is not stop and task.exception() is not None:
                raise RuntimeError("a background task failed") from task.exception()
