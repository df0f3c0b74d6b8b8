"""Referrals on a real database, with a clock that is set."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from io import BytesIO
from uuid import uuid4

import docx
import pytest
from kit.call import Caller
from kit.errors import Missing, Refused, WrongState
from kit.notices.actions import of
from kit.testing.ground import Ground, at
from reception.appeals import actions as appeals
from reception.appeals.letters import about
from reception.appeals.model import Area, Channel, Kind
from reception.appeals.rules import Draft as Said
from reception.appeals.rules import Particulars, Sensitivity
from reception.cases import actions as cases
from reception.cases.actions import Mark
from reception.prints.writing import Format
from reception.referrals import actions, alarms, rules
from reception.referrals.actions import Draft
from reception.referrals.model import Referral
from reception.referrals.rules import Alarm, State

Opened = Callable[[], Awaitable[str]]
OFFICER, OTHER = Caller(str(uuid4()), "Дільничний офіцер"), Caller(str(uuid4()), "Координатор")
SAID = Said("Мешканка Олена", "вул. Центральна, 1", "+380971234567", "", "Потрібна порада щодо припису.")
ASKED = Draft(None, "Юристка Центру", "Порада щодо обмежувального припису.", date(2026, 1, 30), date(2026, 2, 9))


async def test_a_lawyer_is_asked_accepts_and_replies_and_is_overdue_in_between(
    reception: Ground, opened: Opened
) -> None:
    slug = await opened()
    async with reception.call(slug, OFFICER, now=at("2026-01-30 10:00")) as call:
        appeal, _ = await appeals.register(call, SAID, Kind.APPLICATION, Area.ORDER, Channel.PHONE)
        await call.db.flush()
        made = await actions.refer(call, appeal.id, ASKED)
        assert [type(each).__name__ for each in call.emitted[1:]] == ["ReferralMade"]
    async with reception.call(slug, OFFICER, now=at("2026-02-02 10:00")) as call:
        accepted = await actions.accept(call, made.id, made.etag)
    for day, late in (("2026-02-09", False), ("2026-02-10", True)):
        async with reception.call(slug, OTHER, now=at(f"{day} 10:00")) as call:
            (one,) = await actions.waiting(call)
            assert rules.is_overdue(one.state, one.due_on, call.today) is late
            assert bool(await actions.waiting(call, overdue=True)) is late
            assert bool(await actions.of_appeal(call, appeal.id, overdue=True)) is late
    async with reception.call(slug, OFFICER, now=at("2026-02-11 10:00")) as call:
        ended = await actions.end(call, made.id, accepted.etag, "Позов подано до суду.", declined=False)
        assert (ended.state, ended.ended_on) == (State.REPLIED, date(2026, 2, 11))
        (event,) = call.emitted
    async with reception.call(slug, Caller("job.history")) as call:
        again = [message for _, message, _ in await actions.told_since(call, None, None, 10)]
    assert [type(each).__name__ for each in again] == ["ReferralMade", "ReferralAccepted", "ReferralReplied"]
    assert again[-1] == event, "the feed tells the same again"
    for kept_back in ("Юристка", "припису", "Олена"):
        assert kept_back not in str(again)
    for language, said in (("uk", "За згодою людини"), ("en", "With the person's consent")):
        async with reception.call(slug, OFFICER) as call:
            _, pdf = await actions.printed(call, made.id, "Офіс безпеки", language, Format.PDF)
            _, file = await actions.printed(call, made.id, "Офіс безпеки", language, Format.DOCX)
        assert pdf.startswith(b"%PDF-")
        letter = "\n".join(each.text for each in docx.Document(BytesIO(file)).paragraphs)
        assert said in letter
        assert "Юристка Центру" in letter
        assert SAID.text not in letter, "the letter says what is asked, not what was told"


async def test_a_referral_of_a_sensitive_case_is_nobodys_but_the_nameds(reception: Ground, opened: Opened) -> None:
    slug = await opened()
    mark = Mark(Sensitivity.DOMESTIC_VIOLENCE, [], "Прохання людини.")
    async with reception.call(slug, OFFICER, now=at("2026-01-30 10:00")) as call:
        appeal, _ = await cases.register(
            call, SAID, Kind.APPLICATION, Area.ORDER, Channel.PHONE, None, Particulars(), mark
        )
        await call.db.flush()
        made = await actions.refer(call, appeal.id, ASKED)
        assert not call.emitted, "nothing is told of a sensitive case"
    async with reception.call(slug, Caller("job.watch"), now=at("2026-03-30 05:00")) as call:
        await alarms.watch_referrals(call)
        assert not call.emitted
        assert await actions.told_since(call, None, None, 10) == []
    async with reception.call(slug, OTHER, now=at("2026-03-30 10:00")) as call:
        call.purpose = "case-work"
        assert not await actions.waiting(call)
        with pytest.raises(Missing):
            await actions.accept(call, made.id, made.etag)
        with pytest.raises(Missing):
            await actions.printed(call, made.id, "Офіс", "uk", Format.PDF)
    async with reception.call(slug, OFFICER, now=at("2026-02-02 10:00")) as call:
        with pytest.raises(WrongState):
            await actions.of_appeal(call, appeal.id)


async def test_only_a_party_to_the_memorandum_is_asked_and_under_its_own_title(
    reception: Ground, opened: Opened
) -> None:
    slug, party = await opened(), uuid4()
    reception.register.partners[party] = "Центр соціальних послуг"
    async with reception.call(slug, OFFICER, now=at("2026-01-30 10:00")) as call:
        appeal, _ = await appeals.register(call, SAID, Kind.APPLICATION, Area.ORDER, Channel.PHONE)
        await call.db.flush()
        made = await actions.refer(call, appeal.id, replace(ASKED, organisation=party))
        assert (made.title, made.organisation) == ("Центр соціальних послуг", party)
        del reception.register.partners[party]
        with pytest.raises(Refused) as refusal:
            await actions.refer(call, appeal.id, replace(ASKED, organisation=party))
    assert (refusal.value.field, refusal.value.reason) == ("organisation", "referral.no-partner")


async def test_whoever_made_a_referral_is_reminded_once_before_its_day_and_once_after(
    reception: Ground, opened: Opened
) -> None:
    slug = await opened()
    reception.staff(slug, "appeals.take", subject=OFFICER.subject)
    reception.register.emails[slug, OFFICER.subject] = "officer@example.org"
    async with reception.call(slug, OFFICER, now=at("2126-01-30 10:00")) as call:
        appeal, _ = await appeals.register(call, SAID, Kind.APPLICATION, Area.ORDER, Channel.PHONE)
        await call.db.flush()
        made = await actions.refer(
            call, appeal.id, replace(ASKED, consented_on=date(2126, 1, 30), due_on=date(2126, 2, 9))
        )
    events: list[str] = []
    alarm = Alarm.NONE
    for day in ("06", "07", "08", "10", "11"):
        async with reception.call(slug, Caller("job.watch"), now=at(f"2126-02-{day} 05:00")) as call:
            await alarms.watch_referrals(call)
            events += [f"{day} {type(each).__name__}" for each in call.emitted]
        async with reception.call(slug, Caller("job.tell"), now=at(f"2126-02-{day} 05:00")) as call:
            reminded = (await call.db.get(Referral, made.id)).alarm
            if reminded is not alarm:
                await alarms.tell_handler(call, str(made.id), alarm := reminded)
    assert events == ["10 ReferralOverdue"]
    async with reception.call(slug, OFFICER, now=at("2126-02-11 10:00")) as call:
        told = await of(call, about(appeal.id))
        assert sorted(each.kind for each in told) == ["staff-referral-near", "staff-referral-overdue"]
        await actions.end(
            call, made.id, (await call.db.get(Referral, made.id)).etag, "Позов подано до суду.", declined=False
        )
    async with reception.call(slug, Caller("job.tell"), now=at("2126-02-11 11:00")) as call:
        await alarms.tell_handler(call, str(made.id), "overdue")
        assert len(await of(call, about(appeal.id))) == 2, "of what was answered nobody is reminded"
