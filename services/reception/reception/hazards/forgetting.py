"""How hazards forget who told, followed and confirmed them."""

from datetime import timedelta

from kit.call import Call
from kit.database import table_of
from kit.notices.actions import forget
from sqlalchemy import delete, update
from sqlmodel import col, select

from reception.hazards import letters
from reception.hazards.model import Confirmation, Follower, Hazard, HazardSettings, Step
from reception.photos import actions as photos

_FORGOTTEN_AT_ONCE = 500


async def forget_people(call: Call) -> None:
    """Forgets who told, followed and confirmed what has been closed for as long as the settings say, and what they
    wrote: what everybody may read stays."""
    settings = await call.db.one_or_none(select(HazardSettings))
    if settings is None:
        return
    until = call.today - timedelta(days=settings.kept_days)
    due = await call.db.all(
        select(Hazard)
        .where(col(Hazard.closed_on) <= until, col(Hazard.forgotten_on).is_(None))
        .order_by(col(Hazard.closed_on))
        .limit(_FORGOTTEN_AT_ONCE)
    )
    ids = {each.id for each in due}
    for each in due:
        row = await call.db.lock(Hazard, each.id)
        row.text = row.public_text = row.public_text if row.is_public else ""
        row.address = row.public_address = row.public_address if row.is_public else ""
        row.contact_name = row.contact_phone = row.contact_email = ""
        row.forgotten_on = call.today
    steps, followers, confirmations = table_of(Step), table_of(Follower), table_of(Confirmation)
    said_by_residents = steps.c.hazard_id.in_(ids) & ~steps.c.is_of_office
    await call.db.records(update(steps).where(said_by_residents).values(note=""))
    await call.db.records(delete(followers).where(followers.c.hazard_id.in_(ids)))
    await call.db.records(delete(confirmations).where(confirmations.c.hazard_id.in_(ids)))
    await photos.forget_of(call, ids)
    await forget(call, [letters.about(each) for each in ids])
