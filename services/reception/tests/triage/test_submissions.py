"""What residents send is registered at once where a rule sorts it; else somebody at the desk decides."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from kit.call import Caller
from kit.errors import Missing, Refused, Stale, TooMany, WrongState
from kit.notices.actions import of
from kit.testing.ground import Ground, at
from reception.appeals import actions as appeals
from reception.appeals.model import Appeal, Area, Channel, Kind
from reception.appeals.rules import Draft, Sensitivity
from reception.cases.actions import Mark
from reception.cases.rules import Person
from reception.clocks.calendar import Calendar, Week
from reception.persons import actions as persons
from reception.persons import exporting
from reception.persons.events import told_since
from reception.persons.model import PersonRequest
from reception.persons.rules import Key, RequestKind, RequestState
from reception.triage import actions as triage
from reception.triage import rules, submissions
from reception.triage.following import follow
from reception.triage.model import Submission
from reception.triage.rules import Track
from reception.triage.submissions import Receipt
from sqlmodel import select

Opened = Callable[[], Awaitable[str]]

RESIDENT = Caller("", address="10.7.0.1")
DESK = Caller(str(uuid4()), "Координаторка", frozenset({"appeals.register"}))
HEAD = Caller(str(uuid4()), "Керівник", frozenset({"appeals.register", "appeals.decide"}))
THEFT = "У мене вкрали велосипед біля магазину на Центральній."
LAMPS = "На вулиці біля зупинки не світять три ліхтарі."
CAME, SORTED = at("2026-01-30 10:00"), at("2026-02-02 09:00")
MARK = Mark(Sensitivity.REQUESTED, [Person(str(uuid4()), "Юристка")], "Прохання людини.")


class Office:
    def __init__(self, ground: Ground, slug: str) -> None:
        self.ground, self.slug = ground, slug

    def call(self, caller: Caller, now: Any = SORTED) -> Any:
        return self.ground.call(self.slug, caller, now=now)

    async def send(self, text: str, *, caller: Caller = RESIDENT, is_confidential: bool = False) -> Receipt:
        channel = Channel.INTEGRATION if caller.integrator else Channel.PORTAL
        draft = Draft("Мешканка Олена", "Татарбунари", "+380971234567", "", text)
        async with self.call(caller, CAME) as call:
            return await submissions.submit(
                call, draft, Kind.APPLICATION, Area.ORDER, channel, is_confidential=is_confidential
            )

    async def only(self) -> Submission:
        async with self.call(DESK) as call:
            [one] = await submissions.waiting(call)
        return one

    async def followed(self, receipt: Receipt) -> Appeal | Submission:
        async with self.call(RESIDENT) as call:
            return await follow(call, receipt.code)


@pytest.fixture
async def office(reception: Ground, opened: Opened) -> Office:
    office = Office(reception, await opened())
    reception.staff(office.slug, "appeals.read", subject=MARK.named[0].id)
    return office


@pytest.mark.law("L17")
async def test_what_is_clear_is_registered_at_once(office: Office) -> None:
    lighting = Caller(f"int.{office.slug}.lighting", "Ліхтарі", integrator=True)
    assert [(await office.send(LAMPS)).number, (await office.send(THEFT, caller=lighting)).number] == [
        "1/2026",
        "2/2026",
    ]
    async with office.call(DESK) as call:
        assert await submissions.waiting(call) == []


async def test_what_may_be_a_crime_waits_and_once_it_is_an_appeal_has_its_day_and_its_code(office: Office) -> None:
    receipt = await office.send(THEFT)
    assert (receipt.number, len(receipt.code)) == ("", 12)
    waits = await office.only()
    assert (waits.tracks, waits.text) == (["crime"], THEFT)
    assert isinstance(await office.followed(receipt), Submission)
    async with office.call(DESK) as call:
        appeal = await submissions.register(call, waits.id, waits.etag, Kind.COMPLAINT, Area.ORDER, None)
    assert (appeal.number, appeal.received_on, appeal.kind) == ("1/2026", date(2026, 1, 30), Kind.COMPLAINT)
    followed = await office.followed(receipt)
    assert (followed.id, followed.text) == (appeal.id, THEFT)
    async with office.call(DESK) as call:
        kept = await call.db.get(Submission, waits.id)
        assert (kept.text, kept.applicant_name, kept.phone) == ("", "", "")
        with pytest.raises(Stale):
            await submissions.register(call, waits.id, waits.etag, Kind.COMPLAINT, Area.ORDER, None)
        with pytest.raises(WrongState):
            await submissions.hand_over(call, waits.id, kept.etag, Track.CRIME, "Поліція", "")


@pytest.mark.law("L33")
async def test_of_a_crime_that_is_handed_over_only_when_to_whom_and_under_which_number_is_kept(office: Office) -> None:
    receipt = await office.send(THEFT)
    waits = await office.only()
    async with office.call(DESK) as call:
        await submissions.hand_over(call, waits.id, waits.etag, Track.CRIME, "Відділення поліції № 1", "ЄО 7")
    followed = await office.followed(receipt)
    assert isinstance(followed, Submission)
    assert (followed.text, followed.applicant_name, followed.residence, followed.phone) == ("", "", "", "")
    async with office.call(DESK) as call:
        handover = await submissions.handover_of(call, followed)
        assert handover is not None
        assert (handover.unit, handover.record_number) == ("Відділення поліції № 1", "ЄО 7")
        assert [each.id for each in await triage.handovers(call)] == [handover.id]
        assert await appeals.page(call, states=[], areas=[], mine=False, after=None, size=10) == []


async def test_what_is_sent_in_confidence_the_database_shows_to_the_head_alone(office: Office) -> None:
    receipt = await office.send(LAMPS, is_confidential=True)
    async with office.call(DESK) as call:
        assert await submissions.waiting(call) == []
        assert await call.db.all(select(Submission)) == []
    async with office.call(HEAD) as call:
        assert await call.db.all(select(Submission)) == [], "a verb that does not ask for it sees none"
        [waits] = await submissions.waiting(call)
        with pytest.raises(Refused) as refusal:
            await submissions.register(call, waits.id, waits.etag, Kind.COMPLAINT, Area.ORDER, None)
        assert refusal.value.field == "sensitive"
    async with office.call(DESK) as call:
        with pytest.raises(Missing):
            await submissions.register(call, waits.id, waits.etag, Kind.COMPLAINT, Area.ORDER, MARK)
    assert isinstance(await office.followed(receipt), Submission)
    async with office.call(HEAD) as call:
        appeal = await submissions.register(call, waits.id, waits.etag, Kind.COMPLAINT, Area.ORDER, MARK)
    assert (appeal.sensitivity, appeal.named) == (Sensitivity.REQUESTED, [HEAD.subject, MARK.named[0].id])
    async with office.call(DESK) as call:
        with pytest.raises(Missing):
            await appeals.get(call, appeal.id)
    assert (await office.followed(receipt)).id == appeal.id


@pytest.mark.law("L28")
@pytest.mark.parametrize(
    ("came", "last"),
    [
        (date(2026, 1, 29), date(2026, 1, 30)),
        (date(2026, 1, 30), date(2026, 2, 2)),
        (date(2026, 1, 31), date(2026, 2, 2)),
    ],
    ids=["thursday", "friday", "saturday"],
)
def test_what_comes_is_sorted_until_the_next_working_day(came: date, last: date) -> None:
    assert rules.sorted_by(came, Calendar(((date(2018, 6, 1), Week.FIVE_DAYS),))) == last


async def test_whoever_sorts_is_warned_once_when_something_waits_longer_than_a_working_day(office: Office) -> None:
    office.ground.register.emails[office.slug, ""] = "desk@example.org"
    await office.send(LAMPS, is_confidential=True)
    for day in ("2026-02-02 07:10", "2026-02-03 07:10", "2026-02-04 07:10"):
        async with office.call(Caller("job.warn"), at(day)) as call:
            await submissions.warn(call)
    async with office.call(HEAD, at("2026-02-04 09:00")) as call:
        [waits] = await submissions.waiting(call)
        assert (await submissions.due_on(call))(waits) == date(2026, 2, 2)
    assert waits.warned_at == at("2026-02-03 07:10")
    async with office.call(Caller("job.tell")) as call:
        await submissions.tell_late(call, str(waits.id))
    async with office.call(DESK) as call:
        told = await of(call, f"submissions/{waits.id}")
    assert ("staff-submission-late", "d***@example.org") in {(each.kind, each.masked) for each in told}


async def test_what_waits_is_a_persons_and_is_erased_with_them_unless_it_is_held(office: Office) -> None:
    receipt = await office.send(THEFT)
    keys = [
        Key("+380971234567", "", "", "", None),
        Key("", "", receipt.code, "", None),
        Key("", "", "", "мешканка олена", CAME.date()),
    ]
    async with office.call(HEAD) as call:
        for key in keys:
            [record] = await persons.find(call, key)
            assert (record.name.partition("/")[0], record.of.phone) == ("submissions", "+380971234567")
        exported = exporting.data(await persons.whole(call, keys[0]))
        assert exported["records"][0]["text"] == THEFT
        held = await persons.hold(call, record.name, "Розслідування", "12/2026")
    async with office.call(HEAD) as call:
        with pytest.raises(WrongState, match="held"):
            await persons.erase(call, record.name, record.of.etag, "Людина просить.")
        with pytest.raises(WrongState, match="held"):
            await submissions.hand_over(call, record.of.id, record.of.etag, Track.CRIME, "Поліція", "")
        await persons.release(call, held.id, held.etag, "Розслідування скінчилося.")
    async with office.call(HEAD) as call:
        await persons.erase(call, record.name, record.of.etag, "Людина просить.")
    async with office.call(HEAD) as call:
        kept = await call.db.get(Submission, record.of.id)
        assert (kept.text, kept.applicant_name, kept.phone) == ("", "", "")
        assert await persons.find(call, keys[0]) == []
        assert await submissions.waiting(call) == []
    with pytest.raises(Missing):
        await office.followed(receipt)


async def test_while_it_waits_its_person_asks_for_their_data_by_its_code_and_reads_what_became_of_it(
    office: Office,
) -> None:
    receipt = await office.send(THEFT)
    waits = await office.only()
    async with office.call(RESIDENT) as call:
        asked = await persons.ask(call, receipt.code, RequestKind.ERASURE, "Я передумала: 0971234567.")
        assert call.emitted == [], "of what waits no event tells"
    assert asked.due.legal == date(2026, 2, 16)
    async with office.call(RESIDENT) as call:
        with pytest.raises(WrongState, match="already-asked"):
            await persons.ask(call, receipt.code, RequestKind.ERASURE, "")
    async with office.call(HEAD) as call:
        [listed] = await persons.requests(call)
        assert listed.request.submission_id == waits.id
        await persons.erase(call, f"submissions/{waits.id}", waits.etag, "Людина просить.")
    async with office.call(HEAD) as call:
        [listed] = await persons.requests(call)
        assert (listed.request.text, listed.request.state) == ("", RequestState.OPEN), "what was said went with it"
        await persons.answer(call, listed.request.id, listed.request.etag, "Знищено.", granted=True)
        assert call.emitted == []
    followed = await office.followed(receipt)
    assert isinstance(followed, Submission)
    assert (followed.state, followed.text) == (rules.State.ERASED, ""), "the code leads to the answer alone"
    async with office.call(RESIDENT) as call:
        [own] = await persons.asked_by(call, receipt.code)
    assert own.request.answer == "Знищено."


async def test_what_was_asked_goes_on_with_the_appeal_and_is_told_from_then_on(office: Office) -> None:
    receipt = await office.send(THEFT)
    waits = await office.only()
    async with office.call(RESIDENT) as call:
        await persons.ask(call, receipt.code, RequestKind.ACCESS, "Що ви про мене маєте?")
    async with office.call(DESK) as call:
        appeal = await submissions.register(call, waits.id, waits.etag, Kind.COMPLAINT, Area.ORDER, None)
        assert "PersonRequestReceived" in {type(each).__name__ for each in call.emitted}
        told = call.emitted
    async with office.call(HEAD) as call:
        [listed] = await persons.requests(call)
        assert (listed.request.appeal_id, listed.request.submission_id) == (appeal.id, None)
        again = [message for _, message, _ in await told_since(call, None, None, 20)]
    assert again == [each for each in told if type(each).__name__ == "PersonRequestReceived"]
    async with office.call(RESIDENT) as call:
        [own] = await persons.asked_by(call, receipt.code)
    assert own.request.text == "Що ви про мене маєте?"
    async with office.call(RESIDENT) as call:
        with pytest.raises(WrongState, match="already-asked"):
            await persons.ask(call, receipt.code, RequestKind.ACCESS, "")


async def test_who_asks_while_it_is_being_registered_asks_about_the_appeal(office: Office) -> None:
    receipt = await office.send(THEFT)
    waits = await office.only()

    async def ask() -> None:
        async with office.call(RESIDENT) as call:
            await persons.ask(call, receipt.code, RequestKind.ACCESS, "")

    async with office.call(DESK) as call:
        appeal = await submissions.register(call, waits.id, waits.etag, Kind.COMPLAINT, Area.ORDER, None)
        asking = asyncio.create_task(ask())
        for _ in range(1000):
            if asking.done() or await call.db.connection.fetch("SELECT FROM pg_locks WHERE NOT granted", []):
                break
            await asyncio.sleep(0.01)
        assert not asking.done(), "it waits until it is known what became of it"
    await asking
    async with office.call(HEAD) as call:
        [listed] = await persons.requests(call)
    assert listed.request.appeal_id == appeal.id


async def test_of_what_was_handed_over_it_stays_that_its_person_asked_and_not_what(office: Office) -> None:
    receipt = await office.send(THEFT)
    waits = await office.only()
    async with office.call(RESIDENT) as call:
        await persons.ask(call, receipt.code, RequestKind.CORRECTION, "Моє прізвище Мешканська.")
    async with office.call(DESK) as call:
        await submissions.hand_over(call, waits.id, waits.etag, Track.CRIME, "Поліція", "ЄО 7")
    async with office.call(HEAD) as call:
        [listed] = await persons.requests(call)
        assert (listed.request.text, listed.request.state) == ("", RequestState.OPEN)
        await persons.answer(call, listed.request.id, listed.request.etag, "Ваше тепер у поліції.", granted=False)
    async with office.call(RESIDENT) as call:
        [own] = await persons.asked_by(call, receipt.code)
    assert own.request.answer == "Ваше тепер у поліції."


async def test_what_is_asked_of_what_was_sent_in_confidence_the_database_shows_to_the_head_alone(
    office: Office,
) -> None:
    receipt = await office.send(LAMPS, is_confidential=True)
    async with office.call(RESIDENT) as call:
        await persons.ask(call, receipt.code, RequestKind.ERASURE, "Він читає мою пошту.")
    reader = Caller(str(uuid4()), "Обізнана", frozenset({"persons.read"}))
    async with office.call(reader) as call:
        assert await persons.requests(call) == []
        assert await call.db.all(select(PersonRequest)) == []
    async with office.call(HEAD) as call:
        [listed] = await persons.requests(call)
    async with office.call(reader) as call:
        with pytest.raises(Missing):
            await persons.answer(call, listed.request.id, listed.request.etag, "Знищено.", granted=True)
    lighting = Caller(f"int.{office.slug}.lighting", "Ліхтарі", integrator=True)
    async with office.call(lighting) as call:
        with pytest.raises(Missing):
            await persons.asked_by(call, receipt.code)
    async with office.call(HEAD) as call:
        [waits] = await submissions.waiting(call)
        await submissions.register(call, waits.id, waits.etag, Kind.COMPLAINT, Area.ORDER, MARK)
        assert not any("PersonRequest" in type(each).__name__ for each in call.emitted)
    async with office.call(RESIDENT) as call:
        [own] = await persons.asked_by(call, receipt.code)
    assert own.request.text == "Він читає мою пошту."


async def test_a_wrong_code_and_one_of_another_hromada_ask_for_nothing(office: Office, opened: Opened) -> None:
    receipt = await office.send(THEFT)
    other = Office(office.ground, await opened())
    async with other.call(RESIDENT) as call:
        with pytest.raises(Missing):
            await persons.ask(call, receipt.code, RequestKind.ACCESS, "")
    wrong = f"{(int(receipt.code) + 1) % 10**12:012}"
    for _ in range(10):
        async with office.call(RESIDENT) as call:
            with pytest.raises(Missing):
                await persons.ask(call, wrong, RequestKind.ACCESS, "")
    async with office.call(RESIDENT) as call:
        with pytest.raises(TooMany):
            await persons.ask(call, receipt.code, RequestKind.ACCESS, "")
    for each in (office, other):
        async with each.call(HEAD) as call:
            assert await persons.requests(call) == []


async def test_a_hold_goes_on_with_the_appeal_that_what_waited_became(office: Office) -> None:
    await office.send(THEFT)
    waits = await office.only()
    async with office.call(HEAD) as call:
        await persons.hold(call, f"submissions/{waits.id}", "Розслідування", "12/2026")
    async with office.call(HEAD) as call:
        appeal = await submissions.register(call, waits.id, waits.etag, Kind.COMPLAINT, Area.ORDER, None)
    async with office.call(HEAD) as call:
        [record] = await persons.find(call, Key("+380971234567", "", "", "", None))
    assert (record.name, record.is_held) == (f"appeals/{appeal.id}", True)


async def test_the_desk_is_told_that_something_waits_and_not_a_word_of_it(office: Office) -> None:
    office.ground.register.emails[office.slug, ""] = "desk@example.org"
    await office.send(THEFT)
    waits = await office.only()
    async with office.call(Caller("job.tell")) as call:
        await submissions.tell_desk(call, str(waits.id))
    async with office.call(DESK) as call:
        told = await of(call, f"submissions/{waits.id}")
    assert {(each.kind, each.masked) for each in told} == {("staff-submission-waiting", "d***@example.org")}
