"""The rows of reception: receptions and visits."""

from datetime import UTC
from uuid import uuid4

from google.protobuf.message import Message
from kit.clock import kyiv_date
from spilno.reception.v1 import receptions_pb2

from tests.isolation.rows.declared import HEAD, INTEGRATOR, OFFICER, method, parent
from tests.world import MARKER, OWN, World, visit_draft


async def _own_schedule(world: World) -> receptions_pb2.Schedule:
    asked = receptions_pb2.GetScheduleRequest(parent=parent(OWN))
    found: receptions_pb2.Schedule = await world.receptions.GetSchedule(asked, metadata=await world.through_web())
    return found


@method("spilno.reception.v1.Receptions.GetSchedule", "web", lambda answer: bool(answer.schedule.hosts))
async def _(world: World) -> Message:
    return receptions_pb2.GetScheduleRequest(parent=parent(OWN))


@method("spilno.reception.v1.Receptions.UpdateSchedule", HEAD, lambda answer: bool(answer.schedule.hosts))
async def _(world: World) -> Message:
    own = await _own_schedule(world)
    return receptions_pb2.UpdateScheduleRequest(parent=parent(OWN), schedule=own.schedule, etag=own.etag)


@method("spilno.reception.v1.Receptions.ListSlots", INTEGRATOR, lambda answer: bool(answer.days))
async def _(world: World) -> Message:
    return receptions_pb2.ListSlotsRequest(parent=parent(OWN))


@method("spilno.reception.v1.Receptions.BookVisit", "web", lambda answer: bool(answer.code))
async def _(world: World) -> Message:
    visit = visit_draft(await world.free_slot(OWN))
    return receptions_pb2.BookVisitRequest(parent=parent(OWN), visit=visit, request_id=str(uuid4()))


@method("spilno.reception.v1.Receptions.CancelVisit", "web", lambda answer: answer.HasField("start_time"))
async def _(world: World) -> Message:
    return receptions_pb2.CancelVisitRequest(parent=parent(OWN), code=(await world.visit(OWN)).code)


@method("spilno.reception.v1.Receptions.MoveVisit", "web", lambda answer: answer.HasField("moved_from"))
async def _(world: World) -> Message:
    code = (await world.visit(OWN)).code
    return receptions_pb2.MoveVisitRequest(
        parent=parent(OWN), code=code, start_time=await world.free_slot(OWN), request_id=str(uuid4())
    )


@method("spilno.reception.v1.Receptions.BookVisitForCaller", OFFICER, lambda answer: answer.visit.visitor == MARKER)
async def _(world: World) -> Message:
    visit = visit_draft(await world.free_slot(OWN))
    return receptions_pb2.BookVisitForCallerRequest(parent=parent(OWN), visit=visit, request_id=str(uuid4()))


@method("spilno.reception.v1.Receptions.AddWalkIn", OFFICER, lambda answer: answer.visitor == MARKER)
async def _(world: World) -> Message:
    return receptions_pb2.AddWalkInRequest(parent=parent(OWN), visitor=MARKER, topic=MARKER, request_id=str(uuid4()))


@method("spilno.reception.v1.Receptions.CancelVisitForCaller", OFFICER, lambda answer: answer.visitor == MARKER)
async def _(world: World) -> Message:
    visit = (await world.visit(OWN)).visit
    return receptions_pb2.CancelVisitForCallerRequest(name=visit.name, etag=visit.etag)


@method("spilno.reception.v1.Receptions.MoveVisitForCaller", OFFICER, lambda answer: answer.visitor == MARKER)
async def _(world: World) -> Message:
    visit = (await world.visit(OWN)).visit
    return receptions_pb2.MoveVisitForCallerRequest(
        name=visit.name, etag=visit.etag, start_time=await world.free_slot(OWN)
    )


@method("spilno.reception.v1.Receptions.GetVisit", OFFICER, lambda answer: answer.visitor == MARKER)
async def _(world: World) -> Message:
    return receptions_pb2.GetVisitRequest(name=(await world.visit(OWN)).visit.name)


@method(
    "spilno.reception.v1.Receptions.ListVisits",
    OFFICER,
    lambda answer: any(visit.visitor == MARKER for visit in answer.visits),
)
async def _(world: World) -> Message:
    start = (await world.visit(OWN)).visit.start_time.ToDatetime(UTC)
    return receptions_pb2.ListVisitsRequest(parent=parent(OWN), date=kyiv_date(start).isoformat())


@method("spilno.reception.v1.Receptions.CheckIn", OFFICER, lambda answer: answer.visitor == MARKER)
async def _(world: World) -> Message:
    visit = (await world.visit(OWN)).visit
    return receptions_pb2.CheckInRequest(name=visit.name, etag=visit.etag)


@method("spilno.reception.v1.Receptions.RecordVisit", OFFICER, lambda answer: answer.visitor == MARKER)
async def _(world: World) -> Message:
    visit = (await world.visit(OWN)).visit
    return receptions_pb2.RecordVisitRequest(
        name=visit.name,
        etag=visit.etag,
        hosts=(await _own_schedule(world)).schedule.hosts,
        outcome=receptions_pb2.VISIT_OUTCOME_ADVISED,
    )
