"""Translates: probes."""

from kit.call import Call
from kit.names import uid
from kit.rpc import Servicer
from spilno.cctv.v1 import cameras_pb2
from spilno.cctv.v1 import probes_pb2 as pb

from cctv_gateway.cameras.rpc import camera_message
from cctv_gateway.cameras.rules import Login
from cctv_gateway.probes import actions
from cctv_gateway.probes.actions import Probed


class Probes(Servicer, contract=pb.DESCRIPTOR.services_by_name["Probes"]):
    async def ProbeCamera(self, request: pb.ProbeCameraRequest, call: Call) -> pb.CameraProbe:
        login = Login(request.username, request.password)
        return _message(call, await actions.ask(call, uid(request.name), request.address.strip(), login))

    async def DiscoverCameras(self, request: pb.DiscoverCamerasRequest, call: Call) -> pb.DiscoverCamerasResponse:
        return pb.DiscoverCamerasResponse(
            devices=[
                pb.DiscoveredDevice(
                    address=each.found.address,
                    title=each.found.title,
                    model=each.found.model,
                    entered=each.is_entered,
                )
                for each in await actions.discover(call)
            ]
        )

    async def GetCameraProbe(self, request: pb.GetCameraProbeRequest, call: Call) -> pb.CameraProbe:
        return _message(call, await actions.find(call, uid(request.name)))

    async def AdoptProfiles(self, request: pb.AdoptProfilesRequest, call: Call) -> cameras_pb2.Camera:
        camera, main, sub = uid(request.name), request.main_profile, request.sub_profile
        return camera_message(call, await actions.adopt(call, camera, request.etag, main, sub))


def _message(call: Call, probed: Probed) -> pb.CameraProbe:
    told = probed.told
    message = pb.CameraProbe(
        camera=f"{call.hromada.name}/cameras/{probed.row.camera_id}",
        host=probed.row.host,
        manufacturer=told.manufacturer,
        model=told.model,
        serial_number=told.serial_number,
        firmware=told.firmware,
        seconds_ahead=told.seconds_ahead,
        profiles=[
            pb.StreamProfile(
                token=each.token,
                title=each.title,
                encoding=each.encoding,
                width=each.width,
                height=each.height,
                frames_per_second=each.frames_per_second,
                has_snapshot=bool(each.snapshot_url),
            )
            for each in told.profiles
        ],
    )
    message.probed_at.FromDatetime(probed.row.probed_at)
    return message
