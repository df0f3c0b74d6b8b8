"""Journeys 3 and 5: an oral appeal of the reception goes to the council and back; and the law's clocks, on a clock that
is set."""

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import docx
import grpc
import pytest
import pytest_asyncio
from kit.clock import KYIV, kyiv_date
from kit.rpc.client import Failure
from machine import demo
from playwright.async_api import Browser
from spilno.identity.v1 import agreements_pb2, organisations_pb2
from spilno.identity.v1.agreements_pb2_grpc import AgreementsStub
from spilno.identity.v1.organisations_pb2_grpc import OrganisationsStub
from spilno.reception.v1 import appeals_pb2, particulars_pb2
from spilno.reception.v1 import proceedings_pb2 as pb

from tests.isolation.minting import renew
from tests.journeys.browser import looked_at, visitor
from tests.journeys.test_come_on_tuesday import sign_in
from tests.journeys.test_one_appeal import follow
from tests.world import OWN, PASSWORD, World, appeal_draft, appeal_request, as_whom

COUNCIL = "Татарбунарська міська рада"
HEAD, OFFICER = f"head:{OWN}", f"officer:{OWN}"


@pytest_asyncio.fixture(scope="module")
async def world(later: World) -> World:
    """With the council as a party of the memorandum."""
    await renew(later)
    await memorandum(later)
    return later


async def memorandum(world: World) -> None:
    channel, parent = world.channels["identity"], f"hromadas/{OWN}"
    with as_whom(world.tokens[HEAD]):
        council = await OrganisationsStub(channel).CreateOrganisation(
            organisations_pb2.CreateOrganisationRequest(
                parent=parent,
                organisation=organisations_pb2.OrganisationDraft(
                    title=COUNCIL, kind=organisations_pb2.ORGANISATION_KIND_COUNCIL
                ),
                request_id=str(uuid4()),
            )
        )
        agreement = await AgreementsStub(channel).CreateAgreement(
            agreements_pb2.CreateAgreementRequest(
                parent=parent,
                agreement=agreements_pb2.AgreementDraft(
                    title="Меморандум про співпрацю",
                    kind=agreements_pb2.AGREEMENT_KIND_MEMORANDUM,
                    concluded_on="2017-02-01",
                ),
                request_id=str(uuid4()),
            )
        )
        await AgreementsStub(channel).AddSignatory(
            agreements_pb2.AddSignatoryRequest(
                parent=agreement.name,
                organisation=council.name,
                joined_on="2017-02-01",
                request_id=str(uuid4()),
            )
        )


@dataclass
class Case:
    """An appeal, and who follows it."""

    world: World
    name: str
    code: str

    async def now(self) -> appeals_pb2.Appeal:
        with as_whom(self.world.tokens[HEAD]):
            found: appeals_pb2.Appeal = await self.world.appeals.GetAppeal(appeals_pb2.GetAppealRequest(name=self.name))
        return found

    async def way(self) -> pb.AppealProceedings:
        with as_whom(self.world.tokens[HEAD]):
            found: pb.AppealProceedings = await self.world.proceedings.GetProceedings(
                pb.GetProceedingsRequest(name=self.name)
            )
        return found

    async def take(self) -> None:
        etag = (await self.now()).etag
        with as_whom(self.world.tokens[OFFICER]):
            await self.world.appeals.TakeAppeal(appeals_pb2.TakeAppealRequest(name=self.name, etag=etag))

    async def alarmed(self, alarm: "particulars_pb2.Alarm.ValueType") -> None:
        """Waits for the morning's job."""
        for _ in range(90):
            if (await self.now()).due.alarm == alarm:
                return
            await asyncio.sleep(0.5)
        raise AssertionError("the morning's job has not come")


async def entered(world: World, channel: Any = appeals_pb2.APPEAL_CHANNEL_PHONE, **beside: Any) -> Case:
    said = await world.appeal(OWN, channel=channel, particulars=particulars_pb2.Particulars(**beside))
    return Case(world, said.appeal.name, said.code)


