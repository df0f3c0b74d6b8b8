"""Translates: integrators."""

from kit.call import Call, Hromada
from kit.names import last
from kit.rpc import Servicer
from spilno.identity.v1 import integrators_pb2 as pb

from identity.integrators import actions
from identity.integrators.model import Integrator
from identity.integrators.rules import ClientId


class Integrators(Servicer, contract=pb.DESCRIPTOR.services_by_name["Integrators"]):
    async def CreateIntegrator(self, request: pb.CreateIntegratorRequest, call: Call) -> pb.CreateIntegratorResponse:
        integrator, secret = await actions.create(call, request.integrator_id, request.display_name)
        return pb.CreateIntegratorResponse(integrator=_message(call.hromada, integrator), client_secret=secret)

    async def ListIntegrators(self, request: pb.ListIntegratorsRequest, call: Call) -> pb.ListIntegratorsResponse:
        found = await actions.every(call)
        return pb.ListIntegratorsResponse(integrators=[_message(call.hromada, each) for each in found])

    async def RevokeIntegrator(self, request: pb.RevokeIntegratorRequest, call: Call) -> pb.Integrator:
        return _message(call.hromada, await actions.revoke(call, last(request.name), request.etag))


def _message(hromada: Hromada, integrator: Integrator) -> pb.Integrator:
    message = pb.Integrator(
        name=f"{hromada.name}/integrators/{integrator.slug}",
        display_name=integrator.display_name,
        client_id=str(ClientId(hromada.slug, integrator.slug)),
        etag=integrator.etag,
    )
    message.created_at.FromDatetime(integrator.created_at)
    if integrator.revoked_at is not None:
        message.revoked_at.FromDatetime(integrator.revoked_at)
    return message
