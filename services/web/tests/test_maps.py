"""The hromada's map: its pages, and the file that their script asks for."""

import httpx
from spilno.reception.v1 import maps_pb2
from web.testing import House, hidden

OFFICE = "/tatarbunary/office"

FEATURES = '{"type":"FeatureCollection","features":[]}'


def brought(house: House) -> None:
    house.map = maps_pb2.Map(features=FEATURES, streets=["вул. Центральна"], attribution="© Ми", etag="1")


async def test_the_map_is_fetched_once_and_then_remembered(visitor: httpx.AsyncClient, house: House) -> None:
    brought(house)
    first = await visitor.get("/tatarbunary/map.geojson")
    again = await visitor.get("/tatarbunary/map.geojson", headers={"if-none-match": first.headers["etag"]})
    assert (first.text, first.headers["content-type"]) == (FEATURES, "application/geo+json")
    assert (again.status_code, again.content) == (304, b"")


async def test_without_a_map_there_is_none(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.get("/tatarbunary/map.geojson")).status_code == 404


async def test_a_page_without_a_map_runs_no_script(visitor: httpx.AsyncClient) -> None:
    page = await visitor.get("/tatarbunary/officer")
    assert "<script" not in page.text
    assert "script-src" not in page.headers["content-security-policy"]


async def test_the_streets_of_the_map_are_offered_where_an_address_is_asked(
    visitor: httpx.AsyncClient, house: House
) -> None:
    brought(house)
    page = await visitor.get("/tatarbunary/officer")
    assert '<option value="вул. Центральна">' in page.text


async def test_a_touch_on_the_map_asks_for_the_place(visitor: httpx.AsyncClient, house: House) -> None:
    brought(house)
    sent = {**await hidden(visitor, "/tatarbunary/officer"), "latitude": "45.84", "longitude": "29.61"}
    await visitor.post("/tatarbunary/officer", data=sent)
    found = next(one for one in reversed(house.asked) if one.DESCRIPTOR.name == "FindOfficerRequest")
    assert (found.point.latitude, found.point.longitude) == (45.84, 29.61)


async def test_the_office_brings_a_map(officer: httpx.AsyncClient, house: House) -> None:
    sent = {**await hidden(officer, f"{OFFICE}/map"), "features": FEATURES, "attribution": "© Ми"}
    answer = await officer.post(f"{OFFICE}/map", data=sent)
    assert (answer.status_code, house.map.attribution) == (303, "© Ми")


async def test_what_is_no_map_keeps_what_was_pasted(officer: httpx.AsyncClient) -> None:
    sent = {**await hidden(officer, f"{OFFICE}/map"), "features": "{вставлене}"}
    page = await officer.post(f"{OFFICE}/map", data=sent)
    assert (page.status_code, "{вставлене}" in page.text) == (422, True)
