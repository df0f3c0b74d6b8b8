"""The rows of what every service serves by the kit."""

from uuid import uuid4

from google.protobuf.message import Message
from kit.database.migrations import newest_revision
from reception.template import template
from spilno.feed.v1 import feed_pb2
from spilno.tenancy.v1 import tenancy_pb2

from tests.isolation.rows.declared import HEAD, method, parent
from tests.world import OWN, World


@method("spilno.feed.v1.Feed.Watch", HEAD, lambda event: event.subject.startswith(parent(OWN)))
async def _(world: World) -> Message:
    return feed_pb2.WatchRequest(parent=parent(OWN))


@method("spilno.feed.v1.Feed.Backfill", HEAD, lambda event: event.subject.startswith(parent(OWN)))
async def _(world: World) -> Message:
    await world.appeal(OWN)
    return feed_pb2.BackfillRequest(parent=parent(OWN))


@method("spilno.tenancy.v1.Tenancy.Apply", "identity", lambda answer: "schedule" in answer.kept and not answer.written)
async def _(world: World) -> Message:
    return tenancy_pb2.ApplyRequest(name=parent(OWN))


@method("spilno.tenancy.v1.Tenancy.CheckTemplate", "identity", lambda answer: answer.name == "tatarbunary")
async def _(world: World) -> Message:
    return tenancy_pb2.CheckTemplateRequest(text=template.text)


@method("spilno.tenancy.v1.Tenancy.CheckIsolation", "identity", lambda answer: not answer.open_tables)
async def _(world: World) -> Message:
    return tenancy_pb2.CheckIsolationRequest(name=parent(OWN))


def _nobody() -> tenancy_pb2.Whom:
    """A hromada of which nobody has heard."""
    return tenancy_pb2.Whom(slug="nobody", id=str(uuid4()))


@method("spilno.tenancy.v1.Tenancy.Export", "identity", lambda piece: bool(piece.body))
async def _(world: World) -> Message:
    return tenancy_pb2.ExportRequest(name=parent(OWN))


@method("spilno.tenancy.v1.Tenancy.Digest", "identity", lambda held: any(table.rows for table in held.tables))
async def _(world: World) -> Message:
    return tenancy_pb2.DigestRequest(name=parent(OWN))


@method("spilno.tenancy.v1.Tenancy.Usage", "identity", lambda used: any(room.bytes for room in used.rooms))
async def _(world: World) -> Message:
    return tenancy_pb2.UsageRequest(name=parent(OWN))


@method("spilno.tenancy.v1.Tenancy.BeginImport", "identity", lambda answer: True)
async def _(world: World) -> Message:
    return tenancy_pb2.BeginImportRequest(hromada=_nobody(), schema=newest_revision("reception"))


@method("spilno.tenancy.v1.Tenancy.PutPart", "identity", lambda answer: True)
async def _(world: World) -> Message:
    return tenancy_pb2.PutPartRequest(hromada=_nobody(), part="appeal", number=1, body=b"{}")


@method("spilno.tenancy.v1.Tenancy.FinishImport", "identity", lambda answer: bool(answer.table))
async def _(world: World) -> Message:
    nothing = tenancy_pb2.Holdings(schema=newest_revision("reception"))
    return tenancy_pb2.FinishImportRequest(hromada=_nobody(), holdings=nothing)


@method("spilno.tenancy.v1.Tenancy.Erase", "identity", lambda answer: answer.rows == 0)
async def _(world: World) -> Message:
    return tenancy_pb2.EraseRequest(hromada=_nobody())
