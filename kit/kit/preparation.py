"""What is done before a service starts, and beside it, under logins that the running service never holds."""

import sys
from contextlib import AsyncExitStack

import structlog

from kit import telemetry
from kit.bus import dead, streams
from kit.bus.handlers import handlers_in
from kit.clock import clock_for
from kit.database.migrations import migrate
from kit.jobs import queue
from kit.keys import Keys
from kit.service import Service, ring_of
from kit.settings import PrepareSettings
from kit.vault.rotation import rotate

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


async def jobs(service: Service, *, retry: bool) -> None:
    """Shows what could not be done; with `retry`, lets each be tried anew."""
    names = [job.name for job in service.every_job]
    async with AsyncExitStack() as stack:
        kit = await service.kit(stack)
        async with kit.database.transaction() as db:
            if retry:
                await queue.try_again(db, kit.clock.now())
            found = await queue.parked(db, names)
    for one in found:
        cause = one["cause"] if one["name"] in names else "no verb of that name"
        sys.stdout.write(f"{one['id']}\t{one['slug']}\t{one['name']}\t{one['tries']}\t{cause}\n")


async def rotate_vault(service: Service) -> None:
    """Wraps every data key under the newest key-encryption key, and seals everything anew under new data keys. The
    service may run meanwhile."""
    settings, own = PrepareSettings.from_environment(), service.settings.from_environment()
    ring = ring_of(own, Keys(own.secret.get_secret_value()))
    now = clock_for(own.environment, own.clock_file).now()
    done = await rotate(settings.migration_database_url.get_secret_value(), ring, service.every_sealed, now)
    sys.stdout.write(
        f"wrapped anew {done.wrapped_anew}, new keys {done.new_keys}, "
        f"sealed anew {done.sealed_anew}, removed {done.removed}\n"
    )


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
