"""A child process that is started, waited for, stopped, killed and frozen, and never outlives its supervisor."""

import asyncio
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import cache
from pathlib import Path

_LAUNCH = Path(__file__).with_name("launch.py")
_TICK = 0.04
FIRST_PORT, LAST_PORT = 10_000, 32_000
"""Below those that a system gives to whoever connects: there a port may be taken between its choice and its use."""
_claimed: set[int] = set()


class ServerTrouble(Exception):
    """Something that the person at the terminal can mend; its text says how."""


class PortTaken(ServerTrouble):
    """A port that a server needs has another listener."""


def check_ports(needed: Mapping[int, str]) -> None:
    """Says which of the ports (number → who needs it) are taken, all at once, before anything is started."""
    taken = {port: who for port, who in needed.items() if not _is_free(port)}
    if taken:
        lines = [f"Port {port}, which {who} needs, is taken by another program." for port, who in taken.items()]
        lines.append("Stop that program, or choose other ports: SPILNO_PORT_BASE=17000 (the default is 7000).")
        raise PortTaken("\n".join(lines))


def free_port() -> int:
    """A port of the loopback that nobody listens on, and that nobody else is given while this process lives."""
    while True:
        port = FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT)
        if claim([port]):
            return port


def claim(ports: Collection[int]) -> bool:
    """Takes the ports for what this process will start: from now until its end no other claims them. All, or none."""
    taken: list[int] = []
    for port in ports:
        if port in _claimed or not _is_locked(port):
            break
        taken.append(port)
        if not _is_free(port):
            break
    else:
        _claimed.update(taken)
        return True
    for port in taken:
        fcntl.lockf(_claims(), fcntl.LOCK_UN, 1, port)
    return False


def _is_locked(port: int) -> bool:
    try:
        fcntl.lockf(_claims(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


@cache
def _claims() -> int:
    """What a user's processes tell each other by: a byte a port, locked by whose it is."""
    file = Path(tempfile.gettempdir()) / f"spilno-ports-{os.getuid()}"
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Child:
    """One process in a session of its own, so that a Ctrl-C reaches only the supervisor.

    Start it from a thread that lives as long as the supervisor: Linux ends the child with the thread that forked it.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        as_user: Sequence[str] = (),
        stop_with: signal.Signals = signal.SIGTERM,
        orphaned_with: signal.Signals = signal.SIGKILL,
        grace: float = 15.0,
    ) -> None:
        self.name = name
        self.log = log
        self._command = command
        self._environment = environment
        self._as_user = as_user
        self._stop_with = stop_with
        self._orphaned_with = orphaned_with
        self._grace = grace
        self._process: subprocess.Popen[bytes] | None = None
        self._is_wanted = False
        self._is_paused = False

    @property
    def pid(self) -> int:
        """The process's id."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended; None before the start and while it runs."""
        return None if self._process is None else self._process.poll()

    @property
    def is_running(self) -> bool:
        """Whether the process lives, paused or not."""
        return self._process is not None and self._process.poll() is None

    @property
    def has_died(self) -> bool:
        """Whether it ended though nobody here stopped or killed it."""
        return self._is_wanted and not self.is_running

    def start(self) -> None:
        """Starts the process; it is not ready yet."""
        if self.is_running:
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        launch = [sys.executable, "-I", "-S", str(_LAUNCH), str(os.getpid()), str(int(self._orphaned_with))]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._as_user, *launch, *self._command],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._is_wanted = True
        self._is_paused = False

    async def wait_ready(self, is_ready: Callable[[], Awaitable[bool]], *, within: float = 60.0) -> None:
        """Returns once `is_ready` says so; raises with the end of the log when the process ends or time runs out."""
        deadline = time.monotonic() + within
        while self.is_running and time.monotonic() < deadline:
            if await is_ready():
                return
            await asyncio.sleep(_TICK)
        raise self._trouble(f"is not ready after {within:.0f} s" if self.is_running else f"ended with {self.exit_code}")

    def check(self) -> None:
        """Raises with the end of the log when it has died by itself."""
        if self.has_died:
            raise self._trouble(f"died ({self.exit_code})", lines=60)  # an error's cause stands before it

    def _trouble(self, what: str, lines: int = 15) -> ServerTrouble:
        return ServerTrouble(f"{self.name} {what}. The end of {self.log}:\n{self.last_words(lines)}")

    async def wait(self) -> int:
        """Waits for the end of the process and returns how it ended."""
        while True:
            if (code := self.exit_code) is not None:
                return code
            await asyncio.sleep(_TICK)

    async def stop(self) -> None:
        """Asks it to end, and after the grace makes it."""
        self._is_wanted = False
        if not self.is_running:
            return
        if self._is_paused:
            self.resume()
        self._signal(self._stop_with)
        try:
            await asyncio.wait_for(self.wait(), self._grace)
        except TimeoutError:
            self.kill()
            await self.wait()

    def kill(self) -> None:
        """kill -9, with everything that it started in its process group; it has ended when this returns."""
        self._is_wanted = False
        if self._process is not None and self.is_running:
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()

    async def restart(self) -> None:
        """Stops it when it runs, and starts it anew; it is not ready yet."""
        await self.stop()
        self.start()

    def pause(self) -> None:
        """Freezes the process: it holds its connections and answers nothing from now on."""
        self._signal(signal.SIGSTOP)
        os.waitpid(self.pid, os.WUNTRACED)  # until it has stopped; its end would be told here too, and then by poll
        self._is_paused = True

    def resume(self) -> None:
        """Lets a frozen process go on."""
        self._signal(signal.SIGCONT)
        self._is_paused = False

    def last_words(self, lines: int = 15) -> str:
        """The end of the log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _signal(self, which: signal.Signals) -> None:
        if self.is_running:
            os.kill(self.pid, which)
