"""The process that serves the portals."""

import asyncio
import sys

import structlog
import uvicorn
from kit.database.migrations import migrate
from kit.settings import PrepareSettings

from kit import telemetry
from web.service import application
from web.settings import Settings

DRAIN_SECONDS = 8


def serve() -> None:
    settings = Settings.from_environment()
    telemetry.start("web", settings.log_level)
    host, _, port = settings.http_address.rpartition(":")
    uvicorn.run(
        application(settings),
        host=host,
        port=int(port),
        loop="uvloop",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


async def prepare() -> None:
    telemetry.start("web", "info")
    ran = await migrate("web", PrepareSettings.from_environment().migration_database_url.get_secret_value())
    structlog.get_logger("service").info("prepared", revisions=ran)


def main() -> None:
    match sys.argv[1:]:
        case []:
            serve()
        case ["prepare"]:
            asyncio.run(prepare())
        case _:
            sys.exit("usage: python -m web [prepare]")
