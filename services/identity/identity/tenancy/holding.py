"""What there is of a hromada now, asked of every service."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from kit.call import Caller, Hromada
from kit.database import Session
from kit.rpc.client import Failure
from kit.service import Kit
from kit.tenancy import messages
from kit.tenancy.blobs import Opens
from kit.tenancy.holdings import BLOBS, Held, Holding
from spilno.tenancy.v1 import tenancy_pb2 as pb
from sqlmodel import col, select

from identity.provisioning.model import Announcement
from identity.provisioning.tenants import Tenants
from identity.tenancy import portable, rules
from identity.tenancy.archive import ServiceSaid
from identity.tenancy.portable import HOLDINGS, PLATFORM

IDENTITY = "identity"
CALLER = Caller("svc.identity", pseudonym="svc.identity")
_ASK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything of a hromada, by service; without a digest while one does not answer."""

    holdings: Mapping[str, Holding]
    missing: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        return "" if self.missing else rules.digest(_said(self.holdings))

    @property
    def written(self) -> dict[str, Any]:
        """As it may be kept."""
        said = {service: ServiceSaid.of(each).model_dump(mode="json") for service, each in self.holdings.items()}
        return {"digest": self.digest, "services": said}


@dataclass(frozen=True, slots=True)
class Room:
    """The room that a hromada takes: of its rows, and of its files."""

    rows: int
    files: int
    count: int
    """How many files there are."""
    missing: tuple[str, ...]


def digest_of(services: Mapping[str, ServiceSaid]) -> str:
    """The digest of what a manifest says."""
    return rules.digest(_said({service: said.holding for service, said in services.items()}))


async def announced(db: Session) -> dict[str, str]:
    """The services that are there beside identity, and where each is reached."""
    found = await db.all(select(Announcement).order_by(col(Announcement.service)))
    return {one.service: one.address for one in found if one.service != IDENTITY}


async def whole(tenants: Tenants, opens: Opens, hromada: Hromada, addresses: Mapping[str, str]) -> Whole:
    """What there is now."""
    async with opens() as call:
        platform = (await portable.told(call)).holding
    own = await HOLDINGS.told(opens)
    answers = await asyncio.gather(*(_asked(tenants, address, hromada) for address in addresses.values()))
    others = dict(zip(addresses, answers, strict=True))
    there = {service: each for service, each in others.items() if each is not None}
    missing = tuple(service for service, each in others.items() if each is None)
    return Whole({PLATFORM: platform, IDENTITY: own, **there}, missing)


async def room(tenants: Tenants, opens: Opens, hromada: Hromada, addresses: Mapping[str, str]) -> Room:
    """How much of the disk all of it takes."""
    async with opens() as call:
        held = await HOLDINGS.usage(call)
    answers = await asyncio.gather(*(_room_at(tenants, address, hromada) for address in addresses.values()))
    others = dict(zip(addresses, answers, strict=True))
    held += [each for answer in answers for each in answer or []]
    files = [each for each in held if each.name == BLOBS]
    return Room(
        rows=sum(each.bytes for each in held if each.name != BLOBS),
        files=sum(each.bytes for each in files),
        count=sum(each.rows for each in files),
        missing=tuple(service for service, answer in others.items() if answer is None),
    )


def opening(kit: Kit, hromada: Hromada) -> Opens:
    """Opens short calls of a hromada, whether or not its door is open."""
    return lambda: kit.call(CALLER, hromada)


async def _asked(tenants: Tenants, address: str, hromada: Hromada) -> Holding | None:
    try:
        told = await tenants.at(address).Digest(pb.DigestRequest(name=hromada.name), timeout=_ASK_SECONDS)
    except Failure:
        return None
    return messages.holding(told)


async def _room_at(tenants: Tenants, address: str, hromada: Hromada) -> list[Held] | None:
    try:
        told = await tenants.at(address).Usage(pb.UsageRequest(name=hromada.name), timeout=_ASK_SECONDS)
    except Failure:
        return None
    return [Held(each.name, each.rows, each.bytes) for each in told.rooms]


def _said(holdings: Mapping[str, Holding]) -> dict[str, list[tuple[str, int, str]]]:
    return {
        service: [(held.name, held.rows, held.digest) for held in each.tables] for service, each in holdings.items()
    }


@asynccontextmanager
async def kept_awake(db: Session) -> AsyncIterator[None]:
    """A transaction that holds a lock is not ended for being idle, while the block runs."""

    async def stay() -> None:
        while True:
            await asyncio.sleep(20)
            await db.records(select(1))

    staying = asyncio.create_task(stay())
    try:
        yield
    finally:
        staying.cancel()
        await asyncio.gather(staying, return_exceptions=True)
