"""A beat's border: as people enter it, and as a drawing made here, without a map's server."""

import json
import math
import re
from dataclasses import dataclass
from typing import Any

from kit.pages import Form

_POINT = re.compile(r"(-?\d{1,2}(?:[.,]\d+)?)\s*[;,\s]\s*(-?\d{1,3}(?:[.,]\d+)?)")
_SIDE = 400


@dataclass(frozen=True)
class Outline:
    """One border of a drawing."""

    label: str
    path: str
    x: float
    y: float


@dataclass(frozen=True)
class Drawing:
    """Borders to the same scale, the north above."""

    width: float
    height: float
    outlines: list[Outline]
    href: str
    """The middle of it on OpenStreetMap."""


def entered(form: Form, field: str) -> str:
    """The border as GeoJSON: pasted as such, also from a tool that wraps it, or typed as points, one a line."""
    said = form[field]
    if not said or said.startswith(("{", "[")):
        return _unwrapped(said)
    ring = []
    for line in filter(None, map(str.strip, said.splitlines())):
        found = _POINT.fullmatch(line)
        if found is None:
            message = form.language.gettext("Не вдалося прочитати «%s». Пишіть широту й довготу: 45.8402, 29.6121")
            form.refuse(field, message % line[:60])
            return ""
        latitude, longitude = (float(each.replace(",", ".")) for each in found.groups())
        ring.append([longitude, latitude])
    if ring and ring[0] != ring[-1]:
        ring.append(ring[0])
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def _unwrapped(said: str) -> str:
    """The polygon of a Feature or of a collection of one; anything else as it is, for the service to judge."""
    try:
        found: Any = json.loads(said)
        if found["type"] == "FeatureCollection" and len(found["features"]) == 1:
            found = found["features"][0]
        if found["type"] == "Feature":
            return json.dumps(found["geometry"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return said
    return said


def points(area: str) -> str:
    """A border without holes as points, one a line, the way they are typed."""
    rings = _rings(area)
    return "\n".join(f"{latitude}, {longitude}" for longitude, latitude in rings[0][:-1]) if len(rings) == 1 else area


def drawing(borders: list[tuple[str, str]]) -> Drawing | None:
    """Labels with their borders, drawn; None if there is nothing to draw."""
    drawn = [(label, rings) for label, area in borders if (rings := _rings(area))]
    places = [place for _, rings in drawn for place in rings[0]]
    if not places:
        return None
    west, east = min(x for x, _ in places), max(x for x, _ in places)
    south, north = min(y for _, y in places), max(y for _, y in places)
    narrower = math.cos(math.radians((south + north) / 2))
    scale = _SIDE / (max((east - west) * narrower, north - south) or 1)

    def put(x: float, y: float) -> tuple[float, float]:
        return round((x - west) * narrower * scale, 1), round((north - y) * scale, 1)

    outlines = []
    for label, rings in drawn:
        path = "".join("M" + "L".join(f"{a} {b}" for a, b in (put(x, y) for x, y in ring)) + "Z" for ring in rings)
        middle = put(*(sum(each) / len(rings[0]) for each in zip(*rings[0], strict=True)))
        outlines.append(Outline(label, path, *middle))
    width, height = put(east, south)
    here = f"{(south + north) / 2:.4f}/{(west + east) / 2:.4f}"
    return Drawing(width, height, outlines, f"https://www.openstreetmap.org/#map=13/{here}")


def _rings(area: str) -> list[list[tuple[float, float]]]:
    try:
        said: Any = json.loads(area)
        return [[(float(point[0]), float(point[1])) for point in ring] for ring in said["coordinates"]]
    except (ValueError, LookupError, TypeError, RecursionError):
        return []
