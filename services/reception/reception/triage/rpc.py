"""Translates the contract's triage."""

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp
from kit.call import Call, Hromada
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.enums import from_contract, to_contract
from spilno.reception.v1 import appeals_pb2
from spilno.reception.v1 import triage_pb2 as pb

from reception.appeals.model import Area, Kind
from reception.appeals.rpc import mark, message
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
        return pb.ListSubmissionsResponse(submissions=[_submission(call, each) for each in found])

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


def _submission(call: Call, submission: Submission) -> pb.Submission:
    said = pb.Submission(
        name=f"{call.hromada.name}/submissions/{submission.id}",
        confidential=submission.is_confidential,
        received_at=_time(submission.received_at),
        etag=submission.etag,
    )
    if submissions.is_open_to(call, submission):
        said.kind = to_contract(appeals_pb2.AppealKind, submission.kind)
        said.area = to_contract(appeals_pb2.SafetyArea, submission.area)
        said.text = submission.text
        said.tracks.extend(to_contract(pb.Track, Track(each)) for each in submission.tracks)
        said.applicant.name, said.applicant.residence = submission.applicant_name, submission.residence
        said.applicant.phone, said.applicant.email = submission.phone, submission.email
    return said


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
