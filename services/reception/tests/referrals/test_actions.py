"""Referrals on a real database, with a clock that is set."""

from collections.abc import Awaitable, Callable
from datetime import date
from io import BytesIO
from uuid import uuid4

import docx
import pytest
from kit.call import Caller
from kit.errors import Missing, WrongState
from kit.testing.ground import Ground, at
from reception.appeals import actions as appeals
from reception.appeals.model import Area, Channel, Kind
from reception.appeals.rules import Draft as Said
from reception.appeals.rules import Particulars, Sensitivity
from reception.cases import actions as cases
from reception.cases.actions import Mark
from reception.prints.writing import Format
from reception.referrals import actions, rules
from reception.referrals.actions import Draft
from reception.referrals.rules import State

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
    async with reception.call(slug, OFFICER, now=at("2026-02-02 10:00")) as call:
        accepted = await actions.accept(call, made.id, made.etag)
    for day, late in (("2026-02-09", False), ("2026-02-10", True)):
        async with reception.call(slug, OTHER, now=at(f"{day} 10:00")) as call:
            (one,) = await actions.waiting(call)
            assert rules.is_overdue(one.state, one.due_on, call.today) is late
    async with reception.call(slug, OFFICER, now=at("2026-02-11 10:00")) as call:
        ended = await actions.end(call, made.id, accepted.etag, "Позов подано до суду.", declined=False)
        assert (ended.state, ended.ended_on) == (State.REPLIED, date(2026, 2, 11))
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
