"""Whom each step of an appeal tells, into a real mailbox."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from kit.call import Call, Caller
from kit.jobs import queue
from kit.jobs.declared import name_of
from kit.notices.actions import of
from kit.notices.delivery import deliver
from kit.notices.model import Notice
from kit.notices.rules import Channel as NoticeChannel
from kit.notices.rules import State as Sending
from kit.servers.letters import Letters
from kit.testing.ground import Ground, at
from reception.appeals import actions as appeals
from reception.appeals.letters import about
from reception.appeals.model import Appeal, Area, Channel, Kind
from reception.appeals.rules import Body, Draft, Outcome, Particulars, Repeat, Requisite, Resolution, Sensitivity, Wish
from reception.cases import actions as cases
from reception.proceedings import actions, alarms, duplicates
from reception.proceedings.rules import Ground as Why
from reception.referrals import actions as referrals
from reception.triage.rules import Track

Opened = Callable[[], Awaitable[str]]
Step = Callable[[Call, Appeal], Awaitable[Any]]

REASON = "Бо Олена Мешканка живе на іншій вулиці."
COUNCIL = Body(uuid4(), "Татарбунарська міська рада")
HEAD = Caller("head-2", "Керівник", frozenset({"appeals.decide"}))
ARRIVED, SOON = at("2126-01-30 10:00"), at("2126-02-01 10:00")


class Office:
    """An office in a year in which nobody else has jobs to do, with its mailbox."""

    def __init__(self, ground: Ground, letters: Letters, slug: str) -> None:
        self.ground, self.letters, self.slug = ground, letters, slug
        self.holder, _ = ground.staff(slug, "appeals.answer")
        self.head, _ = ground.staff(slug, "appeals.answer", "appeals.decide")
        self.officer = Caller(self.holder, "Координаторка")
        self.decider = Caller(self.head, "Керівник", frozenset({"appeals.decide"}))

    def call(self, caller: Caller, now: Any = SOON) -> Any:
        return self.ground.call(self.slug, caller, now=now)

    def knows(self, who: str) -> str:
        """The mailbox by which identity knows a member of staff; the desk's own without one."""
        email = f"s{uuid4().hex[:10]}@example.org"
        self.ground.register.emails[self.slug, who] = email
        return email

    async def taken(self, to: str, language: str = "uk") -> Appeal:
        wish = Wish(NoticeChannel.EMAIL, language)
        draft = Draft("Мешканка Олена", "Татарбунари", "+380971234567", to, "Не світять три ліхтарі.", wish)
        async with self.call(self.officer, ARRIVED) as call:
            appeal, _ = await appeals.register(call, draft, Kind.APPLICATION, Area.ROAD, Channel.EMAIL)
        async with self.call(self.officer, ARRIVED) as call:
            return await appeals.take(call, appeal.id, appeal.etag)

    async def morning(self, day: str) -> None:
        """The day's count, and what it put off."""
        now = at(f"{day} 05:00")
        async with self.call(Caller("job.watch"), now) as call:
            await actions.watch_deadlines(call)
        async with self.ground.kit.database.transaction() as db:
            waiting = await queue.due(db, [name_of(alarms.tell_staff)], now, 500)
        for job in waiting:
            if job["slug"] == self.slug:
                async with self.call(Caller("job.tell"), now) as call:
                    await alarms.tell_staff(call, **job["said"])
                    await queue.done(call.db, job["id"], now)

    async def told(self, appeal: Appeal) -> list[Notice]:
        async with self.call(self.decider) as call:
            return await of(call, about(appeal.id))

    async def mailed(self, to: str, appeal: Appeal) -> list[Any]:
        """What came to an address, once nothing about the appeal waits any more."""
        for row in await self.told(appeal):
            if row.state is Sending.QUEUED:
                async with self.call(Caller("job.deliver"), row.told_at) as call:
                    await deliver(call, str(row.id))
        return [letter for letter in self.letters.letters() if letter["To"] == to]


@pytest.fixture
async def office(reception: Ground, letters: Letters, opened: Opened) -> Office:
    return Office(reception, letters, await opened())


async def ask_extension(call: Call, appeal: Appeal) -> None:
    await actions.ask_extension(call, appeal.id, appeal.etag, date(2126, 3, 12), REASON)


async def decide_extension(call: Call, appeal: Appeal) -> None:
    call.caller = HEAD
    await actions.decide_extension(call, appeal.id, appeal.etag, "", granted=True)


async def refer(call: Call, appeal: Appeal) -> None:
    draft = referrals.Draft(None, "Адвокатка", "Скласти заяву до суду.", date(2126, 1, 30), date(2126, 2, 20))
    await referrals.refer(call, appeal.id, draft)


async def accept(call: Call, appeal: Appeal) -> None:
    [one] = await referrals.of_appeal(call, appeal.id)
    await referrals.accept(call, one.id, one.etag)


def end(*, declined: bool) -> Step:
    async def ended(call: Call, appeal: Appeal) -> None:
        [one] = await referrals.of_appeal(call, appeal.id)
        await referrals.end(call, one.id, one.etag, REASON, declined=declined)

    return ended


async def forward(call: Call, appeal: Appeal) -> None:
    await actions.forward(call, appeal.id, appeal.etag, COUNCIL, REASON)


async def record_body_answer(call: Call, appeal: Appeal) -> None:
    await actions.record_body_answer(call, appeal.id, appeal.etag, REASON)


async def shorten(call: Call, appeal: Appeal) -> None:
    await actions.shorten(call, appeal.id, appeal.etag, date(2126, 2, 6), REASON)


async def decline_shortening(call: Call, appeal: Appeal) -> None:
    await actions.decline_shortening(call, appeal.id, appeal.etag, REASON)


