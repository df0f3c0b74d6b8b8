"""What happens to venues: opened, changed, given up; never deleted."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from kit.call import Call
from spilno.identity.v1 import events_pb2 as events
from sqlmodel import col, or_, select

from identity.venues import rules
from identity.venues.model import Venue

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Draft:
    """A venue as it is to be."""

    title: str
    title_en: str
    address: str
    address_en: str
    locator: str
    neutral_ground: bool | None
    own_entrance: bool | None
    steps: int | None
    ramp: bool | None
    accessible_toilet: bool | None
    hearing_loop: bool | None
    transport: str
    distances: str
    closed_on: date | None


async def enter(call: Call, draft: Draft) -> Venue:
    """Enters a venue."""
    venue = Venue(**_values(draft), created_at=call.now)
    call.db.add(venue)
    await call.db.flush()
    call.emit(events.VenueOpened(venue=_event(call, venue)))
    return venue


async def hold(call: Call, id: UUID, etag: str) -> Venue:
    """The venue, held to be changed.

    Raises:
        Missing: there is none.
        Stale: it changed since the caller read it.
    """
    return await call.db.lock(Venue, id, etag)


async def change(call: Call, venue: Venue, draft: Draft) -> Venue:
    """Makes a held venue what the draft says."""
    for name, value in _values(draft).items():
        setattr(venue, name, value)
    await call.db.flush()
    call.emit(events.VenueChanged(venue=_event(call, venue)))
    return venue


async def find(call: Call, id: UUID) -> Venue:
    """The venue.

    Raises:
        Missing: there is none.
    """
    return await call.db.get(Venue, id)


async def page(call: Call, after: UUID | None, size: int) -> list[Venue]:
    """All venues, in the order in which they were entered."""
    found = select(Venue)
    if after is not None:
        found = found.where(col(Venue.id) > after)
    return await call.db.all(found.order_by(col(Venue.id)).limit(size))


async def open_ones(call: Call) -> list[Venue]:
    """The venues that residents may come to today."""
    closed = col(Venue.closed_on)
    found = select(Venue).where(or_(closed.is_(None), closed > call.today)).order_by(col(Venue.id))
    return [each for each in await call.db.all(found.limit(MOST_SHOWN)) if rules.is_open(each.closed_on, call.today)]


def _values(draft: Draft) -> dict[str, Any]:
    return {each.name: getattr(draft, each.name) for each in fields(draft)}


def _event(call: Call, venue: Venue) -> events.VenueEvent:
    return events.VenueEvent(name=f"{call.hromada.name}/venues/{venue.id}", version=venue.version)
