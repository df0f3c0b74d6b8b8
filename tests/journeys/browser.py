"""A real browser, as a person holds it: narrow on a phone, wide on a desk."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from axe_playwright_python.async_playwright import Axe
from kit.servers.browser import ensure
from playwright.async_api import Browser, Page, async_playwright

PICTURES = Path(__file__).parents[1] / "pictures"
WIDTHS = {"phone": (390, 844), "desk": (1440, 900)}
_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # what passed is judged as well, and not told in every detail
}
_COPYISTS: WeakKeyDictionary[Browser, Page] = WeakKeyDictionary()
_QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    """Chromium without a window."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=ensure(), args=[*_QUIET, *sandbox])
        yield browser
        await browser.close()


@asynccontextmanager
async def visitor(browser: Browser, device: str, *, scripts: bool = False) -> AsyncIterator[Page]:
    """Someone with a browser of their own; without JavaScript unless asked for."""
    width, height = WIDTHS[device]
    context = await browser.new_context(
        viewport={"width": width, "height": height}, locale="uk-UA", java_script_enabled=scripts
    )
    context.set_default_timeout(30_000)
    yield await context.new_page()
    await context.close()


async def looked_at(page: Page, name: str, *devices: str) -> None:
    """Takes a picture as each of the devices shows the page, or all of them, and holds it to WCAG 2.2 AA and to the
    width.

    axe needs scripts, so the same document is opened a second time with them, as it stands.
    """
    PICTURES.mkdir(exist_ok=True)
    own = page.viewport_size
    copy = await _copied(page)
    for device in devices or WIDTHS:
        width, height = WIDTHS[device]
        await page.set_viewport_size({"width": width, "height": height})
        await page.screenshot(path=PICTURES / f"{name}_{device}.png", full_page=True)
        await copy.set_viewport_size({"width": width, "height": height})
        await _judge(copy, name, device)
    if own is not None:
        await page.set_viewport_size(own)


async def _judge(copy: Page, name: str, device: str) -> None:
    found = await copy.evaluate("options => axe.run(document, options)", _RULES)
    overflow = await copy.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    violations = [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found["violations"]]
    assert violations == [], f"{name} on a {device}: {violations}"
    assert overflow <= 0, f"{name} is wider than a {device}"


async def _copied(page: Page) -> Page:
    """The same document, in a page where scripts may run and axe is at hand.

    There is one such page, and it keeps its window while documents of one site follow one another: axe is compiled
    once, and what the site's pages have in common is loaded once.
    """
    browser = page.context.browser
    if browser is None:
        raise RuntimeError("the page has no browser")
    if browser not in _COPYISTS:
        _COPYISTS[browser] = await (await browser.new_context(bypass_csp=True)).new_page()
    copy, document = _COPYISTS[browser], await page.content()
    if urlsplit(copy.url)[:2] == urlsplit(page.url)[:2]:
        await copy.evaluate("address => history.replaceState(null, '', address)", page.url)
        await copy.set_content(document)
        return copy
    await copy.route(page.url, lambda route: route.fulfill(body=document, content_type="text/html; charset=utf-8"))
    await copy.goto(page.url)
    await copy.unroute_all()
    await copy.evaluate(Axe().axe_script)
    return copy
