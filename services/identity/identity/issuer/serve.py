"""The issuer's HTTP server: it runs in the same process and event loop as the gRPC server."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import structlog
import uvicorn
from fastapi import FastAPI
from kit.errors import Away, Refusal, TooLate
from kit.pages import Pages
from kit.service import Kit
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from identity.factors import actions as factors
from identity.issuer import actions, keys
from identity.issuer.account import pages as account_pages
from identity.issuer.desk import Desk
from identity.issuer.endpoints import EXCHANGE, endpoints
from identity.issuer.pages import pages as sign_in_pages
from identity.issuer.rules import Unreadable
from identity.members.pages import pages as invitation_pages
from identity.recovery.pages import pages as recovery_pages
from identity.settings import Settings

log = structlog.get_logger("issuer")

_SWEEP_SECONDS = 3600.0
_LOOK_SECONDS = 15.0
"""A look at the newest key costs a row."""


def application(kit: Kit) -> FastAPI:
    """The issuer's application."""
    settings: Settings = kit.settings
    here = Path(str(files("identity")))
    pages = Pages(
        base_url=settings.issuer_url,
        secret=settings.secret.get_secret_value(),
        templates=here / "issuer" / "templates",
        locale=here / "locale",
        form_targets=[settings.web_url],
        static=[here / "issuer" / "static"],
    )
    desk = Desk(kit, pages)
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    pages.install(app)
    for router in (
        endpoints(desk),
        sign_in_pages(desk),
        account_pages(desk),
        invitation_pages(desk),
        recovery_pages(desk),
    ):
        app.include_router(router)

    @app.exception_handler(Unreadable)
    def unreadable(request: Request, trouble: Exception) -> Response:
        if request.url.path == EXCHANGE:
            return JSONResponse({"error": "invalid_request"}, 400)
        return desk.misled(request)

    @app.exception_handler(Refusal)
    def refused(request: Request, refusal: Exception) -> Response:
        if not isinstance(refusal, Away | TooLate):
            raise refusal
        if request.url.path == EXCHANGE:
            return JSONResponse({"error": "temporarily_unavailable"}, 503, {"retry-after": "2"})
        return desk.away(request, refusal)

    return app


class _Quiet(uvicorn.Server):
    """A server that leaves signals to the service around it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def issuer(kit: Kit) -> None:
    """Serves until cancelled, then lets what is under way finish."""
    settings: Settings = kit.settings
    host, _, port = settings.issuer_address.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host.strip("[]"), int(port)), family=family)
    server = _Quiet(
        uvicorn.Config(
            application(kit),
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies,
            timeout_graceful_shutdown=5,
        )
    )
    serving = asyncio.ensure_future(server.serve([listening]))
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        await serving


async def housekeeping(kit: Kit) -> None:
    """Changes the signing key in time, and forgets what has long ended."""
    swept = -_SWEEP_SECONDS
    while True:
        try:
            await keys.ensure(kit)
            if time.monotonic() - swept >= _SWEEP_SECONDS:
                await actions.sweep(kit)
                await factors.sweep(kit)
                swept = time.monotonic()
        except (Away, TooLate) as refusal:
            log.warning("housekeeping.waits", cause=refusal.reason)
        await asyncio.sleep(_LOOK_SECONDS)
