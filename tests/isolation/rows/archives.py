"""The rows of identity's archives and erasures."""

import asyncio
from uuid import uuid4

from google.protobuf.message import Message
from spilno.identity.v1 import archives_pb2 as pb
from spilno.identity.v1 import hromadas_pb2

from tests.isolation.rows.declared import method, parent
from tests.isolation.rows.identity import ready_hromada
from tests.world import OWN, SUSPENDED, World, as_whom


async def _recipient(world: World) -> str:
    with as_whom(world.tokens["operator"]):
        return str((await world.archives.GetReceivingKey(pb.GetReceivingKeyRequest())).recipient)


async def _made(world: World, name: str = parent(SUSPENDED)) -> pb.Archive:
    """An archive of a suspended hromada, ready."""
    recipient = await _recipient(world)
    with as_whom(world.tokens["operator"]):
        asked = pb.BeginExportRequest(name=name, recipient=recipient, request_id=str(uuid4()))
        archive: pb.Archive = await world.archives.BeginExport(asked)
        async with asyncio.timeout(30):
            while archive.state == pb.ARCHIVE_STATE_IN_WORK:
                await asyncio.sleep(0.2)
                archive = await world.archives.GetArchive(pb.GetArchiveRequest(name=archive.name))
    return archive


async def _handed_over(world: World) -> pb.BeginErasureRequest:
    """What erases a hromada of which an archive was made."""
    with as_whom(world.tokens["operator"]):
        fresh = await ready_hromada(world)
        await world.hromadas.SuspendHromada(
            hromadas_pb2.SuspendHromadaRequest(name=fresh.name, etag=fresh.etag, reason="Перевірка матриці")
        )
    digest = (await _made(world, fresh.name)).holdings.digest
    slug = fresh.name.removeprefix("hromadas/")
    return pb.BeginErasureRequest(name=fresh.name, confirmation=slug, digest=digest, request_id=str(uuid4()))


async def _erased(world: World) -> str:
    """An erasure that is over."""
    asked = await _handed_over(world)
    with as_whom(world.tokens["operator"]):
        erasure = await world.erasures.BeginErasure(asked)
        async with asyncio.timeout(30):
            while not erasure.HasField("ended_at"):
                await asyncio.sleep(0.2)
                erasure = await world.erasures.GetErasure(pb.GetErasureRequest(name=erasure.name))
    return str(erasure.name)


async def _coming(world: World, *parts: bytes) -> str:
    """An archive of which these parts have come."""
    with as_whom(world.tokens["operator"]):
        name = str((await world.archives.BeginImport(pb.BeginImportRequest(request_id=str(uuid4())))).name)
        for number, body in enumerate(parts, 1):
            await world.archives.PutArchivePart(pb.PutArchivePartRequest(name=name, number=number, body=body))
    return name


@method("spilno.identity.v1.Archives.BeginExport", "operator", lambda archive: archive.hromada == parent(SUSPENDED))
async def _(world: World) -> Message:
    recipient = await _recipient(world)
    return pb.BeginExportRequest(name=parent(SUSPENDED), recipient=recipient, request_id=str(uuid4()))


@method("spilno.identity.v1.Archives.BeginImport", "operator", lambda archive: archive.brought)
async def _(world: World) -> Message:
    return pb.BeginImportRequest(request_id=str(uuid4()))


@method("spilno.identity.v1.Archives.PutArchivePart", "operator", lambda answer: True)
async def _(world: World) -> Message:
    return pb.PutArchivePartRequest(name=await _coming(world), number=1, body=b"a piece")


@method("spilno.identity.v1.Archives.FinishUpload", "operator", lambda archive: archive.parts == 1)
async def _(world: World) -> Message:
    return pb.FinishUploadRequest(name=await _coming(world, b"no archive"), parts=1)


@method("spilno.identity.v1.Archives.GetArchive", "operator", lambda archive: bool(archive.holdings.digest))
async def _(world: World) -> Message:
    return pb.GetArchiveRequest(name=(await _made(world)).name)


@method("spilno.identity.v1.Archives.ListArchives", "operator", lambda listed: bool(listed.archives))
async def _(world: World) -> Message:
    await _coming(world)
    return pb.ListArchivesRequest()


@method("spilno.identity.v1.Archives.GetArchivePart", "operator", lambda part: part.body.startswith(b"age-encryption"))
async def _(world: World) -> Message:
    return pb.GetArchivePartRequest(name=(await _made(world)).name, number=1)


@method("spilno.identity.v1.Archives.GetReceivingKey", "operator", lambda key: key.recipient.startswith("age1"))
async def _(world: World) -> Message:
    return pb.GetReceivingKeyRequest()


@method("spilno.identity.v1.Archives.CreateHeadLinks", "operator", lambda answer: not answer.links)
async def _(world: World) -> Message:
    return pb.CreateHeadLinksRequest(name=parent(OWN), request_id=str(uuid4()))


@method("spilno.identity.v1.Archives.GetHoldings", "operator", lambda held: bool(held.digest))
async def _(world: World) -> Message:
    return pb.GetHoldingsRequest(name=parent(OWN))


@method("spilno.identity.v1.Archives.GetUsage", "operator", lambda usage: usage.row_bytes > 0)
async def _(world: World) -> Message:
    return pb.GetUsageRequest(name=parent(OWN))


@method("spilno.identity.v1.Erasures.BeginErasure", "operator", lambda erasure: bool(erasure.missing_services))
async def _(world: World) -> Message:
    return await _handed_over(world)


@method("spilno.identity.v1.Erasures.GetErasure", "operator", lambda erasure: bool(erasure.slug))
async def _(world: World) -> Message:
    return pb.GetErasureRequest(name=await _erased(world))


@method("spilno.identity.v1.Erasures.ListErasures", "operator", lambda listed: bool(listed.erasures))
async def _(world: World) -> Message:
    await _erased(world)
    return pb.ListErasuresRequest()


@method("spilno.identity.v1.Erasures.ListErased", "web", lambda answer: bool(answer.slugs))
async def _(world: World) -> Message:
    await _erased(world)
    return pb.ListErasedRequest()
