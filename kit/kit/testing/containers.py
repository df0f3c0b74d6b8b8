"""PostgreSQL and NATS for tests from containers, where a Docker engine answers; the same interface as the wheels'."""

import asyncio
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import docker
from docker.errors import DockerException
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from kit.servers.nats import PROVISIONER, Nats, configuration
from kit.servers.postgres import ExternalPostgres, Postgres

POSTGRES_IMAGE = "postgres:18"
NATS_IMAGE = "nats:2.15"
_POSTGRES_PORT = 5432
_NATS_PORT = 4222


def engine_answers() -> bool:
    """Whether a Docker engine answers here. SPILNO_TEST_SERVERS=wheels keeps to the wheels all the same."""
    if os.environ.get("SPILNO_TEST_SERVERS") == "wheels":
        return False
    try:
        docker.from_env(timeout=3).ping()
    except DockerException:
        return False
    return True


class ContainerPostgres(ExternalPostgres):
    """PostgreSQL in a container of its own, gone with the tests."""

    def __init__(self, password: str) -> None:
        self._container = (
            DockerContainer(POSTGRES_IMAGE)
            .with_env("POSTGRES_PASSWORD", password)
            .with_exposed_ports(_POSTGRES_PORT)
            .waiting_for(LogMessageWaitStrategy("listening on IPv4 address"))
        )
        self._password = password
        super().__init__("")

    async def start(self) -> None:
        await asyncio.to_thread(self._container.start)
        host, port = self._container.get_container_host_ip(), self._container.get_exposed_port(_POSTGRES_PORT)
        super().__init__(f"postgresql://postgres:{self._password}@{host}:{port}/postgres")
        await super().start()

    async def stop(self) -> None:
        await asyncio.to_thread(self._container.stop)


class ContainerNats:
    """NATS in a container of its own, with the users and permissions of the wheel's."""

    def __init__(self, passwords: Mapping[str, str]) -> None:
        self._passwords = dict(passwords)
        self._folder = tempfile.TemporaryDirectory(prefix="spilno-nats-")
        settings = Path(self._folder.name) / "nats.conf"
        settings.write_text(configuration(_NATS_PORT, Path("/data"), self._passwords, host=None))
        self._container = (
            DockerContainer(NATS_IMAGE)
            .with_volume_mapping(settings, "/etc/spilno/nats.conf")
            .with_command("-c /etc/spilno/nats.conf")
            .with_exposed_ports(_NATS_PORT)
            .waiting_for(LogMessageWaitStrategy("Server is ready"))
        )

    def url(self, user: str = PROVISIONER) -> str:
        """Where and as whom to connect."""
        host, port = self._container.get_container_host_ip(), self._container.get_exposed_port(_NATS_PORT)
        return f"nats://{user}:{self._passwords[user]}@{host}:{port}"

    async def start(self) -> None:
        """Starts it and waits until it takes clients."""
        await asyncio.to_thread(self._container.start)

    async def stop(self) -> None:
        """Stops it and forgets its streams."""
        await asyncio.to_thread(self._container.stop)
        self._folder.cleanup()


AnyPostgres = Postgres | ExternalPostgres
AnyNats = Nats | ContainerNats
