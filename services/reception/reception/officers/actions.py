"""The verbs of officers' cards."""

from dataclasses import dataclass
from uuid import UUID

from kit.call import Call
from kit.errors import Refused
from sqlmodel import col, select

from reception.officers.model import Kind, Officer


@dataclass(frozen=True, slots=True)
class Card:
    """What is written on a card."""

    display_name: str
    kind: Kind
    phone: str
    email: str
    public: bool
    text: str


async def create(call: Call, card: Card) -> Officer:
    _check(card)
    officer = Officer(
        display_name=card.display_name,
        kind=card.kind,
        phone=card.phone,
        email=card.email,
        public=card.public,
        text=card.text,
    )
    call.db.add(officer)
    return officer


async def update(call: Call, officer_id: UUID, etag: str, card: Card) -> Officer:
    _check(card)
    officer = await call.db.lock(Officer, officer_id, etag)
    officer.display_name, officer.kind, officer.text = card.display_name, card.kind, card.text
    officer.phone, officer.email, officer.public = card.phone, card.email, card.public
    return officer


async def cards(call: Call, *, public_only: bool) -> list[Officer]:
    """Every card, or those that residents may see."""
    statement = select(Officer).order_by(col(Officer.display_name), col(Officer.id))
    if public_only:
        statement = statement.where(col(Officer.public))
    return await call.db.all(statement)


def _check(card: Card) -> None:
    if not any(letter.isalpha() for letter in card.display_name):
        raise Refused("officer.display_name", "officer.name-missing")
    if card.public and not card.phone and not card.email:
        raise Refused("officer.phone", "officer.contact-missing")
