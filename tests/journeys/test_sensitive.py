"""Journey 4: a visitor who is not safe at home. Whoever is not named sees nothing, and everybody can leave at once."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import grpc
import pytest
from kit.clock import kyiv_date
from kit.rpc.client import Failure
from playwright.async_api import Browser, Page
from spilno.identity.v1 import trail_pb2
from spilno.reception.v1 import appeals_pb2

from tests.isolation.rows.reception.cases import abandoned
from tests.journeys.browser import looked_at, visitor
from tests.journeys.test_come_on_tuesday import sign_in
from tests.journeys.test_one_appeal import follow
from tests.world import OWN, World, as_whom

HEAD, OFFICER = f"head:{OWN}", f"officer:{OWN}"
NEUTRAL = "https://meteo.gov.ua/"


async def test_escape_three_times_leaves_and_without_a_script_the_button_is_a_link(
    world: World, browser: Browser
) -> None:
    async with visitor(browser, "phone", scripts=True) as resident:
        await resident.route(f"{NEUTRAL}**", lambda route: route.fulfill(body="погода", content_type="text/html"))
        await resident.goto(f"{world.house.web_url}/{OWN}")
        length = await resident.evaluate("history.length")
        await resident.get_by_role("link", name="Небезпечно вдома?").click()
        await resident.get_by_role("heading", name="Якщо вдома небезпечно").wait_for()
        await resident.wait_for_load_state()
        for _ in range(3):
            await resident.keyboard.press("Escape")
        await resident.wait_for_url(NEUTRAL)
        assert await resident.evaluate("history.length") == length + 1, "the page was replaced, none was added"
        await resident.go_back()
        assert "safe" not in resident.url
    for device in ("phone", "desk"):
        async with visitor(browser, device) as resident:
            for page in ("safe", "appeals/new", "appeals/follow"):
                await resident.goto(f"{world.house.web_url}/{OWN}/{page}")
                leaving = resident.get_by_role("link", name="Швидко вийти")
                assert await leaving.get_attribute("href") == NEUTRAL
                await looked_at(resident, f"70-{page.replace('/', '-')}", device)


async def test_a_visitor_who_is_not_safe_at_home_is_seen_by_the_named_alone(world: World, browser: Browser) -> None:
    who = f"Скривджена {uuid4().hex[:6]}"
    booked = await world.visit(OWN, who)
    visit = booked.visit.name.rpartition("/")[2]
    async with visitor(browser, "desk") as officer, visitor(browser, "phone") as head:
        await sign_in(officer, world, "officer", f"/visits/{visit}")
        await officer.get_by_role("button", name="Відмітити, що чекає").click()
        await officer.get_by_role("radio", name="Приймаємо звернення").check()
        await officer.get_by_role("button", name="Зберегти").click()
        await officer.get_by_role("radio", name="Заява").check()
        await officer.get_by_role("radio", name="Порядок").check()
        await officer.get_by_label("Суть, словами людини").fill("Удома небезпечно, потрібні юристка й притулок.")
        await officer.get_by_label("Місце проживання").fill("вул. Затишна, 7")
        await officer.get_by_label("Чи обмежити доступ до справи?").select_option("violence")
        await officer.get_by_role("button", name="Зареєструвати").click()
        code = (await officer.locator(".code").inner_text()).strip()
        await officer.get_by_role("link", name="Відкрити справу").click()
        await officer.get_by_role("heading", name="З якою метою відкриваєте справу?").wait_for()
        await looked_at(officer, "71-purpose", "desk")
        await officer.get_by_role("button", name="Відкрити справу").click()
        await officer.get_by_role("alert").wait_for()
        await officer.get_by_role("radio", name="Веду цю справу").check()
        await officer.get_by_role("button", name="Відкрити справу").click()
        await officer.get_by_text("Лише названі працівники").wait_for()
        case = officer.url
        await looked_at(officer, "72-case", "desk")
        await officer.get_by_role("link", name="Коло і зміни доступу").click()
        await officer.get_by_role("heading", name="Хто бачить справу").wait_for()
        await looked_at(officer, "73-access", "desk")
        assert await officer.locator('a[href="tel:102"]').count()
        assert await officer.get_by_role("link", name="0 800 213 103").count()

        today = kyiv_date(datetime.now(UTC))
        await officer.goto(f"{case}/referrals")
        await officer.get_by_label("Або юрист, поіменно").fill("Юристка Центру правничої допомоги")
        await officer.get_by_label("Про що просите").fill("Порада щодо обмежувального припису.")
        await officer.get_by_label("Коли чекаєте відповіді").fill(f"{today + timedelta(days=7):%d.%m.%Y}")
        await officer.get_by_role("button", name="Скерувати").click()
        await officer.get_by_role("alert").wait_for()
        await officer.get_by_label("Коли людина погодилася").fill(f"{today:%d.%m.%Y}")
        await officer.get_by_role("button", name="Скерувати").click()
        await officer.get_by_role("button", name="Прийнято").click()
        await officer.get_by_role("heading", name="Юристка Центру правничої допомоги").wait_for()
        await looked_at(officer, "78-referrals", "desk")
        async with officer.expect_download() as downloading:
            await officer.get_by_role("link", name="Лист PDF").click()
        assert (await (await downloading.value).path()).read_bytes().startswith(b"%PDF-")
        await officer.goto(f"{case}/access")

        await sign_in(head, world, "head", f"/visits/{visit}")
        assert who not in await head.get_by_role("main").inner_text(), "the visit keeps nobody's name"
        await head.goto(case)
        assert "Такої сторінки немає" in await head.get_by_role("main").inner_text(), "another is refused"
        await head.goto(f"{world.house.web_url}/{OWN}/office/cases")
        await head.get_by_text("Таких справ у вас немає.").wait_for()
        await looked_at(head, "74-no-cases", "phone")
        await head.goto(f"{world.house.web_url}/{OWN}/office/appeals")
        await head.get_by_label("Прізвище, вулиця, номер або слово").fill(who)
        await head.get_by_role("button", name="Шукати").click()
        assert "Затишна" not in await head.get_by_role("main").inner_text()

        await officer.get_by_label("Що зробити").select_option("name")
        await officer.get_by_label("Кого").select_option(label=await own_name(head))
        await officer.get_by_label("Причина").fill("Веде справу разом зі мною.")
        await officer.get_by_role("button", name="Зберегти", exact=True).click()
        await officer.get_by_text("Веде справу разом зі мною.").wait_for()
        await head.goto(case)
        await head.get_by_role("radio", name="Перевіряю як керівник").check()
        await head.get_by_role("button", name="Відкрити справу").click()
        await head.get_by_role("link", name="Передати поліції чи іншому органу").click()
        await head.get_by_label("Що це").select_option("violence")
        await head.get_by_label("Хто прийняв").fill("Відділення поліції № 1")
        await head.get_by_label("Номер у них").fill("ЄО 4321")
        await looked_at(head, "75-hand-over", "phone")
        await head.get_by_role("button", name="Передано").click()
        await head.get_by_text("ЄО 4321").first.wait_for()

        nobodys = await abandoned(world)
        await head.goto(f"{world.house.web_url}/{OWN}/office/cases")
        await head.locator(f'a[href$="/cases/{nobodys.name.rpartition("/")[2]}/recover"]').click()
        await head.get_by_role("button", name="Відновити доступ").click()
        await head.get_by_role("alert").wait_for()
        await head.get_by_role("radio", name="Перевіряю як керівник").check()
        await head.get_by_label("Причина").fill("Юристка звільнилася, людина чекає.")
        await looked_at(head, "79-recover", "phone")
        await head.get_by_role("button", name="Відновити доступ").click()
        await head.get_by_text("Доступ відновив керівник").wait_for()

    async with visitor(browser, "phone") as resident:
        await follow(resident, world, code)
        said = await resident.get_by_role("main").inner_text()
        assert "Відділення поліції № 1" in said
        assert "притулок" not in said, "screens are shared"
        await looked_at(resident, "76-status", "phone")
        await resident.goto(f"{world.house.web_url}/{OWN}/figures")
        await resident.get_by_text("не показуємо").first.wait_for()
        await looked_at(resident, "77-figures", "phone")
    name = f"hromadas/{OWN}/appeals/{case.rpartition('/')[2]}"
    with as_whom(world.tokens[HEAD]), pytest.raises(Failure) as unsaid:
        await world.appeals.GetAppeal(appeals_pb2.GetAppealRequest(name=name))
    assert unsaid.value.code is grpc.StatusCode.FAILED_PRECONDITION
    assert {"case-work", "supervision", "registration"} <= await purposes(world, name), "every look is in the trail"


async def purposes(world: World, name: str) -> set[str]:
    """What the trail has that the case was opened for; it comes by way of the bus."""
    found = set[str]()
    for _ in range(40):
        with as_whom(world.tokens[HEAD]):
            listed = await world.trail.ListEntries(
                trail_pb2.ListEntriesRequest(parent=f"hromadas/{OWN}", record=name, page_size=100)
            )
        found = {entry.purpose for entry in listed.entries}
        if "supervision" in found:
            break
        await asyncio.sleep(0.5)
    return found


async def own_name(page: Page) -> str:
    """As the office knows whoever is signed in."""
    return (await page.locator('a[href$="/office/me"]').first.text_content() or "").strip()
