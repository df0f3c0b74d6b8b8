"""The verbs of maps."""

from kit.call import Call
from kit.errors import Stale
from sqlmodel import select

from reception.maps import rules
from reception.maps.model import Map

NONE_YET = "0"
"""The etag of the map that a hromada has not brought."""


async def find(call: Call) -> Map | None:
    """The hromada's map; None while it has brought none."""
    return await call.db.one_or_none(select(Map))


async def bring(call: Call, features: str, attribution: str, etag: str) -> Map:
    """Takes a map in the place of the one before.

    Raises:
        Refused: it is no map.
        Stale: somebody brought another since.
        AlreadyThere: somebody brought the first one at this moment.
    """
    drawn = rules.read(features)
    told = " ".join(attribution.split())
    kept = await find(call)
    if kept is None:
        if etag != NONE_YET:
            raise Stale
        first = Map(features=drawn.features, streets=list(drawn.streets), attribution=told)
        call.db.add(first)
        return first
    held = await call.db.lock(Map, kept.id, etag)
    held.features, held.streets, held.attribution = drawn.features, list(drawn.streets), told
    return held
