"""A resident asks for their data by the code of their appeal; the head finds them, corrects, holds, and answers."""

from playwright.async_api import Browser

from tests.journeys.browser import looked_at, visitor
from tests.journeys.test_one_appeal import follow, sign_in
from tests.world import MARKER, OWN, World


async def test_a_person_is_given_their_own_data(world: World, browser: Browser) -> None:
    code = (await world.appeal(OWN)).code
    persons = f"{world.house.web_url}/{OWN}/office/persons"
    async with visitor(browser, "phone") as resident, visitor(browser, "desk") as head:
        await follow(resident, world, code)
        await resident.get_by_text("Отримати, виправити або знищити дані").click()
        await resident.locator("[value=access]").check()
        await resident.get_by_role("button", name="Надіслати запит").click()
        await resident.get_by_text("Розглядаємо").wait_for()
        await looked_at(resident, "80-own-data", "phone")

        await sign_in(head, world, f"head@{OWN}.example.org")
        await head.goto(persons)
        await looked_at(head, "81-persons", "desk")
        await head.set_viewport_size({"width": 390, "height": 844})
        await looked_at(head, "81-persons", "phone")
        await head.set_viewport_size({"width": 1440, "height": 900})
        await head.get_by_label("Код звернення").fill(code)
        await head.get_by_role("button", name="Знайти", exact=True).click()
        await head.get_by_text(MARKER).first.wait_for()
        await head.get_by_text("Заборонити знищувати").first.click()
        await head.get_by_label("Підстава").first.fill("Триває суд")
        await head.get_by_label("Номер справи").first.fill("522/1/26")
        await head.get_by_role("button", name="Заборонити", exact=True).first.click()
        await head.get_by_text("Знищувати заборонено").first.wait_for()
        await looked_at(head, "82-person", "desk")
        await head.set_viewport_size({"width": 390, "height": 844})
        await looked_at(head, "82-person", "phone")
        await head.set_viewport_size({"width": 1440, "height": 900})
        async with head.expect_download() as file:
            await head.get_by_role("button", name="PDF для людини").click()
        assert (await file.value).suggested_filename == "person.pdf"

        await head.goto(persons)
        await head.locator("summary", has_text="Відповісти").first.click()
        await head.get_by_label("Що відповідаємо людині").first.fill("Чекаємо вас у приймальні з документом.")
        await head.get_by_role("button", name="Відповісти").first.click()
        await head.get_by_role("status").wait_for()
        await resident.reload()
        await resident.get_by_text("Чекаємо вас у приймальні").wait_for()
