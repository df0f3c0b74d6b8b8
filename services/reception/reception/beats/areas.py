"""A beat on the map: pure functions over GeoJSON polygons in WGS 84."""

import json
import math
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

import shapely
from kit.errors import Refused
from shapely.geometry import Point, Polygon

UKRAINE = shapely.from_geojson((files("reception") / "beats" / "ukraine.geojson").read_text(encoding="utf-8"))
"""The borders of 1991, with some four to five kilometres on the other side."""
shapely.prepare(UKRAINE)

SEAM_M2 = 1000
"""Neighbours' borders that were drawn apart never fit to the metre: so many square metres may lie in both."""

_DEGREE_M = 111_320
"""Metres in a degree of latitude."""


def read(area: str) -> Polygon | None:
    """The polygon of a text; None for no text.

    Raises:
        Refused: it is no polygon, is not closed, crosses itself, has no width, or lies outside Ukraine.
    """
    if not area:
        return None
    rings = _rings(area)
    if any(ring[0] != ring[-1] for ring in rings):
        raise Refused("beat.area", "beat.area-open")
    polygon = Polygon(rings[0], rings[1:])
    if not polygon.is_valid or polygon.area == 0:
        raise Refused("beat.area", "beat.area-crosses-itself")
    if not UKRAINE.covers(polygon):
        raise Refused("beat.area", "beat.area-outside-ukraine")
    return polygon


def kept(area: str) -> Polygon | None:
    """The polygon of a text that was taken before; None for one that today's rules would refuse."""
    try:
        return read(area)
    except Refused:
        return None


def check_overlaps(own: Polygon, others: Iterable[tuple[str, Polygon]]) -> None:
    """A place has one beat.

    Raises:
        Refused: the areas share more than a seam; names the other beat.
    """
    for beat, theirs in others:
        if square_metres(own.intersection(theirs)) > SEAM_M2:
            raise Refused("beat.area", "beat.area-overlap", beat=beat)


def square_metres(shape: shapely.Geometry) -> float:
    """The area of a shape as large as a hromada at most, to within a percent."""
    if shape.is_empty:
        return 0
    return float(shape.area) * _DEGREE_M**2 * math.cos(math.radians(shape.centroid.y))


def has(polygon: Polygon, latitude: float, longitude: float) -> bool:
    """Whether a point lies in the area or on its border."""
    return bool(polygon.covers(Point(longitude, latitude)))


def _rings(area: str) -> list[list[tuple[float, float]]]:
    try:
        said: Any = json.loads(area)
        rings = [[_place(point) for point in ring] for ring in said["coordinates"]]
        is_polygon = said["type"] == "Polygon" and bool(rings) and all(len(ring) >= 4 for ring in rings)
    except (ValueError, LookupError, TypeError, RecursionError, OverflowError):
        is_polygon = False
    if not is_polygon:
        raise Refused("beat.area", "beat.area-no-polygon")
    return rings


def _place(point: Any) -> tuple[float, float]:
    longitude, latitude = point[0], point[1]
    if any(isinstance(each, bool) or not isinstance(each, int | float) for each in (longitude, latitude)):
        raise TypeError
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise ValueError
    return float(longitude), float(latitude)
