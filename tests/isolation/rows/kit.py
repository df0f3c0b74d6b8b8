"""The rows of what every service serves by the kit."""

from google.protobuf.message import Message
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
