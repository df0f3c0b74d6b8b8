"""A beat on the map: what is a border, whose is a place."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.errors import Refused
from reception.beats import areas


def drawn(*points: list[Any], kind: str = "Polygon") -> str:
    return json.dumps({"type": kind, "coordinates": [list(points)]})


def square(west: float, south: float, side: float = 0.1) -> str:
    east, north = west + side, south + side
    return drawn([west, south], [east, south], [east, north], [west, north], [west, south])


def refusal(area: str) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        areas.read(area)
    return refused.value.field, refused.value.reason


@pytest.mark.parametrize(
    "area",
    [
        "межа",
        "[]",
        '{"type": "Point", "coordinates": [1, 2]}',
        '{"type": "Polygon", "coordinates": []}',
        drawn([29.6, 45.8], [29.7, 45.8], [29.6, 45.8]),
        drawn([200, 1], [29.7, 45.8], [29.7, 45.9], [200, 1]),
        drawn(["a"], ["b"], ["c"], ["a"]),
        drawn([True, 1], [1, 1], [1, 2], [True, 1]),
        drawn([10**400, 1], [1, 1], [1, 2], [10**400, 1]),
        '{"type": "Polygon", "coordinates": [[[NaN, 1], [1, 1], [1, 2], [NaN, 1]]]}',
        "[" * 15000,
    ],
)
def test_what_is_no_polygon_is_refused(area: str) -> None:
    assert refusal(area) == ("beat.area", "beat.area-no-polygon")


def test_a_border_must_be_closed() -> None:
    open_one = drawn([29.6, 45.8], [29.7, 45.8], [29.7, 45.9], [29.6, 45.9])
    assert refusal(open_one) == ("beat.area", "beat.area-open")


@pytest.mark.parametrize(
    "area",
    [
        drawn([29.6, 45.8], [29.7, 45.9], [29.7, 45.8], [29.6, 45.9], [29.6, 45.8]),
        drawn([29.6, 45.8], [29.7, 45.8], [29.6, 45.8], [29.6, 45.8]),
    ],
)
def test_a_border_neither_crosses_itself_nor_is_a_line(area: str) -> None:
    assert refusal(area) == ("beat.area", "beat.area-crosses-itself")


@pytest.mark.parametrize("area", [square(45.8, 29.6), square(2.3, 48.8), square(22.1, 48.0)])
def test_a_border_stays_in_ukraine(area: str) -> None:
    assert refusal(area) == ("beat.area", "beat.area-outside-ukraine")


@pytest.mark.parametrize(
    ("place", "latitude", "longitude"),
    [
        ("Сімферополь", 44.95, 34.10), ("Керч", 45.35, 36.47), ("Севастополь", 44.60, 33.53),
        ("Ужгород", 48.62, 22.29), ("Татарбунари", 45.84, 29.61), ("Ізмаїл", 45.35, 28.84), ("Чоп", 48.43, 22.20),
        ("Київ", 50.45, 30.52), ("Луганськ", 48.57, 39.31), ("острів Зміїний", 45.255, 30.204),
    ],
)  # fmt: skip
def test_ukraine_is_whole(place: str, latitude: float, longitude: float) -> None:
    assert areas.has(areas.UKRAINE, latitude, longitude), place


@pytest.mark.parametrize(
    ("place", "latitude", "longitude"),
    [
        ("Ростов", 47.23, 39.70), ("Кишинів", 47.01, 28.86), ("Варшава", 52.23, 21.01), ("Краснодар", 45.04, 38.97),
        ("Мінськ", 53.90, 27.56), ("Констанца", 44.18, 28.63),
    ],
)  # fmt: skip
def test_a_neighbours_town_is_not_in_it(place: str, latitude: float, longitude: float) -> None:
    assert not areas.has(areas.UKRAINE, latitude, longitude), place


def test_no_border_is_none() -> None:
    assert areas.read("") is None


places = st.tuples(st.floats(30, 34), st.floats(48.5, 50.5))


@given(places, st.floats(-0.2, 0.2), st.floats(-0.2, 0.2))
def test_an_overlap_larger_than_a_seam_is_refused_and_names_the_beat(
    place: tuple[float, float], right: float, up: float
) -> None:
    own, other = areas.read(square(*place)), areas.read(square(place[0] + right, place[1] + up))
    assert own is not None
    assert other is not None
    shared_m2 = max(0, 0.1 - abs(right)) * max(0, 0.1 - abs(up)) * 111_320**2
    if shared_m2 > 2 * areas.SEAM_M2:  # a degree of longitude is shorter here than one of latitude
        with pytest.raises(Refused) as refused:
            areas.check_overlaps(own, [("№ 7", other)])
        assert (refused.value.field, refused.value.values) == ("beat.area", {"beat": "№ 7"})
    elif shared_m2 <= areas.SEAM_M2:
        areas.check_overlaps(own, [("№ 7", other)])


def test_neighbours_may_share_a_border() -> None:
    own, other = areas.read(square(29.6, 45.8)), areas.read(square(29.7, 45.8))
    assert own is not None
    assert other is not None
    areas.check_overlaps(own, [("№ 2", other)])


@given(places, st.floats(-0.05, 0.15), st.floats(-0.05, 0.15))
def test_a_place_belongs_to_the_area_around_it(place: tuple[float, float], right: float, up: float) -> None:
    area = areas.read(square(*place))
    assert area is not None
    west, south, east, north = area.bounds
    longitude, latitude = place[0] + right, place[1] + up
    assert areas.has(area, latitude, longitude) == (west <= longitude <= east and south <= latitude <= north)
