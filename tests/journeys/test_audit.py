"""The auditor's day: what was done in the office, whose hand it was, whether anything is missing, and the file."""

import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from pathlib import Path

from playwright.async_api import Browser
from spilno.identity.v1 import members_pb2
from spilno.reception.v1 import appeals_pb2

from tests.journeys.browser import looked_at, visitor
from tests.world import OWN, PASSWORD, World, as_whom


async def test_the_auditor_sees_who_opened_an_appeal_and_takes_the_file_home(
    world: World, browser: Browser, tmp_path: Path
) -> None:
    appeal = (await world.appeal(OWN)).appeal
    with as_whom(world.tokens[f"officer:{OWN}"]):
        await world.appeals.GetAppeal(appeals_pb2.GetAppealRequest(name=appeal.name))
    await world.sealed(OWN)
    mailbox = "auditor"
    await world.invite(OWN, "Аудитор громади", members_pb2.ROLE_AUDITOR, mailbox=mailbox)
    async with visitor(browser, "phone") as page:
        await page.goto(f"{world.house.web_url}/{OWN}/office/audit")
        await page.get_by_label("Пошта").fill(f"{mailbox}@{OWN}.example.org")
        await page.get_by_label("Пароль").fill(PASSWORD)
        await page.get_by_role("button", name="Увійти", exact=True).click()
        await page.get_by_text("Журнал цілий").wait_for()
        await page.get_by_label("Номер звернення").fill(appeal.number)
        await page.get_by_role("button", name="Показати").click()
        row = page.get_by_role("row").filter(has_text=f"Перегляд звернення {appeal.number}")
        await row.get_by_text("Дільничний офіцер").first.wait_for()
        await looked_at(page, "30-audit-of-an-appeal")
        await page.goto(f"{world.house.web_url}/{OWN}/office/audit")
        await page.get_by_text("Як перевірити самостійно").click()
        await looked_at(page, "31-audit")
        files = []
        for name in ("Завантажити журнал", "Завантажити ключ"):
            async with page.expect_download() as download:
                await page.get_by_role("link", name=name).click()
            files.append(tmp_path / name)
            await (await download.value).save_as(files[-1])
        await page.goto(f"{world.house.web_url}/{OWN}/office/audit?record=999999/1999")
        await looked_at(page, "32-audit-nothing")
        await page.goto(f"{world.house.web_url}/{OWN}/office/audit?day=2026-02-30")
        await page.get_by_role("alert").wait_for()
        await looked_at(page, "33-audit-no-such-day")
    export, key = files
    verify = ["-m", "identity", "audit", "verify", OWN, "--file", str(export), "--key", str(key)]
    process = await create_subprocess_exec(sys.executable, *verify, stdout=PIPE, env={})
    said = (await process.communicate())[0].decode()
    assert (process.returncode, f"{OWN}: whole" in said) == (0, True), said
