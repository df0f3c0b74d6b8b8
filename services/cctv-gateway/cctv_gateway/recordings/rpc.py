"""Translates: recordings."""

from datetime import UTC
from typing import Any
from uuid import UUID

from kit.call import Call
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.enums import from_contract, to_contract
from kit.rpc.paging import DEFAULT_SIZE, start_of, token_for
from spilno.cctv.v1 import recordings_pb2 as pb

from cctv_gateway.recordings import actions
from cctv_gateway.recordings.actions import Planned
from cctv_gateway.recordings.model import Hold
from cctv_gateway.recordings.rules import Mode, Span, Stream


class Recordings(Servicer, contract=pb.DESCRIPTOR.services_by_name["Recordings"]):
    async def GetRecordingPlan(self, request: pb.GetRecordingPlanRequest, call: Call) -> pb.RecordingPlan:
        return _plan(call, await actions.plan_of(call, uid(request.name)))

    async def SetRecordingPlan(self, request: pb.SetRecordingPlanRequest, call: Call) -> pb.RecordingPlan:
        mode = from_contract(Mode, pb.RecordingMode, request.mode)
        stream = from_contract(Stream, pb.RecordedStream, request.stream)
        return _plan(call, await actions.plan(call, uid(request.name), request.etag, mode, stream))

    async def RecordEvent(self, request: pb.RecordEventRequest, call: Call) -> pb.RecordingPlan:
        return _plan(call, await actions.record_event(call, uid(request.name), request.until.ToDatetime(UTC)))

    async def ListFootage(self, request: pb.ListFootageRequest, call: Call) -> pb.ListFootageResponse:
        found = await actions.footage(call, uid(request.parent, "parent"), span_of(request))
        return pb.ListFootageResponse(stretches=[_stretch(each) for each in found])

    async def HoldFootage(self, request: pb.HoldFootageRequest, call: Call) -> pb.Hold:
        held = await actions.hold(
            call,
            uid(request.parent, "parent"),
            span_of(request),
            request.case_reference.strip(),
            request.reason.strip(),
        )
        return _hold(call, held)

    async def ReleaseHold(self, request: pb.ReleaseHoldRequest, call: Call) -> pb.Hold:
        return _hold(call, await actions.release(call, uid(request.name), request.etag, request.reason.strip()))

    async def ListHolds(self, request: pb.ListHoldsRequest, call: Call) -> pb.ListHoldsResponse:
        size = request.page_size or DEFAULT_SIZE
        start = start_of(call, request, request.page_token)
        found = await actions.holds(
            call,
            uid(request.camera, "camera") if request.camera else None,
            only_open=request.only_open,
            before=UUID(start[0]) if start else None,
            size=size + 1,
        )
        shown = found[:size]
        more = token_for(call, request, [str(shown[-1].id)]) if len(found) > size else ""
        return pb.ListHoldsResponse(holds=[_hold(call, each) for each in shown], next_page_token=more)

    async def GetStorage(self, request: pb.GetStorageRequest, call: Call) -> pb.Storage:
        kept, quota, tidying = await actions.storage(call)
        message = pb.Storage(kept_bytes=kept, quota_bytes=quota)
        if tidying is not None:
            message.full = tidying.is_full
            message.tidied_at.FromDatetime(tidying.ran_at)
        return message


def span_of(request: Any) -> Span:
    """The range that a request names."""
    return Span(request.start.ToDatetime(UTC), request.end.ToDatetime(UTC))


def _plan(call: Call, planned: Planned) -> pb.RecordingPlan:
    plan = planned.plan
    message = pb.RecordingPlan(
        camera=f"{call.hromada.name}/cameras/{plan.camera_id}",
        mode=to_contract(pb.RecordingMode, plan.mode),
        stream=to_contract(pb.RecordedStream, plan.rendition),
        kept_hours=planned.kept_hours,
        etag=planned.etag,
    )
    if plan.event_until is not None and plan.event_until > call.now:
        message.event_until.FromDatetime(plan.event_until)
    return message


def _stretch(span: Span) -> pb.Stretch:
    message = pb.Stretch()
    message.start.FromDatetime(span.start)
    message.end.FromDatetime(span.end)
    return message


def _hold(call: Call, hold: Hold) -> pb.Hold:
    message = pb.Hold(
        name=f"{call.hromada.name}/holds/{hold.id}",
        camera=f"{call.hromada.name}/cameras/{hold.camera_id}",
        case_reference=hold.case_reference,
        reason=hold.reason,
        held_by=hold.held_by,
        released_by=hold.released_by or "",
        released_because=hold.released_because,
        etag=hold.etag,
    )
    message.start.FromDatetime(hold.from_at)
    message.end.FromDatetime(hold.to_at)
    message.held_at.FromDatetime(hold.held_at)
    if hold.released_at is not None:
        message.released_at.FromDatetime(hold.released_at)
    return message
