"""Translates the contract's appeals."""

from datetime import date, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from kit.call import Call, Hromada
from kit.errors import Refused
from kit.names import uid
from kit.notices.rules import Channel as NoticeChannel
from kit.rpc import Servicer, paging
from kit.rpc.enums import from_contract, to_contract
from spilno.reception.v1 import appeals_pb2 as pb
from spilno.reception.v1 import particulars_pb2, proceedings_pb2, receptions_pb2

from reception.appeals import actions, searching
from reception.appeals.actions import Place
from reception.appeals.events import name_of
from reception.appeals.model import Appeal, Area, Channel, Kind
from reception.appeals.rules import (
    Body,
    Draft,
    Outcome,
    Particulars,
    Repeat,
    Reply,
    Resolution,
    Sensitivity,
    State,
    Wish,
)
from reception.cases import actions as cases
from reception.cases.actions import Mark
from reception.cases.rules import Person, check_purpose
from reception.proceedings import notices
from reception.receptions.rules import read_date
from reception.triage import submissions
from reception.triage.following import follow
from reception.triage.model import Handover, Submission
from reception.triage.rules import State as Sorting
from reception.triage.rules import check_marked


class Appeals(Servicer, contract=pb.DESCRIPTOR.services_by_name["Appeals"]):
    async def SubmitAppeal(self, request: pb.SubmitAppealRequest, call: Call) -> pb.Receipt:
        channel = Channel.INTEGRATION if call.caller.integrator else Channel.PORTAL
        receipt = await submissions.submit(
            call, *_said(request.appeal), channel, is_confidential=request.appeal.confidential
        )
        return pb.Receipt(
            number=receipt.number, code=receipt.code, received_at=_time(receipt.at), in_triage=not receipt.number
        )

    async def FollowAppeal(self, request: pb.FollowAppealRequest, call: Call) -> pb.AppealStatus:
        appeal = await follow(call, request.code)
        if isinstance(appeal, Submission):
            return _sent(appeal, await submissions.handover_of(call, appeal))
        return pb.AppealStatus(
            number=appeal.number,
            kind=to_contract(pb.AppealKind, appeal.kind),
            area=to_contract(pb.SafetyArea, appeal.area),
            state=to_contract(pb.AppealState, appeal.state),
            text="" if appeal.sensitivity else appeal.text,
            received_at=_time(appeal.received_at),
            taken_at=_time(appeal.taken_at),
            answer=appeal.answer,
            answered_at=_time(appeal.answered_at),
            due_on=appeal.due_on.isoformat() if appeal.state.is_open else "",
            result=_result(appeal),
            notices=await notices.told(call, appeal),
            sensitive=appeal.sensitivity is not None,
        )

    async def RegisterAppeal(self, request: pb.RegisterAppealRequest, call: Call) -> pb.RegisterAppealResponse:
        visit = _visit(request.visit, call) if request.visit else None
        beside = particulars(request.particulars, call)
        channel = _channel(request.channel, call)
        check_marked(is_confidential=request.appeal.confidential, is_marked=request.HasField("sensitive"))
        if request.HasField("sensitive"):
            appeal, code = await cases.register(
                call, *_said(request.appeal), channel, visit, beside, mark(request.sensitive)
            )
        else:
            appeal, code = await actions.register(call, *_said(request.appeal), channel, visit, beside)
        return pb.RegisterAppealResponse(appeal=message(call, appeal), code=code)

    async def GetAppeal(self, request: pb.GetAppealRequest, call: Call) -> pb.Appeal:
        call.purpose = request.purpose or call.purpose
        return message(call, await actions.get(call, uid(request.name)))

    async def ListAppeals(self, request: pb.ListAppealsRequest, call: Call) -> pb.ListAppealsResponse:
        size = request.page_size or paging.DEFAULT_SIZE
        start = paging.start_of(call, request, request.page_token)
        after = _place(start, by_deadline=request.by_deadline) if start else None
        states = [from_contract(State, pb.AppealState, state) for state in request.states if state]
        areas = [from_contract(Area, pb.SafetyArea, area) for area in request.areas if area]
        found = await actions.page(
            call,
            states=states,
            areas=areas,
            mine=request.mine,
            overdue=request.overdue,
            due_soon=request.due_soon,
            by_deadline=request.by_deadline,
            awaiting_decision=request.awaiting_decision,
            after=after,
            size=size + 1,
        )
        counted = await actions.counts(call, areas=areas, mine=request.mine)
        more = len(found) > size
        last = found[size - 1] if more else None
        return pb.ListAppealsResponse(
            appeals=[_row(call, appeal) for appeal in found[:size]],
            next_page_token=(
                paging.token_for(call, request, [_at(last, by_deadline=request.by_deadline), str(last.id)])
                if last
                else ""
            ),
            counts=[
                pb.StateCount(state=to_contract(pb.AppealState, state), count=counted.get(state, 0)) for state in State
            ],
        )

    async def SearchAppeals(self, request: pb.SearchAppealsRequest, call: Call) -> pb.SearchAppealsResponse:
        size = request.page_size or paging.DEFAULT_SIZE
        start = paging.start_of(call, request, request.page_token)
        skip = int(start[0]) if start else 0
        found = await searching.search(
            call,
            request.query,
            states=[from_contract(State, pb.AppealState, state) for state in request.states if state],
            areas=[from_contract(Area, pb.SafetyArea, area) for area in request.areas if area],
            order=from_contract(searching.Order, pb.SearchOrder, request.order) if request.order else None,
            skip=skip,
            size=size,
        )
        return pb.SearchAppealsResponse(
            appeals=[_row(call, appeal) for appeal in found.appeals],
            next_page_token=paging.token_for(call, request, [str(skip + size)]) if found.count > skip + size else "",
            too_many=found.count > searching.MOST,
        )

    async def TakeAppeal(self, request: pb.TakeAppealRequest, call: Call) -> pb.Appeal:
        return message(call, await actions.take(call, uid(request.name), request.etag))

    async def AnswerAppeal(self, request: pb.AnswerAppealRequest, call: Call) -> pb.Appeal:
        return message(call, await actions.answer(call, uid(request.name), request.etag, resolution(request)))


