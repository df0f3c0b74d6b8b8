"""A hromada's map as pages show it: what is drawn on it, and the streets that it names."""

from collections.abc import Sequence
from dataclasses import dataclass

from kit.rpc.client import Failure
from spilno.reception.v1 import maps_pb2 as pb

from web.portal import Office, Web

MOST_STREETS = 400


@dataclass(frozen=True)
class Plan:
    """What a page needs of the map; its features the browser fetches by themselves."""

    areas: list[dict[str, object]]
    attribution: str
    streets: list[str]


async def kept(web: Web, office: Office) -> pb.Map:
    """The hromada's map, as it is kept."""
    found: pb.Map = await web.maps.GetMap(pb.GetMapRequest(parent=office.parent))
    return found


async def plan(web: Web, office: Office, areas: Sequence[tuple[str, str, bool]] = ()) -> Plan | None:
    """The map with areas on it: label, GeoJSON, and whether it is the one that the page is about.

    None while the hromada has brought no map, or reception is away: the page does without.
    """
    try:
        found = await kept(web, office)
    except Failure:
        return None
    if not found.features:
        return None
    drawn: list[dict[str, object]] = [{"label": label, "area": area, "own": own} for label, area, own in areas if area]
    return Plan(drawn, found.attribution, list(found.streets[:MOST_STREETS]))
