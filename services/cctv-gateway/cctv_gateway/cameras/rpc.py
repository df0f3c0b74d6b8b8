"""Translates: cameras."""

from uuid import UUID

from kit.call import Call
from kit.days import day_or_none, written
from kit.localisation import Catalogue
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.enums import from_contract, to_contract
from kit.rpc.masks import judge, merged
from kit.rpc.paging import DEFAULT_SIZE, start_of, token_for
from spilno.cctv.v1 import cameras_pb2 as pb

from cctv_gateway.cameras import actions, rules
from cctv_gateway.cameras.actions import Connection, Known
from cctv_gateway.cameras.rules import Dossier, Login, Owner, Recognition, State
from cctv_gateway.engine.addresses import Kind

_TEXTS = Catalogue(["cctv_gateway"])


class Cameras(Servicer, contract=pb.DESCRIPTOR.services_by_name["Cameras"]):
    async def CreateCamera(self, request: pb.CreateCameraRequest, call: Call) -> pb.Camera:
        return camera_message(call, await actions.enter(call, _dossier(request.camera)))

    async def GetCamera(self, request: pb.GetCameraRequest, call: Call) -> pb.Camera:
        return camera_message(call, await actions.find(call, uid(request.name)))

    async def ListCameras(self, request: pb.ListCamerasRequest, call: Call) -> pb.ListCamerasResponse:
        size = request.page_size or DEFAULT_SIZE
        start = start_of(call, request, request.page_token)
        found = await actions.page(call, UUID(start[0]) if start else None, size + 1)
        shown = found[:size]
        more = token_for(call, request, [str(shown[-1].camera.id)]) if len(found) > size else ""
        return pb.ListCamerasResponse(cameras=[camera_message(call, each) for each in shown], next_page_token=more)

    async def UpdateCamera(self, request: pb.UpdateCameraRequest, call: Call) -> pb.Camera:
        held = await actions.hold(call, uid(request.name), request.etag)
        draft = merged(_as_draft(held.camera.dossier), request.camera, request.update_mask)
        judge(pb.CreateCameraRequest(parent=call.hromada.name, camera=draft, request_id=str(held.camera.id)))
        return camera_message(call, await actions.change(call, held, _dossier(draft)))

    async def ConnectCamera(self, request: pb.ConnectCameraRequest, call: Call) -> pb.Camera:
        to = Connection(
            from_contract(Kind, pb.SourceKind, request.kind),
            request.main_url.strip(),
            request.sub_url.strip(),
            Login(request.username, request.password),
        )
        return camera_message(call, await actions.connect(call, uid(request.name), request.etag, to))

    async def DocumentCamera(self, request: pb.DocumentCameraRequest, call: Call) -> pb.Camera:
        return camera_message(call, await actions.document(call, uid(request.name), request.etag))

    async def ActivateCamera(self, request: pb.ActivateCameraRequest, call: Call) -> pb.Camera:
        return camera_message(call, await actions.activate(call, uid(request.name), request.etag))

    async def SuspendCamera(self, request: pb.SuspendCameraRequest, call: Call) -> pb.Camera:
        return camera_message(
            call, await actions.suspend(call, uid(request.name), request.etag, request.reason.strip())
        )


