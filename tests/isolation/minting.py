"""Tokens that identity's issuer would never write, signed with its own key: two hromadas at once, none, long ago."""

import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from typing import Any

from identity.issuer.keys import Signer, signer
from joserfc import jwt
from kit.clock import SystemClock
from kit.database import Database
from kit.keys import Keys

from tests.world import World

LASTS_SECONDS = 300
_RENEW_SECONDS = 180


async def mint(world: World, *, subject: str, hromadas: tuple[str, ...] = (), lasts: int = LASTS_SECONDS) -> str:
    """An access token of the issuer for a subject."""
    return _signed(_claims(world, subject, hromadas, lasts), await _signer(world))


async def mint_all(world: World, subjects: Sequence[str], hromada: str) -> list[str]:
    """As `mint`, for many who work in one hromada."""
    key = await _signer(world)
    return [_signed(_claims(world, subject, (hromada,), LASTS_SECONDS), key) for subject in subjects]


def _claims(world: World, subject: str, hromadas: tuple[str, ...], lasts: int) -> dict[str, Any]:
    claims: dict[str, Any] = {
        "iss": world.house.issuer_url,
        "aud": ["api"],
        "sub": subject,
        "azp": "web",
        "client_id": "web",
        "iat": int(time.time()) - 600,
        "exp": int(time.time()) + lasts,
    }
    if hromadas:
        claims["organization"] = {slug: {} for slug in hromadas}
    return claims


async def renew(world: World) -> None:
    """Gives the world's tokens that will expire soon another five minutes: the run is longer than they last."""
    soon = {
        name: claims
        for name, token in world.tokens.items()
        if (claims := claims_of(token))["exp"] < time.time() + _RENEW_SECONDS
    }
    if soon:
        key = await _signer(world)
        until = int(time.time()) + LASTS_SECONDS
        world.tokens.update({name: _signed({**claims, "exp": until}, key) for name, claims in soon.items()})


async def _signer(world: World) -> Signer:
    identity = next(service for service in world.house.services if service.name == "identity")
    keys = Keys(world.house.settings(identity)["SPILNO_SECRET"])
    database = Database(world.house.database_url("identity"), size=1)
    await database.open()
    try:
        async with database.transaction() as db:
            return await signer(db, keys, SystemClock().now())
    finally:
        await database.close()


def _signed(claims: dict[str, Any], key: Signer) -> str:
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.kid}, claims, key.key)


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, unverified."""
    body = token.split(".")[1]
    said: dict[str, Any] = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return said
