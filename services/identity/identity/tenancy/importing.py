"""Takes archives: checks the whole of it, gives it to the services, and opens nothing until each has all of its own."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import grpc
import structlog
from kit.call import Call, Hromada
from kit.errors import AlreadyThere, Refusal, Refused, WrongState
from kit.rpc.client import Failure
from kit.service import Kit
from kit.tenancy import messages
from kit.tenancy.holdings import Piece
from spilno.tenancy.v1 import tenancy_pb2 as pb
from sqlalchemy import func
from sqlmodel import col, or_, select

from identity.authority import states
from identity.hromadas import model as hromadas
from identity.provisioning.model import Provisioning, ProvisioningStep
from identity.provisioning.tenants import Tenants
from identity.tenancy import actions, portable, rules
from identity.tenancy.archive import FORMAT, PART, Damaged, Manifest, Member, NotForUs, read
from identity.tenancy.exporting import Waits
from identity.tenancy.holding import CALLER, IDENTITY, announced, digest_of, opening
from identity.tenancy.model import Archive, Erasure, Trouble
from identity.tenancy.portable import HOLDINGS, PLATFORM, Portable

log = structlog.get_logger("archives")

_AWAY = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNAUTHENTICATED}
_ASK_SECONDS = 30.0
_TAKE_SECONDS = 3600.0
CAME = "Прибула з іншої платформи: звірте дані й відкрийте"
"""Why the door of a hromada that came is shut."""


class Faulty(Exception):
    """The archive cannot be taken."""

    def __init__(self, trouble: Trouble, place: str = "") -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.place = place


@dataclass(frozen=True, slots=True)
class Checked:
    """An archive of which every byte was looked at."""

    manifest: Manifest
    platform: Portable
    hromada: hromadas.Hromada


async def take(kit: Kit, tenants: Tenants, archive: Archive) -> None:
    """Takes the archive's hromada; begun before, it goes on. What cannot be taken leaves nothing behind.

    Raises:
        Waits: a service is away.
    """
    try:
        checked = await _checked(kit, archive)
        async with kit.call(CALLER) as call:
            addresses = await announced(call.db)
        _check_services(checked.manifest, addresses)
        await _give_a_place(kit, archive, checked.hromada)
        called = checked.hromada.as_called()
        theirs = {name: addresses[name] for name in addresses if name in checked.manifest.services}
        try:
            await _distribute(kit, tenants, archive, called, checked, theirs)
            await _settle(kit, archive, checked, addresses)
        except Faulty:
            await _undo(kit, tenants, archive, called, theirs)
            raise
    except Faulty as faulty:
        async with kit.call(CALLER) as call:
            await actions.refuse(call, archive.id, faulty.trouble, faulty.place)
        log.warning("archive.refused", trouble=faulty.trouble.value, place=faulty.place)


async def _checked(kit: Kit, archive: Archive) -> Checked:
    pieces, manifest, platform = dict[str, str](), None, dict[str, bytes]()
    async with aclosing(_opened(kit, archive)) as members:
        async for member in members:
            if isinstance(member, Manifest):
                manifest = member
                continue
            pieces[member.path] = sha256(member.body).hexdigest()
            if member.service == PLATFORM:
                platform[member.part] = platform.get(member.part, b"") + member.body
    if manifest is None:
        raise Faulty(Trouble.DAMAGED, "manifest.json")
    for path in sorted(pieces.keys() | manifest.pieces.keys()):
        if pieces.get(path) != manifest.pieces.get(path):
            raise Faulty(Trouble.DAMAGED, path)
    if manifest.format != FORMAT:
        raise Faulty(Trouble.OTHER_SCHEMA, "manifest.json")
    if digest_of(manifest.services) != manifest.digest or PLATFORM not in manifest.services:
        raise Faulty(Trouble.DAMAGED, "manifest.json")
    told = Portable(platform)
    due = {each.name: each.digest for each in manifest.services[PLATFORM].tables if each.rows}
    if {each.name: each.digest for each in told.holding.tables if each.rows} != due:
        raise Faulty(Trouble.DAMAGED, PLATFORM)
    try:
        return Checked(manifest, told, portable.hromada_of(told))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Faulty(Trouble.DAMAGED, "platform/hromada") from error


async def _opened(kit: Kit, archive: Archive) -> AsyncGenerator[Member | Manifest, None]:
    try:
        async with aclosing(read(_parts(kit, archive), receiving_secret(kit))) as members:
            async for member in members:
                yield member
    except NotForUs as error:
        raise Faulty(Trouble.NOT_FOR_US) from error
    except Damaged as damaged:
        raise Faulty(Trouble.DAMAGED, damaged.place) from damaged


def receiving_secret(kit: Kit) -> str:
    """The key of age that opens what was encrypted to this installation."""
    return rules.receiving_key(kit.keys.of("archives"))


async def _parts(kit: Kit, archive: Archive) -> AsyncIterator[bytes]:
    for number in range(1, archive.parts + 1):
        async with kit.call(CALLER) as call:
            body = await actions.part(call.db, archive.id, number)
        yield body


def _check_services(manifest: Manifest, addresses: Mapping[str, str]) -> None:
    if manifest.services[PLATFORM].schema_version != HOLDINGS.schema:
        raise Faulty(Trouble.OTHER_SCHEMA, IDENTITY)
    for service in manifest.services:
        if service not in {PLATFORM, IDENTITY, *addresses}:
            raise Faulty(Trouble.SERVICE_MISSING, service)


async def _give_a_place(kit: Kit, archive: Archive, hromada: hromadas.Hromada) -> None:
    """Gives the hromada its place, shut, if nobody else has it."""
    if archive.hromada_id is not None:
        return
    async with kit.call(CALLER) as call:
        row = hromadas.Hromada
        taken = or_(col(row.id) == hromada.id, col(row.slug) == hromada.slug, col(row.katotth) == hromada.katotth)
        for other in await call.db.all(select(row).where(taken).order_by(col(row.id) != hromada.id)):
            if other.id == hromada.id:
                raise Faulty(Trouble.ALREADY_HERE)
            raise Faulty(Trouble.SLUG_TAKEN if other.slug == hromada.slug else Trouble.KATOTTH_TAKEN)
        gone = select(Erasure).where(col(Erasure.slug) == hromada.slug, col(Erasure.returned_at).is_(None))
        erasure = await call.db.one_or_none(gone)
        if erasure is not None and (erasure.was != hromada.id or erasure.ended_at is None):
            raise Faulty(Trouble.SLUG_TAKEN)
        call.db.add(hromada)
        locked = await call.db.lock(Archive, archive.id)
        locked.hromada_id, locked.slug = hromada.id, hromada.slug
        archive.hromada_id = hromada.id


async def _distribute(
    kit: Kit, tenants: Tenants, archive: Archive, called: Hromada, checked: Checked, theirs: Mapping[str, str]
) -> None:
    whom = pb.Whom(slug=called.slug, id=str(called.id))
    said = checked.manifest.services
    for service, address in theirs.items():
        began = pb.BeginImportRequest(hromada=whom, schema=said[service].schema_version)
        await _ask(service, tenants.at(address).BeginImport(began, timeout=_ASK_SECONDS))
    async with opening(kit, called)() as call:
        await _judged(IDENTITY, HOLDINGS.begin(call, said[IDENTITY].schema_version))
    async with aclosing(_opened(kit, archive)) as members:
        async for member in members:
            if isinstance(member, Manifest) or member.service == PLATFORM:
                continue
            if len(member.body) > PART:
                raise Faulty(Trouble.DAMAGED, member.path)
            if member.service == IDENTITY:
                async with opening(kit, called)() as call:
                    await HOLDINGS.lay_aside(call, Piece(member.part, member.number, member.body))
                continue
            put = pb.PutPartRequest(hromada=whom, part=member.part, number=member.number, body=member.body)
            await _ask(member.service, tenants.at(theirs[member.service]).PutPart(put, timeout=_ASK_SECONDS))
    for service, address in theirs.items():
        finish = pb.FinishImportRequest(hromada=whom, holdings=messages.of_holding(said[service].holding))
        await _ask(service, _drained(tenants.at(address).FinishImport(finish, timeout=_TAKE_SECONDS)))


async def _settle(kit: Kit, archive: Archive, checked: Checked, addresses: Mapping[str, str]) -> None:
    """Takes what is identity's own, and sets the hromada down behind a shut door: all of it at once."""
    called, said = checked.hromada.as_called(), checked.manifest.services
    async with opening(kit, called)() as call:
        try:
            await portable.take_people(call, checked.platform)
            await portable.take_keys(call, checked.platform)
            async for _ in HOLDINGS.take(call, said[IDENTITY].holding):
                pass
        except (Refused, AlreadyThere, WrongState, ValueError, KeyError, TypeError) as error:
            place = str(error.values.get("part", IDENTITY)) if isinstance(error, Refusal) else PLATFORM
            raise Faulty(Trouble.DAMAGED, place) from error
        hromada = await call.db.lock(hromadas.Hromada, called.id)
        hromada.state, hromada.suspended_for, hromada.ready_at = hromadas.State.SUSPENDED, CAME, call.now
        await _note_provisioning(call, said, addresses)
        await actions.came_back(call.db, called.slug, called.id, call.now)
        locked = await call.db.lock(Archive, archive.id)
        services = {name: each.model_dump(mode="json") for name, each in said.items()}
        actions.written(
            {"digest": checked.manifest.digest, "services": services}, locked, archive.bytes, archive.parts, call.now
        )
        await call.db.flush()
        await actions.drop_parts(call.db, archive.id)
        states.share(call, states.of_hromada(hromada))
    log.info("archive.taken", hromada=called.slug)


