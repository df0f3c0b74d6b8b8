"""An OpenID Connect issuer for tests of one service: discovery and keys over HTTP, tokens on demand."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI, Form, Response
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from kit.servers.process import free_port


class Issuer:
    """Signs what it is asked to sign."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.key = ECKey.generate_key("P-256", {"kid": "test", "use": "sig", "alg": "ES256"})
        self.asked = 0
        """How often its keys were asked for."""
        self.is_away = False
        self.nonsense = ""
        """What it answers instead of its keys."""

    def token(self, subject: str, **claims: Any) -> str:
        """An access token of a subject; claims override what it would say."""
        said = {
            "iss": self.url,
            "aud": ["api"],
            "sub": subject,
            "client_id": subject,
            "exp": int(time.time()) + 300,
            **claims,
        }
        return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": "test"}, said, self.key)

    def person(self, subject: str, *hromadas: str, **claims: Any) -> str:
        """A person's token for hromadas, as web gets it."""
        return self.token(subject, client_id="web", organization={slug: {} for slug in hromadas}, **claims)

    def integrator(self, hromada: str, name: str, **claims: Any) -> str:
        return self.token(f"int.{hromada}.{name}", tid=hromada, **claims)

    def service(self, name: str, **claims: Any) -> str:
        return self.token(f"svc.{name}", **claims)


async def _answering(url: str) -> None:
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=10)) as client:
        (await client.get(f"{url}/jwks")).raise_for_status()


@asynccontextmanager
async def issuing() -> AsyncIterator[Issuer]:
    """An issuer that answers over HTTP."""
    port = free_port()
    issuer = Issuer(f"http://127.0.0.1:{port}")
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    async def discovery() -> dict[str, str]:
        return {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/jwks", "token_endpoint": f"{issuer.url}/token"}

    @app.get("/jwks")
    async def keys() -> Response:
        issuer.asked += 1
        told = issuer.nonsense or json.dumps(KeySet([issuer.key]).as_dict(private=False))
        return Response(told, 503 if issuer.is_away else 200, media_type="application/json")

    @app.post("/token")
    async def token(grant_type: str = Form()) -> dict[str, Any]:
        return {"access_token": issuer.service("reception"), "expires_in": 300, "grant_type": grant_type}

    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    await _answering(issuer.url)
    issuer.asked = 0
    try:
        yield issuer
    finally:
        server.should_exit = True
        await serving
