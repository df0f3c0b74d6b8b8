"""Translates: views."""

from datetime import UTC
from uuid import UUID

from kit.call import Call
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.enums import from_contract, to_contract
from kit.rpc.paging import DEFAULT_SIZE, start_of, token_for
from spilno.cctv.v1 import views_pb2 as pb

from cctv_gateway.recordings.rules import Span
from cctv_gateway.views import actions
from cctv_gateway.views.actions import Opened, Seen
from cctv_gateway.views.rules import Reason


class Views(Servicer, contract=pb.DESCRIPTOR.services_by_name["Views"]):
    async def StartView(self, request: pb.StartViewRequest, call: Call) -> pb.ViewPasses:
        cameras = [uid(each, "cameras") for each in request.cameras]
        reason = from_contract(Reason, pb.ViewReason, request.reason)
        opened = await actions.start(call, cameras, reason, request.case_reference.strip(), request.browser)
        return _passes(call, opened)

    async def StartPlayback(self, request: pb.StartPlaybackRequest, call: Call) -> pb.ViewPasses:
        opened = await actions.play_back(
            call,
            uid(request.parent, "parent"),
            Span(request.start.ToDatetime(UTC), request.end.ToDatetime(UTC)),
            request.purpose.strip(),
            request.case_reference.strip(),
            request.browser,
        )
        return _passes(call, opened)

    async def RenewView(self, request: pb.RenewViewRequest, call: Call) -> pb.ViewPasses:
        return _passes(call, await actions.renew(call, uid(request.name), request.browser))

    async def EndView(self, request: pb.EndViewRequest, call: Call) -> pb.View:
        return _message(call, await actions.end(call, uid(request.name)))

    async def ListViews(self, request: pb.ListViewsRequest, call: Call) -> pb.ListViewsResponse:
        size = request.page_size or DEFAULT_SIZE
        start = start_of(call, request, request.page_token)
        camera = uid(request.parent, "parent")
        found = await actions.page(call, camera, UUID(start[0]) if start else None, size + 1)
        shown = found[:size]
        more = token_for(call, request, [str(shown[-1].view.id)]) if len(found) > size else ""
        return pb.ListViewsResponse(views=[_message(call, each) for each in shown], next_page_token=more)


def _passes(call: Call, opened: Opened) -> pb.ViewPasses:
    place = "archive" if opened.seen.view.reason is Reason.ARCHIVE else "live"
    message = pb.ViewPasses(
        view=_message(call, opened.seen),
        passes=[
            pb.ViewPass(
                camera=f"{call.hromada.name}/cameras/{camera}",
                path=f"/{place}/{call.hromada.slug}/{text}",
                ticket=f"{call.hromada.slug}/{text}",
            )
            for camera, text in opened.passes.items()
        ],
    )
    message.expires_at.FromDatetime(opened.expires_at)
    return message


def _message(call: Call, seen: Seen) -> pb.View:
    view = seen.view
    message = pb.View(
        name=f"{call.hromada.name}/views/{view.id}",
        cameras=[pb.ViewedCamera(name=f"{call.hromada.name}/cameras/{each}") for each in seen.cameras],
        viewer_display_name=view.viewer_name,
        reason=to_contract(pb.ViewReason, view.reason),
        case_reference=view.case_reference,
        ending=to_contract(pb.ViewEnding, view.ending) if view.ending else pb.VIEW_ENDING_UNSPECIFIED,
    )
    if view.from_at is not None and view.to_at is not None:
        message.range_start.FromDatetime(view.from_at)
        message.range_end.FromDatetime(view.to_at)
        message.purpose = view.purpose
    message.started_at.FromDatetime(view.started_at)
    if view.ended_at is not None:
        message.ended_at.FromDatetime(view.ended_at)
    return message
