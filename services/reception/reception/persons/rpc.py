"""Translates the contract's data of persons."""

from datetime import date, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from kit.call import Call, Hromada
from kit.clock import kyiv_date
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.enums import from_contract, to_contract
from spilno.reception.v1 import persons_pb2 as pb
from spilno.reception.v1 import prints_pb2

from kit import days
from reception.appeals.model import Appeal
from reception.persons import actions, exporting
from reception.persons.actions import Asked, Of, Record
from reception.persons.model import LegalHold, PersonRequest
from reception.persons.rules import Field, Key, RequestKind
from reception.receptions.model import Visit
from reception.triage.model import Submission


class Persons(Servicer, contract=pb.DESCRIPTOR.services_by_name["Persons"]):
    async def FindPersonRecords(self, request: pb.FindPersonRecordsRequest, call: Call) -> pb.FindPersonRecordsResponse:
        found = await actions.find(call, _key(request.person))
        return pb.FindPersonRecordsResponse(records=[_record(call.hromada, each) for each in found])

    async def ExportPersonRecords(self, request: pb.ExportPersonRecordsRequest, call: Call) -> pb.PersonExport:
        found = await actions.whole(call, _key(request.person))
        data, readable = await exporting.files(call, found, request.organisation)
        return pb.PersonExport(
            data=prints_pb2.Document(file_name="person.json", content_type="application/json", content=data),
            readable=prints_pb2.Document(file_name="person.pdf", content_type="application/pdf", content=readable),
            appeals=[f"{call.hromada.name}/{each.record.name}" for each in found if isinstance(each.record.of, Appeal)],
            visits=[f"{call.hromada.name}/{each.record.name}" for each in found if isinstance(each.record.of, Visit)],
            submissions=[
                f"{call.hromada.name}/{each.record.name}" for each in found if isinstance(each.record.of, Submission)
            ],
        )

    async def CorrectPersonRecord(self, request: pb.CorrectPersonRecordRequest, call: Call) -> pb.PersonRecord:
        field = from_contract(Field, pb.PersonField, request.field)
        made = await actions.correct(call, request.record, request.etag, field, request.value, request.reason)
        return _record(call.hromada, made)

    async def EraseRecord(self, request: pb.EraseRecordRequest, call: Call) -> pb.PersonRecord:
        return _record(call.hromada, await actions.erase(call, request.record, request.etag, request.reason))

    async def SetHold(self, request: pb.SetHoldRequest, call: Call) -> pb.Hold:
        made = await actions.hold(call, request.record, request.reason, request.case_reference)
        return _hold(call.hromada, made)

    async def RemoveHold(self, request: pb.RemoveHoldRequest, call: Call) -> pb.Hold:
        removed = await actions.release(call, uid(request.name), request.etag, request.reason)
        return _hold(call.hromada, removed)

    async def ListHolds(self, request: pb.ListHoldsRequest, call: Call) -> pb.ListHoldsResponse:
        return pb.ListHoldsResponse(holds=[_hold(call.hromada, each) for each in await actions.holds(call)])

    async def RequestOwnData(self, request: pb.RequestOwnDataRequest, call: Call) -> pb.OwnRequest:
        kind = from_contract(RequestKind, pb.PersonRequestKind, request.kind)
        return _own(await actions.ask(call, request.code, kind, request.text))

    async def FollowOwnRequests(self, request: pb.FollowOwnRequestsRequest, call: Call) -> pb.FollowOwnRequestsResponse:
        found = await actions.asked_by(call, request.code)
        return pb.FollowOwnRequestsResponse(requests=[_own(each) for each in found])

    async def RecordPersonRequest(self, request: pb.RecordPersonRequestRequest, call: Call) -> pb.PersonRequest:
        kind = from_contract(RequestKind, pb.PersonRequestKind, request.kind)
        on = days.day(request.received_on, "received_on")
        made = await actions.write_down(call, kind, request.requester, request.identified_by, on, request.text)
        return _request(call.hromada, made)

    async def ListPersonRequests(
        self, request: pb.ListPersonRequestsRequest, call: Call
    ) -> pb.ListPersonRequestsResponse:
        found = await actions.requests(call)
        return pb.ListPersonRequestsResponse(requests=[_request(call.hromada, each) for each in found])

    async def AnswerPersonRequest(self, request: pb.AnswerPersonRequestRequest, call: Call) -> pb.PersonRequest:
        answered = await actions.answer(call, uid(request.name), request.etag, request.answer, granted=request.granted)
        return _request(call.hromada, answered)

    async def GetRetention(self, request: pb.GetRetentionRequest, call: Call) -> pb.Retention:
        years, etag = await actions.retention(call)
        return pb.Retention(years=years, etag=etag)

    async def UpdateRetention(self, request: pb.UpdateRetentionRequest, call: Call) -> pb.Retention:
        years, etag = await actions.keep_for(call, request.years, request.etag)
        return pb.Retention(years=years, etag=etag)


