"""Translates: the data set of cameras."""

from uuid import UUID

from kit.call import Call
from kit.rpc import Servicer
from kit.rpc.enums import from_contract
from spilno.cctv.v1 import datasets_pb2 as pb

from cctv_gateway.cameras import actions as cameras
from cctv_gateway.cameras.rules import Dossier
from cctv_gateway.datasets import rules
from cctv_gateway.datasets.rules import MEDIA_TYPES, Format

_PAGE = 500


class Datasets(Servicer, contract=pb.DESCRIPTOR.services_by_name["Datasets"]):
    async def ExportCameraDataset(self, request: pb.ExportCameraDatasetRequest, call: Call) -> pb.CameraDataset:
        format = from_contract(Format, pb.DatasetFormat, request.format)
        return pb.CameraDataset(
            filename=f"cameras-{call.hromada.slug}-{call.today}.{format.value}",
            media_type=MEDIA_TYPES[format],
            content=rules.written(await _all(call), format),
        )


async def _all(call: Call) -> list[Dossier]:
    found = list[Dossier]()
    after: UUID | None = None
    while page := await cameras.page(call, after, _PAGE):
        found += [each.camera.dossier for each in page]
        after = page[-1].camera.id
    return found