def _sent(submission: Submission, handover: Handover | None) -> pb.AppealStatus:
    """How what was not registered stands: it waits, somebody else has it, or it was erased."""
    status = pb.AppealStatus(
        kind=to_contract(pb.AppealKind, submission.kind),
        area=to_contract(pb.SafetyArea, submission.area),
        received_at=_time(submission.received_at),
        sensitive=True,
        in_triage=submission.state is Sorting.WAITING,
        erased=submission.state is Sorting.ERASED,
    )
    if handover is not None:
        status.state = pb.APPEAL_STATE_NOT_CONSIDERED
        status.notices.add(
            at=_time(handover.handed_at),
            kind=pb.APPEAL_NOTICE_KIND_HANDED_OVER,
            reason=handover.record_number,
            body=handover.unit,
        )
    return status


def _said(draft: pb.AppealDraft) -> tuple[Draft, Kind, Area]:
    who = draft.applicant
    return (
        Draft(
            name=who.name,
            residence=who.residence,
            phone=who.phone,
            email=who.email,
            text=draft.text,
            wish=_wish(draft.notices) if draft.HasField("notices") else None,
        ),
        from_contract(Kind, pb.AppealKind, draft.kind),
        from_contract(Area, pb.SafetyArea, draft.area),
    )


def _wish(notices: pb.NoticeWish) -> Wish:
    return Wish(from_contract(NoticeChannel, receptions_pb2.ReminderChannel, notices.channel), notices.language)


