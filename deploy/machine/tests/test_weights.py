"""A resident opens each page on a weak line: no page weighs more than the line brings in a few seconds."""

from pathlib import Path

import machine
import pytest
from web.testing_weights import MOST, weights

FEATURES = Path(machine.__file__).with_name("map.geojson").read_text()
WITH_A_MAP = {f"/tatarbunary/{page}" for page in ("officer", "officers", "hazards", "hazards/new", "hazards/1")}


@pytest.mark.parametrize("over_https", [True, False])
async def test_every_page_of_a_resident_is_light(over_https: bool) -> None:
    weighed = await weights(FEATURES, over_https=over_https)
    assert {page: weight for page, weight in weighed.items() if weight > MOST} == {}
    assert {page for page, weight in weighed.items() if weight > MOST / 2} == WITH_A_MAP
