"""How a map is read: pure functions over GeoJSON in WGS 84."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Any

import shapely
from kit.errors import Refused
from shapely.geometry import mapping, shape

from reception.beats.areas import UKRAINE

MOST_FEATURES = 3000
_GRID = 0.00001
"""Degrees: a metre, which is finer than a line on a map."""
_NAME = 80


class Kind(StrEnum):
    """What is drawn, the lowest layer first."""

    BOUNDARY = auto()
    FIELD = auto()
    GREEN = auto()
    WATER = auto()
    STREET = auto()
    HIGHWAY = auto()
    PLACE = auto()


_LAYERS = tuple(Kind)
_SHAPES = {
    Kind.STREET: {"LineString", "MultiLineString"},
    Kind.HIGHWAY: {"LineString", "MultiLineString"},
    Kind.PLACE: {"Point"},
}
_AREAS = {"Polygon", "MultiPolygon"}
_TAGS: Mapping[str, Mapping[str, Kind]] = {
    "highway": {
        **dict.fromkeys(("motorway", "trunk", "primary", "secondary"), Kind.HIGHWAY),
        **dict.fromkeys(
            ("tertiary", "unclassified", "residential", "living_street", "pedestrian", "road"), Kind.STREET
        ),
    },
    "natural": {"water": Kind.WATER, "wood": Kind.GREEN},
    "waterway": {"riverbank": Kind.WATER},
    "leisure": dict.fromkeys(("park", "garden", "pitch"), Kind.GREEN),
    "landuse": {
        **dict.fromkeys(("forest", "grass", "cemetery", "recreation_ground", "orchard", "vineyard"), Kind.GREEN),
        **dict.fromkeys(("farmland", "meadow"), Kind.FIELD),
    },
    "boundary": {"administrative": Kind.BOUNDARY},
    "place": dict.fromkeys(("city", "town", "village", "hamlet", "suburb", "neighbourhood", "locality"), Kind.PLACE),
}
"""What OpenStreetMap's tags are here."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A map that can be drawn."""

    features: str
    streets: tuple[str, ...]


def read(said: str) -> Drawn:
    """The map of a text: its features by layer, in metres' precision.

    Raises:
        Refused: it is no collection of features, has too many, draws nothing that is known, or lies outside Ukraine.
    """
    kept = [one for feature in _features(said) if (one := _feature(feature)) is not None]
    if not kept:
        raise Refused("features", "map.nothing-known")
    kept.sort(key=lambda one: _LAYERS.index(one[0]))
    names = {name for kind, name, _ in kept if kind in {Kind.STREET, Kind.HIGHWAY} and name}
    features = [
        {"type": "Feature", "properties": {"kind": kind, **({"name": name} if name else {})}, "geometry": geometry}
        for kind, name, geometry in kept
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"))
    return Drawn(text, tuple(sorted(names, key=alphabetical)))


def borders(features: str) -> list[shapely.Geometry]:
    """The borders of a map that `read` has written; none if it draws none."""
    drawn = json.loads(features)["features"]
    return [shape(each["geometry"]) for each in drawn if each["properties"]["kind"] == Kind.BOUNDARY]


_ALPHABET = {letter: place for place, letter in enumerate("абвгґдеєжзиіїйклмнопрстуфхцчшщьюя")}


def alphabetical(name: str) -> list[tuple[int, str]]:
    """By this names stand in the order of the Ukrainian alphabet, what has no letters of it first."""
    return [(_ALPHABET.get(letter, -1), letter) for letter in name.lower() if letter not in "'’ʼ"]


def _features(said: str) -> list[Any]:
    try:
        collection: Any = json.loads(said)
        features: list[Any] = list(collection["features"]) if collection["type"] == "FeatureCollection" else []
    except (ValueError, LookupError, TypeError, RecursionError):
        raise Refused("features", "map.unreadable") from None
    if len(features) > MOST_FEATURES:
        raise Refused("features", "map.too-many-features", most=MOST_FEATURES)
    return features


def _feature(feature: Any) -> tuple[Kind, str, dict[str, Any]] | None:
    """A feature's kind, name and shape; None for one that is not drawn.

    Raises:
        Refused: it has coordinates of no place, or of one outside Ukraine.
    """
    try:
        said: Mapping[str, Any] = feature["properties"] or {}
        kind, name = _kind(said), said.get("name", "")
        if kind is None or feature["geometry"]["type"] not in _SHAPES.get(kind, _AREAS):
            return None
        drawn = shapely.set_precision(shape(feature["geometry"]), _GRID, mode="pointwise")
        is_within = bool(UKRAINE.intersects(drawn)) and not drawn.is_empty
    except (LookupError, TypeError, ValueError, AttributeError, shapely.errors.ShapelyError):
        raise Refused("features", "map.unreadable") from None
    if not is_within:
        raise Refused("features", "map.outside-ukraine")
    return kind, " ".join(str(name).split())[:_NAME], _rounded(mapping(drawn))


def _kind(said: Mapping[str, Any]) -> Kind | None:
    if "kind" in said:
        return Kind(said["kind"]) if said["kind"] in set(Kind) else None
    known = (kinds.get(said[tag]) for tag, kinds in _TAGS.items() if tag in said)
    return next((kind for kind in known if kind is not None), None)


def _rounded(geometry: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": geometry["type"], "coordinates": _places(geometry["coordinates"])}


def _places(said: Any) -> Any:
    if isinstance(said, int | float):
        return round(float(said), 5)
    return [_places(each) for each in said]
