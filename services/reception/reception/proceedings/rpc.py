"""Translates what the contract says of an appeal's way."""

from datetime import date, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from kit.call import Call
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.enums import from_contract, to_contract
from spilno.reception.v1 import appeals_pb2, triage_pb2
from spilno.reception.v1 import proceedings_pb2 as pb

from reception.appeals import actions as appeals
from reception.appeals.events import name_of
from reception.appeals.rpc import body, message, particulars, resolution
from reception.appeals.rules import Requisite
from reception.clocks.rules import Deadline
from reception.proceedings import actions, duplicates
from reception.proceedings.duplicates import Duplicate
from reception.proceedings.model import Decision
from reception.proceedings.rules import Ground
from reception.receptions.rules import read_date
from reception.triage.rules import Track

_RETURNS = {Ground.DEFECT, Ground.INSUFFICIENT}


class Proceedings(Servicer, contract=pb.DESCRIPTOR.services_by_name["Proceedings"]):
    async def GetProceedings(self, request: pb.GetProceedingsRequest, call: Call) -> pb.AppealProceedings:
        call.purpose = request.purpose or call.purpose
        way = await actions.way(call, uid(request.name))
        clocks = way.clocks
        return pb.AppealProceedings(
            forward=_end(clocks.forward),
            missing=_end(clocks.missing),
            defect=_end(clocks.defect),
            simple=_end(clocks.simple),
            month=_end(clocks.month),
            most=_end(clocks.most),
            decisions=[_decision(call, each) for each in way.decisions],
            history=[pb.HistoryEntry(deed=to_contract(pb.Deed, step.deed), at=_time(step.at)) for step in way.steps],
            extension_asked=_decision(call, way.asked) if way.asked else None,
            missing_requisites=sorted(to_contract(pb.Requisite, each) for each in way.missing),
        )

    async def UpdateParticulars(self, request: pb.UpdateParticularsRequest, call: Call) -> appeals_pb2.Appeal:
        beside = particulars(request.particulars, call)
        return message(call, await appeals.update_particulars(call, uid(request.name), request.etag, beside))

    async def FindEarlierAppeals(
        self, request: pb.FindEarlierAppealsRequest, call: Call
    ) -> pb.FindEarlierAppealsResponse:
        found = await actions.earlier(call, uid(request.name))
        return pb.FindEarlierAppealsResponse(
            appeals=[
                pb.EarlierAppeal(
                    name=name_of(call.hromada, each),
                    number=each.number,
                    state=to_contract(appeals_pb2.AppealState, each.state),
                    received_on=each.received_on.isoformat(),
                    resolved=is_resolved,
                )
                for each, is_resolved in found
            ]
        )

    async def MarkSimple(self, request: pb.MarkSimpleRequest, call: Call) -> appeals_pb2.Appeal:
        return message(call, await actions.mark_simple(call, uid(request.name), request.etag))

    async def ReturnAppeal(self, request: pb.ReturnAppealRequest, call: Call) -> appeals_pb2.Appeal:
        missing = [from_contract(Requisite, pb.Requisite, each) for each in request.missing]
        ground = from_contract(Ground, pb.ReturnGround, request.ground)
        returned = await actions.send_back(call, uid(request.name), request.etag, ground, missing, request.explanation)
        return message(call, returned)

    async def ForwardAppeal(self, request: pb.ForwardAppealRequest, call: Call) -> appeals_pb2.Appeal:
        to = body(request.to, call, "to")
        return message(call, await actions.forward(call, uid(request.name), request.etag, to, request.reason))

    async def ReassignAppeal(self, request: pb.ReassignAppealRequest, call: Call) -> appeals_pb2.Appeal:
        given = await actions.reassign(call, uid(request.name), request.etag, request.colleague, request.reason)
        return message(call, given)

    async def RecordBodyAnswer(self, request: pb.RecordBodyAnswerRequest, call: Call) -> appeals_pb2.Appeal:
        return message(call, await actions.record_body_answer(call, uid(request.name), request.etag, request.answer))

    async def AskExtension(self, request: pb.AskExtensionRequest, call: Call) -> appeals_pb2.Appeal:
        until = read_date(request.until, "until")
        asked = await actions.ask_extension(call, uid(request.name), request.etag, until, request.reason)
        return message(call, asked)

    async def DecideExtension(self, request: pb.DecideExtensionRequest, call: Call) -> appeals_pb2.Appeal:
        decided = await actions.decide_extension(
            call, uid(request.name), request.etag, request.note, granted=request.granted
        )
        return message(call, decided)

    async def ShortenTerm(self, request: pb.ShortenTermRequest, call: Call) -> appeals_pb2.Appeal:
        until = read_date(request.until, "until")
        return message(call, await actions.shorten(call, uid(request.name), request.etag, until, request.reason))

    async def DeclineShortening(self, request: pb.DeclineShorteningRequest, call: Call) -> appeals_pb2.Appeal:
        declined = await actions.decline_shortening(call, uid(request.name), request.etag, request.reason)
        return message(call, declined)

    async def FindDuplicates(self, request: pb.FindDuplicatesRequest, call: Call) -> pb.FindDuplicatesResponse:
        found = await duplicates.of_appeal(call, uid(request.name))
        return pb.FindDuplicatesResponse(duplicates=[_duplicate(call, each) for each in found])

    async def AnswerWithDuplicates(
        self, request: pb.AnswerWithDuplicatesRequest, call: Call
    ) -> pb.AnswerWithDuplicatesResponse:
        first, found = await duplicates.answer(call, uid(request.name), request.etag, resolution(request))
        return pb.AnswerWithDuplicatesResponse(
            appeal=message(call, first),
            answered=[_duplicate(call, each) for each in found if each.obstacle is None],
            not_answered=[_duplicate(call, each) for each in found if each.obstacle is not None],
        )

    async def DecideNotToConsider(self, request: pb.DecideNotToConsiderRequest, call: Call) -> appeals_pb2.Appeal:
        ground = from_contract(Ground, pb.NotConsideredGround, request.ground)
        decided = await actions.do_not_consider(
            call, uid(request.name), request.etag, ground, request.reason, _known(request)
        )
        return message(call, decided)

    async def HandOverAppeal(self, request: pb.HandOverAppealRequest, call: Call) -> appeals_pb2.Appeal:
        track = from_contract(Track, triage_pb2.Track, request.track)
        handed = await actions.hand_over(
            call, uid(request.name), request.etag, track, request.unit, request.record_number
        )
        return message(call, handed)


