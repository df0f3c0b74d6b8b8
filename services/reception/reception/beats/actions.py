"""The verbs of beats."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kit.call import Call
from kit.errors import AlreadyThere, Missing, Refused
from sqlmodel import col, select

from reception.beats import areas, rules
from reception.beats.model import Beat
from reception.officers.model import Officer
from reception.register.actions import hold


@dataclass(frozen=True, slots=True)
class Draft:
    """What is said of a beat."""

    number: int
    title: str
    streets: list[str]
    area: str
    officer: UUID | None
    population: int
    rural: bool
    settlements: list[str]


@dataclass(frozen=True, slots=True)
class Served:
    """A beat and, if residents may see it, its officer's card."""

    beat: Beat
    officer: Officer | None


async def create(call: Call, draft: Draft) -> Beat:
    """A new beat.

    Raises:
        Refused: a street cannot be read, or belongs to another beat; the area is no polygon; no such officer.
        AlreadyThere: the number is taken.
    """
    await _check(call, draft, None)
    beat = Beat(**_values(draft), officer_since=call.today if draft.officer else None)
    call.db.add(beat)
    return beat


async def update(call: Call, beat_id: UUID, etag: str, draft: Draft) -> Beat:
    """The beat as it is from now on; refuses what `create` refuses."""
    beat = await call.db.lock(Beat, beat_id, etag)
    await _check(call, draft, beat_id)
    if draft.officer != beat.officer_id:
        beat.officer_since = call.today if draft.officer else None
    for name, value in _values(draft).items():
        setattr(beat, name, value)
    return beat


async def all_beats(call: Call) -> list[Beat]:
    return await call.db.all(select(Beat).order_by(col(Beat.number)))


async def find(call: Call, address: str) -> tuple[list[Served], bool]:
    """Who serves an address, and whether that is certain."""
    beats = await all_beats(call)
    beats = [beats[place] for place in rules.of_settlement(address, [beat.settlements for beat in beats])]
    found = rules.find(address, [rules.read_streets(beat.streets) for beat in beats])
    return await _served(call, [beats[place] for place in found.beats]), found.exact


async def find_at(call: Call, latitude: float, longitude: float) -> list[Served]:
    """Who serves a place on the map; two of them on a border."""
    drawn = [(beat, areas.kept(beat.area)) for beat in await all_beats(call)]
    return await _served(
        call, [beat for beat, area in drawn if area is not None and areas.has(area, latitude, longitude)]
    )


async def directory(call: Call) -> list[Served]:
    """Every beat, with its officer if residents may see the card."""
    return await _served(call, await all_beats(call))


async def _served(call: Call, chosen: list[Beat]) -> list[Served]:
    cards = select(Officer).where(
        col(Officer.public), col(Officer.id).in_({beat.officer_id for beat in chosen if beat.officer_id})
    )
    officers = {officer.id: officer for officer in await call.db.all(cards)} if chosen else {}
    return [Served(beat, officers.get(beat.officer_id) if beat.officer_id else None) for beat in chosen]


async def _check(call: Call, draft: Draft, itself: UUID | None) -> None:
    streets = rules.read_streets(draft.streets)
    area = areas.read(draft.area)
    if draft.officer is not None:
        try:
            await call.db.get(Officer, draft.officer)
        except Missing:
            raise Refused("beat.officer", "beat.officer-unknown") from None
    await hold(call)  # one after the other: two beats drawn at once must not share a house
    others = [beat for beat in await all_beats(call) if beat.id != itself]
    if any(beat.number == draft.number for beat in others):
        raise AlreadyThere("beat.number-taken", field="beat.number")
    near = [beat for beat in others if rules.is_near(draft.settlements, beat.settlements)]
    theirs = [(f"№ {beat.number}", street) for beat in near for street in rules.read_streets(beat.streets)]
    rules.check_overlaps(streets, draft.streets, theirs)
    if area is not None:
        areas.check_overlaps(area, [(f"№ {beat.number}", drawn) for beat in others if (drawn := areas.kept(beat.area))])


def _values(draft: Draft) -> dict[str, Any]:
    return {
        "number": draft.number,
        "title": draft.title,
        "streets": draft.streets,
        "area": draft.area,
        "officer_id": draft.officer,
        "population": draft.population,
        "rural": draft.rural,
        "settlements": draft.settlements,
    }
