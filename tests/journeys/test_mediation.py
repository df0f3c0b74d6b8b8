"""Two neighbours make peace: the coordinator leads, consent comes first, and another of the office sees nothing."""

from playwright.async_api import Browser

from tests.journeys.browser import looked_at, visitor
from tests.journeys.test_one_appeal import sign_in
from tests.world import OWN, World

TODAY_OR_EARLIER = "12.01.2026"


async def test_two_neighbours_agree_and_nobody_else_sees_it(world: World, browser: Browser) -> None:
    office = f"{world.house.web_url}/{OWN}/office"
    await world.coordinator(OWN)
    async with visitor(browser, "desk") as mediator, visitor(browser, "phone") as other:
        await sign_in(mediator, world, f"head@{OWN}.example.org")
        await mediator.goto(f"{office}/mediations/new")
        await looked_at(mediator, "70-mediation-new", "desk")
        await mediator.get_by_label("Про що конфлікт").fill("Паркан на межі двох дворів")
        await mediator.locator("#neutral").check()
        await mediator.get_by_role("button", name="Відкрити справу").click()
        for name in ("Іваненко Петро", "Сидоренко Ганна"):
            await mediator.get_by_text("Додати сторону").click()
            await mediator.get_by_label("Ім’я", exact=True).fill(name)
            await mediator.get_by_label("Чи родич медіатора?").select_option("no")
            await mediator.get_by_role("button", name="Додати", exact=True).click()
        for name in ("Іваненко Петро", "Сидоренко Ганна"):
            await mediator.get_by_text("Записати згоду чи відмову").click()
            await mediator.get_by_label("Хто", exact=True).select_option(label=name)
            await mediator.get_by_label("Коли", exact=True).fill(TODAY_OR_EARLIER)
            await mediator.get_by_role("button", name="Записати", exact=True).click()
        await mediator.get_by_text("Усі згодні, триває").wait_for()
        await mediator.get_by_text("Записати текст угоди").click()
        await mediator.get_by_label("Текст", exact=True).fill("Паркан переносять на пів метра.")
        await mediator.get_by_role("button", name="Зберегти текст").click()
        await mediator.get_by_text("Призначити день").click()
        await mediator.locator("#due_on").fill(TODAY_OR_EARLIER)
        await mediator.get_by_role("button", name="Призначити", exact=True).click()
        await mediator.get_by_text("Прострочено").first.wait_for()
        await looked_at(mediator, "71-mediation", "desk")
        await mediator.set_viewport_size({"width": 390, "height": 844})
        await looked_at(mediator, "71-mediation", "phone")
        await mediator.set_viewport_size({"width": 1440, "height": 900})
        await mediator.goto(f"{office}/mediations")
        await looked_at(mediator, "72-mediations", "desk")
        await mediator.get_by_role("link", name="М-").first.click()
        await mediator.get_by_role("heading", name="Навіщо відкриваєте справу?").wait_for()
        await looked_at(mediator, "73-mediation-purpose", "desk")
        await mediator.set_viewport_size({"width": 390, "height": 844})
        await looked_at(mediator, "73-mediation-purpose", "phone")
        await mediator.set_viewport_size({"width": 1440, "height": 900})

        await sign_in(other, world, f"officer@{OWN}.example.org")
        await other.goto(f"{office}/mediations")
        await other.get_by_text("Жодної справи.").wait_for()
        await looked_at(other, "72-mediations", "phone")
        hidden = await other.goto(mediator.url)
        assert hidden is not None
        await other.locator("[value=party-asks]").check()
        await other.get_by_role("button", name="Відкрити", exact=True).click()
        assert "Паркан" not in await other.content()
