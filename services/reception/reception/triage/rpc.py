"""Translates the contract's triage."""

from datetime import date, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from kit.call import Call, Hromada
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.enums import from_contract, to_contract
from spilno.reception.v1 import appeals_pb2, persons_pb2
from spilno.reception.v1 import triage_pb2 as pb

from reception.appeals.model import Area, Kind
from reception.appeals.rpc import mark, message
from reception.attachments import actions as attachments
from reception.attachments.model import Attachment
from reception.persons import records
from reception.persons.rules import RequestKind
from reception.triage import actions, rules, submissions
from reception.triage.model import Handover, Submission, Tip
from reception.triage.rules import Track


class Triage(Servicer, contract=pb.DESCRIPTOR.services_by_name["Triage"]):
    async def SuggestTracks(self, request: pb.SuggestTracksRequest, call: Call) -> pb.SuggestTracksResponse:
        return pb.SuggestTracksResponse(tracks=[to_contract(pb.Track, each) for each in rules.suggest(request.text)])

    async def RecordTip(self, request: pb.RecordTipRequest, call: Call) -> pb.Tip:
        area = from_contract(Area, appeals_pb2.SafetyArea, request.area)
        return _tip(call.hromada, await actions.record_tip(call, area, request.text))

    async def RecordHandover(self, request: pb.RecordHandoverRequest, call: Call) -> pb.Handover:
        track = from_contract(Track, pb.Track, request.track)
        made = await actions.record_handover(call, track, request.unit, request.record_number)
        return _handover(call.hromada, made)

    async def ListSubmissions(self, request: pb.ListSubmissionsRequest, call: Call) -> pb.ListSubmissionsResponse:
        found = await submissions.waiting(call)
        due = await submissions.due_on(call)
        files = await attachments.of_waiting(call, [each.id for each in found])
        asked = await records.open_asked(call, [each.id for each in found])
        return pb.ListSubmissionsResponse(
            submissions=[
                _submission(
                    call,
                    each,
                    due(each),
                    [one for one in files if one.submission_id == each.id],
                    [one.kind for one in asked if one.submission_id == each.id],
                )
                for each in found
            ]
        )

    async def RegisterSubmission(self, request: pb.RegisterSubmissionRequest, call: Call) -> appeals_pb2.Appeal:
        kind = from_contract(Kind, appeals_pb2.AppealKind, request.kind)
        area = from_contract(Area, appeals_pb2.SafetyArea, request.area)
        marked = mark(request.sensitive) if request.HasField("sensitive") else None
        return message(call, await submissions.register(call, uid(request.name), request.etag, kind, area, marked))

    async def HandOverSubmission(self, request: pb.HandOverSubmissionRequest, call: Call) -> pb.Handover:
        track = from_contract(Track, pb.Track, request.track)
        handed = await submissions.hand_over(
            call, uid(request.name), request.etag, track, request.unit, request.record_number
        )
        return _handover(call.hromada, handed)

    async def ListTips(self, request: pb.ListTipsRequest, call: Call) -> pb.ListTipsResponse:
        return pb.ListTipsResponse(tips=[_tip(call.hromada, each) for each in await actions.tips(call)])

    async def ListHandovers(self, request: pb.ListHandoversRequest, call: Call) -> pb.ListHandoversResponse:
        found = await actions.handovers(call)
        return pb.ListHandoversResponse(handovers=[_handover(call.hromada, each) for each in found])


def _submission(
    call: Call, submission: Submission, due_on: date, files: list[Attachment], asked: list[RequestKind]
) -> pb.Submission:
    name = f"{call.hromada.name}/submissions/{submission.id}"
    return pb.Submission(
        name=name,
        kind=to_contract(appeals_pb2.AppealKind, submission.kind),
        area=to_contract(appeals_pb2.SafetyArea, submission.area),
        applicant=appeals_pb2.Applicant(
            name=submission.applicant_name,
            residence=submission.residence,
            phone=submission.phone,
            email=submission.email,
        ),
        text=submission.text,
        tracks=[to_contract(pb.Track, Track(each)) for each in submission.tracks],
        confidential=submission.is_confidential,
        received_at=_time(submission.received_at),
        etag=submission.etag,
        due_on=due_on.isoformat(),
        overdue=due_on < call.today,
        files=[
            pb.SubmissionFile(
                name=f"{name}/attachments/{each.id}",
                filename=each.filename,
                size=each.size,
                has_thumbnail=each.thumbnail_size > 0,
            )
            for each in files
        ],
        asked=[to_contract(persons_pb2.PersonRequestKind, each) for each in asked],
    )


def _tip(hromada: Hromada, tip: Tip) -> pb.Tip:
    return pb.Tip(
        name=f"{hromada.name}/tips/{tip.id}",
        area=to_contract(appeals_pb2.SafetyArea, tip.area),
        text=tip.text,
        received_at=_time(tip.received_at),
    )


def _handover(hromada: Hromada, handover: Handover) -> pb.Handover:
    return pb.Handover(
        name=f"{hromada.name}/handovers/{handover.id}",
        track=to_contract(pb.Track, handover.track),
        unit=handover.unit,
        record_number=handover.record_number,
        handed_at=_time(handover.handed_at),
        due_at=_time(handover.due_at) if handover.due_at else None,
        handed_by=(
            appeals_pb2.Actor(id=handover.handed_by, display_name=handover.handed_by_name)
            if handover.handed_by
            else None
        ),
    )


def _time(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
