"""The isolation matrix's rows of identity, with every caller's token written by Keycloak."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import grpc.aio
import pytest
from kit.rpc.client import SERVICE

from tests.identity_keycloak.server import Keycloak
from tests.isolation.minting import claims_of
from tests.isolation.rows import ROWS
from tests.isolation.test_matrix import Metadata, judge
from tests.world import OTHER, OWN, SUSPENDED, World

GOOD_SECONDS = 120.0
ASK_RECEPTION = {
    "spilno.identity.v1.Templates.PublishTemplate",
    "spilno.identity.v1.Archives.GetHoldings",
    "spilno.identity.v1.Erasures.BeginErasure",
}
"""Reception does its part, and the one that has announced itself to this house takes the embedded issuer's tokens."""


class Shown:
    """Everyone's token, shown again while it is good for a while: to sign in anew for each method takes minutes."""

    def __init__(self) -> None:
        self._tokens: dict[str, tuple[float, str]] = {}

    async def token(self, who: str, signs_in: Callable[[], Awaitable[str]]) -> str:
        since, token = self._tokens.get(who, (-GOOD_SECONDS, ""))
        if time.monotonic() - since >= GOOD_SECONDS:
            token = await signs_in()
            self._tokens[who] = (time.monotonic(), token)
        return token


@pytest.fixture(scope="module")
def shown() -> Shown:
    return Shown()


@pytest.mark.parametrize(
    "name", sorted(name for name in ROWS if name.startswith("spilno.identity.") and name not in ASK_RECEPTION)
)
async def test_each_actor_gets_what_is_due(
    world: World, keycloak: Keycloak, channels: dict[str, grpc.aio.Channel], shown: Shown, name: str
) -> None:
    async def carries(actor: str, own: str) -> Metadata:
        if actor == "own" and own in {"web", "reception"}:
            service = await shown.token(own, lambda: keycloak.token_of_client(*world.house.client(own)))
            return ((SERVICE, f"Bearer {service}"),)
        who = own if actor == "own" else actor
        token = await shown.token(who, lambda: _token(world, keycloak, who))
        return (("authorization", f"Bearer {token}"),) if token else ()

    await judge(world, name, channels["identity"], carries)


_SIGNED_IN = {
    "operator": ("operator", "openid"),
    "other hromada": ("neighbour", f"organization:{OTHER}"),
    "suspended": ("suspended", f"organization:{SUSPENDED}"),
    "no hromada": ("nobody", "openid"),
    "two hromadas": ("head", "organization:*"),
    "revoked": ("revoked", f"organization:{OWN}"),
    f"head:{OWN}": ("head", f"organization:{OWN}"),
    f"officer:{OWN}": ("officer", f"organization:{OWN}"),
}
"""Who signs in for an actor, and for which hromada."""


async def _token(world: World, keycloak: Keycloak, actor: str) -> str:
    if actor == "anonymous":
        return ""
    if actor == "expired":
        token = await keycloak.token("head", f"organization:{OWN}", "brief")
        await asyncio.sleep(1)
        return token
    if actor in _SIGNED_IN:
        return await keycloak.token(*_SIGNED_IN[actor])
    integrator = actor if actor in world.tokens else f"int:{OTHER}"
    return await keycloak.token_of_client(str(claims_of(world.tokens[integrator])["sub"]))
