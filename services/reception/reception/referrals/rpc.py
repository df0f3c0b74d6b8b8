"""Translates the contract's referrals."""

import asyncio
from datetime import date
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from kit.call import Call
from kit.errors import Refused
from kit.names import last, uid
from kit.rpc import Servicer
from kit.rpc.enums import from_contract, to_contract
from spilno.reception.v1 import appeals_pb2, prints_pb2
from spilno.reception.v1 import referrals_pb2 as pb

from reception.prints.writing import CONTENT_TYPES, Format
from reception.receptions.rules import read_date
from reception.referrals import actions, own, rules
from reception.referrals.actions import Draft
from reception.referrals.events import name_of
from reception.referrals.letters import FIELDS, template
from reception.referrals.model import Referral
from reception.referrals.own import Kept


class Referrals(Servicer, contract=pb.DESCRIPTOR.services_by_name["Referrals"]):
    async def ReferAppeal(self, request: pb.ReferAppealRequest, call: Call) -> pb.Referral:
        call.purpose = request.purpose or call.purpose
        organisation, lawyer = _to(request, call)
        consented_on = read_date(request.consented_on, "consented_on") if request.consented_on else None
        draft = Draft(organisation, lawyer, request.asks, consented_on, read_date(request.due_on, "due_on"))
        return await _one(call, await actions.refer(call, uid(request.appeal, "appeal"), draft))

    async def AcceptReferral(self, request: pb.AcceptReferralRequest, call: Call) -> pb.Referral:
        call.purpose = request.purpose or call.purpose
        return await _one(call, await actions.accept(call, uid(request.name), request.etag))

    async def EndReferral(self, request: pb.EndReferralRequest, call: Call) -> pb.Referral:
        call.purpose = request.purpose or call.purpose
        ended = await actions.end(call, uid(request.name), request.etag, request.reply, declined=request.declined)
        return await _one(call, ended)

    async def ListReferrals(self, request: pb.ListReferralsRequest, call: Call) -> pb.ListReferralsResponse:
        call.purpose = request.purpose or call.purpose
        found = (
            await actions.of_appeal(call, uid(request.appeal, "appeal"), overdue=request.overdue)
            if request.appeal
            else await actions.waiting(call, overdue=request.overdue)
        )
        numbers = await actions.numbers(call, found)
        return pb.ListReferralsResponse(referrals=[_message(call, each, numbers[each.appeal_id]) for each in found])

    async def PrintReferralLetter(self, request: pb.PrintReferralLetterRequest, call: Call) -> prints_pb2.Document:
        call.purpose = request.purpose or call.purpose
        format = from_contract(Format, prints_pb2.DocumentFormat, request.format)
        name, content = await actions.printed(call, uid(request.name), request.office, request.language, format)
        return prints_pb2.Document(file_name=name, content_type=CONTENT_TYPES[format], content=content)

    async def GetReferralLetter(self, request: pb.GetReferralLetterRequest, call: Call) -> pb.ReferralLetter:
        return _letter(call, await own.of(call, last(request.name)))

    async def DownloadReferralLetter(
        self, request: pb.DownloadReferralLetterRequest, call: Call
    ) -> prints_pb2.Document:
        kept = await own.of(call, last(request.name))
        content = kept.content if kept.content is not None else await asyncio.to_thread(template, kept.language)
        name = f"referral-letter-{kept.language}.docx"
        return prints_pb2.Document(file_name=name, content_type=CONTENT_TYPES[Format.DOCX], content=content)

    async def UpdateReferralLetter(self, request: pb.UpdateReferralLetterRequest, call: Call) -> pb.ReferralLetter:
        return _letter(call, await own.bring(call, last(request.name), request.content, request.etag))

    async def ResetReferralLetter(self, request: pb.ResetReferralLetterRequest, call: Call) -> pb.ReferralLetter:
        return _letter(call, await own.give_back(call, last(request.name), request.etag))


def _to(request: pb.ReferAppealRequest, call: Call) -> tuple[UUID | None, str]:
    if request.WhichOneof("to") == "organisation":
        if not request.organisation.organisation.startswith(f"{call.hromada.name}/organisations/"):
            raise Refused("organisation", "appeal.organisation-unknown")
        return uid(request.organisation.organisation, "organisation"), ""
    if not any(letter.isalpha() for letter in request.lawyer):
        raise Refused("lawyer", "referral.to-nobody")
    return None, request.lawyer


def _letter(call: Call, kept: Kept) -> pb.ReferralLetter:
    said = pb.ReferralLetter(
        name=f"{call.hromada.name}/referralLetters/{kept.language}", own=kept.content is not None, etag=kept.etag
    )
    if kept.row is not None:
        said.changed_at.FromDatetime(kept.row.changed_at)
        said.changed_by.id, said.changed_by.display_name = kept.row.changed_by, kept.row.changed_by_name
    said.fields.extend(FIELDS)
    return said


async def _one(call: Call, referral: Referral) -> pb.Referral:
    return _message(call, referral, (await actions.numbers(call, [referral]))[referral.appeal_id])


def _message(call: Call, referral: Referral, number: str) -> pb.Referral:
    stamp = Timestamp()
    stamp.FromDatetime(referral.sent_at)
    return pb.Referral(
        name=name_of(call.hromada, referral),
        appeal_number=number,
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
