"""Hazards as they are reported, and what may be the same."""

from datetime import date, timedelta
from uuid import UUID

import shapely
from kit.call import Call
from kit.database import table_of
from kit.errors import Refused
from kit.throttle import Throttle
from shapely.geometry import Point
from sqlalchemy import update
from sqlmodel import col, select

from reception.beats.areas import UKRAINE
from reception.hazards import rules
from reception.hazards.followers import begin_to_follow
from reception.hazards.model import Hazard, HazardSettings, ReportKey
from reception.hazards.rules import Channel, Deed, Draft, Known, Place, Publication, State
from reception.hazards.settings import said, settings_row
from reception.hazards.steps import happened, moment_of
from reception.maps import actions as maps
from reception.maps.rules import borders
from reception.photos import actions as photos
from reception.photos import fetching
from reception.settings import own

MOST_ALIKE = 5
_LOOKED_AT = 200
_REPORTS = Throttle("hazard-report", most=20, window=timedelta(hours=1), reason="hazard.too-many")


async def report(
    call: Call,
    draft: Draft,
    channel: Channel,
    *,
    key: ReportKey | None = None,
    told_on: date | None = None,
    media_url: str = "",
) -> tuple[Hazard, str]:
    """Keeps what somebody tells, and tells the secret code by which they follow it.

    Raises:
        Refused: the category is none, nobody can tell where it is, it is outside the hromada, or whoever tells it
            cannot be told of it as they wish, or a photo is none; names the field.
        TooMany: too many reports from the same place.
    """
    is_staff = channel in {Channel.PHONE, Channel.RECEPTION}
    draft = rules.clean(draft)
    settings = await settings_row(call)
    category = rules.check(draft, said(settings).categories)
    await _check_place(call, draft.place)
    address = rules.told_at(draft.wish, draft.contact, own(call.settings).channels, "hazard.")
    day = rules.happened(told_on, call.today, date.min)
    if not is_staff and key is None:
        await _REPORTS.attempt(call, call.hromada.slug, call.caller.subject or call.caller.address)
    at = moment_of(call, day)
    hazard = Hazard(
        number=await _next_number(call),
        category=category.code,
        state=State.REPORTED,
        publication=rules.publication(category, draft.text, draft.address, by_staff=is_staff),
        channel=channel,
        latitude=round(draft.place.latitude, 6) if draft.place else None,
        longitude=round(draft.place.longitude, 6) if draft.place else None,
        address=draft.address,
        public_address=rules.without_doubts(draft.address),
        text=draft.text,
        public_text=rules.without_doubts(draft.text),
        contact_name=draft.contact.name,
        contact_phone=draft.contact.phone,
        contact_email=draft.contact.email,
        reported_at=at,
        updated_at=at,
        registered_by=call.caller.subject,
        registered_by_name=key.title if key else call.caller.display_name,
        key_id=key.id if key else None,
        body_id=category.body.id,
        body_title=category.body.title,
    )
    call.db.add(hazard)
    await call.db.flush()
    await photos.name_for(call, hazard.id, draft.photos, "hazard.photos")
    if media_url:
        await fetching.ask(call, hazard.id, fetching.told(media_url, is_known=channel is Channel.INTEGRATION))
    code = await begin_to_follow(call, hazard, draft.wish, address, is_reporter=True)
    happened(call, hazard, Deed.REPORTED, day)
    return hazard, code


async def _check_place(call: Call, place: Place | None) -> None:
    """Within the border of the hromada's map, if it has one; else within Ukraine."""
    if place is None:
        return
    brought = await maps.find(call)
    drawn = borders(brought.features) if brought is not None else []
    point = Point(place.longitude, place.latitude)
    if not any(shapely.covers(border, point) for border in drawn or [UKRAINE]):
        raise Refused("hazard.point", "hazard.outside-the-hromada")


async def _next_number(call: Call) -> int:
    table = table_of(HazardSettings)
    counted = update(table).values(last_number=table.c.last_number + 1).returning(table.c.last_number)
    return int((await call.db.records(counted))[0]["last_number"])


async def alike(call: Call, draft: Draft, *, public_only: bool, besides: UUID | None = None) -> list[Hazard]:
    """What may be the same as a draft, the likeliest first; what was closed within a year too."""
    draft = rules.clean(draft)
    statement = select(Hazard).where(
        col(Hazard.category) == draft.category,
        (col(Hazard.closed_on).is_(None)) | (col(Hazard.closed_on) >= rules.seen_since(call.today)),
        col(Hazard.state).not_in([State.DUPLICATE, State.REJECTED]),
    )
    if public_only:
        statement = statement.where(col(Hazard.publication) == Publication.SHOWN)
    if draft.place is not None:
        low, high = rules.around(draft.place)
        is_near = col(Hazard.latitude).between(low.latitude, high.latitude) & col(Hazard.longitude).between(
            low.longitude, high.longitude
        )
        statement = statement.where(is_near | col(Hazard.latitude).is_(None))
    found = await call.db.all(statement.order_by(col(Hazard.id).desc()).limit(_LOOKED_AT))
    sought = Known(draft.place, f"{draft.address} {draft.text}")
    scored = [
        (score, each)
        for each in found
        if each.id != besides
        and (score := rules.likeness(sought, Known(each.place, f"{each.public_address} {each.public_text}")))
        is not None
    ]
    scored.sort(key=lambda one: (-one[0], -one[1].number))
    return [each for _, each in scored[:MOST_ALIKE]]


def _known(hazard: Hazard) -> Known:
    return Known(hazard.place, f"{hazard.public_address} {hazard.public_text}")


async def similar(call: Call, hazard: Hazard) -> list[Hazard]:
    """What may be the same as a hazard, public or not."""
    draft = Draft(hazard.category, hazard.place, hazard.public_address, hazard.public_text)
    return await alike(call, draft, public_only=False, besides=hazard.id)
