"""The services that hromadas come to, called in identity's own name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc.aio
from kit.rpc.client import Acting, ServiceIdentity, acting, dial
from kit.settings import Settings
from spilno.tenancy.v1.tenancy_pb2_grpc import TenancyStub


class Tenants:
    """Ways to the services, by address, kept open."""

    def __init__(self, identity: ServiceIdentity) -> None:
        self._identity = identity
        self._channels: dict[str, grpc.aio.Channel] = {}

    def at(self, address: str) -> Any:
        """The service's Tenancy."""
        if address not in self._channels:
            self._channels[address] = dial(address, self._identity)
        return TenancyStub(self._channels[address])

    async def close(self) -> None:
        for channel in self._channels.values():
            await channel.close()


@asynccontextmanager
async def tenants_for_a_while(settings: Settings, locale: str) -> AsyncIterator[Tenants]:
    """For one call of identity's own, whose caller reads the answers."""
    secret = settings.client_secret.get_secret_value()
    tenants = Tenants(ServiceIdentity(settings.issuer_url, settings.client_id, secret))
    before = acting.set(Acting(None, locale))
    try:
        yield tenants
    finally:
        acting.reset(before)
        await tenants.close()
