"""NATS with JetStream on this machine, from a wheel: one account, one user a service, each held to its own subjects."""

import asyncio
import contextlib
import json
import os
import signal
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kit.audit.numbering import AUDIT
from kit.bus.events import stream_of
from kit.bus.streams import DEAD, MEMBERSHIPS, MEMBERSHIPS_STREAM
from kit.servers.process import Child

PROVISIONER = "provisioner"
_MAX_PAYLOAD = 1024 * 1024


_LEADERS = (
    f"$KV.{MEMBERSHIPS}.>",
    f"$JS.API.STREAM.PURGE.{MEMBERSHIPS_STREAM}",
    *(
        subject
        for stream in (stream_of(AUDIT), DEAD)
        for subject in (
            f"$JS.API.STREAM.INFO.{stream}",
            f"$JS.API.STREAM.MSG.DELETE.{stream}",
            f"$JS.API.CONSUMER.CREATE.{stream}.>",
            f"$JS.API.CONSUMER.DELETE.{stream}.>",
            f"$JS.API.CONSUMER.INFO.{stream}.>",
            f"$JS.API.CONSUMER.MSG.NEXT.{stream}.>",
        )
    ),
)
"""What identity may do beside: it tells the memberships, and leads the erasure of a hromada."""


@dataclass(frozen=True, slots=True)
class Permissions:
    """The subjects that a user may publish to and subscribe to; all others are refused."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def user_permissions(service: str) -> Permissions:
    """What the bus lets a service do.

    It publishes events, audit rows, dead letters and wake-ups under its own name; reads from any stream through the
    durable consumer that the provisioner made for it, named as the service; and on its own stream makes the short-lived
    consumers of its feeds. Everyone reads the memberships; identity alone writes them. Replies reach it in an inbox of
    its own prefix (`inbox_prefix="_INBOX_<service>"`), so that no service reads another's. Of its own stream it drops
    what tells of a hromada that is erased; identity, which leads that, also memberships, audit rows, dead letters.
    """
    stream = stream_of(service)
    return Permissions(
        publish=(
            f"ev.{service}.>",
            f"ev.{AUDIT}.{service}.>",
            f"dead.{service}.>",
            f"wake.{service}",
            f"$JS.API.CONSUMER.MSG.NEXT.*.{service}",
            f"$JS.API.CONSUMER.INFO.*.{service}",
            f"$JS.ACK.*.{service}.>",
            f"$JS.API.STREAM.INFO.{stream}",
            f"$JS.API.CONSUMER.CREATE.{stream}.>",
            f"$JS.API.CONSUMER.DELETE.{stream}.>",
            f"$JS.API.CONSUMER.INFO.{stream}.>",
            f"$JS.API.CONSUMER.MSG.NEXT.{stream}.>",
            f"$JS.ACK.{stream}.>",
            f"$JS.API.STREAM.PURGE.{stream}",
            f"$JS.API.CONSUMER.CREATE.{MEMBERSHIPS_STREAM}.>",
            f"$JS.API.CONSUMER.DELETE.{MEMBERSHIPS_STREAM}.>",
            f"$JS.API.CONSUMER.INFO.{MEMBERSHIPS_STREAM}.>",
            f"$JS.API.CONSUMER.MSG.NEXT.{MEMBERSHIPS_STREAM}.>",
            *(_LEADERS if service == "identity" else ()),
        ),
        subscribe=(f"_INBOX_{service}.>", f"wake.{service}"),
    )


def configuration(port: int, store: Path, passwords: Mapping[str, str], host: str | None = "127.0.0.1") -> str:
    """The server's configuration; JSON is a subset of its language. The provisioner alone has no limits.

    Without a host it listens on every interface: for a container, whose network is its own.
    """
    users = [{"user": user, "password": password, **_limits(user)} for user, password in passwords.items()]
    settings = {
        **({"host": host} if host else {}),
        "port": port,
        "max_payload": _MAX_PAYLOAD,
        "jetstream": {
            "store_dir": str(store),
            "limits": {"default_max_consumers": -1},  # otherwise 1,000 a stream
        },
        "accounts": {"SPILNO": {"jetstream": "enabled", "users": users}},
    }
    return json.dumps(settings, indent=2)


def _limits(user: str) -> dict[str, object]:
    if user == PROVISIONER:
        return {}
    may = user_permissions(user)
    return {"permissions": {"publish": {"allow": may.publish}, "subscribe": {"allow": may.subscribe}}}


class Nats:
    """A NATS server with its streams in a folder, on the loopback; `passwords` has one entry a user.

    Passwords are of characters that a URL takes as they are: NATS clients do not decode them.
    """

    def __init__(self, folder: Path, port: int, passwords: Mapping[str, str], *, log: Path | None = None) -> None:
        self._folder = folder.absolute()
        self._port = port
        self._passwords = dict(passwords)
        self._configuration = self._folder / "nats.conf"
        self.child = Child(
            "nats",
            [str(Path(sysconfig.get_path("scripts")) / "nats-server"), "-c", str(self._configuration)],
            log=log or self._folder / "nats.log",
            stop_with=signal.SIGINT,
        )

    def url(self, user: str = PROVISIONER) -> str:
        """Where and as whom to connect."""
        return f"nats://{user}:{self._passwords[user]}@127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Writes the configuration, starts the server and waits until it takes clients, its streams recovered."""
        self._folder.mkdir(parents=True, exist_ok=True)
        content = configuration(self._port, self._folder / "jetstream", self._passwords)
        with os.fdopen(os.open(self._configuration, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(content)
        self.child.start()
        await self.child.wait_ready(self._greets)

    async def stop(self) -> None:
        """Shuts it down in order."""
        await self.child.stop()

    def kill(self) -> None:
        """kill -9."""
        self.child.kill()

    async def restart(self) -> None:
        """Stops it when it runs, starts it and waits until it takes clients."""
        await self.stop()
        await self.start()

    def pause(self) -> None:
        """Freezes it: connections stay open and nothing is answered."""
        self.child.pause()

    def resume(self) -> None:
        """Lets it go on."""
        self.child.resume()

    async def _greets(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            return False
        greeting = await reader.readline()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return greeting.startswith(b"INFO ")
