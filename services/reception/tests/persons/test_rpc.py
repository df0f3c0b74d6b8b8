"""A person's own data over gRPC: found, given, corrected, held, erased by rule."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from kit.call import Caller
from kit.clock import kyiv_date
from kit.rpc.client import Acting, Failure, acting
from kit.testing.ground import Ground
from reception.appeals.model import Appeal
from reception.appeals.rules import Sensitivity
from reception.cases import actions as cases
from reception.cases.actions import Mark
from reception.persons import actions as persons
from reception.persons.erasing import erase_expired
from reception.persons.events import told_since
from reception.persons.rules import Field, RequestKind
from reception.receptions.actions import forget_visitors
from spilno.reception.v1 import appeals_pb2, particulars_pb2, receptions_pb2, referrals_pb2, triage_pb2
from spilno.reception.v1 import persons_pb2 as pb
from spilno.reception.v1.appeals_pb2_grpc import AppealsStub
from spilno.reception.v1.persons_pb2_grpc import PersonsStub
from spilno.reception.v1.receptions_pb2_grpc import ReceptionsStub
from spilno.reception.v1.referrals_pb2_grpc import ReferralsStub
from spilno.reception.v1.triage_pb2_grpc import TriageStub

Opened = Callable[[], Awaitable[str]]
PERMISSIONS = (
    "persons.read",
    "persons.correct",
    "persons.erase",
    "persons.hold",
    "appeals.register",
    "appeals.take",
    "appeals.answer",
    "appeals.read",
    "receptions.record",
)
PHONE = "+380971234567"
PERSON = pb.PersonKey(phone=PHONE)
ANSWER = "Знайшли й повернули додому."
RARE = "жирафеня"
LATER = timedelta(days=5 * 366)


class Office:
    """The head of an office, and a person who has appealed to it."""

    def __init__(self, reception: Ground, channel: Any, slug: str) -> None:
        self.slug, self.parent, self.ground = slug, f"hromadas/{slug}", reception
        self.persons: Any = PersonsStub(channel)
        self.appeals: Any = AppealsStub(channel)
        self.receptions: Any = ReceptionsStub(channel)
        self.referrals: Any = ReferralsStub(channel)
        self.triage: Any = TriageStub(channel)
        self.portal = reception.issuer.integrator(slug, "portal")

    async def appeal(
        self, text: str = f"Загубилося {RARE}", phone: str = PHONE, name: str = "Іваненко Петро"
    ) -> tuple[appeals_pb2.Appeal, str]:
        applicant = appeals_pb2.Applicant(name=name, residence="Татарбунари", phone=phone)
        draft = appeals_pb2.AppealDraft(
            kind=appeals_pb2.APPEAL_KIND_APPLICATION,
            area=appeals_pb2.SAFETY_AREA_ORDER,
            applicant=applicant,
            text=text,
        )
        asked = appeals_pb2.RegisterAppealRequest(
            parent=self.parent, appeal=draft, channel=appeals_pb2.APPEAL_CHANNEL_PHONE, request_id=str(uuid4())
        )
        made = await self.appeals.RegisterAppeal(asked)
        return made.appeal, made.code

    async def answered(self) -> tuple[appeals_pb2.Appeal, str]:
        appeal, code = await self.appeal()
        taken = await self.appeals.TakeAppeal(appeals_pb2.TakeAppealRequest(name=appeal.name, etag=appeal.etag))
        done = await self.appeals.AnswerAppeal(
            appeals_pb2.AnswerAppealRequest(
                name=appeal.name, etag=taken.etag, answer=ANSWER, outcome=particulars_pb2.APPEAL_OUTCOME_GRANTED
            )
        )
        return done, code

    async def refer(self, appeal: str) -> None:
        today = kyiv_date(datetime.now(UTC))
        asked = referrals_pb2.ReferAppealRequest(
            appeal=appeal,
            lawyer="Юристка Центру",
            asks="Порада щодо припису.",
            consented_on=today.isoformat(),
            due_on=(today + timedelta(days=9)).isoformat(),
            request_id=str(uuid4()),
        )
        await self.referrals.ReferAppeal(asked)

    async def found(self, person: pb.PersonKey = PERSON) -> list[pb.PersonRecord]:
        asked = pb.FindPersonRecordsRequest(parent=self.parent, person=person)
        return list((await self.persons.FindPersonRecords(asked)).records)

    async def searched(self, word: str) -> int:
        asked = appeals_pb2.SearchAppealsRequest(parent=self.parent, query=word)
        return len((await self.appeals.SearchAppeals(asked)).appeals)

    async def words(self) -> set[str]:
        """What the search knows."""
        async with self.ground.call(self.slug) as call:
            return {each["word"] for each in await call.db.connection.fetch("SELECT word FROM appeal_word", [])}

    async def years_pass(self) -> None:
        """The daily job, once the term of storage has passed."""
        async with self.ground.call(self.slug, now=datetime.now(UTC) + LATER) as call:
            await erase_expired(call)

    async def hold(self, record: str) -> pb.Hold:
        asked = pb.SetHoldRequest(
            parent=self.parent, record=record, reason="Суд", case_reference="522/1/26", request_id=str(uuid4())
        )
        made: pb.Hold = await self.persons.SetHold(asked)
        return made


@pytest.fixture
async def office(reception: Ground, opened: Opened) -> AsyncIterator[Office]:
    slug = await opened()
    before = acting.set(Acting(reception.staff(slug, *PERMISSIONS)[1], "uk"))
    async with reception.channel() as channel:
        yield Office(reception, channel, slug)
    acting.reset(before)


async def refused(answer: Awaitable[Any]) -> Failure:
    with pytest.raises(Failure) as failure:
        await answer
    return failure.value


async def test_a_person_is_given_everything_that_is_held_of_them_and_nothing_of_others(office: Office) -> None:
    own, code = await office.answered()
    await office.refer(own.name)
    await office.appeal("Чужа справа про паркан", "+380670000000")
    await office.receptions.AddWalkIn(
        receptions_pb2.AddWalkInRequest(
            parent=office.parent, visitor="Іваненко Петро", phone=PHONE, topic="Запитати", request_id=str(uuid4())
        )
    )
    for person in (PERSON, pb.PersonKey(code=code)):
        assert {each.record.partition("/")[0] for each in await office.found(person)} == {"appeals", "visits"}
    today = kyiv_date(datetime.now(UTC)).isoformat()
    assert len(await office.found(pb.PersonKey(known_as="іваненко  петро", day=today))) == 3
    asked = pb.ExportPersonRecordsRequest(parent=office.parent, person=PERSON, organisation="Офіс")
    given = await office.persons.ExportPersonRecords(asked)
    data = json.loads(given.data.content)
    told = next(each for each in data["records"] if each["record"].startswith("appeals"))
    assert [each["to"] for each in told["referrals"]] == ["Юристка Центру"], "to whom it was passed"
    assert (told["number"], told["answer"], told["history"][0]["deed"]) == (own.number, ANSWER, "registered")
    assert "code_hash" not in told
    assert "паркан" not in given.data.content.decode()
    assert b"pdfuaid" in given.readable.content


async def test_a_code_does_not_bring_what_another_of_the_same_phone_wrote(office: Office) -> None:
    own, code = await office.appeal()
    again, _ = await office.appeal("Ще одне звернення", name="іваненко петро")
    await office.appeal("Справа дружини", name="Іваненко Олена")
    found = {each.record for each in await office.found(pb.PersonKey(code=code))}
    assert found == {each.name.removeprefix(f"{office.parent}/") for each in (own, again)}
    assert len(await office.found()) == 3


async def test_what_is_wrong_is_corrected_with_who_and_why(office: Office) -> None:
    appeal, _ = await office.appeal()
    [record] = await office.found()
    asked = pb.CorrectPersonRecordRequest(
        parent=office.parent,
        record=record.record,
        field=pb.PERSON_FIELD_NAME,
        value="Іванченко Петро",
        reason="Помилка на слух",
        etag=record.etag,
    )
    made = await office.persons.CorrectPersonRecord(asked)
    assert (made.known_as, made.corrections[0].reason) == ("Іванченко Петро", "Помилка на слух")
    assert made.appeal == appeal.name
    assert (await refused(office.persons.CorrectPersonRecord(asked))).code.name == "ABORTED"
    assert await office.searched("Іванченко") == 1


async def test_after_its_term_an_appeal_forgets_its_person_and_the_search_its_words(office: Office) -> None:
    appeal, code = await office.answered()
    await office.refer(appeal.name)
    await office.appeal("Ще одна справа", "+380670000000")
    await office.years_pass()
    listed = referrals_pb2.ListReferralsRequest(parent=office.parent, appeal=appeal.name)
    [referral] = (await office.referrals.ListReferrals(listed)).referrals
    assert (referral.title, referral.asks, referral.reply) == ("", "", "")
    left = await office.appeals.GetAppeal(appeals_pb2.GetAppealRequest(name=appeal.name))
    assert (left.applicant.name, left.text, left.answer, left.applicant.phone) == ("", "", "", "")
    assert (left.number, left.result.outcome) == (appeal.number, particulars_pb2.APPEAL_OUTCOME_GRANTED)
    known = await office.words()
    assert RARE not in known
    assert {"петро", "татарбунари", "справа"} <= known, "an appeal that stays has these"
    assert await office.searched(RARE) == 0
    acting.set(Acting(office.portal, "uk"))
    followed = office.appeals.FollowAppeal(appeals_pb2.FollowAppealRequest(parent=office.parent, code=code))
    assert (await refused(followed)).code.name == "NOT_FOUND"


async def test_a_legal_hold_wins_over_every_rule(office: Office) -> None:
    await office.answered()
    [record] = await office.found()
    hold = await office.hold(record.record)
    assert (await refused(office.hold(record.record))).reason == "person.already-held"
    await office.years_pass()
    [still] = await office.found()
    assert still.held
    erase = pb.EraseRecordRequest(parent=office.parent, record=still.record, reason="Просили", etag=still.etag)
    assert (await refused(office.persons.EraseRecord(erase))).reason == "person.held"
    await office.persons.RemoveHold(pb.RemoveHoldRequest(name=hold.name, reason="Справу закрито", etag=hold.etag))
    assert (await refused(office.persons.EraseRecord(erase))).reason == "person.kept-by-law"
    await office.years_pass()
    assert not await office.found()


async def test_a_visit_is_erased_on_request_and_kept_under_a_hold(office: Office) -> None:
    for held in (True, False):
        await office.receptions.AddWalkIn(
            receptions_pb2.AddWalkInRequest(
                parent=office.parent,
                visitor="Відвідувач",
                phone="+380501112233" if held else PHONE,
                topic="Запитати",
                request_id=str(uuid4()),
            )
        )
    [kept] = await office.found(pb.PersonKey(phone="+380501112233"))
    await office.hold(kept.record)
    [record] = await office.found()
    erase = pb.EraseRecordRequest(parent=office.parent, record=record.record, reason="Просили", etag=record.etag)
    assert (await office.persons.EraseRecord(erase)).erased
    async with office.ground.call(office.slug, now=datetime.now(UTC) + LATER) as call:
        await forget_visitors(call)
    assert not await office.found()
    assert len(await office.found(pb.PersonKey(phone="+380501112233"))) == 1


async def test_a_resident_asks_by_the_code_and_reads_the_answer(office: Office) -> None:
    appeal, code = await office.appeal()
    staff = acting.get()
    acting.set(Acting(office.portal, "uk"))
    ask: dict[str, Any] = {"parent": office.parent, "code": code, "kind": pb.PERSON_REQUEST_KIND_ACCESS}
    asked = await office.persons.RequestOwnData(pb.RequestOwnDataRequest(**ask, request_id=str(uuid4())))
    assert asked.due_on > asked.received_on
    again = office.persons.RequestOwnData(pb.RequestOwnDataRequest(**ask, request_id=str(uuid4())))
    assert (await refused(again)).reason == "person.already-asked"
    acting.set(staff)
    paper = pb.RecordPersonRequestRequest(
        parent=office.parent,
        kind=pb.PERSON_REQUEST_KIND_ERASURE,
        requester="Сидоренко Ганна",
        identified_by="паспорт",
        received_on="2026-01-12",
        request_id=str(uuid4()),
    )
    await office.persons.RecordPersonRequest(paper)
    listed = (await office.persons.ListPersonRequests(pb.ListPersonRequestsRequest(parent=office.parent))).requests
    assert [each.alarm for each in listed] == [pb.PERSON_REQUEST_ALARM_OVERDUE, pb.PERSON_REQUEST_ALARM_NONE]
    assert listed[1].record == appeal.name.removeprefix(f"{office.parent}/")
    answer = pb.AnswerPersonRequestRequest(
        name=listed[1].name, granted=True, answer="Чекаємо вас у приймальні.", etag=listed[1].etag
    )
    await office.persons.AnswerPersonRequest(answer)
    acting.set(Acting(office.portal, "uk"))
    follow = pb.FollowOwnRequestsRequest(parent=office.parent, code=code)
    [own] = (await office.persons.FollowOwnRequests(follow)).requests
    assert (own.state, own.answer) == (pb.PERSON_REQUEST_STATE_GRANTED, "Чекаємо вас у приймальні.")
    acting.set(staff)


async def test_whoever_sent_what_waits_asks_by_its_code_and_follows_it_to_the_end(office: Office) -> None:
    draft = appeals_pb2.AppealDraft(
        kind=appeals_pb2.APPEAL_KIND_APPLICATION,
        area=appeals_pb2.SAFETY_AREA_ORDER,
        applicant=appeals_pb2.Applicant(name="Іваненко Петро", residence="Татарбунари", phone=PHONE),
        text="Сусід погрожує, що знайде мене й тут.",
        confidential=True,
    )
    staff = acting.get()
    head = Acting(office.ground.staff(office.slug, *PERMISSIONS, "appeals.decide")[1], "uk")
    acting.set(Acting(office.portal, "uk"))
    sent = appeals_pb2.SubmitAppealRequest(parent=office.parent, appeal=draft, request_id=str(uuid4()))
    code = (await office.appeals.SubmitAppeal(sent)).code
    ask = pb.RequestOwnDataRequest(
        parent=office.parent, code=code, kind=pb.PERSON_REQUEST_KIND_ERASURE, request_id=str(uuid4())
    )
    asked = await office.persons.RequestOwnData(ask)
    assert asked == await office.persons.RequestOwnData(ask), "sent twice, asked once"
    every = pb.ListPersonRequestsRequest(parent=office.parent)
    acting.set(staff)
    assert not (await office.persons.ListPersonRequests(every)).requests
    acting.set(head)
    [listed] = (await office.persons.ListPersonRequests(every)).requests
    [record] = await office.found()
    assert listed.record == record.record
    [waits] = (await office.triage.ListSubmissions(triage_pb2.ListSubmissionsRequest(parent=office.parent))).submissions
    assert list(waits.asked) == [pb.PERSON_REQUEST_KIND_ERASURE], "whoever sorts it knows that"
    erase = pb.EraseRecordRequest(parent=office.parent, record=record.record, reason="Просили", etag=record.etag)
    await office.persons.EraseRecord(erase)
    answer = pb.AnswerPersonRequestRequest(name=listed.name, granted=True, answer="Знищено.", etag=listed.etag)
    await office.persons.AnswerPersonRequest(answer)
    acting.set(Acting(office.portal, "uk"))
    status = await office.appeals.FollowAppeal(appeals_pb2.FollowAppealRequest(parent=office.parent, code=code))
    assert (status.erased, status.in_triage, status.number, status.text) == (True, False, "", "")
    [own] = (
        await office.persons.FollowOwnRequests(pb.FollowOwnRequestsRequest(parent=office.parent, code=code))
    ).requests
    assert (own.state, own.answer) == (pb.PERSON_REQUEST_STATE_GRANTED, "Знищено.")
    acting.set(staff)


async def test_the_office_says_how_long_it_keeps_appeals(office: Office) -> None:
    await office.answered()
    kept = await office.persons.GetRetention(pb.GetRetentionRequest(parent=office.parent))
    assert kept.years == 5
    longer = pb.UpdateRetentionRequest(parent=office.parent, years=10, etag=kept.etag)
    changed = await office.persons.UpdateRetention(longer)
    assert (await refused(office.persons.UpdateRetention(longer))).code.name == "ABORTED"
    await office.persons.UpdateRetention(pb.UpdateRetentionRequest(parent=office.parent, years=11, etag=changed.etag))
    await office.years_pass()
    assert len(await office.found()) == 1


@pytest.mark.parametrize("sensitive", [False, True], ids=["of an appeal", "of a sensitive case"])
async def test_what_becomes_of_a_record_is_told_without_a_word_of_it(office: Office, sensitive: bool) -> None:
    appeal, code = await office.answered()
    if sensitive:
        async with office.ground.call(office.slug, Caller(str(uuid4()), "Керівник")) as call:
            mark = Mark(Sensitivity.CHILDREN, [], "Ідеться про дитину.")
            await cases.mark(call, UUID(appeal.name.rpartition("/")[2]), appeal.etag, mark)
    record, ours = appeal.name.removeprefix(f"{office.parent}/"), UUID(appeal.name.rpartition("/")[2])
    events: list[Any] = []
    async with office.ground.call(office.slug, Caller("job.head")) as call:
        etag = (await call.db.get(Appeal, ours)).etag
        await persons.correct(call, record, etag, Field.PHONE, "+380971234568", "Помилка в цифрі.")
        held = await persons.hold(call, record, "Суд", "522/1/26")
        await persons.release(call, held.id, held.etag, "Справу закрито")
        asked = await persons.ask(call, code, RequestKind.ACCESS, "Що ви про мене маєте?")
        await persons.answer(call, asked.request.id, asked.request.etag, "Надано.", granted=True)
        events += call.emitted
    async with office.ground.call(office.slug, Caller("job.erase"), now=datetime.now(UTC) + LATER) as call:
        await erase_expired(call)
        events += call.emitted
    async with office.ground.call(office.slug, Caller("job.history")) as call:
        again = [message for _, message, _ in await told_since(call, None, None, 20)]
    assert again == events
    assert [type(each).__name__ for each in events] == (
        []
        if sensitive
        else [
            "RecordCorrected",
            "LegalHoldSet",
            "LegalHoldRemoved",
            "PersonRequestReceived",
            "PersonRequestAnswered",
            "RecordErased",
        ]
    )
    assert not any(kept_back in str(events) for kept_back in ("Іваненко", "Суд", "522", "цифрі", "Надано", "3809"))
