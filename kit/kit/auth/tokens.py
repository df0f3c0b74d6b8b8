"""Access tokens, verified locally against the issuer's keys."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from kit.clock import Clock
from kit.errors import Away, Unknown
from kit.names import SUBJECT

log = structlog.get_logger("tokens")

AUDIENCE = "api"
_ALGORITHMS = ["ES256", "RS256"]
_TYPES = {"at+jwt", "application/at+jwt", "jwt"}
_FRESH = 600.0
_STALE = 24 * 3600.0
_AGAIN = 30.0
_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Bearer:
    """What a verified token says."""

    subject: str
    hromada: str
    """The slug; empty when the token names none, or several."""
    service: str
    """The platform's service that the token belongs to, such as "web"; else empty."""
    expires: float


class Verifier:
    """Verifies tokens of one issuer. A verified token is kept, by its hash, until it expires."""

    def __init__(self, issuer: str, clock: Clock) -> None:
        self._issuer = issuer.rstrip("/")
        self._clock = clock
        self._keys: KeySet | None = None
        self._fetched = 0.0
        self._asked = -_AGAIN
        self._fetching = asyncio.Lock()
        self._seen: OrderedDict[bytes, Bearer] = OrderedDict()

    async def verify(self, token: str) -> Bearer:
        """What the token says.

        Raises:
            Unknown: forged, expired, of another issuer or for another audience.
            Away: the issuer's keys have never been seen, and it does not answer.
        """
        fingerprint = sha256(token.encode()).digest()
        now = self._clock.now().timestamp()
        if (seen := self._seen.get(fingerprint)) is not None:
            if seen.expires <= now:
                raise Unknown("access.expired")
            return seen
        bearer = self._read(await self._decode(token), now)
        self._seen[fingerprint] = bearer
        if len(self._seen) > _KEPT:
            self._seen.popitem(last=False)
        return bearer

    async def _decode(self, token: str) -> dict[str, Any]:
        keys = await self._current_keys()
        try:
            decoded = jwt.decode(token, keys, algorithms=_ALGORITHMS)
        except (JoseError, ValueError, TypeError):
            fresh = await self._current_keys(unknown_key=True)
            if fresh is keys:
                raise Unknown("access.token") from None
            try:
                decoded = jwt.decode(token, fresh, algorithms=_ALGORITHMS)
            except (JoseError, ValueError, TypeError) as error:
                raise Unknown("access.token") from error
        if str(decoded.header.get("typ", "jwt")).lower() not in _TYPES:
            raise Unknown("access.token")
        return dict(decoded.claims)

    def _read(self, claims: dict[str, Any], now: float) -> Bearer:
        audience = claims.get("aud")
        expires = claims.get("exp")
        subject = claims.get("sub")
        if str(claims.get("iss")).rstrip("/") != self._issuer or AUDIENCE not in (
            audience if isinstance(audience, list) else [audience]
        ):
            raise Unknown("access.token")
        if not isinstance(expires, int | float) or not isinstance(subject, str) or not SUBJECT.fullmatch(subject):
            raise Unknown("access.token")
        if expires <= now:
            raise Unknown("access.expired")
        if isinstance(claims.get("nbf"), int | float) and claims["nbf"] > now + 60:
            raise Unknown("access.token")
        service = (
            subject.removeprefix("svc.") if subject.startswith("svc.") and claims.get("client_id") == subject else ""
        )
        return Bearer(subject=subject, hromada=_hromada(claims), service=service, expires=float(expires))

    async def _current_keys(self, *, unknown_key: bool = False) -> KeySet:
        age = time.monotonic() - self._fetched
        if self._keys is not None and not unknown_key and age < _FRESH:
            return self._keys
        async with self._fetching:
            waited = time.monotonic() - self._asked
            if waited < _AGAIN and self._keys is not None:
                return self._keys
            self._asked = time.monotonic()
            try:
                self._keys = await self._fetch()
                self._fetched = time.monotonic()
            except (httpx.HTTPError, ValueError, KeyError, TypeError, JoseError) as error:
                log.warning("tokens.issuer-away", cause=type(error).__name__)
                if self._keys is None or time.monotonic() - self._fetched > _STALE:
                    raise Away("issuer.away") from error
            return self._keys

    async def _fetch(self) -> KeySet:
        async with httpx.AsyncClient(timeout=3) as client:
            discovered = (await client.get(f"{self._issuer}/.well-known/openid-configuration")).raise_for_status()
            answer = (await client.get(discovered.json()["jwks_uri"])).raise_for_status()
            return KeySet.import_key_set(answer.json())


def _hromada(claims: dict[str, Any]) -> str:
    """The single hromada of a token: its one organization, else its `tid`. Several are none."""
    organization = claims.get("organization")
    if isinstance(organization, list):
        organization = {slug: None for slug in organization if isinstance(slug, str)}
    if isinstance(organization, dict) and organization:
        slugs = [str(slug) for slug in organization]
        return slugs[0] if len(slugs) == 1 and not claims.get("tid") else ""
    tid = claims.get("tid")
    return tid if isinstance(tid, str) else ""