def _visit(name: str, call: Call) -> UUID:
    if call.caller.integrator or not name.startswith(f"{call.hromada.name}/visits/"):
        raise Refused("visit", "visit.unknown")
    return uid(name, "visit")


def _channel(said: pb.AppealChannel.ValueType, call: Call) -> Channel:
    if call.caller.integrator:
        return Channel.INTEGRATION
    if said in {pb.APPEAL_CHANNEL_UNSPECIFIED, pb.APPEAL_CHANNEL_PORTAL, pb.APPEAL_CHANNEL_INTEGRATION}:
        raise Refused("channel", "appeal.channel-missing")
    return from_contract(Channel, pb.AppealChannel, said)


def _place(start: list[str], *, by_deadline: bool) -> Place:
    at = date.fromisoformat(start[0]) if by_deadline else datetime.fromisoformat(start[0])
    return Place(at, UUID(start[1]))


def _at(appeal: Appeal, *, by_deadline: bool) -> str:
    return appeal.due_on.isoformat() if by_deadline else appeal.received_at.isoformat()


def particulars(said: particulars_pb2.Particulars, call: Call) -> Particulars:
    """What is written down beside an appeal.

    Raises:
        Refused: a day is none, or the appeal or the organisation is another hromada's; names the field.
    """
    return Particulars(
        received_on=_day(said.received_on, "particulars.received_on"),
        written_on=_day(said.written_on, "particulars.written_on"),
        is_signed=not said.unsigned,
        signatories=said.signatories or 1,
        repeat=from_contract(Repeat, particulars_pb2.RepeatSign, said.repeat) if said.repeat else Repeat.FIRST,
        previous=_previous(said.previous, call) if said.previous else None,
        codes=tuple(said.codes),
        subjects=tuple(said.subjects),
        conceals_identity=said.conceal_identity,
        reply=from_contract(Reply, particulars_pb2.Reply, said.reply) if said.reply else Reply.WRITTEN,
        complained_of=(
            body(said.complained_of, call, "particulars.complained_of") if said.HasField("complained_of") else None
        ),
        sent_from=said.sent_from.body,
        sent_on=_day(said.sent_from.date, "particulars.sent_from.date"),
        sent_index=said.sent_from.index,
    )


def body(said: particulars_pb2.Body, call: Call, field: str) -> Body:
    """An organisation of the call's hromada, with its title.

    Raises:
        Refused: it is another hromada's, or has no title.
    """
    if not said.organisation.startswith(f"{call.hromada.name}/organisations/"):
        raise Refused(field, "appeal.organisation-unknown")
    if not any(letter.isalnum() for letter in said.title):
        raise Refused(field, "appeal.organisation-unnamed")
    return Body(uid(said.organisation, field), said.title)


def _day(said: str, field: str) -> date | None:
    return read_date(said, field) if said else None


def _previous(name: str, call: Call) -> UUID:
    if not name.startswith(f"{call.hromada.name}/appeals/"):
        raise Refused("particulars.previous", "appeal.previous-unknown")
    return uid(name, "particulars.previous")


def mark(said: pb.CaseMark) -> Mark:
    """Why a case is sensitive, and who is named."""
    return Mark(
        from_contract(Sensitivity, particulars_pb2.Sensitivity, said.sensitivity),
        [Person(each.id, each.display_name) for each in said.staff],
        said.reason,
    )


def message(call: Call, appeal: Appeal) -> pb.Appeal:
    """An appeal, whole; of whom only what the caller may be told.

    Raises:
        WrongState: it is a sensitive case, and the call does not say what for.
    """
    check_purpose(appeal.sensitivity, call.purpose)
    said = _row(call, appeal)
    said.particulars.CopyFrom(_beside(call.hromada, appeal))
    if actions.knows_whose(call, appeal):
        said.applicant.residence = appeal.residence
        said.applicant.phone = appeal.phone
        said.applicant.email = appeal.email
    return said


