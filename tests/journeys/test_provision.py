"""Journey 1: the operator brings a hromada, its head invites a team, and a second comes by the first one's template,
which sees nothing of the first."""

import asyncio
import re
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import grpc
import pytest
from kit.rpc.client import Failure, ServiceIdentity
from machine import demo, pages
from playwright.async_api import Browser, Page
from spilno.identity.v1 import integrators_pb2, trail_pb2
from spilno.reception.v1 import appeals_pb2, receptions_pb2

from tests.journeys.browser import looked_at, visitor
from tests.journeys.test_one_appeal import sign_in as staff_signs_in
from tests.journeys.test_team import accept, link_in
from tests.world import PASSWORD, World, appeal_request, as_whom

READY_MILLISECONDS = 20_000
OFFICER = "Дільничний офіцер, дільниця 1"
TEAM = (("coordinator", "Заступниця керівника", "Координатор"), ("officer", OFFICER, "Дільничний офіцер"))


def a_slug() -> str:
    return f"h-{uuid4().hex[:10]}"


async def sign_in(page: Page, world: World) -> None:
    email, password = world.house.operator
    await page.goto(f"{world.house.web_url}/operator")
    await page.get_by_label("Пошта").fill(email)
    await page.get_by_label("Пароль").fill(password)
    await page.get_by_role("button", name="Увійти", exact=True).click()
    await page.get_by_role("heading", name="Громади", exact=True).wait_for()


async def fill(page: Page, slug: str, katotth: str) -> None:
    await page.get_by_role("link", name="Нова громада").click()
    await page.get_by_label("Назва громади").fill(f"Громада {slug}")
    await page.get_by_label("Код громади в КАТОТТГ").fill(katotth)
    await page.get_by_label("Адреса сторінки").fill(slug)
    await page.get_by_label("Адреса офісу").fill("вул. Центральна, 1, 68100")
    await page.get_by_label("Телефон офісу").fill("048 443 21 24")
    await page.get_by_label("Пошта керівника").fill(f"head@{slug}.example.org")


def a_katotth() -> str:
    return f"UA5106{uuid4().int % 999 + 1:03}00000{uuid4().int % 100_000:05}"


async def head_of(page: Page, world: World, slug: str) -> str:
    """The head comes in by the link that the operator was shown; tells their token."""
    url = await page.get_by_role("link", name=re.compile("invitations")).inner_text()
    await pages.accept_invitation(url, PASSWORD)
    return await demo.token(world.house, f"head@{slug}.example.org", PASSWORD, slug)


async def team_of(world: World, browser: Browser, slug: str) -> None:
    """The head invites a colleague and the beat's officer, who come in by their links."""
    async with visitor(browser, "phone") as head, visitor(browser, "phone") as guest:
        await staff_signs_in(head, world, f"head@{slug}.example.org", slug)
        for mailbox, name, role in TEAM:
            await head.goto(f"{world.house.web_url}/{slug}/office/members")
            await head.get_by_role("link", name="Запросити людину").click()
            await head.get_by_label("Як називати в офісі").fill(name)
            await head.get_by_label("Пошта для входу").fill(f"{mailbox}@{slug}.example.org")
            await head.get_by_role("checkbox", name=role).check()
            await head.get_by_role("button", name="Запросити").click()
            await head.get_by_role("heading", name="Запрошення готове").wait_for()
            await accept(guest, await link_in(head))
        await head.goto(f"{world.house.web_url}/{slug}/office/members")
        for _, name, role in TEAM:
            await head.get_by_role("row", name=name).get_by_text(role, exact=True).wait_for()
        await looked_at(head, "87-team-of-a-new-hromada")
    for mailbox, *_ in TEAM:
        world.tokens[f"{mailbox}:{slug}"] = await demo.token(
            world.house, f"{mailbox}@{slug}.example.org", PASSWORD, slug
        )


async def integrator_of(world: World, slug: str) -> str:
    with as_whom(world.tokens[f"head:{slug}"]):
        made = await world.integrators.CreateIntegrator(
            integrators_pb2.CreateIntegratorRequest(
                parent=f"hromadas/{slug}", integrator_id="lighting", display_name="Освітлення", request_id=str(uuid4())
            )
        )
    client = ServiceIdentity(world.house.issuer_url, made.integrator.client_id, made.client_secret)
    return await client.token()


