"""Translates the contract's appeals."""

from datetime import datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from kit.call import Call, Hromada
from kit.errors import Refused
from kit.names import uid
from kit.notices.rules import Channel as NoticeChannel
from kit.rpc import Servicer, paging
from kit.rpc.enums import from_contract, to_contract
from spilno.reception.v1 import appeals_pb2 as pb
from spilno.reception.v1 import receptions_pb2

from reception.appeals import actions, searching
from reception.appeals.events import name_of
from reception.appeals.model import Appeal, Area, Channel, Kind
from reception.appeals.rules import Draft, State, Wish


class Appeals(Servicer, contract=pb.DESCRIPTOR.services_by_name["Appeals"]):
    async def SubmitAppeal(self, request: pb.SubmitAppealRequest, call: Call) -> pb.Receipt:
        channel = Channel.INTEGRATION if call.caller.integrator else Channel.PORTAL
        appeal, code = await actions.register(call, *_said(request.appeal), channel)
        return pb.Receipt(number=appeal.number, code=code, received_at=_time(appeal.received_at))

    async def FollowAppeal(self, request: pb.FollowAppealRequest, call: Call) -> pb.AppealStatus:
        appeal = await actions.follow(call, request.code)
        return pb.AppealStatus(
            number=appeal.number,
            kind=to_contract(pb.AppealKind, appeal.kind),
            area=to_contract(pb.SafetyArea, appeal.area),
            state=to_contract(pb.AppealState, appeal.state),
            text=appeal.text,
            received_at=_time(appeal.received_at),
            taken_at=_time(appeal.taken_at),
            answer=appeal.answer,
            answered_at=_time(appeal.answered_at),
        )

    async def RegisterAppeal(self, request: pb.RegisterAppealRequest, call: Call) -> pb.RegisterAppealResponse:
        visit = _visit(request.visit, call) if request.visit else None
        appeal, code = await actions.register(call, *_said(request.appeal), _channel(request.channel, call), visit)
        return pb.RegisterAppealResponse(appeal=_message(call.hromada, appeal), code=code)

    async def GetAppeal(self, request: pb.GetAppealRequest, call: Call) -> pb.Appeal:
        return _message(call.hromada, await actions.get(call, uid(request.name)))

    async def ListAppeals(self, request: pb.ListAppealsRequest, call: Call) -> pb.ListAppealsResponse:
        size = request.page_size or paging.DEFAULT_SIZE
        start = paging.start_of(call, request, request.page_token)
        after = (datetime.fromisoformat(start[0]), UUID(start[1])) if start else None
        states = [from_contract(State, pb.AppealState, state) for state in request.states if state]
        areas = [from_contract(Area, pb.SafetyArea, area) for area in request.areas if area]
        found = await actions.page(
            call,
            states=states,
            areas=areas,
            mine=request.mine,
            overdue=request.overdue,
            after=after,
            size=size + 1,
        )
        counted = await actions.counts(call, areas=areas, mine=request.mine)
        more = len(found) > size
        last = found[size - 1] if more else None
        return pb.ListAppealsResponse(
            appeals=[_row(call.hromada, appeal) for appeal in found[:size]],
            next_page_token=(
                paging.token_for(call, request, [last.received_at.isoformat(), str(last.id)]) if last else ""
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
            appeals=[_row(call.hromada, appeal) for appeal in found.appeals],
            next_page_token=paging.token_for(call, request, [str(skip + size)]) if found.count > skip + size else "",
            too_many=found.count > searching.MOST,
        )

    async def TakeAppeal(self, request: pb.TakeAppealRequest, call: Call) -> pb.Appeal:
        return _message(call.hromada, await actions.take(call, uid(request.name), request.etag))

    async def AnswerAppeal(self, request: pb.AnswerAppealRequest, call: Call) -> pb.Appeal:
        appeal = await actions.answer(call, uid(request.name), request.etag, request.answer)
        return _message(call.hromada, appeal)


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


def _message(hromada: Hromada, appeal: Appeal) -> pb.Appeal:
    message = _row(hromada, appeal)
    message.applicant.residence = appeal.residence
    message.applicant.phone = appeal.phone
    message.applicant.email = appeal.email
    return message


def _row(hromada: Hromada, appeal: Appeal) -> pb.Appeal:
    """An appeal as the register shows it: whose it is, but not where they live or how to reach them."""
    return pb.Appeal(
        name=name_of(hromada, appeal),
        number=appeal.number,
        kind=to_contract(pb.AppealKind, appeal.kind),
        area=to_contract(pb.SafetyArea, appeal.area),
        channel=to_contract(pb.AppealChannel, appeal.channel),
        state=to_contract(pb.AppealState, appeal.state),
        applicant=pb.Applicant(name=appeal.applicant_name),
        text=appeal.text,
        received_at=_time(appeal.received_at),
        registered_by=_actor(appeal.registered_by, appeal.registered_by_name),
        taken_by=_actor(appeal.taken_by, appeal.taken_by_name),
        taken_at=_time(appeal.taken_at),
        answer=appeal.answer,
        answered_by=_actor(appeal.answered_by, appeal.answered_by_name),
        answered_at=_time(appeal.answered_at),
        etag=appeal.etag,
    )


def _actor(subject: str, name: str) -> pb.Actor | None:
    return pb.Actor(id=subject, display_name=name) if subject else None


def _time(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