async def go_to(world: World, day: date) -> None:
    """Every process is at half past eight of that day, and everyone signs in anew."""
    moment = datetime.combine(day, time(8, 30), KYIV)
    world.house.clock_file.write_text(str((moment - datetime.now(UTC)).total_seconds()))
    for who in (HEAD, OFFICER):
        mailbox = who.partition(":")[0]
        world.tokens[who] = await demo.token(world.house, f"{mailbox}@{OWN}.example.org", PASSWORD, OWN)


def day(said: str) -> date:
    return date.fromisoformat(said)


async def test_an_oral_appeal_of_the_reception_goes_to_the_council_and_its_answer_comes_back(
    world: World, browser: Browser
) -> None:
    """Journey 3."""
    booked = await world.visit(OWN, "Дорошенко Ганна")
    async with visitor(browser, "desk") as head, visitor(browser, "phone") as resident:
        await sign_in(head, world, "head", f"/visits/{booked.visit.name.rpartition('/')[2]}")
        await head.get_by_role("button", name="Відмітити, що чекає").click()
        await head.get_by_role("radio", name="Приймаємо звернення").check()
        await head.get_by_role("button", name="Зберегти").click()
        await head.get_by_role("radio", name="Заява").check()
        await head.get_by_role("radio", name="Інфраструктура").check()
        await head.get_by_label("Суть, словами людини").fill("На вулиці Шевченка не світять три ліхтарі.")
        await head.get_by_label("Місце проживання").fill("вул. Шевченка, 12")
        await head.get_by_text("Відомості для реєстру").click()
        await head.get_by_label("Як людина хоче отримати результат").select_option("oral")
        await looked_at(head, "60-oral-appeal", "desk")
        await head.get_by_role("button", name="Зареєструвати").click()
        code = (await head.locator(".code").inner_text()).strip()
        await head.get_by_role("link", name="Відкрити справу").click()
        await head.get_by_role("button", name="Взяти до роботи").click()
        await head.get_by_role("link", name="Переслати за належністю").wait_for()
        await looked_at(head, "61-case-with-terms", "desk")
        case = head.url
        for link, kind in (("Картка DOCX", "docx"), ("Відмітка для людини, PDF", "pdf"), ("Картка PDF", "pdf")):
            async with head.expect_download() as downloading:
                await head.get_by_role("link", name=link).click()
            path = await (await downloading.value).path()
            content = path.read_bytes()
            if kind == "pdf":
                assert content.startswith(b"%PDF-")
                continue
            cells = [cell.text for table in docx.Document(BytesIO(content)).tables for cell in table._cells]
            assert "Дорошенко Ганна" in cells
            assert "на особистому прийомі" in cells
        await head.get_by_role("link", name="Переслати за належністю").click()
        await head.get_by_role("button", name="Переслати").click()
        await head.get_by_role("alert").wait_for()
        await looked_at(head, "62-forward-errors", "desk")
        await head.get_by_label("Кому").select_option(label=COUNCIL)
        await head.get_by_label("Чому це їхнє питання").fill("Вуличне освітлення утримує міська рада.")
        await head.get_by_role("button", name="Переслати").click()
        await head.get_by_role("heading", name="Рішення у справі").wait_for()
        await follow(resident, world, code)
        await resident.get_by_role("heading", name="Звернення переслано").wait_for()
        await looked_at(resident, "63-status-forwarded", "phone")
        assert COUNCIL in await resident.get_by_role("main").inner_text()
        await head.goto(f"{case}/body-answer")
        await head.get_by_label("Відповідь органу").fill("Ліхтарі замінять до кінця місяця.")
        await head.get_by_role("button", name="Записати").click()
        await head.get_by_text("Ліхтарі замінять до кінця місяця.").first.wait_for()
        await looked_at(head, "64-case-forwarded", "desk")
        await follow(resident, world, code)
        await resident.get_by_text("Ліхтарі замінять до кінця місяця.").wait_for()
        said = await resident.get_by_role("main").inner_text()
        assert re.search(r"Орган, якому\s+переслали, відповів", said)
        assert "Дорошенко" not in said