async def test_two_hromadas_come_and_the_second_sees_nothing_of_the_first(world: World, browser: Browser) -> None:
    first, second = a_slug(), a_slug()
    name = f"saturday-{uuid4().hex[:6]}"
    async with visitor(browser, "phone") as operator:
        await sign_in(operator, world)
        await looked_at(operator, "80-operator")
        await fill(operator, first, "UA51040250010015619")
        await operator.get_by_role("button", name="Створити громаду").click()
        await operator.get_by_role("alert").wait_for()
        assert await operator.get_by_label("Адреса сторінки").input_value() == first
        await looked_at(operator, "81-hromada-refused")
        await operator.get_by_label("Код громади в КАТОТТГ").fill(a_katotth())
        world.house.service("reception").kill()
        try:
            await operator.get_by_role("button", name="Створити громаду").click()
            await operator.get_by_role("heading", name="Офіс готується").wait_for()
            await operator.get_by_text("Служба не відповідає").wait_for()
            await operator.get_by_role("link", name="Не оновлювати").click()
            await looked_at(operator, "82-hromada-on-its-way")
            refused = await operator.request.get(f"{world.house.web_url}/{first}")
            assert refused.status == 503
            await operator.get_by_role("link", name="Оновлювати самостійно").click()
        finally:
            await world.house.service("reception").start()
        await operator.get_by_role("heading", name="Офіс готовий").wait_for(timeout=READY_MILLISECONDS)
        await looked_at(operator, "83-hromada-ready")
        world.tokens[f"head:{first}"] = await head_of(operator, world, first)

        await operator.goto(f"{world.house.web_url}/operator/templates")
        await looked_at(operator, "84-templates")
        await operator.get_by_role("link", name="Свій зразок").click()
        part = operator.get_by_label("Приймальня: реєстр звернень і години прийому")
        text = await part.input_value()
        await part.fill(f"{text}lunch: 13:00\n")
        await operator.get_by_role("button", name="Опублікувати зразок").click()
        await operator.get_by_role("alert").get_by_text("lunch: такого ключа немає").wait_for()
        await looked_at(operator, "85-template-refused")
        own = text.replace("name: tatarbunary", f"name: {name}").replace("slot_minutes: 20", "slot_minutes: 30")
        await part.fill(own)
        for other in await operator.locator("textarea").all():
            said = await other.input_value()
            await other.fill(said.replace("name: tatarbunary", f"name: {name}"))
        await operator.get_by_role("button", name="Опублікувати зразок").click()
        await operator.get_by_role("heading", name=re.compile(name)).wait_for()

        await operator.goto(f"{world.house.web_url}/operator")
        await fill(operator, second, a_katotth())
        await operator.get_by_label("Зразок офісу").select_option(f"templates/{name}-1")
        await looked_at(operator, "86-hromada-new")
        await operator.get_by_role("button", name="Створити громаду").click()
        await operator.get_by_role("heading", name="Офіс готовий").wait_for(timeout=READY_MILLISECONDS)
        world.tokens[f"head:{second}"] = await head_of(operator, world, second)
        for slug in (first, second):
            await team_of(world, browser, slug)

        await operator.get_by_role("link", name="Призупинити громаду").click()
        await operator.get_by_label("Причина").fill("Перевірка")
        await operator.get_by_role("button", name="Призупинити громаду").click()
        await operator.get_by_role("button", name="Відновити").click()
        await operator.get_by_role("link", name="Призупинити громаду").wait_for()

    await the_second_sees_nothing(world, first, second)


async def the_second_sees_nothing(world: World, first: str, second: str) -> None:
    schedule = await world.receptions.GetSchedule(
        receptions_pb2.GetScheduleRequest(parent=f"hromadas/{second}"), metadata=await world.through_web()
    )
    assert schedule.schedule.slot_minutes == 30
    with as_whom(world.tokens[f"officer:{first}"]):
        appeal = (await world.appeals.RegisterAppeal(appeal_request(first, "Лише для першої громади"))).appeal
    for stranger in (world.tokens[f"officer:{second}"], await integrator_of(world, second)):
        with as_whom(stranger):
            await refused(world.appeals.GetAppeal(appeals_pb2.GetAppealRequest(name=appeal.name)))
            await refused(world.appeals.ListAppeals(appeals_pb2.ListAppealsRequest(parent=f"hromadas/{first}")))
            identifier = appeal.name.rpartition("/")[2]
            foreign = f"hromadas/{second}/appeals/{identifier}"
            await refused(world.appeals.GetAppeal(appeals_pb2.GetAppealRequest(name=foreign)))
            own = await world.appeals.ListAppeals(appeals_pb2.ListAppealsRequest(parent=f"hromadas/{second}"))
            assert list(own.appeals) == []
    await the_second_hromadas_trail_tells_who_tried(world, first, second, appeal.name)


async def the_second_hromadas_trail_tells_who_tried(world: World, first: str, second: str, appeal: str) -> None:
    """The denial stands where the caller works, and the one they tried to see learns nothing of it."""
    tried = "spilno.reception.v1.Appeals.GetAppeal"
    async with asyncio.timeout(60):
        while True:
            denied = [one for one in await trail_of(world, second) if one.outcome == trail_pb2.OUTCOME_DENIED]
            if any(one.actor == OFFICER and one.method == tried for one in denied):
                break
            await asyncio.sleep(0.3)
    assert all(one.outcome != trail_pb2.OUTCOME_DENIED for one in await trail_of(world, first))


async def trail_of(world: World, slug: str) -> Sequence[trail_pb2.Entry]:
    with as_whom(world.tokens[f"head:{slug}"]):
        listed = await world.trail.ListEntries(trail_pb2.ListEntriesRequest(parent=f"hromadas/{slug}", page_size=200))
    entries: Sequence[trail_pb2.Entry] = listed.entries
    return entries


async def refused(call: Any) -> None:
    with pytest.raises(Failure) as failure:
        await call
    assert failure.value.code is grpc.StatusCode.NOT_FOUND
