"""Translates the contract's figures."""

from kit.call import Call
from kit.rpc import Servicer
from kit.rpc.enums import to_contract
from spilno.reception.v1 import appeals_pb2
from spilno.reception.v1 import figures_pb2 as pb

from reception.figures import actions


class Figures(Servicer, contract=pb.DESCRIPTOR.services_by_name["Figures"]):
    async def GetPublicFigures(self, request: pb.GetPublicFiguresRequest, call: Call) -> pb.PublicFigures:
        told = await actions.of_year(call, request.year)
        return pb.PublicFigures(
            year=request.year,
            total=_count(told.total),
            areas=[
                pb.AreaFigure(area=to_contract(appeals_pb2.SafetyArea, area), count=_count(count))
                for area, count in told.areas.items()
            ],
            states=[
                pb.StateFigure(state=to_contract(appeals_pb2.AppealState, state), count=_count(count))
                for state, count in told.states.items()
            ],
            sensitive=_count(told.sensitive),
        )


def _count(told: int | None) -> pb.PublicCount:
    return pb.PublicCount(suppressed=True) if told is None else pb.PublicCount(count=told)