async def test_the_desk_loses_nothing_typed_and_sends_several_appeals_on_at_once(
    world: World, browser: Browser
) -> None:
    cases = [await entered(world) for _ in range(2)]
    office = f"{world.house.web_url}/{OWN}/office"
    async with visitor(browser, "desk", scripts=True) as officer:
        await sign_in(officer, world, "officer", "/wordings")
        await officer.get_by_label("Назва").first.fill("Передано комунальникам")
        await officer.get_by_label("Текст").first.fill("Ваше звернення передано комунальній службі.")
        await looked_at(officer, "64a-wordings", "desk")
        await officer.get_by_role("button", name="Зберегти").click()
        await officer.get_by_role("status").get_by_text("Збережено").wait_for()

        began = asyncio.get_running_loop().time()
        await officer.goto(f"{office}/appeals/new")
        await officer.get_by_label("Суть, словами людини").fill("Біля школи немає пішохідного переходу.")
        await officer.reload()
        await officer.get_by_text("Ми повернули те, що ви писали").wait_for()
        await looked_at(officer, "64b-typed-before", "desk")
        await officer.context.set_offline(True)
        await officer.get_by_role("button", name="Зареєструвати").click()
        await officer.get_by_text("Немає зв’язку.").wait_for()
        await officer.context.set_offline(False)
        for tile in ("Телефон", "Заява", "Дорога"):
            await officer.get_by_role("radio", name=tile).check()
        await officer.get_by_label("Прізвище та ім’я").fill("Коваль Степан")
        await officer.get_by_label("Місце проживання").fill("вул. Шкільна, 3")
        await officer.get_by_role("button", name="Зареєструвати").click()
        await officer.get_by_role("heading", name="Звернення зареєстровано").wait_for()
        assert asyncio.get_running_loop().time() - began < 60, "a phone caller's appeal is entered within a minute"
        await officer.goto(f"{office}/appeals/new")
        assert await officer.get_by_label("Суть, словами людини").input_value() == "", "what has arrived is forgotten"

        for case in cases:
            await officer.goto(f"{office}/appeals/{case.name.rpartition('/')[2]}")
            await officer.get_by_role("button", name="Взяти до роботи").click()
            await officer.get_by_role("link", name="Переслати за належністю").wait_for()
        await officer.get_by_label("Текст відповіді").fill("Добрий день.")
        await officer.get_by_label("Заготовка").select_option("Передано комунальникам")
        await officer.get_by_role("button", name="Вставити").click()
        answer = officer.get_by_label("Текст відповіді")
        assert await answer.input_value() == "Добрий день.\n\nВаше звернення передано комунальній службі."

        await officer.goto(f"{office}/forward")
        for case in cases:
            await officer.get_by_role("checkbox", name=(await case.now()).number).check()
        await officer.get_by_label("Чому це їхнє питання").fill("Дороги утримує міська рада.")
        await officer.get_by_role("button", name="Переслати позначені").click()
        await officer.get_by_role("alert").wait_for()
        await looked_at(officer, "64c-forward-several")
        await officer.get_by_label("Кому").select_option(label=COUNCIL)
        await officer.get_by_role("button", name="Переслати позначені").click()
        await officer.get_by_role("status").get_by_text("Збережено").wait_for()
    assert {(await case.now()).state for case in cases} == {appeals_pb2.APPEAL_STATE_FORWARDED}


