"""What a resident's page weighs: all that a browser loads with it, as it is served, but fonts."""

from pathlib import Path

import machine
from web.testing_weights import MOST, weights

from bench.ground import Ground
from bench.measuring import Limit, Result

_MAP = Path(machine.__file__).with_name("map.geojson")
"""The demo's: pages with a map load it too."""


async def weight(ground: Ground) -> list[Result]:
    """The heaviest of a resident's pages, beside what it may weigh: as browsers take it over HTTPS, and over HTTP."""
    features = _MAP.read_text()
    return [
        _heaviest(await weights(features), "br"),
        _heaviest(await weights(features, over_https=False), "gzip"),
    ]


def _heaviest(weighed: dict[str, float], packed: str) -> Result:
    heaviest = max(weighed, key=weighed.__getitem__)
    ratio = weighed[heaviest] / MOST
    limit = Limit(at_most=1.0)
    name = f"the heaviest of {len(weighed)} pages of a resident ({packed}), {heaviest}"
    than = f"60 KiB, without fonts; the lightest is {min(weighed.values()):.1f} KiB"
    return Result(name, weighed[heaviest], MOST, ratio, str(limit), limit.holds(ratio), "KiB", than)
