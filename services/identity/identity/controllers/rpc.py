"""Translates: controllers and processors of personal data."""

from datetime import date

from kit.call import Call, Hromada
from kit.days import day, written
from kit.rpc import Servicer
from kit.rpc.enums import from_contract, to_contract
from spilno.identity.v1 import controllers_pb2 as pb

from identity.controllers import actions
from identity.controllers.model import Controller
from identity.controllers.rules import Body, in_force


class Controllers(Servicer, contract=pb.DESCRIPTOR.services_by_name["Controllers"]):
    async def RecordController(self, request: pb.RecordControllerRequest, call: Call) -> pb.Controller:
        draft = actions.Draft(
            controller=from_contract(Body, pb.BodyKind, request.controller),
            controller_title=request.controller_title,
            processor=from_contract(Body, pb.BodyKind, request.processor),
            processor_title=request.processor_title,
            basis=request.basis,
            since=day(request.since, "since"),
        )
        recorded = await actions.record(call, draft)
        return _message(call.hromada, recorded, in_force([recorded.since], call.today))

    async def ListControllers(self, request: pb.ListControllersRequest, call: Call) -> pb.ListControllersResponse:
        found = await actions.every(call)
        current = in_force([each.since for each in found], call.today)
        return pb.ListControllersResponse(controllers=[_message(call.hromada, each, current) for each in found])


def _message(hromada: Hromada, controller: Controller, current: date | None) -> pb.Controller:
    return pb.Controller(
        name=f"{hromada.name}/controllers/{controller.id}",
        controller=to_contract(pb.BodyKind, controller.controller),
        controller_title=controller.controller_title,
        processor=to_contract(pb.BodyKind, controller.processor),
        processor_title=controller.processor_title,
        basis=controller.basis,
        since=written(controller.since),
        current=controller.since == current,
    )
