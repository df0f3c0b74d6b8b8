"""What a resident's page weighs: all that a browser without anything of ours loads, as it is served, but fonts."""

import re
from pathlib import Path
from urllib.parse import urljoin

import httpx
import machine
from spilno.reception.v1 import maps_pb2
from web.testing import AnIssuer, House, Memory, portal

from bench.ground import Ground
from bench.measuring import Limit, Result

_HERE = "/tatarbunary"
_PAGES = (
    _HERE,
    f"{_HERE}/officer",
    f"{_HERE}/visits/new",
    f"{_HERE}/visits/move",
    f"{_HERE}/appeals/new",
    f"{_HERE}/appeals/follow",
    f"{_HERE}/about",
    f"{_HERE}/safe",
)
_MAP = Path(machine.__file__).with_name("map.geojson")
"""The demo's: pages with a map load it too."""
_MOST = 60.0
_KIB = 1024
_LOADED = re.compile(r'<(?:link[^>]*rel="(?:stylesheet|icon)[^"]*"[^>]*href|script[^>]*src|img[^>]*src)="([^"]+)"')
_IN_A_SHEET = re.compile(r'url\("?([^)"]+)"?\)')
_FONT = (".woff2", ".woff")


async def weight(ground: Ground) -> list[Result]:
    """The heaviest of a resident's pages, beside what it may weigh."""
    house = House()
    house.map = maps_pb2.Map(features=_MAP.read_text(), attribution="© Карта", etag="1")
    app = portal(house, Memory(), AnIssuer())
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://portal.bench", follow_redirects=True) as browser,
    ):
        weights = {page: await _weight(browser, page) for page in _PAGES}
    heaviest = max(weights, key=weights.__getitem__)
    ratio = weights[heaviest] / _MOST
    limit = Limit(at_most=1.0)
    name = f"the heaviest of {len(weights)} pages of a resident, {heaviest.removeprefix(_HERE) or '/'}"
    than = "60 KiB, without fonts; the lightest is " + f"{min(weights.values()):.1f} KiB"
    return [Result(name, weights[heaviest], _MOST, ratio, str(limit), limit.holds(ratio), "KiB", than)]


async def _weight(browser: httpx.AsyncClient, page: str) -> float:
    """In KiB: the page, and whatever it names, each once; also what its sheets name."""
    size, text = await _loaded(browser, page)
    waiting, seen = set(_LOADED.findall(text)), set[str]()
    if "leaflet" in text:
        waiting.add(f"{_HERE}/map.geojson")
    while waiting:
        path = waiting.pop()
        if path in seen or path.startswith("data:") or path.endswith(_FONT):
            continue
        seen.add(path)
        more, inside = await _loaded(browser, path)
        size += more
        if path.endswith(".css"):
            waiting |= {urljoin(path, each) for each in _IN_A_SHEET.findall(inside) if not each.startswith("data:")}
    return size / _KIB


async def _loaded(browser: httpx.AsyncClient, path: str) -> tuple[int, str]:
    answer = await browser.get(path, headers={"accept-encoding": "gzip, br"})
    answer.raise_for_status()
    return answer.num_bytes_downloaded, answer.text
