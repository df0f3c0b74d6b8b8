"""One appeal travels: a resident's phone, the officer's desk, the resident again; and the neighbours see nothing."""

import asyncio
import re
from typing import Any
from uuid import uuid4

from kit.rpc.client import ServiceIdentity
from playwright.async_api import Browser, Page
from spilno.feed.v1 import feed_pb2
from spilno.feed.v1.feed_pb2_grpc import FeedStub
from spilno.identity.v1 import members_pb2
from spilno.reception.v1 import appeals_pb2, events_pb2, particulars_pb2

from tests.journeys.browser import looked_at, visitor
from tests.world import OTHER, OWN, PASSWORD, SUSPENDED, World, as_whom

STORY = "На вулиці біля зупинки не світять три ліхтарі, дітям темно йти зі школи."
ANSWER = "Міська рада замінить ліхтарі до 1 грудня. Дякуємо, що написали."
OFFICER_EMAIL = f"officer@{OWN}.example.org"


async def submit(page: Page, world: World, story: str, device: str = "phone") -> tuple[str, str]:
    """A resident files an appeal and writes down its number and code."""
    await page.goto(f"{world.house.web_url}/{OWN}")
    await page.get_by_role("main").get_by_role("link", name="Подати звернення").click()
    await page.get_by_role("radio", name="Заява").check()
    await page.get_by_role("radio", name="Інфраструктура").check()
    await page.get_by_label("Розкажіть своїми словами").fill(story)
    await page.get_by_label("Прізвище та ім’я").fill("Мешканка Олена")
    await page.get_by_label("Де ви живете").fill("м. Татарбунари, вул. Центральна, 1")
    await page.get_by_label("Телефон").fill("097 123 45 67")
    await page.get_by_role("button", name="Надіслати звернення").click()
    code = (await page.locator(".code").inner_text()).strip()
    number = re.search(r"\d+/\d{4}", await page.get_by_role("main").inner_text())
    assert number is not None
    return number.group(), code


async def sign_in(page: Page, world: World, email: str, slug: str = OWN) -> None:
    await page.goto(f"{world.house.web_url}/{slug}/office/appeals")
    await page.get_by_label("Пошта").fill(email)
    await page.get_by_label("Пароль").fill(PASSWORD)
    await page.get_by_role("button", name="Увійти", exact=True).click()


async def follow(page: Page, world: World, code: str, slug: str = OWN) -> None:
    await page.goto(f"{world.house.web_url}/{slug}/appeals/follow")
    await page.get_by_label("Таємний код").fill(code)
    await page.get_by_role("button", name="Показати звернення").click()


async def test_an_appeal_travels_from_the_residents_phone_to_the_answer(world: World, browser: Browser) -> None:
    story = f"{STORY} {uuid4().hex[:8]}"
    async with visitor(browser, "phone") as resident, visitor(browser, "phone") as officer:
        await resident.goto(world.house.web_url)
        await looked_at(resident, "01-front")
        await resident.goto(f"{world.house.web_url}/{OWN}")
        await looked_at(resident, "02-home")
        await resident.goto(f"{world.house.web_url}/{OWN}/appeals/new")
        await looked_at(resident, "03-form")
        number, code = await submit(resident, world, story)
        await looked_at(resident, "04-receipt")
        assert re.fullmatch(r"\d{4}\s\d{4}\s\d{4}", code)
        assert re.sub(r"\D", "", code) not in resident.url

        await officer.goto(f"{world.house.web_url}/{OWN}/office")
        await looked_at(officer, "05-sign-in")
        await sign_in(officer, world, OFFICER_EMAIL)
        await officer.get_by_role("heading", name="Звернення", exact=True).wait_for()
        await looked_at(officer, "06-register")
        await officer.get_by_role("link", name=number, exact=True).click()
        await officer.get_by_text(story).first.wait_for()
        await looked_at(officer, "07-case")
        await officer.get_by_role("button", name="Взяти до роботи").click()
        await officer.get_by_label("Текст відповіді").wait_for()
        await looked_at(officer, "08-case-in-work")

        await follow(resident, world, code)
        await resident.get_by_role("heading", name=f"Звернення {number}").wait_for()
        await looked_at(resident, "09-status-in-work")

        await officer.get_by_role("radio", name="Вирішено позитивно").check()
        await officer.get_by_label("Текст відповіді").fill(ANSWER)
        await officer.get_by_role("button", name="Надіслати відповідь").click()
        await officer.get_by_role("heading", name="Відповідь", exact=True).wait_for()
        await looked_at(officer, "10-case-answered")

        await follow(resident, world, code)
        await resident.get_by_text(ANSWER).wait_for()
        await looked_at(resident, "11-status-answered")
        assert "Олена" not in await resident.get_by_role("main").inner_text()


