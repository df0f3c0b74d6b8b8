"""Translates: hromadas and offices."""

from kit.call import Call
from kit.names import last
from kit.rpc import Servicer
from kit.rpc.paging import DEFAULT_SIZE, start_of, token_for
from spilno.identity.v1 import hromadas_pb2 as pb

from identity.hromadas import actions
from identity.hromadas.model import Hromada, State
from identity.members.rpc import invitation_message
from identity.provisioning import actions as provisioning

_STATES = {
    State.PROVISIONING: pb.HROMADA_STATE_PROVISIONING,
    State.ACTIVE: pb.HROMADA_STATE_ACTIVE,
    State.SUSPENDED: pb.HROMADA_STATE_SUSPENDED,
    State.ERASING: pb.HROMADA_STATE_ERASING,
}


class Hromadas(Servicer, contract=pb.DESCRIPTOR.services_by_name["Hromadas"]):
    async def CreateHromada(self, request: pb.CreateHromadaRequest, call: Call) -> pb.CreateHromadaResponse:
        draft = actions.Draft(request.hromada_id, request.katotth, _office(request.office))
        head = request.head
        hromada, enrolled = await provisioning.bring(call, draft, request.template, head.display_name, head.email)
        return pb.CreateHromadaResponse(hromada=_message(hromada), invitation=invitation_message(enrolled, call.now))

    async def GetHromada(self, request: pb.GetHromadaRequest, call: Call) -> pb.Hromada:
        return _message(await actions.find(call.db, last(request.name)))

    async def ListHromadas(self, request: pb.ListHromadasRequest, call: Call) -> pb.ListHromadasResponse:
        size = request.page_size or DEFAULT_SIZE
        start = start_of(call, request, request.page_token)
        found = await actions.page(call, start[0] if start else "", size + 1)
        shown = found[:size]
        more = token_for(call, request, [shown[-1].slug]) if len(found) > size else ""
        return pb.ListHromadasResponse(hromadas=[_message(each) for each in shown], next_page_token=more)

    async def SuspendHromada(self, request: pb.SuspendHromadaRequest, call: Call) -> pb.Hromada:
        return _message(await actions.suspend(call, last(request.name), request.etag, request.reason))

    async def ResumeHromada(self, request: pb.ResumeHromadaRequest, call: Call) -> pb.Hromada:
        return _message(await actions.resume(call, last(request.name), request.etag))

    async def GetOffice(self, request: pb.GetOfficeRequest, call: Call) -> pb.Office:
        return _office_message(await actions.find(call.db, last(request.name)))

    async def ListOffices(self, request: pb.ListOfficesRequest, call: Call) -> pb.ListOfficesResponse:
        return pb.ListOfficesResponse(offices=[_office_message(each) for each in await actions.open_offices(call)])


def _message(hromada: Hromada) -> pb.Hromada:
    message = pb.Hromada(
        name=hromada.name,
        title=hromada.title,
        katotth=hromada.katotth,
        state=_STATES[hromada.state],
        etag=hromada.etag,
    )
    message.created_at.FromDatetime(hromada.created_at)
    return message


def _office(message: pb.Office) -> actions.Office:
    return actions.Office(
        title=message.title,
        title_en=message.title_en,
        address=message.address,
        address_en=message.address_en,
        directions=message.directions,
        directions_en=message.directions_en,
        phones=list(message.phones),
        email=message.email,
    )


def _office_message(hromada: Hromada) -> pb.Office:
    return pb.Office(
        name=hromada.name,
        title=hromada.title,
        title_en=hromada.title_en,
        address=hromada.address,
        address_en=hromada.address_en,
        directions=hromada.directions,
        directions_en=hromada.directions_en,
        phones=hromada.phones,
        email=hromada.email,
    )