async def do_not_consider(call: Call, appeal: Appeal) -> None:
    await actions.do_not_consider(call, appeal.id, appeal.etag, Why.INCAPABLE, REASON, None)


async def hand_over(call: Call, appeal: Appeal) -> None:
    await actions.hand_over(call, appeal.id, appeal.etag, Track.PETITION, "Рада", "7")


async def answer(call: Call, appeal: Appeal) -> None:
    await appeals.answer(call, appeal.id, appeal.etag, Resolution(REASON, Outcome.GRANTED))


def returned(why: Why, *missing: Requisite) -> Step:
    return lambda call, appeal: actions.send_back(call, appeal.id, appeal.etag, why, missing, REASON)


STEPS: dict[str, tuple[list[Step], str]] = {
    "appeal-extended": ([ask_extension, decide_extension], "12 березня 2126"),
    "appeal-shortened": ([shorten], "6 лютого 2126"),
    "appeal-shortening-declined": ([decline_shortening], "Строк лишається"),
    "appeal-forwarded": ([forward], COUNCIL.title),
    "appeal-body-answered": ([forward, record_body_answer], COUNCIL.title),
    "appeal-returned-for-defect": ([returned(Why.DEFECT, Requisite.RESIDENCE)], "дооформити"),
    "appeal-returned-as-insufficient": ([returned(Why.INSUFFICIENT)], "замало відомостей"),
    "appeal-not-considered": ([do_not_consider], "не розглядатимуть"),
    "appeal-handed-over": ([hand_over], "інший порядок"),
    "appeal-answered": ([answer], "відповів"),
    "referral-accepted": ([refer, accept], "погодилися"),
    "referral-replied": ([refer, end(declined=False)], "відповіли"),
    "referral-declined": ([refer, end(declined=True)], "не можуть"),
}


@pytest.mark.parametrize("kind", sorted(STEPS))
async def test_a_step_tells_the_person_what_happened_and_never_why(office: Office, kind: str) -> None:
    to = f"o{uuid4().hex[:10]}@example.org"
    appeal = await office.taken(to)
    steps, said = STEPS[kind]
    for step in steps:
        async with office.call(office.officer) as call:
            await step(call, await appeals.get(call, appeal.id))
    assert (await office.told(appeal))[0].kind == kind
    letters = await office.mailed(to, appeal)
    whole = "".join(f"{letter['Subject']}\n{letter.get_content()}" for letter in letters)
    assert said in whole
    assert appeal.number in whole
    assert f"/{office.slug}/appeals/follow" in whole
    for kept_back in ("Олена", "ліхтар", "вулиці"):
        assert kept_back not in whole


async def test_each_duplicate_is_told_of_the_answer_at_its_own_address(office: Office) -> None:
    first = await office.taken(f"o{uuid4().hex[:10]}@example.org")
    to = f"o{uuid4().hex[:10]}@example.org"
    duplicate = await office.taken(to)
    async with office.call(office.officer) as call:
        beside = Particulars(repeat=Repeat.DUPLICATE, previous=first.id)
        await appeals.update_particulars(call, duplicate.id, duplicate.etag, beside)
    async with office.call(office.officer) as call:
        await duplicates.answer(call, first.id, first.etag, Resolution(REASON, Outcome.GRANTED))
    assert (await office.told(duplicate))[0].kind == "appeal-answered"
    whole = "".join(letter.get_content() for letter in await office.mailed(to, duplicate))
    assert duplicate.number in whole
    assert first.number not in whole


async def test_of_a_sensitive_case_and_of_violence_handed_over_nobody_is_told(office: Office) -> None:
    to, head = f"o{uuid4().hex[:10]}@example.org", office.knows(office.head)
    appeal = await office.taken(to)
    other = await office.taken(to)
    before = len(await office.told(appeal)) + len(await office.told(other))
    async with office.call(office.officer) as call:
        mark = cases.Mark(Sensitivity.CHILDREN, [], "Йдеться про дитину.")
        await cases.mark(call, appeal.id, appeal.etag, mark)
        await actions.hand_over(call, other.id, other.etag, Track.DOMESTIC_VIOLENCE, "Поліція", "ЄО-1")
    async with office.call(office.officer) as call:
        call.purpose = "answering"
        await shorten(call, await appeals.get(call, appeal.id))
    await office.morning("2126-03-05")
    assert len(await office.told(appeal)) + len(await office.told(other)) == before
    assert [letter for letter in office.letters.letters() if letter["To"] == head] == []


async def test_a_term_that_ends_warns_who_has_it_and_once_it_is_over_the_head_too(office: Office) -> None:
    to = f"o{uuid4().hex[:10]}@example.org"
    holder, head = office.knows(office.holder), office.knows(office.head)
    appeal = await office.taken(to)
    for day in ("2126-02-26", "2126-02-26", "2126-03-05", "2126-03-05", "2126-03-06"):
        await office.morning(day)
    subjects = {each: [letter["Subject"] for letter in await office.mailed(each, appeal)] for each in (holder, head)}
    assert [subject.partition(":")[0] for subject in subjects[holder]] == [f"Звернення {appeal.number}"] * 2
    assert [subject.partition(":")[0] for subject in subjects[head]] == ["Потрібен керівник"]
    whole = "".join(letter.get_content() for letter in await office.mailed(head, appeal))
    assert "Олена" not in whole
    assert f"/{office.slug}/office/appeals/{appeal.id}" in whole


async def test_without_an_address_of_whoever_has_it_the_desk_is_warned(office: Office) -> None:
    desk = office.knows("")
    appeal = await office.taken(f"o{uuid4().hex[:10]}@example.org")
    await office.morning("2126-03-05")
    assert [letter["Subject"].partition(":")[0] for letter in await office.mailed(desk, appeal)] == [
        "Потрібен керівник"
    ]
