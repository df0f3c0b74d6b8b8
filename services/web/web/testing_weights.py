"""What a resident's page weighs: all that a browser loads with it, as it is served, but fonts."""

import pkgutil
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from urllib.parse import urljoin

import httpx
from spilno.reception.v1 import maps_pb2
from starlette.routing import Route

from web import resident, testing_hazards
from web.testing import AnIssuer, House, Memory, portal

MOST = 60.0
"""In KiB: a weak line brings that in a few seconds."""
_SLUG = "tatarbunary"
_LISTED = 51
"""Hazards: a page of them and one more."""
_KIB = 1024
_PLACES = {"slug", "number"}
_FILE = re.compile(r"\.\w+$")
_LOADED = re.compile(r'<(?:link[^>]*rel="(?:stylesheet|icon)[^"]*"[^>]*href|script[^>]*src|img[^>]*src)="([^"]+)"')
_IN_A_SHEET = re.compile(r'url\("?([^)"]+)"?\)')
_ASKED_FOR = re.compile(r'data-map="([^"]+)"')
"""By the map's script, when the page stands."""
_FOLDED = re.compile(r"<details(?![^>]* open)[^>]*>.*?</details>", re.DOTALL)
_WHEN_SEEN = re.compile(r'<img[^>]*loading="lazy"[^>]*>')
_FONT = (".woff2", ".woff")


@asynccontextmanager
async def browsing(features: str) -> AsyncIterator[tuple[httpx.AsyncClient, list[str]]]:
    """A browser, and the pages of a resident: each that can be asked for by its address alone, and one hazard's.

    Args:
        features: the map that the hromada has brought.
    """
    house = House(hazards=[testing_hazards.hazard(number) for number in range(1, _LISTED + 1)])
    house.map = maps_pb2.Map(features=features, attribution="© Карта", streets=["вул. Центральна"], etag="1")
    app = portal(house, Memory(), AnIssuer())
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://portal.test:8080") as browser,
    ):
        yield browser, pages()


def pages() -> list[str]:
    """As the rooms of the resident's portal tell them, so that none is forgotten."""
    rooms = (import_module(f"{resident.__name__}.{each.name}") for each in pkgutil.iter_modules(resident.__path__))
    routers = (room.router for room in rooms if hasattr(room, "router"))
    known = (each for router in routers for each in router.routes if isinstance(each, Route) and _is_a_page(each))
    return sorted({each.path.format(slug=_SLUG, number=1) for each in known})


def _is_a_page(route: Route) -> bool:
    is_asked_for = "GET" in (route.methods or ()) and set(route.param_convertors) <= _PLACES
    return is_asked_for and not _FILE.search(route.path)


async def weigh(browser: httpx.AsyncClient, page: str, *, over_https: bool = True) -> float | None:
    """In KiB: the page, and whatever it names, each once; also what its sheets name. None for what only leads on.

    Args:
        browser: whose.
        page: its address.
        over_https: otherwise no browser takes brotli.
    """
    takes = {"accept-encoding": "gzip, deflate, br" if over_https else "gzip, deflate"}
    answer = await browser.get(page, headers=takes)
    if answer.has_redirect_location:
        return None
    answer.raise_for_status()
    size, waiting, seen = answer.num_bytes_downloaded, _named_in(answer.text), set[str]()
    while waiting:
        path = waiting.pop()
        if path in seen or path.startswith("data:") or path.endswith(_FONT):
            continue
        seen.add(path)
        more = await browser.get(path, headers=takes)
        more.raise_for_status()
        size += more.num_bytes_downloaded
        if path.endswith(".css"):
            inside = (urljoin(path, each) for each in _IN_A_SHEET.findall(more.text) if not each.startswith("data:"))
            waiting.update(inside)
    return size / _KIB


def _named_in(page: str) -> set[str]:
    """Pictures in what is folded are fetched by whoever opens it."""
    page = _FOLDED.sub(lambda folded: _WHEN_SEEN.sub("", folded[0]), page)
    return {*_LOADED.findall(page), *_ASKED_FOR.findall(page)}


async def weights(features: str, *, over_https: bool = True) -> dict[str, float]:
    """Of all pages of a resident."""
    async with browsing(features) as (browser, every):
        weighed = {page: await weigh(browser, page, over_https=over_https) for page in every}
    return {page: weight for page, weight in weighed.items() if weight is not None}