async def _note_provisioning(call: Call, said: Mapping[str, Any], addresses: Mapping[str, str]) -> None:
    """What came has what the templates give; a service that the other installation did not have gives its own."""
    now = call.now
    provisioning = Provisioning(hromada_id=call.hromada.id, started_at=now, isolated_at=now, finished_at=now)
    call.db.add(provisioning)
    await call.db.flush()
    for service in addresses:
        done_at = now if service in said else None
        call.db.add(ProvisioningStep(provisioning_id=provisioning.id, service=service, finished_at=done_at))


async def _undo(kit: Kit, tenants: Tenants, archive: Archive, called: Hromada, theirs: Mapping[str, str]) -> None:
    """Nothing of what was begun stays.

    Raises:
        Waits: a service is away.
    """
    whom = pb.Whom(slug=called.slug, id=str(called.id))
    for service, address in theirs.items():
        try:
            await tenants.at(address).Erase(pb.EraseRequest(hromada=whom), timeout=_ASK_SECONDS)
        except Failure as failure:
            raise Waits(Trouble.AWAY, service) from failure
    async with opening(kit, called)() as call:
        locked = await call.db.lock(Archive, archive.id)
        locked.hromada_id = archive.hromada_id = None
        await call.db.flush()
        await HOLDINGS.erase(call, called.slug)
        await call.db.records(select(func.forget_hromada([])))


async def _ask(service: str, asked: Any) -> None:
    """Asks a service.

    Raises:
        Waits: it is away.
        Faulty: it refuses.
    """
    try:
        await asked
    except Failure as failure:
        if failure.code in _AWAY:
            raise Waits(Trouble.AWAY, service) from failure
        log.warning("archive.service-refused", service=service, code=failure.code.name, reason=failure.reason)
        is_other = failure.reason == "archive.other-schema"
        raise Faulty(Trouble.OTHER_SCHEMA if is_other else Trouble.REFUSED, service) from failure


async def _judged(service: str, done: Any) -> None:
    try:
        await done
    except WrongState as refusal:
        raise Faulty(Trouble.OTHER_SCHEMA, service) from refusal


async def _drained(stream: Any) -> None:
    async for _ in stream:
        pass
