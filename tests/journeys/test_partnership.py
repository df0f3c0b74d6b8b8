"""Partnership: the memorandum of Tatarbunary, sixteen in February 2017 and twenty by the end of 2018."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from docx import Document
from kit.clock import kyiv_date
from kit.rpc.client import Failure
from machine import demo_partners
from playwright.async_api import Browser, FilePayload, Page
from spilno.identity.v1 import agreements_pb2, organisations_pb2, projects_pb2

from tests import partners
from tests.journeys.browser import looked_at, visitor
from tests.journeys.test_one_appeal import sign_in
from tests.world import OTHER, OWN, PASSWORD, World, as_whom

HEAD_EMAIL = f"head@{OWN}.example.org"


async def memorandum(world: World) -> str:
    """As the demo enters it; however often."""
    carried = (("authorization", f"Bearer {world.tokens[f'head:{OWN}']}"),)
    return await demo_partners.enter(world.channels["identity"], OWN, carried)


async def count(world: World, name: str, as_of: str) -> int:
    with as_whom(world.tokens[f"head:{OWN}"]):
        found = await partners.agreements(world).GetAgreement(
            agreements_pb2.GetAgreementRequest(name=name, as_of=as_of)
        )
        listed = await partners.agreements(world).ListSignatories(
            agreements_pb2.ListSignatoriesRequest(parent=name, as_of=as_of)
        )
    assert found.signatory_count == len(listed.signatories)
    return int(found.signatory_count)


async def test_the_memorandum_has_sixteen_parties_in_february_2017_and_twenty_by_the_end_of_2018(world: World) -> None:
    name = await memorandum(world)
    assert [await count(world, name, day) for day in ("2017-01-31", "2017-02-28", "2018-12-31")] == [0, 16, 20]


async def test_entering_it_again_enters_nothing(world: World) -> None:
    first, again = await memorandum(world), await memorandum(world)
    assert first == again
    assert await count(world, first, "2018-12-31") == 20
    with as_whom(world.tokens[f"head:{OWN}"]):
        funded = await partners.projects(world).ListProjects(
            projects_pb2.ListProjectsRequest(parent=f"hromadas/{OWN}", page_size=500)
        )
    assert sum("Координаційний офіс безпеки" in each.title for each in funded.projects) == 1


async def test_eight_parties_have_names_and_the_others_say_that_they_are_made_up(world: World) -> None:
    name = await memorandum(world)
    with as_whom(world.tokens[f"head:{OWN}"]):
        listed = await partners.agreements(world).ListSignatories(
            agreements_pb2.ListSignatoriesRequest(parent=name, as_of="2018-12-31")
        )
    made_up = [each for each in listed.signatories if each.organisation_title.startswith("Демонстраційна організація")]
    assert (len(listed.signatories), len(made_up)) == (20, 12)


async def test_the_abolished_raion_is_a_party_no_more_but_stays_on_record(world: World) -> None:
    name = await memorandum(world)
    assert await count(world, name, "2020-12-31") == 18
    with as_whom(world.tokens[f"head:{OWN}"]):
        listed = await partners.agreements(world).ListSignatories(
            agreements_pb2.ListSignatoriesRequest(parent=name, show_all=True)
        )
    assert "Татарбунарська районна рада" in [each.organisation_title for each in listed.signatories]


async def test_the_neighbours_see_nothing_of_it(world: World) -> None:
    name = await memorandum(world)
    with as_whom(world.tokens[f"head:{OTHER}"]):
        for asked in (name, name.replace(OWN, OTHER)):
            with pytest.raises(Failure) as failure:
                await partners.agreements(world).GetAgreement(agreements_pb2.GetAgreementRequest(name=asked))
            assert failure.value.code.name == "NOT_FOUND"
        listed = await partners.organisations(world).ListOrganisations(
            organisations_pb2.ListOrganisationsRequest(parent=f"hromadas/{OTHER}", show_all=True, page_size=500)
        )
    assert "Татарбунарська районна рада" not in [each.title for each in listed.organisations]


async def test_the_head_asks_a_party_for_help_on_the_offices_own_letter(world: World, browser: Browser) -> None:
    await memorandum(world)
    appeal = (await world.appeal(OWN)).appeal
    party, today = "Пробація, Татарбунари", kyiv_date(datetime.now(UTC))
    base = f"{world.house.web_url}/{OWN}/office"
    async with visitor(browser, "desk") as page:
        await page.goto(f"{base}/appeals/{appeal.name.rpartition('/')[2]}/referrals")
        await page.get_by_label("Пошта").fill(HEAD_EMAIL)
        await page.get_by_label("Пароль").fill(PASSWORD)
        await page.get_by_role("button", name="Увійти", exact=True).click()
        await page.get_by_label("Кому").select_option(label=party)
        await page.get_by_label("Про що просите").fill("Розмова з наглядачем про новий графік.")
        await page.get_by_label("Коли людина погодилася").fill(f"{today:%d.%m.%Y}")
        await page.get_by_label("Коли чекаєте відповіді").fill(f"{today + timedelta(days=7):%d.%m.%Y}")
        await page.get_by_role("button", name="Скерувати").click()
        await page.get_by_role("heading", name=party).wait_for()
        asked = page.url
        await page.goto(f"{base}/referrals")
        await page.get_by_role("link", name=party).first.wait_for()
        await looked_at(page, "27-referrals", "desk")

        await page.goto(f"{base}/referrals/letters")
        field = page.locator("#letter-uk")
        for text, is_taken in (("{{ to }} {{ asks }} {{ secret }}", False), ("На бланку: {{ to }} {{ asks }}", True)):
            document, file = Document(), BytesIO()
            document.add_paragraph(text)
            document.save(file)
            upload: FilePayload = {"name": "letter.docx", "mimeType": "application/zip", "buffer": file.getvalue()}
            await field.set_input_files(upload)
            await page.get_by_role("button", name="Зберегти бланк").first.click()
            if not is_taken:
                await page.get_by_role("alert").get_by_text("secret").wait_for()
        await page.get_by_role("button", name="Повернути лист платформи").wait_for()
        await looked_at(page, "28-letters", "desk")
        await page.goto(asked)
        assert await page.get_by_role("link", name="Лист PDF").count() == 0, "of an own letter there is no PDF"
        async with page.expect_download() as downloading:
            await page.get_by_role("link", name="Лист DOCX").first.click()
        filled = Document(str(await (await downloading.value).path())).paragraphs[0].text
        assert filled == f"На бланку: {party} Розмова з наглядачем про новий графік."
        await page.goto(f"{base}/referrals/letters")
        await page.get_by_role("button", name="Повернути лист платформи").click()
        await page.get_by_role("status").wait_for()


async def show(page: Page, day: str) -> str:
    """Chooses a day, and tells what the page then says."""
    await page.get_by_label("Станом на", exact=True).fill(day)
    await page.get_by_role("button", name="Показати").click()
    await page.locator(f'time[datetime="{day}"]').first.wait_for()
    return await page.get_by_role("heading", level=2).first.inner_text()


async def test_the_head_sees_who_was_a_party_on_a_day_and_adds_and_ends_one(world: World, browser: Browser) -> None:
    name = await memorandum(world)
    await partners.organisation(world, OWN, "Школа")
    own = await partners.agreement(world, OWN, "Договір про співробітництво")
    base = f"{world.house.web_url}/{OWN}/office"
    async with visitor(browser, "phone") as page:
        await sign_in(page, world, HEAD_EMAIL)
        await page.get_by_role("heading", name="Звернення", exact=True).wait_for()
        await page.get_by_text("Меню", exact=True).click()
        await page.locator("nav a:visible", has_text="Партнери").first.click()
        await page.get_by_role("heading", name="Партнери", exact=True).wait_for()
        await looked_at(page, "20-partners")
        await page.goto(f"{base}/partners/agreements/{name.rpartition('/')[2]}")
        assert (await show(page, "2017-02-28")).split() == ["16", "сторін"]
        await looked_at(page, "21-memorandum-2017")
        assert (await show(page, "2018-12-31")).split() == ["20", "сторін"]
        await looked_at(page, "22-memorandum-2018")

        await page.goto(f"{base}/partners/agreements/{own.name.rpartition('/')[2]}")
        await page.get_by_role("link", name="Додати сторону").click()
        await page.get_by_role("button", name="Додати").click()
        await page.get_by_role("alert").wait_for()
        await page.get_by_label("Організація").select_option(label="Школа")
        await page.get_by_label("Приєдналася").fill("2016-01-01")
        await page.get_by_role("button", name="Додати").click()
        await page.get_by_role("alert").get_by_text("не раніше, ніж документ укладено").wait_for()
        await looked_at(page, "23-join-refused")
        await page.get_by_label("Приєдналася").fill("2018-05-01")
        await page.get_by_label("Посада представника").fill("директор")
        await page.get_by_role("button", name="Додати").click()
        await page.get_by_role("link", name="Записати вихід").click()
        await page.get_by_label("Вийшла").fill("2019-01-01")
        await looked_at(page, "24-leave")
        await page.get_by_role("button", name="Записати вихід").click()
        assert (await show(page, "2018-12-31")).split() == ["1", "сторона"]
        assert (await show(page, "2019-01-01")).split() == ["0", "сторін"]
        await looked_at(page, "25-left")

        await page.goto(f"{base}/partners/organisations/new")
        await page.get_by_label("Назва", exact=True).fill("Поліція")
        await page.get_by_label("Вид організації").select_option("police")
        await page.get_by_label("Код ЄДРПОУ").fill("40108579")
        await page.get_by_role("button", name="Зберегти").click()
        await page.get_by_role("alert").get_by_text("остання цифра").wait_for()
        await looked_at(page, "26-edrpou-refused")
        assert await page.get_by_label("Код ЄДРПОУ").input_value() == "40108579"


async def test_a_council_hosted_by_an_ngo_is_refused_in_the_laws_words(world: World, browser: Browser) -> None:
    await memorandum(world)
    async with visitor(browser, "phone") as page:
        await sign_in(page, world, HEAD_EMAIL)
        await page.get_by_role("heading", name="Звернення", exact=True).wait_for()
        await page.goto(f"{world.house.web_url}/{OWN}/office/settings")
        await page.get_by_label("Хто володілець").select_option("municipal")
        await page.get_by_label("Назва володільця").fill("Татарбунарська міська рада")
        await page.get_by_label("Хто розпорядник").select_option("ngo")
        await page.get_by_label("Назва розпорядника").fill("Комітет виборців України")
        await page.get_by_label("Підстава").fill("Договір")
        await page.get_by_label("Діє з").fill("2030-01-01")
        await page.get_by_role("button", name="Записати").click()
        await page.get_by_role("alert").get_by_text("стаття 4, частина 3").wait_for()
        await looked_at(page, "27-settings-refused")


async def test_residents_read_what_awaits_them_on_the_way_in(world: World, browser: Browser) -> None:
    await memorandum(world)
    await partners.venue(world, OWN)
    await partners.venue(world, OWN)
    async with visitor(browser, "phone") as page:
        await page.goto(f"{world.house.web_url}/{OWN}")
        await page.get_by_role("link", name="Як до нас прийти").click()
        await page.get_by_role("heading", name="Кімната офісу безпеки").first.wait_for()
        await looked_at(page, "28-about")
        await page.goto(f"{world.house.web_url}/{OWN}/about?lang=en")
        await page.get_by_text("Hearing loop").first.wait_for()
    async with visitor(browser, "phone") as page:
        await sign_in(page, world, HEAD_EMAIL)
        await page.get_by_role("heading", name="Звернення", exact=True).wait_for()
        await page.goto(f"{world.house.web_url}/{OWN}/office/venues")
        await looked_at(page, "29-venues")
        await page.get_by_role("link", name="Змінити").first.click()
        await looked_at(page, "30-venue")
