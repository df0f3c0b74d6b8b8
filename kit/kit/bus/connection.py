"""One connection to NATS a process, which says what it was refused."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

import nats
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext

from kit.errors import Away

log = structlog.get_logger("bus")

_DRAIN_SECONDS = 3.0


class Bus:
    """NATS under one service's own user. Reconnects for ever; while it is away, `away` is true."""

    def __init__(self, url: str, service: str) -> None:
        self._url = url
        self._service = service
        self._client: Client | None = None

    async def run(self) -> None:
        """Keeps connecting until NATS answers; from then on the client reconnects by itself."""
        while self._client is None:
            try:
                await self.open()
            except Away:
                log.warning("bus.waits")
                await asyncio.sleep(0.5)

    async def open(self) -> None:
        """Connects.

        Raises:
            Away: NATS does not answer, or refuses the login.
        """
        parts = urlsplit(self._url)
        try:
            self._client = await nats.connect(
                f"nats://{parts.hostname}:{parts.port}",
                user=parts.username,
                password=parts.password,
                name=self._service,
                inbox_prefix=f"_INBOX_{self._service}".encode(),
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.25,
                connect_timeout=2,
                ping_interval=5,
                max_outstanding_pings=2,
                allow_reconnect=True,
                error_cb=_refused,
                pending_size=16 * 1024 * 1024,
            )
        except (OSError, TimeoutError, nats.errors.Error) as error:
            raise Away("bus.away") from error

    @property
    def client(self) -> Client:
        if self._client is None:
            raise Away("bus.away")
        return self._client

    @property
    def away(self) -> bool:
        return self._client is None or not self._client.is_connected

    def jetstream(self) -> JetStreamContext:
        """A JetStream context of the caller's own. One that saw a failure is thrown away with what it still awaited."""
        return self.client.jetstream(timeout=5, publish_async_max_pending=4000)

    async def wake(self, subject: str) -> None:
        """Tells whoever listens that there is something to fetch. Nothing is lost when nobody hears it."""
        if not self.away:
            await self.client.publish(subject)

    async def close(self) -> None:
        if self._client is not None:
            try:
                await asyncio.wait_for(self._client.drain(), _DRAIN_SECONDS)
            except (TimeoutError, OSError, nats.errors.Error):
                with suppress(OSError):
                    await self._client.close()


async def _refused(error: Exception) -> None:
    said = str(error).lower()
    if "permissions violation" in said or "authorization violation" in said:
        log.error("bus.refused", error=str(error))
    elif not isinstance(error, ConnectionError | OSError | nats.errors.Error):
        log.warning("bus.trouble", error=type(error).__name__)