def _row(call: Call, appeal: Appeal) -> pb.Appeal:
    """An appeal as the register shows it: whose it is, but not where they live or how to reach them."""
    return pb.Appeal(
        name=name_of(call.hromada, appeal),
        number=appeal.number,
        kind=to_contract(pb.AppealKind, appeal.kind),
        area=to_contract(pb.SafetyArea, appeal.area),
        channel=to_contract(pb.AppealChannel, appeal.channel),
        state=to_contract(pb.AppealState, appeal.state),
        applicant=pb.Applicant(name=appeal.applicant_name if actions.knows_whose(call, appeal) else ""),
        text=appeal.text,
        received_at=_time(appeal.received_at),
        registered_by=_actor(appeal.registered_by, appeal.registered_by_name),
        taken_by=_actor(appeal.taken_by, appeal.taken_by_name),
        taken_at=_time(appeal.taken_at),
        answer=appeal.answer,
        answered_by=_actor(appeal.answered_by, appeal.answered_by_name),
        answered_at=_time(appeal.answered_at),
        etag=appeal.etag,
        due=due(appeal),
        result=_result(appeal),
        priority=to_contract(particulars_pb2.Priority, appeal.priority),
        sensitivity=(
            to_contract(particulars_pb2.Sensitivity, appeal.sensitivity)
            if appeal.sensitivity
            else particulars_pb2.SENSITIVITY_UNSPECIFIED
        ),
    )


def due(appeal: Appeal) -> particulars_pb2.Due:
    """How its term stands."""
    return particulars_pb2.Due(
        safe_on=appeal.due_on.isoformat(),
        legal_on=appeal.legal_on.isoformat(),
        term=to_contract(particulars_pb2.Term, appeal.term),
        alarm=to_contract(particulars_pb2.Alarm, appeal.alarm),
        asked_until=appeal.asked_until.isoformat() if appeal.asked_until else "",
    )


def _result(appeal: Appeal) -> particulars_pb2.Result | None:
    if appeal.outcome is None:
        return None
    return particulars_pb2.Result(
        outcome=to_contract(particulars_pb2.AppealOutcome, appeal.outcome),
        legal_ground=appeal.legal_ground,
        appeal_procedure=appeal.appeal_procedure,
    )


def resolution(said: pb.AnswerAppealRequest | proceedings_pb2.AnswerWithDuplicatesRequest) -> Resolution:
    """What an answer says."""
    outcome = from_contract(Outcome, particulars_pb2.AppealOutcome, said.outcome)
    return Resolution(said.answer, outcome, said.legal_ground, said.appeal_procedure)


def _beside(hromada: Hromada, appeal: Appeal) -> particulars_pb2.Particulars:
    said = particulars_pb2.Particulars(
        received_on=appeal.received_on.isoformat(),
        written_on=appeal.written_on.isoformat() if appeal.written_on else "",
        unsigned=not appeal.is_signed,
        signatories=appeal.signatories,
        repeat=to_contract(particulars_pb2.RepeatSign, appeal.repeat),
        previous=f"{hromada.name}/appeals/{appeal.previous_id}" if appeal.previous_id else "",
        codes=appeal.codes,
        subjects=appeal.subjects,
        conceal_identity=appeal.conceals_identity,
        reply=to_contract(particulars_pb2.Reply, appeal.reply),
    )
    if appeal.complained_of is not None:
        said.complained_of.organisation = f"{hromada.name}/organisations/{appeal.complained_of}"
        said.complained_of.title = appeal.complained_of_title
    if appeal.sent_from:
        said.sent_from.body, said.sent_from.index = appeal.sent_from, appeal.sent_index
        said.sent_from.date = appeal.sent_on.isoformat() if appeal.sent_on else ""
    return said


def _actor(subject: str, name: str) -> pb.Actor | None:
    return pb.Actor(id=subject, display_name=name) if subject else None


def _time(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