def _key(said: pb.PersonKey) -> Key:
    return Key(
        said.phone, said.email.strip(), said.code, said.known_as.strip(), days.day_or_none(said.day, "person.day")
    )


def _record(hromada: Hromada, record: Record) -> pb.PersonRecord:
    of = record.of
    is_appeal = isinstance(of, Appeal)
    return pb.PersonRecord(
        record=record.name,
        number=of.number if isinstance(of, Appeal) else "",
        day=days.written(_day(of)),
        known_as=of.visitor if isinstance(of, Visit) else of.applicant_name,
        residence="" if isinstance(of, Visit) else of.residence,
        phone=of.phone,
        email=(of.reminder_email if isinstance(of, Visit) else of.email) or "",
        text=of.topic if isinstance(of, Visit) else of.text,
        etag=of.etag,
        held=record.is_held,
        kept_until=days.written(record.kept_until) if is_appeal else "",
        erased=record.erased,
        corrections=[
            pb.Correction(
                field=to_contract(pb.PersonField, each.field),
                reason=each.reason,
                corrected_by=each.corrected_by_name,
                at=_time(each.at),
            )
            for each in record.corrections
        ],
        **_named(hromada, record.name),
    )


def _day(of: Of) -> date:
    if isinstance(of, Appeal):
        return of.received_on
    return kyiv_date(of.starts_at if isinstance(of, Visit) else of.received_at)


def _hold(hromada: Hromada, hold: LegalHold) -> pb.Hold:
    return pb.Hold(
        name=f"{hromada.name}/holds/{hold.id}",
        record=hold.record,
        reason=hold.reason,
        case_reference=hold.case_reference,
        set_by=hold.set_by_name,
        set_at=_time(hold.set_at),
        removed_by=hold.removed_by_name,
        removed_because=hold.removed_because,
        etag=hold.etag,
        **_named(hromada, hold.record),
    )


def _named(hromada: Hromada, record: str) -> dict[str, str]:
    """The record's resource name, in the field of its kind: the trail keeps it."""
    if record.startswith("mediations/"):
        return {}
    return {record.partition("/")[0].removesuffix("s"): f"{hromada.name}/{record}"}


def _own(asked: Asked) -> pb.OwnRequest:
    request = asked.request
    return pb.OwnRequest(
        kind=to_contract(pb.PersonRequestKind, request.kind),
        state=to_contract(pb.PersonRequestState, request.state),
        received_on=days.written(request.received_on),
        due_on=days.written(asked.due.safe),
        answer=request.answer,
    )


def _request(hromada: Hromada, asked: Asked) -> pb.PersonRequest:
    request = asked.request
    return pb.PersonRequest(
        name=f"{hromada.name}/person-requests/{request.id}",
        request=_own(asked),
        requester=request.requester,
        identified_by=request.identified_by,
        text=request.text,
        record=_by_code_of(request),
        alarm=to_contract(pb.PersonRequestAlarm, asked.alarm),
        answered_by=request.answered_by_name,
        etag=request.etag,
    )


def _by_code_of(request: PersonRequest) -> str:
    if request.submission_id is not None:
        return f"submissions/{request.submission_id}"
    return f"appeals/{request.appeal_id}" if request.appeal_id else ""


def _time(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
