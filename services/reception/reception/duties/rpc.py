"""Translates the contract's duties."""

from kit.call import Call, Hromada
from kit.errors import Refused
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.enums import from_contract, to_contract
from spilno.reception.v1 import duties_pb2 as pb

from kit import days
from reception.duties import actions
from reception.duties.actions import Standing
from reception.duties.model import Duty
from reception.duties.rules import Draft, Kind
from reception.officers.rpc import name_of as officer_name


class Duties(Servicer, contract=pb.DESCRIPTOR.services_by_name["Duties"]):
    async def ListDuties(self, request: pb.ListDutiesRequest, call: Call) -> pb.ListDutiesResponse:
        return pb.ListDutiesResponse(
            standings=[_standing(call.hromada, each) for each in await actions.standings(call)],
            held=[_message(call.hromada, each) for each in await actions.held(call)],
        )

    async def CreateDuty(self, request: pb.CreateDutyRequest, call: Call) -> pb.Duty:
        if not request.beat.startswith(f"{call.hromada.name}/beats/"):
            raise Refused("beat", "duty.beat-unknown")
        kind = from_contract(Kind, pb.DutyKind, request.kind)
        made = await actions.create(call, uid(request.beat, "beat"), kind, _said(request.duty))
        return _message(call.hromada, made)

    async def UpdateDuty(self, request: pb.UpdateDutyRequest, call: Call) -> pb.Duty:
        duty = await actions.update(call, uid(request.name), request.etag, _said(request.duty))
        return _message(call.hromada, duty)


def _said(duty: pb.DutyDraft) -> Draft:
    return Draft(
        days.day_or_none(duty.planned_on, "duty.planned_on"), days.day_or_none(duty.held_on, "duty.held_on"), duty.note
    )


def _message(hromada: Hromada, duty: Duty) -> pb.Duty:
    return pb.Duty(
        name=f"{hromada.name}/duties/{duty.id}",
        kind=to_contract(pb.DutyKind, duty.kind),
        beat=f"{hromada.name}/beats/{duty.beat_id}",
        officer=officer_name(hromada, duty.officer_id),
        duty=pb.DutyDraft(planned_on=days.written(duty.planned_on), held_on=days.written(duty.held_on), note=duty.note),
        etag=duty.etag,
    )


def _standing(hromada: Hromada, standing: Standing) -> pb.DutyStanding:
    return pb.DutyStanding(
        beat=f"{hromada.name}/beats/{standing.beat.id}",
        beat_number=standing.beat.number,
        officer=officer_name(hromada, standing.officer.id),
        officer_title=standing.officer.display_name,
        kind=to_contract(pb.DutyKind, standing.kind),
        last_held_on=days.written(standing.last),
        due_on=days.written(standing.due.safe),
        legal_on=days.written(standing.due.legal),
        alarm=to_contract(pb.DutyAlarm, standing.alarm),
        planned=_message(hromada, standing.planned) if standing.planned else None,
    )
