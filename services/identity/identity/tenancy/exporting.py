"""Makes archives: waits until the trail is sealed, reads every service, and holds what was read against the digests."""

from collections.abc import AsyncIterator, Mapping

from kit.call import Hromada
from kit.rpc.client import Failure
from kit.service import Kit
from kit.tenancy.blobs import Opens
from kit.tenancy.holdings import Piece
from spilno.tenancy.v1 import tenancy_pb2 as pb
from sqlalchemy import func
from sqlmodel import col, select

from identity.provisioning.tenants import Tenants
from identity.tenancy import actions, portable
from identity.tenancy.archive import FORMAT, Manifest, Member, ServiceSaid, written
from identity.tenancy.holding import CALLER, IDENTITY, Whole, announced, opening, whole
from identity.tenancy.model import Archive, Trouble
from identity.tenancy.portable import HOLDINGS, PLATFORM
from identity.trail.model import Entry, Unsealed

_READ_SECONDS = 3600.0


class Waits(Exception):
    """Not now; it goes on by itself."""

    def __init__(self, trouble: Trouble, place: str = "") -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.place = place


async def make(kit: Kit, tenants: Tenants, archive: Archive, hromada: Hromada) -> None:
    """Makes the archive, anew if it was begun before.

    Raises:
        Waits: a service is away, rows of the trail are on their way, or something changed meanwhile.
    """
    opens = opening(kit, hromada)
    async with kit.call(CALLER) as call:
        addresses = await announced(call.db)
        await actions.drop_parts(call.db, archive.id)
    await _check_trail(kit, hromada, await _whole(tenants, opens, hromada, addresses))
    before = await _whole(tenants, opens, hromada, addresses)

    async def finish(digests: dict[str, str]) -> Manifest:
        return Manifest(
            format=FORMAT,
            hromada=hromada.slug,
            made_at=kit.clock.now(),
            digest=before.digest,
            services={service: ServiceSaid.of(each) for service, each in before.holdings.items()},
            pieces=digests,
        )

    number, size = 0, 0
    members = _members(kit, tenants, hromada, addresses)
    async for part in written(members, finish, archive.recipient):
        number, size = number + 1, size + len(part)
        async with kit.call(CALLER) as call:
            await actions.add_part(call.db, archive.id, number, part)
    if (await _whole(tenants, opens, hromada, addresses)).digest != before.digest:
        raise Waits(Trouble.CHANGED)
    async with kit.call(CALLER) as call:
        locked = await call.db.lock(Archive, archive.id)
        actions.written(before.written, locked, size, number, call.now)


async def _whole(tenants: Tenants, opens: Opens, hromada: Hromada, addresses: Mapping[str, str]) -> Whole:
    """Everything there is.

    Raises:
        Waits: a service is away.
    """
    found = await whole(tenants, opens, hromada, addresses)
    if found.missing:
        raise Waits(Trouble.AWAY, found.missing[0])
    return found


async def _check_trail(kit: Kit, hromada: Hromada, found: Whole) -> None:
    """The trail must be whole.

    Raises:
        Waits: a row of it has not come to identity yet, or is not sealed.
    """
    async with opening(kit, hromada)() as call:
        waiting = await call.db.one_or_none(select(Unsealed).where(col(Unsealed.hromada_id) == hromada.id))
        last = select(col(Entry.service), func.max(col(Entry.number)).label("number")).group_by(col(Entry.service))
        come = {record["service"]: record["number"] for record in await call.db.records(last)}
    for service, holding in found.holdings.items():
        if service != PLATFORM and (holding.leaving or holding.trail > come.get(service, 0)):
            raise Waits(Trouble.TRAIL, service)
    if waiting is not None:
        raise Waits(Trouble.TRAIL, IDENTITY)


async def _members(kit: Kit, tenants: Tenants, hromada: Hromada, addresses: Mapping[str, str]) -> AsyncIterator[Member]:
    opens = opening(kit, hromada)
    async with opens() as call:
        platform = await portable.told(call)
    for table, body in platform.tables.items():
        yield Member(PLATFORM, table, 1, body)
    async for piece in HOLDINGS.pieces(opens):
        yield _member(IDENTITY, piece)
    for service, address in addresses.items():
        try:
            asked = tenants.at(address).Export(pb.ExportRequest(name=hromada.name), timeout=_READ_SECONDS)
            async for told in asked:
                yield Member(service, told.part, told.number, told.body)
        except Failure as failure:
            raise Waits(Trouble.AWAY, service) from failure


def _member(service: str, piece: Piece) -> Member:
    return Member(service, piece.part, piece.number, piece.body)
