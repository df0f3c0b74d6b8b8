"""Translates the contract's mediations."""

from datetime import date
from uuid import UUID

from kit.call import Call, Hromada
from kit.errors import Refused
from kit.names import SUBJECT, uid
from kit.rpc import Servicer
from kit.rpc.enums import from_contract, to_contract
from spilno.reception.v1 import appeals_pb2
from spilno.reception.v1 import mediations_pb2 as pb

from kit import days
from reception.mediation import actions, rules
from reception.mediation.actions import Case, Row
from reception.mediation.model import FollowUp, Meeting, Party
from reception.mediation.rules import Consent, ConsentForm, Mediator, Outcome, Purpose
from reception.receptions.rules import read_date


class Mediations(Servicer, contract=pb.DESCRIPTOR.services_by_name["Mediations"]):
    async def OpenMediation(self, request: pb.OpenMediationRequest, call: Call) -> pb.Mediation:
        who = _who(request.mediator, "mediator") if request.HasField("mediator") else _itself(call)
        appeal = _appeal(request.appeal, call) if request.appeal else None
        made = await actions.open_case(call, request.matter, appeal, who, neutral=request.neutral)
        return _message(call, made)

    async def ListMediations(self, request: pb.ListMediationsRequest, call: Call) -> pb.ListMediationsResponse:
        return pb.ListMediationsResponse(mediations=[_row(call, each) for each in await actions.own_cases(call)])

    async def GetMediation(self, request: pb.GetMediationRequest, call: Call) -> pb.Mediation:
        purpose = from_contract(Purpose, pb.MediationPurpose, request.purpose)
        return _message(call, await actions.see(call, uid(request.name), purpose))

    async def NameMediationStaff(self, request: pb.NameMediationStaffRequest, call: Call) -> pb.Mediation:
        staff = [_who(each, "staff") for each in request.staff]
        return _message(call, await actions.name_staff(call, uid(request.name), request.etag, staff))

    async def AssignMediator(self, request: pb.AssignMediatorRequest, call: Call) -> pb.AssignMediatorResponse:
        who = _who(request.mediator, "mediator")
        mediation = await actions.assign(call, request.number.strip(), who, neutral=request.neutral)
        return pb.AssignMediatorResponse(name=_name(call.hromada, mediation.id), number=mediation.number)

    async def AddParty(self, request: pb.AddPartyRequest, call: Call) -> pb.Mediation:
        made = await actions.add_party(
            call,
            uid(request.name),
            request.etag,
            request.display_name,
            request.contact,
            related=request.related_to_mediator,
        )
        return _message(call, made)

    async def RecordConsent(self, request: pb.RecordConsentRequest, call: Call) -> pb.Mediation:
        said = from_contract(Consent, pb.Consent, request.consent)
        form = from_contract(ConsentForm, pb.ConsentForm, request.consent_form)
        on = _day(request.consent_on, "consent_on")
        party = uid(request.party, "party")
        return _message(
            call, await actions.record_consent(call, uid(request.name), request.etag, party, said, on, form)
        )

    async def SaveMeeting(self, request: pb.SaveMeetingRequest, call: Call) -> pb.Mediation:
        meeting = uid(request.meeting, "meeting") if request.meeting else None
        planned, held = _day(request.planned_on, "planned_on"), _day(request.held_on, "held_on")
        saved = await actions.save_meeting(call, uid(request.name), request.etag, meeting, planned, held, request.note)
        return _message(call, saved)

    async def WriteAgreement(self, request: pb.WriteAgreementRequest, call: Call) -> pb.Mediation:
        written = await actions.write_agreement(call, uid(request.name), request.etag, request.agreement)
        return _message(call, written)

    async def SignAgreement(self, request: pb.SignAgreementRequest, call: Call) -> pb.Mediation:
        party, on = uid(request.party, "party"), _day(request.signed_on, "signed_on")
        return _message(call, await actions.sign(call, uid(request.name), request.etag, party, on))

    async def SaveFollowUp(self, request: pb.SaveFollowUpRequest, call: Call) -> pb.Mediation:
        saved = await actions.save_follow_up(
            call,
            uid(request.name),
            request.etag,
            uid(request.follow_up, "follow_up") if request.follow_up else None,
            _day(request.due_on, "due_on"),
            request.question,
            _day(request.done_on, "done_on"),
            request.result,
        )
        return _message(call, saved)

    async def CloseMediation(self, request: pb.CloseMediationRequest, call: Call) -> pb.Mediation:
        outcome = from_contract(Outcome, pb.MediationOutcome, request.outcome)
        return _message(call, await actions.close(call, uid(request.name), request.etag, outcome, request.note))

    async def GetMediationFigures(self, request: pb.GetMediationFiguresRequest, call: Call) -> pb.MediationFigures:
        first, last = read_date(request.from_day, "from_day"), read_date(request.to_day, "to_day")
        total, ended = await actions.figures(call, first, last)
        quiet = rules.withheld(ended)
        return pb.MediationFigures(
            total=_figure(total, withheld=bool(rules.withheld({"": total}))),
            outcomes=[
                _figure(count, withheld=outcome in quiet, outcome=to_contract(pb.MediationOutcome, outcome))
                for outcome, count in ended.items()
            ],
        )


