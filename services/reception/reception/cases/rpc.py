"""Translates the contract's sensitive cases."""

from google.protobuf.timestamp_pb2 import Timestamp
from kit.call import Call
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.enums import to_contract
from spilno.reception.v1 import appeals_pb2, particulars_pb2
from spilno.reception.v1 import cases_pb2 as pb

from reception.appeals.events import name_of
from reception.appeals.rpc import due, mark
from reception.cases import actions
from reception.cases.actions import Access
from reception.cases.model import CaseChange
from reception.cases.rules import Person, restricted


class Cases(Servicer, contract=pb.DESCRIPTOR.services_by_name["Cases"]):
    async def MarkSensitive(self, request: pb.MarkSensitiveRequest, call: Call) -> pb.CaseAccess:
        return _access(call, await actions.mark(call, uid(request.name), request.etag, mark(request.mark)))

    async def NameStaff(self, request: pb.NameStaffRequest, call: Call) -> pb.CaseAccess:
        person = Person(request.staff.id, request.staff.display_name)
        return _access(call, await actions.name(call, uid(request.name), request.etag, person, request.reason))

    async def RemoveStaff(self, request: pb.RemoveStaffRequest, call: Call) -> pb.CaseAccess:
        return _access(call, await actions.remove(call, uid(request.name), request.etag, request.staff, request.reason))

    async def EndSensitivity(self, request: pb.EndSensitivityRequest, call: Call) -> pb.CaseAccess:
        return _access(call, await actions.end(call, uid(request.name), request.etag, request.reason))

    async def GetCaseAccess(self, request: pb.GetCaseAccessRequest, call: Call) -> pb.CaseAccess:
        call.purpose = request.purpose or call.purpose
        return _access(call, await actions.access(call, uid(request.name)))

    async def ListSensitiveCases(
        self, request: pb.ListSensitiveCasesRequest, call: Call
    ) -> pb.ListSensitiveCasesResponse:
        return pb.ListSensitiveCasesResponse(
            cases=[
                pb.SensitiveCase(
                    name=name_of(call.hromada, each),
                    number=each.number,
                    sensitivity=to_contract(particulars_pb2.Sensitivity, restricted(each.sensitivity)),
                    state=to_contract(appeals_pb2.AppealState, each.state),
                    due=due(each),
                )
                for each in await actions.own(call)
            ]
        )

    async def ListAbandonedCases(
        self, request: pb.ListAbandonedCasesRequest, call: Call
    ) -> pb.ListAbandonedCasesResponse:
        return pb.ListAbandonedCasesResponse(
            cases=[
                pb.AbandonedCase(name=f"{call.hromada.name}/appeals/{each.id}", number=each.number, etag=each.etag)
                for each in await actions.abandoned(call)
            ]
        )

    async def RecoverCase(self, request: pb.RecoverCaseRequest, call: Call) -> pb.CaseAccess:
        call.purpose = request.purpose
        return _access(call, await actions.recover(call, uid(request.name), request.etag, request.reason))


def _access(call: Call, access: Access) -> pb.CaseAccess:
    appeal = access.appeal
    return pb.CaseAccess(
        name=name_of(call.hromada, appeal),
        sensitivity=(
            to_contract(particulars_pb2.Sensitivity, appeal.sensitivity)
            if appeal.sensitivity
            else particulars_pb2.SENSITIVITY_UNSPECIFIED
        ),
        named=[appeals_pb2.Actor(id=each.id, display_name=each.name) for each in access.named],
        changes=[_change(each) for each in access.changes],
        etag=appeal.etag,
    )


def _change(change: CaseChange) -> pb.CaseChange:
    stamp = Timestamp()
    stamp.FromDatetime(change.changed_at)
    return pb.CaseChange(
        kind=to_contract(pb.CaseChangeKind, change.change),
        staff=appeals_pb2.Actor(id=change.person, display_name=change.person_name) if change.person else None,
        changed_by=appeals_pb2.Actor(id=change.changed_by, display_name=change.changed_by_name),
        changed_at=stamp,
        reason=change.reason,
    )
