"""The house: PostgreSQL, NATS and every service on this machine, brought up together and stopped in order."""

import asyncio
import base64
import contextlib
import fcntl
import json
import os
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from kit.servers.letters import Letters
from kit.servers.nats import PROVISIONER, Nats
from kit.servers.postgres import ExternalPostgres, Passwords, Postgres, database_name, provision
from kit.servers.process import Child, ServerTrouble, check_ports

from machine.secrets import Secrets
from machine.services import SERVICES, Ports, Service

OPERATOR_EMAIL = "operator@spilno.example.org"
_LONGEST_PAUSE = 30.0
_CALM_AFTER = 60.0


class ServiceProcess:
    """One running service: kill it, freeze it, start it again."""

    def __init__(self, service: Service, child: Child, is_ready: Callable[[], Coroutine[Any, Any, bool]]) -> None:
        self.service = service
        self.child = child
        self._is_ready = is_ready

    @property
    def pid(self) -> int:
        """The process's id; another one after each start."""
        return self.child.pid

    async def start(self) -> None:
        """Starts it and waits until it serves."""
        self.child.start()
        await self.wait_ready()

    async def wait_ready(self) -> None:
        """Returns once it serves."""
        await self.child.wait_ready(self._is_ready)

    async def stop(self) -> None:
        """SIGTERM: it drains and ends."""
        await self.child.stop()

    def kill(self) -> None:
        """kill -9; it stays down until it is started."""
        self.child.kill()

    async def restart(self) -> None:
        """Stops it when it runs, starts it and waits until it serves."""
        await self.stop()
        await self.start()

    def pause(self) -> None:
        """Freezes it."""
        self.child.pause()

    def resume(self) -> None:
        """Lets it go on."""
        self.child.resume()


