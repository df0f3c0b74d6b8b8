"""Translates the contract's leaflets."""

from kit.call import Call
from kit.names import uid
from kit.rpc import Servicer
from spilno.reception.v1 import leaflets_pb2 as pb
from spilno.reception.v1 import prints_pb2

from reception.leaflets import actions
from reception.leaflets.rules import Office
from reception.prints.rpc import document


class Leaflets(Servicer, contract=pb.DESCRIPTOR.services_by_name["Leaflets"]):
    async def PrintBooklet(self, request: pb.PrintBookletRequest, call: Call) -> prints_pb2.Document:
        return document(await actions.booklet(call, _office(request.office)))

    async def PrintCards(self, request: pb.PrintCardsRequest, call: Call) -> prints_pb2.Document:
        return document(await actions.cards(call, uid(request.name), _office(request.office)))

    async def PrintPoster(self, request: pb.PrintPosterRequest, call: Call) -> prints_pb2.Document:
        return document(await actions.poster(call, _office(request.office)))


def _office(said: pb.OfficeLine) -> Office:
    return Office(said.title, said.address, said.directions, tuple(said.phones), said.link)
