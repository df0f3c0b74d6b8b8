"""What is done before a service starts, and beside it, under logins that the running service never holds."""

import sys
from contextlib import AsyncExitStack

import structlog

from kit import telemetry
from kit.bus import dead, streams
from kit.bus.handlers import handlers_in
from kit.database.migrations import migrate
from kit.service import Service
from kit.settings import PrepareSettings

log = structlog.get_logger("service")


async def prepare(service: Service) -> None:
    """Migrates the database, makes the streams, and takes the service's own first steps. Doing it again is harmless."""
    settings = PrepareSettings.from_environment()
    telemetry.start(service.name, "info")
    ran = await migrate(service.package, settings.migration_database_url.get_secret_value())
    if settings.nats_provisioner_url is not None:
        handled = [one.message for one in handlers_in(service.handlers)]
        await streams.ensure(settings.nats_provisioner_url.get_secret_value(), service.name, handled)
    if service.after_migration:
        async with AsyncExitStack() as stack:
            kit = await service.kit(stack)
            for step in service.after_migration:
                await step(kit)
    log.info("prepared", revisions=ran)


async def dead_letters(service: Service, *, replay: bool) -> None:
    """Shows what the service could not handle; with `replay`, has each handled once more."""
    url = PrepareSettings.from_environment().nats_provisioner_url
    if url is None:
        sys.exit("SPILNO_NATS_PROVISIONER_URL is not set")
    async with AsyncExitStack() as stack:
        kit = await service.kit(stack)
        found = await dead.letters(url.get_secret_value(), service.name, service.consumer(kit) if replay else None)
    for letter in found:
        sys.stdout.write(f"{letter.sequence}\t{letter.type}\t{letter.subject}\t{letter.cause}\n")
