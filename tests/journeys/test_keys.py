"""After ninety days the issuer signs with another key, and neither the office nor the services notice."""

import asyncio
import time
from datetime import timedelta

import httpx
import pytest_asyncio
from identity.issuer import rules
from joserfc import jws
from machine import demo
from playwright.async_api import Browser, Page
from spilno.reception.v1 import appeals_pb2

from tests.journeys.browser import visitor
from tests.journeys.test_one_appeal import OFFICER_EMAIL, sign_in
from tests.world import OWN, PASSWORD, World, as_whom

AGAIN = 31.0
"""Whoever verifies asks for unknown keys no more often than twice a minute."""


def kid(token: str) -> str:
    return str(jws.extract_compact(token.encode()).headers()["kid"])


async def published(world: World) -> int:
    async with httpx.AsyncClient(trust_env=False) as client:
        return len((await client.get(f"{world.house.issuer_url}/jwks")).raise_for_status().json()["keys"])


async def officer(world: World) -> str:
    return await demo.token(world.house, OFFICER_EMAIL, PASSWORD, OWN)


async def reads_appeals(world: World, token: str) -> bool:
    with as_whom(token):
        listed = await world.appeals.ListAppeals(appeals_pb2.ListAppealsRequest(parent=f"hromadas/{OWN}"))
    return len(listed.appeals) > 0


def move(world: World, by: timedelta) -> None:
    world.house.clock_file.write_text(str(by.total_seconds()))


async def served(page: Page, world: World) -> None:
    """Waits for the form: a clock that leaps twice within ten seconds leaves the services' own tokens dead so long."""
    for _ in range(15):
        await page.goto(f"{world.house.web_url}/{OWN}/office/appeals")
        if await page.get_by_label("Пошта").count():
            return
        await asyncio.sleep(1)


@pytest_asyncio.fixture(scope="module")
async def world(later: World) -> World:
    return later


async def test_reception_and_web_take_tokens_of_the_old_key_and_of_the_new(world: World, browser: Browser) -> None:
    async with visitor(browser, "desk") as early:
        asked = time.monotonic()
        made = rules.KEY_SIGNS + timedelta(minutes=1)
        move(world, made)
        for _ in range(60):
            if await published(world) == 2:
                break
            await asyncio.sleep(1)

        move(world, made + rules.KEY_IS_ANNOUNCED - timedelta(minutes=2))
        old = await officer(world)
        await served(early, world)
        await sign_in(early, world, OFFICER_EMAIL)
        await early.wait_for_url(f"{world.house.web_url}/{OWN}/office**")
        assert await reads_appeals(world, old)

        await asyncio.sleep(max(0.0, AGAIN - (time.monotonic() - asked)))
        move(world, made + rules.KEY_IS_ANNOUNCED + timedelta(minutes=2))
        new = await officer(world)
        assert kid(new) != kid(old)
        assert await reads_appeals(world, new)
        assert await reads_appeals(world, old)
        await early.reload()
        assert early.url.startswith(f"{world.house.web_url}/{OWN}/office")
        async with visitor(browser, "desk") as late:
            await sign_in(late, world, OFFICER_EMAIL)
            await late.wait_for_url(f"{world.house.web_url}/{OWN}/office**")
