"""Translates the contract's referrals."""

from datetime import date
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from kit.call import Call
from kit.errors import Refused
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.enums import from_contract, to_contract
from spilno.reception.v1 import appeals_pb2, prints_pb2
from spilno.reception.v1 import referrals_pb2 as pb

from reception.appeals.rpc import body
from reception.prints.writing import CONTENT_TYPES, Format
from reception.receptions.rules import read_date
from reception.referrals import actions, rules
from reception.referrals.actions import Draft
from reception.referrals.model import Referral


class Referrals(Servicer, contract=pb.DESCRIPTOR.services_by_name["Referrals"]):
    async def ReferAppeal(self, request: pb.ReferAppealRequest, call: Call) -> pb.Referral:
        call.purpose = request.purpose or call.purpose
        organisation, title = _to(request, call)
        consented_on = read_date(request.consented_on, "consented_on") if request.consented_on else None
        draft = Draft(organisation, title, request.asks, consented_on, read_date(request.due_on, "due_on"))
        return _message(call, await actions.refer(call, uid(request.appeal, "appeal"), draft))

    async def AcceptReferral(self, request: pb.AcceptReferralRequest, call: Call) -> pb.Referral:
        call.purpose = request.purpose or call.purpose
        return _message(call, await actions.accept(call, uid(request.name), request.etag))

    async def EndReferral(self, request: pb.EndReferralRequest, call: Call) -> pb.Referral:
        call.purpose = request.purpose or call.purpose
        ended = await actions.end(call, uid(request.name), request.etag, request.reply, declined=request.declined)
        return _message(call, ended)

    async def ListReferrals(self, request: pb.ListReferralsRequest, call: Call) -> pb.ListReferralsResponse:
        call.purpose = request.purpose or call.purpose
        found = (
            await actions.of_appeal(call, uid(request.appeal, "appeal"))
            if request.appeal
            else await actions.waiting(call)
        )
        return pb.ListReferralsResponse(referrals=[_message(call, each) for each in found])

    async def PrintReferralLetter(self, request: pb.PrintReferralLetterRequest, call: Call) -> prints_pb2.Document:
        call.purpose = request.purpose or call.purpose
        format = from_contract(Format, prints_pb2.DocumentFormat, request.format)
        name, content = await actions.printed(call, uid(request.name), request.office, request.language, format)
        return prints_pb2.Document(file_name=name, content_type=CONTENT_TYPES[format], content=content)


def _to(request: pb.ReferAppealRequest, call: Call) -> tuple[UUID | None, str]:
    if request.WhichOneof("to") == "organisation":
        organisation = body(request.organisation, call, "organisation")
        return organisation.id, organisation.title
    if not any(letter.isalpha() for letter in request.lawyer):
        raise Refused("lawyer", "referral.to-nobody")
    return None, request.lawyer


def _message(call: Call, referral: Referral) -> pb.Referral:
    stamp = Timestamp()
    stamp.FromDatetime(referral.sent_at)
    return pb.Referral(
        name=f"{call.hromada.name}/referrals/{referral.id}",
        appeal=f"{call.hromada.name}/appeals/{referral.appeal_id}",
        organisation=f"{call.hromada.name}/organisations/{referral.organisation}" if referral.organisation else "",
        title=referral.title,
        asks=referral.asks,
        consented_on=referral.consented_on.isoformat(),
        state=to_contract(pb.ReferralState, referral.state),
        due_on=referral.due_on.isoformat(),
        overdue=rules.is_overdue(referral.state, referral.due_on, call.today),
        sent_at=stamp,
        sent_by=appeals_pb2.Actor(id=referral.sent_by, display_name=referral.sent_by_name),
        accepted_on=_day(referral.accepted_on),
        ended_on=_day(referral.ended_on),
        reply=referral.reply,
        etag=referral.etag,
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
