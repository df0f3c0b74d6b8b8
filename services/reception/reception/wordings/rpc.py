"""Translates the contract's wordings."""

from kit.call import Call
from kit.rpc import Servicer
from spilno.reception.v1 import wordings_pb2 as pb

from reception.wordings import actions
from reception.wordings.model import WordingSet
from reception.wordings.rules import Wording


class Wordings(Servicer, contract=pb.DESCRIPTOR.services_by_name["Wordings"]):
    async def GetWordings(self, request: pb.GetWordingsRequest, call: Call) -> pb.WordingSet:
        found = await actions.find(call)
        return _message(found) if found is not None else pb.WordingSet(etag=actions.NONE_YET)

    async def UpdateWordings(self, request: pb.UpdateWordingsRequest, call: Call) -> pb.WordingSet:
        said = [Wording(each.title, each.text) for each in request.wordings]
        return _message(await actions.write(call, said, request.etag))


def _message(kept: WordingSet) -> pb.WordingSet:
    pairs = zip(kept.titles, kept.texts, strict=True)
    return pb.WordingSet(wordings=[pb.Wording(title=title, text=text) for title, text in pairs], etag=kept.etag)
