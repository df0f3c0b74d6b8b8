"""What happens to organisations: entered, changed, ended; never deleted."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from kit.call import Call
from kit.database import Session
from kit.errors import AlreadyThere
from spilno.identity.v1 import events_pb2 as events
from sqlalchemy import text
from sqlmodel import col, or_, select

from identity.organisations import rules
from identity.organisations.model import Organisation
from identity.organisations.rules import Kind

_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(current_hromada()::text, 11))")
"""Whoever makes another organisation a unit meanwhile waits: two changes that are right alone may be a cycle."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An organisation as it is to be."""

    title: str
    short_title: str
    kind: Kind
    edrpou: str
    address: str
    phones: list[str]
    existed_from: date | None
    existed_until: date | None
    parent_id: UUID | None = None


async def enter(call: Call, draft: Draft) -> Organisation:
    """Enters an organisation.

    Raises:
        Refused: a code with a wrong digit; an end before the beginning; a parent that is none, or its own unit.
        AlreadyThere: an organisation with that code is here.
    """
    organisation = Organisation(**await _checked(call, draft, None), created_at=call.now)
    call.db.add(organisation)
    await call.db.flush()
    call.emit(events.OrganisationEntered(organisation=_event(call, organisation)))
    return organisation


async def hold(call: Call, id: UUID, etag: str) -> Organisation:
    """The organisation, held to be changed.

    Raises:
        Missing: there is none.
        Stale: it changed since the caller read it.
    """
    return await call.db.lock(Organisation, id, etag)


async def change(call: Call, organisation: Organisation, draft: Draft) -> Organisation:
    """Makes a held organisation what the draft says.

    Raises:
        Refused, AlreadyThere: as `enter`.
    """
    for name, value in (await _checked(call, draft, organisation.id)).items():
        setattr(organisation, name, value)
    await call.db.flush()
    call.emit(events.OrganisationChanged(organisation=_event(call, organisation)))
    return organisation


async def find(call: Call, id: UUID) -> Organisation:
    """The organisation.

    Raises:
        Missing: there is none.
    """
    return await call.db.get(Organisation, id)


async def page(call: Call, on: date | None, after: UUID | None, size: int) -> list[Organisation]:
    """Those that exist on a day, or all of them, in the order in which they were entered."""
    found = select(Organisation)
    if on is not None:
        began, ended = col(Organisation.existed_from), col(Organisation.existed_until)
        found = found.where(or_(began.is_(None), began <= on), or_(ended.is_(None), ended > on))
    if after is not None:
        found = found.where(col(Organisation.id) > after)
    return await call.db.all(found.order_by(col(Organisation.id)).limit(size))


async def by_id(db: Session, ids: Collection[UUID]) -> dict[UUID, Organisation]:
    """Those of the ids that are the hromada's."""
    if not ids:
        return {}
    return {each.id: each for each in await db.all(select(Organisation).where(col(Organisation.id).in_(set(ids))))}


async def kin(db: Session, id: UUID) -> tuple[UUID | None, frozenset[UUID]]:
    """What an organisation is a unit of, and its units, theirs, and so on."""
    parents = await _parents(db)
    return parents.get(id), rules.units(id, parents)


async def _parents(db: Session) -> dict[UUID, UUID | None]:
    found = await db.records(select(col(Organisation.id), col(Organisation.parent_id)))
    return {each["id"]: each["parent_id"] for each in found}


async def _checked(call: Call, draft: Draft, own: UUID | None) -> dict[str, Any]:
    code = rules.edrpou(draft.edrpou)
    rules.check_existence(draft.existed_from, draft.existed_until)
    if draft.parent_id is not None:
        await call.db.records(_ALONE)
        rules.check_parent(own, draft.parent_id, await _parents(call.db))
    if code:
        same = await call.db.one_or_none(select(Organisation).where(col(Organisation.edrpou) == code))
        if same is not None and same.id != own:
            raise AlreadyThere("edrpou.taken", field=rules.CODE)
    return {**{each.name: getattr(draft, each.name) for each in fields(draft)}, "edrpou": code}


def _event(call: Call, organisation: Organisation) -> events.OrganisationEvent:
    return events.OrganisationEvent(
        name=f"{call.hromada.name}/organisations/{organisation.id}", version=organisation.version
    )