async def test_the_clocks_of_the_law_run_warn_and_are_kept(world: World, browser: Browser) -> None:
    """Journey 5."""
    begun = kyiv_date(datetime.now(UTC))
    plain, extended = await entered(world), await entered(world)
    letter = await entered(world, appeals_pb2.APPEAL_CHANNEL_POST, unsigned=True)
    privileged = await entered(world, codes=["7.4"])
    for case in (plain, extended, letter):
        await case.take()
    assert (await privileged.now()).priority == particulars_pb2.PRIORITY_HEAD
    clocks = await plain.way()

    draft = appeal_draft()
    draft.applicant.residence = "--"
    nameless = appeal_request(OWN, appeal=draft, channel=appeals_pb2.APPEAL_CHANNEL_POST)
    with as_whom(world.tokens[OFFICER]), pytest.raises(Failure) as anonymous:
        await world.appeals.RegisterAppeal(nameless)
    assert list(anonymous.value.fields) == ["appeal.applicant.residence"], "an anonymous letter enters no register"

    await go_to(world, day(clocks.defect.safe_on))
    assert pb.REQUISITE_SIGNATURE in (await letter.way()).missing_requisites
    with as_whom(world.tokens[OFFICER]):
        await world.proceedings.ReturnAppeal(
            pb.ReturnAppealRequest(
                name=letter.name,
                etag=(await letter.now()).etag,
                ground=pb.RETURN_GROUND_DEFECT,
                missing=[pb.REQUISITE_SIGNATURE],
                explanation="На листі немає підпису.",
            )
        )
    assert not (await letter.way()).decisions[0].late, "the tenth day is in time"

    await go_to(world, day(clocks.simple.safe_on))
    await plain.alarmed(particulars_pb2.ALARM_FIFTEENTH_DAY)

    await go_to(world, day(clocks.month.safe_on) - timedelta(days=1))
    too_far = (begun + timedelta(days=46)).isoformat()
    etag = (await extended.now()).etag
    with as_whom(world.tokens[OFFICER]):
        with pytest.raises(Failure) as past:
            await world.proceedings.AskExtension(
                pb.AskExtensionRequest(name=extended.name, etag=etag, until=too_far, reason="Чекаємо висновку.")
            )
        assert list(past.value.fields) == ["until"]
        asked = await world.proceedings.AskExtension(
            pb.AskExtensionRequest(
                name=extended.name, etag=etag, until=clocks.most.raw_on, reason="Чекаємо висновку обленерго."
            )
        )
        grant = pb.DecideExtensionRequest(name=asked.name, etag=asked.etag, granted=True)
        with pytest.raises(Failure) as own:
            await world.proceedings.DecideExtension(grant)
        assert own.value.code is grpc.StatusCode.PERMISSION_DENIED
    with as_whom(world.tokens[HEAD]):
        await world.proceedings.DecideExtension(grant)
    assert (await extended.now()).due.safe_on == clocks.most.safe_on

    await go_to(world, day(clocks.month.legal_on) + timedelta(days=1))
    await plain.alarmed(particulars_pb2.ALARM_BREACHED)
    assert (await extended.now()).due.alarm < particulars_pb2.ALARM_BREACHED
    history = [entry.deed for entry in (await plain.way()).history]
    assert history[-1] == pb.DEED_BREACHED
    assert pb.DEED_WARNED in history

    await world.house.service("web").restart()  # with a token of its own that is not a month old
    async with visitor(browser, "phone") as head, visitor(browser, "phone") as resident:
        await sign_in(head, world, "head")
        await head.get_by_role("heading", name="Строк спливає").wait_for()
        assert "строк минув" in await head.get_by_role("main").inner_text()
        await looked_at(head, "65-desk-overdue")
        await head.goto(f"{world.house.web_url}/{OWN}/office/appeals?due=all")
        await looked_at(head, "66-register-by-deadline")
        await head.goto(f"{world.house.web_url}/{OWN}/office/appeals/{extended.name.rpartition('/')[2]}")
        await looked_at(head, "67-case-extended")
        await head.goto(f"{world.house.web_url}/{OWN}/office/calendar")
        await head.get_by_text("Не підтверджено юристом").first.wait_for()
        await looked_at(head, "68-calendar-and-law")
        await head.goto(f"{world.house.web_url}/{OWN}/office/prints")
        await looked_at(head, "69-prints")
        await follow(resident, world, extended.code)
        await resident.get_by_role("heading", name="Строк розгляду продовжено").wait_for()
        assert "обленерго" in await resident.get_by_role("main").inner_text()
        await looked_at(resident, "70-status-extended")
