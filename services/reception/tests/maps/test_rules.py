"""A map is read strictly, and what is drawn of it stands in layers."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.errors import Refused
from reception.maps import rules

HERE = [29.6112345678, 45.8412345678]


def feature(kind: str, points: Any, shape: str = "LineString", **said: Any) -> dict[str, Any]:
    geometry = {"type": shape, "coordinates": points}
    return {"type": "Feature", "properties": {"kind": kind, **said}, "geometry": geometry}


def collection(*features: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


def street(name: str = "вул. Центральна", **said: Any) -> dict[str, Any]:
    return feature("street", [HERE, [29.62, 45.85]], name=name, **said)


def refusal(said: str) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        rules.read(said)
    return refused.value.field, refused.value.reason


@pytest.mark.parametrize(
    "said",
    [
        "карта",
        "[]",
        "{}",
        '{"type": "Feature"}',
        '{"type": "FeatureCollection", "features": 5}',
        collection("street"),
        collection(feature("street", "x")),
        collection(feature("street", [[1, "a"], [2, 3]])),
        collection(feature("street", [HERE])),
        collection(feature("water", [[HERE, HERE]], "Polygon")),
        "[" * 20000,
    ],
)
def test_what_is_no_map_is_refused(said: str) -> None:
    assert refusal(said) in {("features", "map.unreadable"), ("features", "map.nothing-known")}


def test_a_map_of_elsewhere_is_refused() -> None:
    assert refusal(collection(feature("street", [[45.84, 29.61], [45.85, 29.62]]))) == (
        "features",
        "map.outside-ukraine",
    )


def test_a_map_of_nothing_known_is_refused() -> None:
    assert refusal(collection(feature("dragons", [HERE, [29.62, 45.85]]))) == ("features", "map.nothing-known")


def test_more_features_than_a_page_can_draw_are_refused() -> None:
    assert refusal(collection(*[street()] * (rules.MOST_FEATURES + 1)))[1] == "map.too-many-features"


def test_layers_lie_over_one_another_as_on_paper() -> None:
    square = [[[29.6, 45.8], [29.7, 45.8], [29.7, 45.9], [29.6, 45.8]]]
    drawn = rules.read(
        collection(street(), feature("water", square, "Polygon"), feature("boundary", square, "Polygon"))
    )
    kinds = [each["properties"]["kind"] for each in json.loads(drawn.features)["features"]]
    assert kinds == ["boundary", "water", "street"]


def test_streets_are_told_once_in_the_order_of_the_alphabet() -> None:
    names = ["вул. Яблунева", "вул. Ґанкова", "вул. Єврейська", "вул. Івана Франка", "вул. Абрикосова", "вул. Ґанкова"]
    drawn = rules.read(collection(*map(street, names)))
    assert drawn.streets == (
        "вул. Абрикосова",
        "вул. Ґанкова",
        "вул. Єврейська",
        "вул. Івана Франка",
        "вул. Яблунева",
    )


def test_the_tags_of_openstreetmap_are_understood() -> None:
    line, square = [HERE, [29.62, 45.85]], [[[29.6, 45.8], [29.7, 45.8], [29.7, 45.9], [29.6, 45.8]]]
    said = [
        ({"highway": "residential", "name": "вулиця Шкільна"}, "LineString", line),
        ({"highway": "trunk", "ref": "М-15"}, "LineString", line),
        ({"natural": "water"}, "Polygon", square),
        ({"leisure": "park"}, "Polygon", square),
        ({"landuse": "farmland"}, "Polygon", square),
        ({"boundary": "administrative"}, "Polygon", square),
        ({"place": "village", "name": "Нерушай"}, "Point", HERE),
        ({"building": "yes"}, "Polygon", square),
    ]
    features = [
        {"type": "Feature", "properties": tags, "geometry": {"type": shape, "coordinates": points}}
        for tags, shape, points in said
    ]
    kinds = [each["properties"]["kind"] for each in json.loads(rules.read(collection(*features)).features)["features"]]
    assert kinds == ["boundary", "field", "green", "water", "street", "highway", "place"]


def test_places_are_kept_to_the_metre() -> None:
    drawn = json.loads(rules.read(collection(street())).features)
    assert drawn["features"][0]["geometry"]["coordinates"][0] == [29.61123, 45.84123]


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists))
def test_whatever_else_stands_for_coordinates_is_refused(points: Any) -> None:
    assert refusal(collection(feature("street", points)))[0] == "features"