async def test_a_form_with_mistakes_keeps_what_was_typed_and_names_each_field(world: World, browser: Browser) -> None:
    async with visitor(browser, "phone") as page:
        await page.goto(f"{world.house.web_url}/{OWN}/appeals/new")
        await page.get_by_label("Розкажіть своїми словами").fill("Темно")
        await page.get_by_label("Телефон").fill("097 12")
        await page.get_by_role("button", name="Надіслати звернення").click()
        await page.get_by_role("alert").wait_for()
        await looked_at(page, "12-form-errors")
        assert await page.get_by_label("Розкажіть своїми словами").input_value() == "Темно"
        assert await page.get_by_label("Телефон").input_value() == "097 12"
        named = await page.locator(".govuk-error-summary__list a").evaluate_all("links => links.map(a => a.hash)")
        assert {"#kind", "#area", "#text", "#name", "#residence", "#phone"} <= set(named)


async def test_pages_for_what_is_not_there_are_calm(world: World, browser: Browser) -> None:
    async with visitor(browser, "phone") as page:
        for name, path, status in (
            ("13-not-found", "/no-such-hromada", 404),
            ("14-suspended", f"/{SUSPENDED}", 503),
            ("15-follow", f"/{OWN}/appeals/follow", 200),
        ):
            answer = await page.goto(f"{world.house.web_url}{path}")
            assert answer is not None
            assert answer.status == status, path
            await looked_at(page, name)


async def test_a_wrong_code_is_told_at_its_field_and_then_throttled(world: World, browser: Browser) -> None:
    async with visitor(browser, "phone") as page:
        await follow(page, world, "0000 0000 0000", OTHER)
        await page.get_by_role("alert").wait_for()
        assert "коду" in (await page.get_by_role("alert").inner_text()) or "кодом" in (
            await page.get_by_role("alert").inner_text()
        )
        for _ in range(11):
            await follow(page, world, "0000 0000 0000", OTHER)
        assert "Забагато" in await page.get_by_role("alert").inner_text()


async def test_the_neighbours_staff_get_nothing_of_it(world: World, browser: Browser) -> None:
    story = f"Лише для своїх {uuid4().hex}"
    appeal = (await world.appeal(OWN, story)).appeal
    async with visitor(browser, "desk") as page:
        await sign_in(page, world, f"officer@{OTHER}.example.org", OTHER)
        await page.get_by_role("heading", name="Звернення", exact=True).wait_for()
        assert story not in await page.content()
        identifier = appeal.name.rpartition("/")[2]
        for path in (f"/{OTHER}/office/appeals/{identifier}", f"/{OWN}/office", f"/{OWN}/office/appeals/{identifier}"):
            answer = await page.goto(f"{world.house.web_url}{path}")
            assert answer is not None
            assert story not in await page.content(), path
            assert appeal.applicant.name not in await page.content(), path


