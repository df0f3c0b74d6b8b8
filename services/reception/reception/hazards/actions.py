"""The verbs of the office: what becomes of a hazard."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from kit.call import Call
from kit.errors import Refused
from sqlmodel import col, select

from reception.hazards import rules
from reception.hazards.model import Hazard
from reception.hazards.rules import Body, Deed, Draft, Publication, State
from reception.hazards.settings import said, settings_row
from reception.hazards.steps import changed, happened, history
from reception.photos import actions as photos


async def moderate(
    call: Call, hazard_id: UUID, etag: str, *, shown: bool, text: str, address: str, with_photos: Collection[UUID] = ()
) -> Hazard:
    """Lets everybody see a hazard, in the moderator's words and with these of its photos, or keeps it out.

    Raises:
        Refused: one of them is no photo of it.
    """
    hazard = await call.db.lock(Hazard, hazard_id, etag)
    cleaned = rules.clean(Draft(hazard.category, None, address, text))
    hazard.public_text, hazard.public_address = cleaned.text, cleaned.address
    hazard.publication = Publication.SHOWN if shown else Publication.WITHHELD
    await photos.show(call, hazard.id, with_photos if shown else (), "photos")
    happened(call, hazard, Deed.SHOWN if shown else Deed.WITHHELD, call.today)
    return hazard


async def add_photos(call: Call, hazard_id: UUID, etag: str, tickets: Sequence[str]) -> Hazard:
    """The office adds photos that were sent for it; whoever moderates shows them.

    Raises:
        Refused: it has as many as it may, or a ticket is none; names the field.
    """
    hazard = await call.db.lock(Hazard, hazard_id, etag)
    there = (await photos.of_hazards(call, [hazard.id]))[hazard.id]
    rules.check_photos(len(there) + len(tickets))
    await photos.name_for(call, hazard.id, tickets, "photos")
    hazard.changes += 1
    return hazard


async def change(
    call: Call,
    hazard_id: UUID,
    etag: str,
    deed: Deed,
    *,
    note: str = "",
    body: Body | None = None,
    duplicate_of: int = 0,
    on: date | None = None,
) -> Hazard:
    """What staff say became of a hazard.

    Raises:
        Refused: a reason, a body or the other hazard is missing, or the day is wrong.
        WrongState: it cannot be done as the hazard stands.
    """
    hazard = await call.db.lock(Hazard, hazard_id, etag)
    state = rules.move(hazard.state, deed)
    steps = await history(call, [hazard])
    day = rules.happened(on, call.today, max(each.happened_on for each in steps[hazard.id]))
    is_explained = deed in {Deed.REJECTED, Deed.REOPENED}
    text = rules.reason(note, "note") if is_explained else rules.clean(Draft("", None, "", note)).text
    if deed is Deed.HANDED_OVER:
        _hand_over(call, hazard, body or await _body_of(call, hazard))
    if deed is Deed.MERGED:
        await _merge(call, hazard, duplicate_of)
    if deed is Deed.REOPENED:
        hazard.duplicate_of = None
    hazard.state = state
    hazard.closed_on = None if state.is_open else day
    await changed(call, hazard, deed, day, text, of_office=True)
    return hazard


async def _body_of(call: Call, hazard: Hazard) -> Body:
    categories = said(await settings_row(call)).categories
    return next((each.body for each in categories if each.code == hazard.category), Body(None, ""))


def _hand_over(call: Call, hazard: Hazard, body: Body) -> None:
    title = rules.clean(Draft("", None, body.title, "")).address
    if not any(letter.isalnum() for letter in title):
        raise Refused("body.title", "hazard.body-missing")
    hazard.body_id, hazard.body_title = body.id, title


async def _merge(call: Call, hazard: Hazard, number: int) -> None:
    """It is the same as another, which is confirmed by as many more."""
    found = await call.db.one_or_none(select(Hazard).where(col(Hazard.number) == number))
    if found is None or found.id == hazard.id or found.state is State.DUPLICATE:
        raise Refused("duplicate_of", "hazard.duplicate-of-nothing")
    original = await call.db.lock(Hazard, found.id)
    original.confirmations += 1 + hazard.confirmations
    hazard.duplicate_of = original.id
