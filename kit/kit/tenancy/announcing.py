"""A service tells identity that it is there, and what it brings for hromadas."""

import asyncio
from typing import Any

import grpc.aio
import structlog
from spilno.identity.v1 import provisioning_pb2 as pb
from spilno.identity.v1 import provisioning_pb2_grpc as contract

from kit.rpc.client import Failure
from kit.tenancy.template import Template

log = structlog.get_logger("tenancy")

_AGAIN_SECONDS = 60.0
"""An identity that was restored from a backup hears of the service within a minute."""
_LONGEST_PAUSE = 5.0


async def announce(channel: grpc.aio.Channel, service: str, address: str, template: Template[Any]) -> None:
    """Says so at the start and each minute, until cancelled; waits for an identity that is away."""
    own = template.own
    part = pb.TemplatePart(service=service, text=template.text, name=own.name, version=own.version, digest=own.digest)
    stub, pause = contract.ProvisioningsStub(channel), 0.1
    while True:
        try:
            await stub.Announce(pb.AnnounceRequest(address=address, template=part), timeout=5)
        except Failure as failure:
            log.info("tenancy.waits", cause=failure.code.name)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        else:
            pause = 0.1
            await asyncio.sleep(_AGAIN_SECONDS)