def _known(request: pb.DecideNotToConsiderRequest) -> tuple[date, date] | None:
    if not request.adopted_on and not request.known_on:
        return None
    return read_date(request.adopted_on, "adopted_on"), read_date(request.known_on, "known_on")


def _duplicate(call: Call, duplicate: Duplicate) -> pb.Duplicate:
    appeal = duplicate.appeal
    return pb.Duplicate(
        name=name_of(call.hromada, appeal),
        number=appeal.number,
        state=to_contract(appeals_pb2.AppealState, appeal.state),
        received_on=appeal.received_on.isoformat(),
        obstacle=(
            to_contract(pb.DuplicateObstacle, duplicate.obstacle)
            if duplicate.obstacle
            else pb.DUPLICATE_OBSTACLE_UNSPECIFIED
        ),
    )


def _decision(call: Call, decision: Decision) -> pb.Decision:
    said = pb.Decision(
        deed=to_contract(pb.Deed, decision.deed),
        decided_at=_time(decision.decided_at),
        decided_by=appeals_pb2.Actor(id=decision.decided_by, display_name=decision.decided_by_name),
        reason=decision.reason,
        missing=[to_contract(pb.Requisite, Requisite(each)) for each in decision.missing],
        until=decision.until.isoformat() if decision.until else "",
        late=decision.is_late,
    )
    if decision.colleague:
        said.colleague.id, said.colleague.display_name = decision.colleague, decision.colleague_name
    if decision.body_title:
        said.body.title = decision.body_title
    if decision.body is not None:
        said.body.organisation = f"{call.hromada.name}/organisations/{decision.body}"
    if decision.ground in _RETURNS:
        said.return_ground = to_contract(pb.ReturnGround, decision.ground)
    elif decision.ground is not None:
        said.not_considered_ground = to_contract(pb.NotConsideredGround, decision.ground)
    return said


def _end(deadline: Deadline) -> pb.ClockEnd:
    return pb.ClockEnd(
        raw_on=deadline.raw.isoformat(), legal_on=deadline.legal.isoformat(), safe_on=deadline.safe.isoformat()
    )


def _time(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
