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


async def test_who_has_changed_their_mind_has_what_waits_erased_and_reads_that_it_was(
    world: World, browser: Browser
) -> None:
    story = "У мене вкрали велосипед біля магазину."
    page = f"{world.house.web_url}/{OWN}"
    async with visitor(browser, "phone") as resident, visitor(browser, "desk") as head:
        await resident.goto(f"{page}/appeals/new")
        await resident.get_by_role("radio", name="Заява").check()
        await resident.get_by_role("radio", name="Порядок").check()
        await resident.get_by_label("Розкажіть своїми словами").fill(story)
        await resident.get_by_label("Прізвище та ім’я").fill("Мешканка Олена")
        await resident.get_by_label("Де ви живете").fill("м. Татарбунари, вул. Центральна, 1")
        await resident.get_by_label("Телефон").fill("097 123 45 67")
        await resident.get_by_role("button", name="Надіслати звернення").click()
        code = (await resident.locator(".code").inner_text()).strip()
        await follow(resident, world, code)
        await resident.get_by_text("Отримати, виправити або знищити дані").click()
        await resident.locator("[value=erasure]").check()
        await resident.get_by_role("button", name="Надіслати запит").click()
        await resident.get_by_text("Розглядаємо").wait_for()
        await looked_at(resident, "83-asked-while-it-waits")

        await sign_in(head, world, f"head@{OWN}.example.org")
        await head.goto(f"{page}/office/outside")
        await head.get_by_text("Людина просить про свої дані").first.wait_for()
        await head.get_by_role("link", name=story).click()
        await head.get_by_text("Людина просить про свої дані").wait_for()
        await looked_at(head, "84-asked-of-what-waits")
        await head.get_by_role("link", name="Запити людей").click()
        await head.get_by_label("Код звернення").fill(code)
        await head.get_by_role("button", name="Знайти", exact=True).click()
        await head.get_by_text("Знищити дані").first.click()
        erasing = head.locator("form", has=head.locator("[name=step][value=erase]")).first
        await erasing.get_by_label("Підстава").fill("Людина просить.")
        await erasing.get_by_role("button").click()
        await head.goto(f"{page}/office/persons")
        await head.locator("summary", has_text="Відповісти").first.click()
        await head.get_by_label("Що відповідаємо людині").first.fill("Знищили все, що ви надіслали.")
        await head.get_by_role("button", name="Відповісти").first.click()
        await head.get_by_role("status").wait_for()

        await resident.reload()
        await resident.get_by_text("знищено на ваше прохання").wait_for()
        await resident.get_by_text("Знищили все, що ви надіслали.").wait_for()
        assert await resident.get_by_text("Отримати, виправити або знищити дані").count() == 0
        await looked_at(resident, "85-erased-while-it-waited")
