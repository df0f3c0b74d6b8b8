"""Translates the contract's maps."""

from kit.call import Call
from kit.rpc import Servicer
from spilno.reception.v1 import maps_pb2 as pb

from reception.maps import actions
from reception.maps.model import Map


class Maps(Servicer, contract=pb.DESCRIPTOR.services_by_name["Maps"]):
    async def GetMap(self, request: pb.GetMapRequest, call: Call) -> pb.Map:
        found = await actions.find(call)
        return _message(found) if found is not None else pb.Map(etag=actions.NONE_YET)

    async def UpdateMap(self, request: pb.UpdateMapRequest, call: Call) -> pb.Map:
        return _message(await actions.bring(call, request.features, request.attribution, request.etag))


def _message(kept: Map) -> pb.Map:
    return pb.Map(features=kept.features, attribution=kept.attribution, streets=kept.streets, etag=kept.etag)