def _figure(
    count: int, *, withheld: bool, outcome: "pb.MediationOutcome.ValueType" = pb.MEDIATION_OUTCOME_UNSPECIFIED
) -> pb.MediationFigure:
    return pb.MediationFigure(outcome=outcome, count=0 if withheld else count, withheld=withheld)


def _itself(call: Call) -> Mediator:
    return Mediator(call.caller.subject, call.caller.display_name)


def _who(actor: appeals_pb2.Actor, field: str) -> Mediator:
    named = " ".join(actor.display_name.split())
    if SUBJECT.fullmatch(actor.id) is None or not 0 < len(named) <= 120:
        raise Refused(field, "mediation.nobody")
    return Mediator(actor.id, named)


def _appeal(name: str, call: Call) -> UUID:
    if not name.startswith(f"{call.hromada.name}/appeals/"):
        raise Refused("appeal", "mediation.appeal-unknown")
    return uid(name, "appeal")


def _day(said: str, field: str) -> date | None:
    return days.day_or_none(said, field)


def _name(hromada: Hromada, id: UUID) -> str:
    return f"{hromada.name}/mediations/{id}"


def _row(call: Call, row: Row) -> pb.MediationRow:
    mediation = row.mediation
    return pb.MediationRow(
        name=_name(call.hromada, mediation.id),
        number=mediation.number,
        state=to_contract(pb.MediationState, mediation.state),
        is_mediator=mediation.mediator == call.caller.subject,
        opened_on=days.written(mediation.opened_on),
        next_on=days.written(row.next_on),
        alarm=to_contract(pb.FollowUpAlarm, row.alarm),
    )


def _message(call: Call, case: Case) -> pb.Mediation:
    mediation = case.mediation
    return pb.Mediation(
        name=_name(call.hromada, mediation.id),
        number=mediation.number,
        matter=mediation.matter,
        appeal=f"{call.hromada.name}/appeals/{mediation.appeal_id}" if mediation.appeal_id else "",
        mediator=appeals_pb2.Actor(id=mediation.mediator, display_name=mediation.mediator_name),
        staff=[appeals_pb2.Actor(id=each.subject, display_name=each.display_name) for each in case.staff],
        state=to_contract(pb.MediationState, mediation.state),
        parties=[_party(each) for each in case.parties],
        meetings=[_meeting(each) for each in case.meetings],
        agreement=mediation.agreement,
        agreed_on=days.written(mediation.agreed_on),
        follow_ups=[_follow_up(each, call.today) for each in case.follow_ups],
        outcome=to_contract(pb.MediationOutcome, mediation.outcome)
        if mediation.outcome
        else pb.MEDIATION_OUTCOME_UNSPECIFIED,
        closing_note=mediation.closing_note,
        opened_on=days.written(mediation.opened_on),
        closed_on=days.written(mediation.closed_on),
        etag=mediation.etag,
    )


def _party(party: Party) -> pb.MediationParty:
    return pb.MediationParty(
        id=str(party.id),
        display_name=party.display_name,
        contact=party.contact,
        consent=to_contract(pb.Consent, party.consent),
        consent_on=days.written(party.consent_on),
        consent_form=to_contract(pb.ConsentForm, party.consent_form)
        if party.consent_form
        else pb.CONSENT_FORM_UNSPECIFIED,
        signed_on=days.written(party.signed_on),
    )


def _meeting(meeting: Meeting) -> pb.MediationMeeting:
    return pb.MediationMeeting(
        id=str(meeting.id),
        planned_on=days.written(meeting.planned_on),
        held_on=days.written(meeting.held_on),
        note=meeting.note,
    )


def _follow_up(follow_up: FollowUp, today: date) -> pb.FollowUp:
    return pb.FollowUp(
        id=str(follow_up.id),
        due_on=days.written(follow_up.due_on),
        question=follow_up.question,
        done_on=days.written(follow_up.done_on),
        result=follow_up.result,
        alarm=to_contract(pb.FollowUpAlarm, rules.alarm(follow_up.due_on, follow_up.done_on, today)),
    )