def _dossier(message: pb.CameraDraft) -> Dossier:
    return Dossier(
        title=message.title.strip(),
        address=message.address.strip(),
        latitude=message.latitude if message.HasField("latitude") else None,
        longitude=message.longitude if message.HasField("longitude") else None,
        direction=message.direction if message.HasField("direction") else None,
        angle=message.angle if message.HasField("angle") else None,
        range=message.range if message.HasField("range") else None,
        owner=from_contract(Owner, pb.CameraOwner, message.owner),
        owner_name=message.owner_name.strip(),
        agreement_number=message.agreement.number.strip(),
        agreement_from=day_or_none(message.agreement.valid_from, "camera.agreement.valid_from"),
        agreement_until=day_or_none(message.agreement.valid_until, "camera.agreement.valid_until"),
        purpose=message.purpose.strip(),
        regulation_act=message.regulation.act.strip(),
        regulation_number=message.regulation.number.strip(),
        regulation_adopted_on=day_or_none(message.regulation.adopted_on, "camera.regulation.adopted_on"),
        regulation_until=day_or_none(message.regulation.valid_until, "camera.regulation.valid_until"),
        retention_limit_hours=message.regulation.retention_limit_hours,
        sign_posted_on=day_or_none(message.sign_posted_on, "camera.sign_posted_on"),
        retention_hours=message.retention_hours if message.HasField("retention_hours") else None,
        masks=[[(corner.x, corner.y) for corner in mask.corners] for mask in message.masks],
        masks_itself=message.masks_itself,
        unmasked_ground=message.unmasked_ground.strip(),
        recognises=[from_contract(Recognition, pb.Recognition, each) for each in message.recognises],
        recognition_ground=message.recognition_ground.strip(),
        inventory_number=message.inventory_number.strip(),
        model=message.model.strip(),
        installed_on=day_or_none(message.installed_on, "camera.installed_on"),
        always_on=message.always_on,
    )


def _as_draft(dossier: Dossier) -> pb.CameraDraft:
    return pb.CameraDraft(
        title=dossier.title,
        address=dossier.address,
        latitude=dossier.latitude,
        longitude=dossier.longitude,
        direction=dossier.direction,
        angle=dossier.angle,
        range=dossier.range,
        owner=to_contract(pb.CameraOwner, dossier.owner),
        owner_name=dossier.owner_name,
        agreement=pb.OwnerAgreement(
            number=dossier.agreement_number,
            valid_from=written(dossier.agreement_from),
            valid_until=written(dossier.agreement_until),
        ),
        purpose=dossier.purpose,
        regulation=pb.Regulation(
            act=dossier.regulation_act,
            number=dossier.regulation_number,
            adopted_on=written(dossier.regulation_adopted_on),
            valid_until=written(dossier.regulation_until),
            retention_limit_hours=dossier.retention_limit_hours,
        ),
        sign_posted_on=written(dossier.sign_posted_on),
        retention_hours=dossier.retention_hours,
        masks=[pb.Mask(corners=[pb.Corner(x=corner[0], y=corner[1]) for corner in mask]) for mask in dossier.masks],
        masks_itself=dossier.masks_itself,
        unmasked_ground=dossier.unmasked_ground,
        recognises=[to_contract(pb.Recognition, each) for each in dossier.recognises],
        recognition_ground=dossier.recognition_ground,
        inventory_number=dossier.inventory_number,
        model=dossier.model,
        installed_on=written(dossier.installed_on),
        always_on=dossier.always_on,
    )


def camera_message(call: Call, known: Known) -> pb.Camera:
    camera, source = known.camera, known.source
    dossier = camera.dossier
    lacks = rules.missing_to_start(dossier, has_source=known.has_source, today=call.today)
    is_connected = known.has_source and camera.state is State.ACTIVE
    standing = rules.standing(dossier, is_connected=is_connected, today=call.today)
    return pb.Camera(
        name=f"{call.hromada.name}/cameras/{camera.id}",
        dossier=_as_draft(dossier),
        state=to_contract(pb.CameraState, camera.state),
        owner_standing=to_contract(pb.OwnerStanding, standing) if standing else pb.OWNER_STANDING_UNSPECIFIED,
        missing=[pb.Lack(field=each.field, text=_TEXTS.text(each.reason, call.locale)) for each in lacks],
        lit=actions.is_lit(call, known),
        source_kind=to_contract(pb.SourceKind, source.kind) if source else pb.SOURCE_KIND_UNSPECIFIED,
        source_host=source.host if source is not None else "",
        has_sub_stream=source is not None and source.has_sub_stream,
        has_login=source is not None and source.has_login,
        suspended_because=camera.suspended_because,
        etag=camera.etag,
    )