async def test_an_integrator_registers_and_hears_of_every_change(world: World) -> None:
    client, secret = await world.integrator(OWN, f"i-{uuid4().hex[:8]}")
    token = await ServiceIdentity(world.house.issuer_url, client, secret).token()
    feed: Any = FeedStub(world.channels["reception"])
    heard: asyncio.Queue[feed_pb2.Event] = asyncio.Queue()

    async def listen() -> None:
        with as_whom(token):
            stream = feed.Watch(feed_pb2.WatchRequest(parent=f"hromadas/{OWN}"))
        async for event in stream:
            await heard.put(event)

    listening = asyncio.create_task(listen())
    async with asyncio.timeout(60):
        while heard.empty():  # of what happens before it listens it hears nothing
            await world.appeal(OWN)
            await asyncio.sleep(0.5)
    with as_whom(token):
        made = await world.appeals.RegisterAppeal(
            appeals_pb2.RegisterAppealRequest(
                parent=f"hromadas/{OWN}",
                request_id=str(uuid4()),
                appeal=appeals_pb2.AppealDraft(
                    kind=appeals_pb2.APPEAL_KIND_APPLICATION,
                    area=appeals_pb2.SAFETY_AREA_INFRASTRUCTURE,
                    applicant=appeals_pb2.Applicant(
                        name="Мешканець Іван", residence="вул. Шевченка, 3", phone="+380971234567"
                    ),
                    text="Ліхтар № 14 не світить другий тиждень.",
                ),
            )
        )
    with as_whom(world.tokens[f"officer:{OWN}"]):
        taken = await world.appeals.TakeAppeal(
            appeals_pb2.TakeAppealRequest(name=made.appeal.name, etag=made.appeal.etag)
        )
        await world.appeals.AnswerAppeal(
            appeals_pb2.AnswerAppealRequest(
                name=taken.name, etag=taken.etag, answer=ANSWER, outcome=particulars_pb2.APPEAL_OUTCOME_GRANTED
            )
        )
    expected = [
        events_pb2.AppealRegistered.DESCRIPTOR.full_name,
        events_pb2.AppealTaken.DESCRIPTOR.full_name,
        events_pb2.AppealAnswered.DESCRIPTOR.full_name,
    ]
    mine: list[str] = []
    async with asyncio.timeout(60):
        while len(mine) < len(expected):
            event = await heard.get()
            if event.subject == made.appeal.name:
                mine.append(event.body.TypeName())
    listening.cancel()
    assert mine == expected
    with as_whom(token):
        answered = await world.appeals.GetAppeal(appeals_pb2.GetAppealRequest(name=made.appeal.name))
    assert answered.answer == ANSWER


async def test_a_revoked_officers_half_filled_form_is_told_where_it_is(world: World, browser: Browser) -> None:
    mailbox = uuid4().hex[:8]
    name, _ = await world.invite(OWN, "Тимчасовий координатор", members_pb2.ROLE_COORDINATOR, mailbox=mailbox)
    async with visitor(browser, "phone") as page:
        await sign_in(page, world, f"{mailbox}@{OWN}.example.org")
        await page.get_by_role("heading", name="Звернення", exact=True).wait_for()
        await page.goto(f"{world.house.web_url}/{OWN}/office/appeals/new")
        with as_whom(world.tokens[f"head:{OWN}"]):
            listed = await world.members.ListMembers(
                members_pb2.ListMembersRequest(parent=f"hromadas/{OWN}", page_size=200)
            )
            etag = next(member.etag for member in listed.members if member.name == name)
            await world.members.RevokeMember(members_pb2.RevokeMemberRequest(name=name, etag=etag))
        await page.get_by_label("Суть, словами людини").fill("Відвідувач розповів про крадіжку")
        await page.get_by_role("button", name="Зареєструвати").click()
        await page.get_by_role("heading", name="Ваш доступ до офісу закінчився").wait_for()
        assert "Форму не надіслано" in (await page.get_by_role("main").inner_text()).replace("\u00a0", " ")
        await looked_at(page, "16-access-ended")
        await page.goto(f"{world.house.web_url}/{OWN}/office/appeals")
        assert "/sign-in" in page.url
        assert await page.locator("table").count() == 0
