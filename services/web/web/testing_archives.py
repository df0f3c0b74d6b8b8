"""Hromadas that are handed over, as web sees them: part of the house that stands in for identity."""

from dataclasses import dataclass, field

import grpc
from kit.rpc.client import Failure
from spilno.identity.v1 import archives_pb2 as pb

from web.testing_answers import StandIn

DIGEST = "ab" * 32
KEY = f"age1{'q' * 58}"
HELD = pb.HromadaHoldings(
    digest=DIGEST,
    services=[
        pb.ServiceHoldings(service="platform", nouns=[pb.NounHoldings(title="person", rows=7, bytes=900)]),
        pb.ServiceHoldings(service="reception", nouns=[pb.NounHoldings(title="appeal", rows=1240, bytes=5_400_000)]),
    ],
)
MADE = pb.Archive(
    name="archives/0198c0de-0000-7000-8000-0000000000f1",
    hromada="hromadas/tatarbunary",
    state=pb.ARCHIVE_STATE_READY,
    recipient=KEY,
    parts=2,
    bytes=10,
    holdings=HELD,
)
BROUGHT = pb.Archive(
    name="archives/0198c0de-0000-7000-8000-0000000000f2",
    hromada="hromadas/tatarbunary",
    brought=True,
    state=pb.ARCHIVE_STATE_READY,
    holdings=HELD,
)
ERASURE = pb.Erasure(
    name="erasures/0198c0de-0000-7000-8000-0000000000f3",
    slug="tatarbunary",
    digest=DIGEST,
    steps=[pb.ErasureStep(service="identity", rows=3), pb.ErasureStep(service="reception", rows=2)],
    missing_services=["identity", "reception"],
)


@dataclass
class Archives(StandIn):
    """One archive that was made, one that was brought, one hromada that is being erased."""

    archives: dict[str, pb.Archive] = field(default_factory=lambda: {each.name: each for each in (MADE, BROUGHT)})
    brought: dict[int, bytes] = field(default_factory=dict)
    erased: list[str] = field(default_factory=list)
    usage: pb.HromadaUsage | None = field(
        default_factory=lambda: pb.HromadaUsage(row_bytes=1_300_000, file_bytes=5_400_000_000, files=2140)
    )
    """None while identity cannot tell."""

    async def BeginExport(self, request: pb.BeginExportRequest) -> pb.Archive:
        self._met(request)
        return MADE

    async def BeginImport(self, request: pb.BeginImportRequest) -> pb.Archive:
        self._met(request)
        return BROUGHT

    async def PutArchivePart(self, request: pb.PutArchivePartRequest) -> pb.PutArchivePartResponse:
        self._met(request)
        self.brought[request.number] = request.body
        return pb.PutArchivePartResponse()

    async def FinishUpload(self, request: pb.FinishUploadRequest) -> pb.Archive:
        self._met(request)
        return BROUGHT

    async def GetArchive(self, request: pb.GetArchiveRequest) -> pb.Archive:
        self._met(request)
        return self.archives[request.name]

    async def ListArchives(self, request: pb.ListArchivesRequest) -> pb.ListArchivesResponse:
        self._met(request)
        return pb.ListArchivesResponse(archives=self.archives.values())

    async def GetArchivePart(self, request: pb.GetArchivePartRequest) -> pb.GetArchivePartResponse:
        self._met(request)
        return pb.GetArchivePartResponse(body=b"%05d" % request.number)

    async def GetReceivingKey(self, request: pb.GetReceivingKeyRequest) -> pb.GetReceivingKeyResponse:
        self._met(request)
        return pb.GetReceivingKeyResponse(recipient=KEY)

    async def CreateHeadLinks(self, request: pb.CreateHeadLinksRequest) -> pb.CreateHeadLinksResponse:
        self._met(request)
        link = pb.HeadLink(display_name="Керівник офісу", url="https://issuer.test/recovery/secret")
        return pb.CreateHeadLinksResponse(links=[link])

    async def GetHoldings(self, request: pb.GetHoldingsRequest, **options: float) -> pb.HromadaHoldings:
        self._met(request)
        return HELD

    async def GetUsage(self, request: pb.GetUsageRequest, **options: float) -> pb.HromadaUsage:
        self._met(request)
        if self.usage is None:
            raise Failure(grpc.StatusCode.UNAVAILABLE, None)
        return self.usage

    async def BeginErasure(self, request: pb.BeginErasureRequest, **options: float) -> pb.Erasure:
        self._met(request)
        return ERASURE

    async def GetErasure(self, request: pb.GetErasureRequest) -> pb.Erasure:
        self._met(request)
        return ERASURE

    async def ListErasures(self, request: pb.ListErasuresRequest) -> pb.ListErasuresResponse:
        self._met(request)
        return pb.ListErasuresResponse(erasures=[ERASURE])

    async def ListErased(self, request: pb.ListErasedRequest, **options: float) -> pb.ListErasedResponse:
        return pb.ListErasedResponse(slugs=self.erased)
