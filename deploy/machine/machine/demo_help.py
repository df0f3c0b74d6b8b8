"""Whom the demo's office asked to help, whom it reconciled, what its officer owes, and who asked about their own data.

All of it is invented, and done by staff through the contract on the day on which it would be, as the demo's life is.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import grpc
from spilno.identity.v1 import agreements_pb2, agreements_pb2_grpc, members_pb2, members_pb2_grpc
from spilno.reception.v1 import (
    appeals_pb2,
    duties_pb2,
    duties_pb2_grpc,
    mediations_pb2,
    mediations_pb2_grpc,
    officers_pb2,
    officers_pb2_grpc,
    persons_pb2,
    persons_pb2_grpc,
    referrals_pb2,
    referrals_pb2_grpc,
)
from spilno.reception.v1.particulars_pb2 import Body

_HELP = uuid.UUID("0b1f7a52-6f53-4d0f-9c55-6f0c53f4e2a7")
_OPENED, _RECONCILED, _ASKED_AGAIN = 39, 25, 11
"""Days ago: the case of mediation, its agreement, and when the parties were asked how it is kept."""

DAYS = frozenset({_OPENED, _RECONCILED, _ASKED_AGAIN})

Verb = Callable[[Any, Any, str], Any]
"""Calls a method with a request as the bearer of a token, patiently."""


@dataclass(frozen=True, slots=True)
class Referral:
    """Whom the office asked about an appeal, and what they said. Days are days ago, and ahead if negative."""

    asks: str
    made: int
    due: int
    party: str = ""
    """Of the memorandum; a lawyer if empty."""
    lawyer: str = ""
    replied: int | None = None
    reply: str = ""


class Helping:
    """What staff do on one day beside the appeals."""

    def __init__(
        self,
        channels: tuple[grpc.aio.Channel, grpc.aio.Channel],
        parent: str,
        tokens: tuple[str, str],
        today: date,
        call: Verb,
    ) -> None:
        reception, identity = channels
        self._referrals: Any = referrals_pb2_grpc.ReferralsStub(reception)
        self._mediations: Any = mediations_pb2_grpc.MediationsStub(reception)
        self._duties: Any = duties_pb2_grpc.DutiesStub(reception)
        self._persons: Any = persons_pb2_grpc.PersonsStub(reception)
        self._beats: Any = officers_pb2_grpc.BeatsStub(reception)
        self._agreements: Any = agreements_pb2_grpc.AgreementsStub(identity)
        self._members: Any = members_pb2_grpc.MembersStub(identity)
        self._parent, self._today, self._call = parent, today, call
        self._officer, self._head = tokens

    async def refer(self, appeal: str, said: Referral) -> None:
        """Asks for help, and hears at once that it is taken up, if an answer came later."""
        asked = referrals_pb2.ReferAppealRequest(
            appeal=appeal,
            asks=said.asks,
            consented_on=self._today.isoformat(),
            due_on=self._day(said.due, since=said.made),
            request_id=self._id(f"{appeal}/referral"),
        )
        if said.party:
            asked.organisation.CopyFrom(await self._party(said.party))
        else:
            asked.lawyer = said.lawyer
        if not await self._referrals_of(appeal):
            await self._call(self._referrals.ReferAppeal, asked, self._officer)
        if said.replied is not None:
            one = await self._referral(appeal)
            if one.state == referrals_pb2.REFERRAL_STATE_SENT:
                accepting = referrals_pb2.AcceptReferralRequest(name=one.name, etag=one.etag)
                await self._call(self._referrals.AcceptReferral, accepting, self._officer)

    async def reply(self, appeal: str, said: Referral) -> None:
        one = await self._referral(appeal)
        if one.state == referrals_pb2.REFERRAL_STATE_ACCEPTED:
            ending = referrals_pb2.EndReferralRequest(name=one.name, etag=one.etag, reply=said.reply)
            await self._call(self._referrals.EndReferral, ending, self._officer)

    async def reconcile(self, day: int) -> None:
        """A quarrel of two neighbours, whom the head reconciles; each step only if it has not been done."""
        listing = mediations_pb2.ListMediationsRequest(parent=self._parent)
        own = (await self._call(self._mediations.ListMediations, listing, self._head)).mediations
        name = own[0].name if own else await self._open()
        seen = mediations_pb2.GetMediationRequest(name=name, purpose=mediations_pb2.MEDIATION_PURPOSE_MEETING)
        case = await self._call(self._mediations.GetMediation, seen, self._head)
        if day == _OPENED:
            await self._hear(case)
        if day == _RECONCILED:
            await self._agree(case)
        if day == _ASKED_AGAIN:
            await self._ask_again(case)

    async def owe(self, days: dict[int, str], planned: int) -> None:
        """The officer of the first beat has met the council and reported on these days, and meets it again."""
        found = await self._call(self._beats.ListBeats, officers_pb2.ListBeatsRequest(parent=self._parent), self._head)
        beat = found.beats[0].name
        listing = duties_pb2.ListDutiesRequest(parent=self._parent)
        owed = await self._call(self._duties.ListDuties, listing, self._head)
        known = {each.duty.note for each in owed.held}
        duties = [
            (kind, duties_pb2.DutyDraft(held_on=self._day(ago), note=note))
            for ago, note in days.items()
            if note not in known
            for kind in [duties_pb2.DUTY_KIND_REPORT if "Звіт" in note else duties_pb2.DUTY_KIND_MEETING]
        ]
        if not any(each.HasField("planned") for each in owed.standings):
            duties.append((duties_pb2.DUTY_KIND_MEETING, duties_pb2.DutyDraft(planned_on=self._day(-planned))))
        for kind, duty in duties:
            asked = duties_pb2.CreateDutyRequest(
                parent=self._parent, beat=beat, kind=kind, duty=duty, request_id=self._id(f"duty/{duty.note}")
            )
            await self._call(self._duties.CreateDuty, asked, self._head)

    async def hear_persons(self, held: str) -> None:
        """Two people asked about their own data, one is answered; and a record is held for a court."""
        requests = (
            ("Зразкова Марія", persons_pb2.PERSON_REQUEST_KIND_ACCESS, 18, "Прошу копію всього, що ви про мене маєте."),
            ("Прикладний Іван", persons_pb2.PERSON_REQUEST_KIND_CORRECTION, 4, "Змінився номер мого телефону."),
        )
        listing = persons_pb2.ListPersonRequestsRequest(parent=self._parent)
        heard = (await self._call(self._persons.ListPersonRequests, listing, self._head)).requests
        known = {each.requester: each for each in heard}
        for place, (who, kind, ago, text) in enumerate(requests):
            asked = persons_pb2.RecordPersonRequestRequest(
                parent=self._parent,
                kind=kind,
                requester=who,
                identified_by="паспорт, на прийомі",
                received_on=self._day(ago),
                text=text,
                request_id=self._id(f"person-{place}"),
            )
            made = known.get(who) or await self._call(self._persons.RecordPersonRequest, asked, self._head)
            if not place and made.request.state == persons_pb2.PERSON_REQUEST_STATE_OPEN:
                answer = persons_pb2.AnswerPersonRequestRequest(
                    name=made.name, granted=True, answer="Копію видано особисто.", etag=made.etag
                )
                await self._call(self._persons.AnswerPersonRequest, answer, self._head)
        hold = persons_pb2.SetHoldRequest(
            parent=self._parent,
            record=held.removeprefix(f"{self._parent}/"),
            reason="Суд витребував копію звернення (вигадано)",
            case_reference="000/1/26",
            request_id=self._id("hold"),
        )
        asked_holds = persons_pb2.ListHoldsRequest(parent=self._parent)
        holds = (await self._call(self._persons.ListHolds, asked_holds, self._head)).holds
        if hold.record not in {each.record for each in holds}:
            await self._call(self._persons.SetHold, hold, self._head)

    async def _open(self) -> str:
        asked = mediations_pb2.OpenMediationRequest(
            parent=self._parent,
            matter="Сусіди не поділили проїзд: паркан став на пів метра далі. Обоє згодні поговорити. (Вигадано.)",
            neutral=True,
            request_id=self._id("mediation"),
        )
        return str((await self._call(self._mediations.OpenMediation, asked, self._head)).name)

    async def _hear(self, case: Any) -> None:
        here = {each.display_name for each in case.parties}
        for name in (each for each in ("Зразковий Петро", "Вигадана Олена") if each not in here):
            adding = mediations_pb2.AddPartyRequest(name=case.name, display_name=name, etag=case.etag)
            case = await self._call(self._mediations.AddParty, adding, self._head)
        for party in [each for each in case.parties if each.consent != mediations_pb2.CONSENT_GIVEN]:
            consenting = mediations_pb2.RecordConsentRequest(
                name=case.name,
                party=party.id,
                consent=mediations_pb2.CONSENT_GIVEN,
                consent_on=self._today.isoformat(),
                consent_form=mediations_pb2.CONSENT_FORM_WRITTEN,
                etag=case.etag,
            )
            case = await self._call(self._mediations.RecordConsent, consenting, self._head)
        officer = await self._officer_by_name()
        if officer.id not in {each.id for each in case.staff}:
            naming = mediations_pb2.NameMediationStaffRequest(name=case.name, staff=[officer], etag=case.etag)
            await self._call(self._mediations.NameMediationStaff, naming, self._head)

    async def _agree(self, case: Any) -> None:
        today = self._today.isoformat()
        meeting = mediations_pb2.SaveMeetingRequest(
            name=case.name, planned_on=today, held_on=today, note="Говорили дві години.", etag=case.etag
        )
        if not case.meetings:
            case = await self._call(self._mediations.SaveMeeting, meeting, self._head)
        writing = mediations_pb2.WriteAgreementRequest(
            name=case.name, agreement="Паркан переносять на пів метра, витрати навпіл.", etag=case.etag
        )
        if not case.agreement:
            case = await self._call(self._mediations.WriteAgreement, writing, self._head)
        for party in [each for each in case.parties if not each.signed_on]:
            signing = mediations_pb2.SignAgreementRequest(
                name=case.name, party=party.id, signed_on=today, etag=case.etag
            )
            case = await self._call(self._mediations.SignAgreement, signing, self._head)
        asking = mediations_pb2.SaveFollowUpRequest(
            name=case.name,
            due_on=self._day(_ASKED_AGAIN, since=_RECONCILED),
            question="Чи перенесли паркан?",
            etag=case.etag,
        )
        if not case.follow_ups:
            await self._call(self._mediations.SaveFollowUp, asking, self._head)

    async def _ask_again(self, case: Any) -> None:
        first = case.follow_ups[0]
        today = self._today.isoformat()
        heard = mediations_pb2.SaveFollowUpRequest(
            name=case.name,
            follow_up=first.id,
            due_on=first.due_on,
            question=first.question,
            done_on=today,
            result="Перенесли. Вітаються.",
            etag=case.etag,
        )
        if not first.done_on:
            case = await self._call(self._mediations.SaveFollowUp, heard, self._head)
        again = mediations_pb2.SaveFollowUpRequest(
            name=case.name,
            due_on=self._day(-3, since=_ASKED_AGAIN),
            question="Чи лишилося так і далі?",
            etag=case.etag,
        )
        if len(case.follow_ups) == 1:
            await self._call(self._mediations.SaveFollowUp, again, self._head)

    async def _referral(self, appeal: str) -> Any:
        return (await self._referrals_of(appeal))[0]

    async def _referrals_of(self, appeal: str) -> list[Any]:
        asked = referrals_pb2.ListReferralsRequest(parent=self._parent, appeal=appeal)
        return list((await self._call(self._referrals.ListReferrals, asked, self._officer)).referrals)

    async def _party(self, title: str) -> Body:
        concluded = agreements_pb2.ListAgreementsRequest(parent=self._parent, page_size=10)
        memorandum = (await self._call(self._agreements.ListAgreements, concluded, self._head)).agreements[0]
        asked = agreements_pb2.ListSignatoriesRequest(parent=memorandum.name)
        listed = (await self._call(self._agreements.ListSignatories, asked, self._head)).signatories
        one = next(each for each in listed if each.organisation_title == title)
        return Body(organisation=one.organisation, title=title)

    async def _officer_by_name(self) -> appeals_pb2.Actor:
        asked = members_pb2.ListColleaguesRequest(parent=self._parent, permission="mediations.work")
        found = (await self._call(self._members.ListColleagues, asked, self._head)).colleagues
        one = next(each for each in found if "офіцер" in each.display_name)
        return appeals_pb2.Actor(id=one.id, display_name=one.display_name)

    def _day(self, ago: int, since: int = 0) -> str:
        """A day so many days ago, as seen so many days ago."""
        return (self._today + timedelta(days=since - ago)).isoformat()

    def _id(self, what: str) -> str:
        return str(uuid.uuid5(_HELP, f"{self._parent}/{what}"))