class House:
    """Everything of one data folder. What dies by itself is started again; what is killed here stays down."""

    def __init__(
        self,
        folder: Path,
        ports: Ports,
        environment: str,
        *,
        postgres_url: str | None = None,
        durable: bool = True,
        services: tuple[Service, ...] = SERVICES,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.folder = folder.absolute()
        self.ports = ports
        self.environment = environment
        self.services = services
        self.secrets = Secrets(self.folder / "secrets.json")
        self.clock_file = self.folder / "clock"
        self.logs = self.folder / "log"
        self.films = self.folder / "films"
        self.recordings = self.folder / "recordings"
        self.say = say
        self._has_own_postgres = postgres_url is None
        self.postgres: Postgres | ExternalPostgres = (
            ExternalPostgres(postgres_url)
            if postgres_url is not None
            else Postgres(
                self.folder / "postgres",
                ports.postgres,
                self.secrets["postgres.superuser"],
                log=self.logs / "postgres.log",
                durable=durable,
            )
        )
        users = {name: self.secrets[f"nats.{name}"] for name in (PROVISIONER, *(each.name for each in services))}
        self.nats = Nats(self.folder / "nats", ports.nats, users, log=self.logs / "nats.log")
        self.letters = Letters(self.folder, ports.mail, ports.sms, self.secrets["sms"], logs=self.logs)
        self._inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("SPILNO_") and name != "PYTHONDONTWRITEBYTECODE"  # a warm start reads bytecode
        }
        self._grpc = {service.name: service.grpc for service in services}
        self._processes = {
            name: self._process(name, one) for service in services for name, one in service.processes.items()
        }
        self._preparing: list[Child] = []
        self._keeper: asyncio.Task[None] | None = None
        self._lock: TextIO | None = None

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def issuer_url(self) -> str:
        """Where people and services sign in."""
        return f"http://localhost:{self.ports.issuer}"

    @property
    def web_url(self) -> str:
        """Where the portals are."""
        return f"http://localhost:{self.ports.web}"

    @property
    def media_url(self) -> str:
        """Where the cameras' media are: the address of each gateway."""
        return " ".join(f"http://localhost:{port}" for port in self.ports.media)

    @property
    def operator(self) -> tuple[str, str]:
        """The first operator's e-mail and password."""
        return OPERATOR_EMAIL, self.secrets.password("operator")

    def service(self, name: str) -> ServiceProcess:
        """The running service of this name."""
        return self._processes[name]

    def grpc_address(self, name: str) -> str:
        """Where a service answers gRPC."""
        return f"127.0.0.1:{self.ports.at(self._grpc[name])}"

    def grpc_target(self, name: str) -> str:
        """Every process of a service that answers gRPC, for who dials it: one goes on where another is away."""
        service = next(each for each in self.services if each.name == name)
        ports = [self.ports.at(each.grpc) for each in service.processes.values() if each.grpc is not None]
        return "ipv4:" + ",".join(f"127.0.0.1:{port}" for port in ports)

    def client(self, name: str) -> tuple[str, str]:
        """A service's own client id and secret at the issuer."""
        return f"svc.{name}", self.secrets[f"client.{name}"]

    def database_url(self, service: str, login: str = "app") -> str:
        """A service's database as one of its logins: app, relay or migrator."""
        name = database_name(service)
        return self.postgres.url(f"{name}_{login}", self.secrets[f"database.{name}.{login}"], name)

    async def start(self) -> None:
        """Brings everything up; returns when every service serves."""
        await self.found()
        for process in self._processes.values():
            process.child.start()
        await _together(
            *(self._timed(name, process.wait_ready()) for name, process in self._processes.items()),
        )
        self._keeper = asyncio.create_task(self._keep())

    async def found(self) -> None:
        """Brings up what the services stand on, with every database and stream; no service runs yet."""
        self._take_the_folder()
        check_ports(self.ports.owners(self.services, with_postgres=self._has_own_postgres))
        await _together(
            self._timed("PostgreSQL", self.postgres.start()),
            self._timed("NATS", self.nats.start()),
            self._timed("mail and SMS", self.letters.start()),
        )
        await self._timed("databases", self._provision())
        await self._timed("migrations and streams", self.prepare())

    async def stop(self) -> None:
        """Stops the services, those that depend on others first, then NATS and PostgreSQL."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None
        await asyncio.gather(*(child.stop() for child in self._preparing))
        for process in reversed(self._processes.values()):
            await process.stop()
        await self.letters.stop()
        await self.nats.stop()
        await self.postgres.stop()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def hasten(self) -> None:
        """Ends what is still stopping, now: every service survives a kill -9, and so does its data."""
        for child in [*self._preparing, *(process.child for process in self._processes.values())]:
            child.kill()
        self.nats.kill()
        for child in self.letters.children:
            child.kill()

    async def prepare(self) -> None:
        """Has each service migrate its database and make its streams; nothing happens where that is done."""
        self._preparing = [self._preparation(service) for service in self.services]
        for child in self._preparing:
            child.start()
        codes = await asyncio.gather(*(child.wait() for child in self._preparing))
        for child, code in zip(self._preparing, codes, strict=True):
            if code != 0:
                raise ServerTrouble(f"{child.name} ended with {code}. The end of {child.log}:\n{child.last_words(40)}")

    def settings(self, service: Service) -> dict[str, str]:
        """What a service is told, as environment variables."""
        client_id, client_secret = self.client(service.name)
        told = {
            "SPILNO_ENVIRONMENT": self.environment,
            "SPILNO_DATABASE_URL": self.database_url(service.name),
            "SPILNO_RELAY_DATABASE_URL": self.database_url(service.name, "relay"),
            "SPILNO_NATS_URL": self.nats.url(service.name),
            "SPILNO_ISSUER_URL": self.issuer_url,
            "SPILNO_WEB_URL": self.web_url,
            "SPILNO_MEDIA_URL": self.media_url,
            "SPILNO_FILMS": str(self.films),
            "SPILNO_RECORDINGS": str(self.recordings),
            "SPILNO_CLIENT_ID": client_id,
            "SPILNO_CLIENT_SECRET": client_secret,
            "SPILNO_SECRET": _padded(self.secrets[f"secret.{service.name}"]),
            "SPILNO_FILES_URL": (self.folder / "files" / service.name).as_uri(),
        }
        if self.environment in {"test", "demo"}:
            told["SPILNO_CLOCK_FILE"] = str(self.clock_file)
            told["SPILNO_CAMERA_NETWORKS"] = '{"tatarbunary": ["127.0.0.0/8"]}'
        if service.has_notices:
            told |= self.letters.settings()
        for dialled in service.dials:
            told[f"SPILNO_{database_name(dialled).upper()}_ADDRESS"] = self.grpc_target(dialled)
        if service.grpc is not None:
            told["SPILNO_GRPC_ADDRESS"] = f"127.0.0.1:{self.ports.at(service.grpc)}"
            told["SPILNO_REACHED_AT"] = self.grpc_address(service.name)
        if service.http is not None:
            told["SPILNO_HTTP_ADDRESS"] = f"127.0.0.1:{self.ports.at(service.http)}"
        if service.issuer is not None:
            told["SPILNO_ISSUER_ADDRESS"] = f"127.0.0.1:{self.ports.at(service.issuer)}"
            told["SPILNO_SERVICE_CLIENTS"] = json.dumps(dict(self.client(each.name) for each in self.services))
            told["SPILNO_TEMPLATE_SERVICES"] = json.dumps([each.name for each in self.services if each.has_template])
            told["SPILNO_OPERATOR_EMAIL"], told["SPILNO_OPERATOR_PASSWORD"] = self.operator
        return told

    def _process(self, name: str, service: Service) -> ServiceProcess:
        async def is_ready() -> bool:
            return await _serves(service, self.ports)

        return ServiceProcess(service, self._child(service, name), is_ready)

    def _preparation(self, service: Service) -> Child:
        migrator = {
            "SPILNO_MIGRATION_DATABASE_URL": self.database_url(service.name, "migrator"),
            "SPILNO_NATS_PROVISIONER_URL": self.nats.url(),
        }
        return self._child(service, f"{service.name} prepare", "prepare", also=migrator)

    def _child(self, service: Service, name: str, *arguments: str, also: dict[str, str] | None = None) -> Child:
        return Child(
            name,
            [sys.executable, "-m", service.module, *arguments],
            log=self.logs / f"{name.partition(' ')[0]}.log",
            environment={**self._inherited, "PYTHONUNBUFFERED": "1", **self.settings(service), **(also or {})},
        )

    async def _provision(self) -> None:
        for service in self.services:
            name = database_name(service.name)
            passwords = Passwords(
                **{login: self.secrets[f"database.{name}.{login}"] for login in ("app", "relay", "migrator")}
            )
            await provision(self.postgres, service.name, passwords)

    async def _keep(self) -> None:
        """Starts again whatever died by itself, ever more slowly while it keeps dying."""
        parts = [process.child for process in self._processes.values()]
        parts += [self.nats.child, *self.letters.children]
        if isinstance(self.postgres, Postgres):
            parts.append(self.postgres.child)
        pauses = {part.name: 0.5 for part in parts}
        next_try = {part.name: 0.0 for part in parts}
        while True:
            await asyncio.sleep(0.1)
            now = time.monotonic()
            for part in parts:
                if part.has_died and now >= next_try[part.name]:
                    if now - next_try[part.name] > _CALM_AFTER:
                        pauses[part.name] = 0.5
                    self.say(f"{part.name} died ({part.exit_code}), starting it again; its log: {part.log}")
                    part.start()
                    next_try[part.name] = now + pauses[part.name]
                    pauses[part.name] = min(pauses[part.name] * 2, _LONGEST_PAUSE)

    def _take_the_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as why:
            lock.close()
            raise ServerTrouble(
                f"Another Spilno runs on the data in {self.folder}. Stop it, or choose another folder: SPILNO_DATA."
            ) from why
        self._lock = lock

    async def _timed(self, what: str, work: Coroutine[Any, Any, None]) -> None:
        started = time.monotonic()
        await work
        self.say(f"{what:<24} {time.monotonic() - started:5.1f} s")


async def _together(*work: Coroutine[Any, Any, None]) -> None:
    """Runs all at once; when one fails, the others are given up before its error is told."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _serves(service: Service, ports: Ports) -> bool:
    if service.issuer is not None and not await _is_found(
        ports.at(service.issuer), "/.well-known/openid-configuration"
    ):
        return False
    if service.http is not None and not await _is_found(ports.at(service.http), "/healthz"):
        return False
    return service.grpc is None or await _is_healthy(ports.at(service.grpc))


async def _is_healthy(port: int) -> bool:
    options = [("grpc.enable_http_proxy", 0)]
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
        try:
            answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=2)
        except grpc.aio.AioRpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


async def _is_found(port: int, path: str) -> bool:
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
            status = await reader.readline()
            writer.close()
    except OSError:
        return False
    return b" 200 " in status


def _padded(secret: str) -> str:
    return base64.urlsafe_b64encode(base64.urlsafe_b64decode(secret + "=")).decode()
