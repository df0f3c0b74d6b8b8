"""Translates: health."""

from uuid import UUID

from kit.call import Call
from kit.localisation import Catalogue
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.enums import to_contract
from kit.rpc.paging import DEFAULT_SIZE, start_of, token_for
from spilno.cctv.v1 import health_pb2 as pb

from cctv_gateway.health import actions
from cctv_gateway.health.actions import Faring
from cctv_gateway.health.model import Alarm

_TEXTS = Catalogue(["cctv_gateway"])
_FIGURES = ("frames_per_second", "bits_per_second", "key_interval", "clock_drift")


class Health(Servicer, contract=pb.DESCRIPTOR.services_by_name["Health"]):
    async def GetHealth(self, request: pb.GetHealthRequest, call: Call) -> pb.CameraHealth:
        return _message(call, await actions.find(call, uid(request.name)))

    async def ListHealth(self, request: pb.ListHealthRequest, call: Call) -> pb.ListHealthResponse:
        size = request.page_size or DEFAULT_SIZE
        start = start_of(call, request, request.page_token)
        found = await actions.page(call, UUID(start[0]) if start else None, size + 1)
        shown = found[:size]
        more = token_for(call, request, [str(shown[-1].camera.id)]) if len(found) > size else ""
        return pb.ListHealthResponse(cameras=[_message(call, each) for each in shown], next_page_token=more)

    async def ListAlarms(self, request: pb.ListAlarmsRequest, call: Call) -> pb.ListAlarmsResponse:
        size = request.page_size or DEFAULT_SIZE
        start = start_of(call, request, request.page_token)
        found = await actions.alarms(
            call,
            uid(request.camera, "camera") if request.camera else None,
            only_open=request.only_open,
            before=UUID(start[0]) if start else None,
            size=size + 1,
        )
        shown = found[:size]
        more = token_for(call, request, [str(shown[-1].id)]) if len(found) > size else ""
        return pb.ListAlarmsResponse(alarms=[_alarm(call, each) for each in shown], next_page_token=more)

    async def AcceptPicture(self, request: pb.AcceptPictureRequest, call: Call) -> pb.CameraHealth:
        return _message(call, await actions.accept(call, uid(request.name)))


def _message(call: Call, faring: Faring) -> pb.CameraHealth:
    health = faring.health
    message = pb.CameraHealth(
        camera=f"{call.hromada.name}/cameras/{faring.camera.id}",
        alarms=[_alarm(call, each) for each in faring.alarms],
        up_today=faring.up_today,
        up_this_week=faring.up_this_week,
    )
    if health is None:
        return message
    message.up, message.width, message.height = health.is_up, health.width, health.height
    message.cause = _TEXTS.text(f"trouble.{health.cause}", call.locale) if health.cause else ""
    message.measured_at.FromDatetime(health.measured_at)
    for name in _FIGURES:
        if (value := getattr(health, name)) is not None:
            setattr(message, name, value)
    return message


def _alarm(call: Call, alarm: Alarm) -> pb.Alarm:
    text = _TEXTS.text(f"alarm.{alarm.kind.value.replace('_', '-')}", call.locale)
    if alarm.cause:
        text = f"{text} {_TEXTS.text(f'trouble.{alarm.cause}', call.locale)}"
    message = pb.Alarm(
        name=f"{call.hromada.name}/alarms/{alarm.id}",
        camera=f"{call.hromada.name}/cameras/{alarm.camera_id}" if alarm.camera_id is not None else "",
        kind=to_contract(pb.AlarmKind, alarm.kind),
        text=text,
    )
    message.raised_at.FromDatetime(alarm.raised_at)
    if alarm.cleared_at is not None:
        message.cleared_at.FromDatetime(alarm.cleared_at)
    return message
