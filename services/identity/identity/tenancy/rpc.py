"""Translates: archives, and what is left of hromadas that were erased. Counts and digests, never data."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pyrage
from kit.call import Call, Hromada
from kit.errors import Away
from kit.names import last, uid
from kit.rpc import Servicer
from spilno.identity.v1 import archives_pb2 as pb

from identity.hromadas import actions as hromadas
from identity.provisioning.tenants import tenants_for_a_while
from identity.recovery import actions as recovery
from identity.tenancy import actions, rules
from identity.tenancy.holding import IDENTITY, Whole, announced, room, whole
from identity.tenancy.model import Archive, Erasure, State, Trouble

_STATES = {
    State.COMING: pb.ARCHIVE_STATE_COMING,
    State.IN_WORK: pb.ARCHIVE_STATE_IN_WORK,
    State.READY: pb.ARCHIVE_STATE_READY,
    State.REFUSED: pb.ARCHIVE_STATE_REFUSED,
}
_TROUBLES = {
    Trouble.NONE: pb.ARCHIVE_TROUBLE_UNSPECIFIED,
    Trouble.AWAY: pb.ARCHIVE_TROUBLE_AWAY,
    Trouble.TRAIL: pb.ARCHIVE_TROUBLE_TRAIL,
    Trouble.CHANGED: pb.ARCHIVE_TROUBLE_CHANGED,
    Trouble.NOT_FOR_US: pb.ARCHIVE_TROUBLE_NOT_FOR_US,
    Trouble.DAMAGED: pb.ARCHIVE_TROUBLE_DAMAGED,
    Trouble.OTHER_SCHEMA: pb.ARCHIVE_TROUBLE_OTHER_SCHEMA,
    Trouble.ALREADY_HERE: pb.ARCHIVE_TROUBLE_ALREADY_HERE,
    Trouble.SLUG_TAKEN: pb.ARCHIVE_TROUBLE_SLUG_TAKEN,
    Trouble.KATOTTH_TAKEN: pb.ARCHIVE_TROUBLE_KATOTTH_TAKEN,
    Trouble.SERVICE_MISSING: pb.ARCHIVE_TROUBLE_SERVICE_MISSING,
    Trouble.REFUSED: pb.ARCHIVE_TROUBLE_REFUSED,
}


class Archives(Servicer, contract=pb.DESCRIPTOR.services_by_name["Archives"]):
    async def BeginExport(self, request: pb.BeginExportRequest, call: Call) -> pb.Archive:
        return _archive(await actions.begin_export(call, last(request.name), request.recipient))

    async def BeginImport(self, request: pb.BeginImportRequest, call: Call) -> pb.Archive:
        return _archive(await actions.begin_import(call))

    async def PutArchivePart(self, request: pb.PutArchivePartRequest, call: Call) -> pb.PutArchivePartResponse:
        await actions.put_part(call, uid(request.name), request.number, request.body)
        return pb.PutArchivePartResponse()

    async def FinishUpload(self, request: pb.FinishUploadRequest, call: Call) -> pb.Archive:
        return _archive(await actions.finish_upload(call, uid(request.name), request.parts))

    async def GetArchive(self, request: pb.GetArchiveRequest, call: Call) -> pb.Archive:
        return _archive(await call.db.get(Archive, uid(request.name)))

    async def ListArchives(self, request: pb.ListArchivesRequest, call: Call) -> pb.ListArchivesResponse:
        found = await actions.archives(call.db, last(request.hromada))
        return pb.ListArchivesResponse(archives=map(_archive, found))

    async def GetArchivePart(self, request: pb.GetArchivePartRequest, call: Call) -> pb.GetArchivePartResponse:
        return pb.GetArchivePartResponse(body=await actions.made_part(call, uid(request.name), request.number))

    async def GetReceivingKey(self, request: pb.GetReceivingKeyRequest, call: Call) -> pb.GetReceivingKeyResponse:
        secret = pyrage.x25519.Identity.from_str(rules.receiving_key(call.keys.of("archives")))
        return pb.GetReceivingKeyResponse(recipient=str(secret.to_public()))

    async def CreateHeadLinks(self, request: pb.CreateHeadLinksRequest, call: Call) -> pb.CreateHeadLinksResponse:
        call.hromada_or_none = (await hromadas.find(call.db, last(request.name))).as_called()
        await call.db.enter(call.hromada.id)
        response = pb.CreateHeadLinksResponse()
        for membership, made in await recovery.make_for_heads(call):
            name = f"{call.hromada.name}/members/{membership.id}"
            link = response.links.add(member=name, display_name=membership.display_name, url=made.url)
            link.expires_at.FromDatetime(made.expires_at)
        return response

    async def GetHoldings(self, request: pb.GetHoldingsRequest, call: Call) -> pb.HromadaHoldings:
        return _holdings(await _whole(call, last(request.name)))

    async def GetUsage(self, request: pb.GetUsageRequest, call: Call) -> pb.HromadaUsage:
        hromada = (await hromadas.find(call.db, last(request.name))).as_called()
        addresses = await announced(call.db)
        async with tenants_for_a_while(call.settings, call.locale) as tenants:
            found = await room(tenants, lambda: _inside(call, hromada), hromada, addresses)
        return pb.HromadaUsage(
            row_bytes=found.rows, file_bytes=found.files, files=found.count, missing_services=found.missing
        )


class Erasures(Servicer, contract=pb.DESCRIPTOR.services_by_name["Erasures"]):
    async def BeginErasure(self, request: pb.BeginErasureRequest, call: Call) -> pb.Erasure:
        slug = last(request.name)
        now = await _whole(call, slug)
        if now.missing:
            raise Away
        services = [IDENTITY, *await announced(call.db)]
        erasure = await actions.begin_erasure(call, slug, request.confirmation, request.digest, now.digest, services)
        return await _erasure(call, erasure)

    async def GetErasure(self, request: pb.GetErasureRequest, call: Call) -> pb.Erasure:
        return await _erasure(call, await call.db.get(Erasure, uid(request.name)))

    async def ListErasures(self, request: pb.ListErasuresRequest, call: Call) -> pb.ListErasuresResponse:
        found = await actions.erasures(call.db)
        return pb.ListErasuresResponse(erasures=[await _erasure(call, each) for each in found])

    async def ListErased(self, request: pb.ListErasedRequest, call: Call) -> pb.ListErasedResponse:
        return pb.ListErasedResponse(slugs=await actions.erased(call))


async def _whole(call: Call, slug: str) -> Whole:
    """What there is of a hromada now, while its own transaction sees it."""
    hromada = (await hromadas.find(call.db, slug)).as_called()
    addresses = await announced(call.db)
    async with tenants_for_a_while(call.settings, call.locale) as tenants:
        return await whole(tenants, lambda: _inside(call, hromada), hromada, addresses)


def _inside(call: Call, hromada: Hromada) -> AbstractAsyncContextManager[Call]:
    @asynccontextmanager
    async def entered() -> Any:
        before = call.hromada_or_none
        await call.db.enter(hromada.id)
        call.hromada_or_none = hromada
        yield call
        call.hromada_or_none = before

    return entered()


def _archive(archive: Archive) -> pb.Archive:
    message = pb.Archive(
        name=archive.resource,
        hromada=f"hromadas/{archive.slug}" if archive.slug else "",
        brought=archive.brought,
        state=_STATES[archive.state],
        trouble=_TROUBLES[archive.trouble],
        place=archive.place,
        recipient=archive.recipient,
        parts=archive.parts,
        bytes=archive.bytes,
        holdings=_kept(archive.holdings),
    )
    message.began_at.FromDatetime(archive.began_at)
    if archive.ended_at is not None:
        message.ended_at.FromDatetime(archive.ended_at)
    return message


def _kept(holdings: Mapping[str, Any]) -> pb.HromadaHoldings | None:
    if not holdings:
        return None
    return pb.HromadaHoldings(
        digest=holdings["digest"],
        services=[
            pb.ServiceHoldings(
                service=service,
                nouns=[
                    pb.NounHoldings(title=each["name"], rows=each["rows"], bytes=each["bytes"], digest=each["digest"])
                    for each in said["tables"]
                ],
            )
            for service, said in sorted(holdings["services"].items())
        ],
    )


def _holdings(found: Whole) -> pb.HromadaHoldings:
    message = _kept(found.written) or pb.HromadaHoldings()
    message.missing_services.extend(found.missing)
    return message


async def _erasure(call: Call, erasure: Erasure) -> pb.Erasure:
    steps = await actions.steps(call.db, erasure.id)
    message = pb.Erasure(
        name=erasure.resource,
        slug=erasure.slug,
        digest=erasure.digest,
        missing_services=[step.service for step in steps if step.ended_at is None],
    )
    for step in steps:
        told = message.steps.add(service=step.service, rows=step.rows)
        if step.ended_at is not None:
            told.ended_at.FromDatetime(step.ended_at)
    message.began_at.FromDatetime(erasure.began_at)
    if erasure.ended_at is not None:
        message.ended_at.FromDatetime(erasure.ended_at)
    if erasure.backups_until is not None:
        message.backups_until.FromDatetime(erasure.backups_until)
    return message
