"""Hazards as they are listed and looked at."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.call import Call
from kit.clock import kyiv_date
from kit.errors import Missing
from sqlalchemy import false, func, tuple_
from sqlmodel import col, select

from reception.hazards import rules
from reception.hazards.model import Hazard, ReportKey
from reception.hazards.rules import Publication, State
from reception.hazards.settings import said, settings_row
from reception.photos.model import Photo
from reception.photos.rules import State as PhotoState

_MOST_IN_A_SHEET = 20_000
_OPEN = [state for state in State if state.is_open]
_CLOSED = [state for state in State if not state.is_open]
_HAS_A_PHOTO_WAITING = (
    select(col(Photo.id)).where(col(Photo.hazard_id) == col(Hazard.id), col(Photo.state) == PhotoState.WAITING).exists()
)
_HEADS = (
    "Номер",
    "Повідомлено",
    "Категорія",
    "Стан",
    "Оприлюднення",
    "Широта",
    "Довгота",
    "Адреса",
    "Текст",
    "Хто відповідає",
    "Підтвердили",
    "Закрито",
    "Рішення",
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which hazards are listed."""

    categories: Sequence[str] = ()
    is_open: bool | None = None
    publications: Sequence[Publication] = ()
    since: datetime | None = None
    until: datetime | None = None
    numbers: Sequence[int] = ()


async def public(call: Call, number: int, key: ReportKey | None = None) -> Hazard:
    """A hazard that everybody may see, or that the key's system has told.

    Raises:
        Missing: there is none for the caller.
    """
    found = await call.db.one_or_none(select(Hazard).where(col(Hazard.number) == number))
    is_theirs = found is not None and key is not None and found.key_id == key.id
    if found is None or not (found.is_public or is_theirs):
        raise Missing
    return found


async def numbers_of(call: Call, ids: Iterable[UUID]) -> dict[UUID, int]:
    """The numbers of hazards."""
    found = await call.db.all(select(Hazard).where(col(Hazard.id).in_(set(ids))))
    return {each.id: each.number for each in found}


async def page(call: Call, which: Filter, after: tuple[datetime, UUID] | None, size: int) -> list[Hazard]:
    """Hazards, the newest first, at most `size`."""
    statement = select(Hazard).limit(size)
    if which.categories:
        statement = statement.where(col(Hazard.category).in_(which.categories))
    if which.is_open is not None:
        statement = statement.where(col(Hazard.state).in_(_OPEN if which.is_open else _CLOSED))
    if which.publications:
        is_one = col(Hazard.publication).in_(which.publications)
        has_one = _HAS_A_PHOTO_WAITING if Publication.WAITING in which.publications else false()
        statement = statement.where(is_one | has_one)
    if which.since is not None:
        statement = statement.where(col(Hazard.reported_at) >= which.since)
    if which.until is not None:
        statement = statement.where(col(Hazard.reported_at) <= which.until)
    if which.numbers:
        statement = statement.where(col(Hazard.number).in_(which.numbers))
    if after is not None:
        statement = statement.where(tuple_(col(Hazard.reported_at), col(Hazard.id)) < after)
    return await call.db.all(statement.order_by(col(Hazard.reported_at).desc(), col(Hazard.id).desc()))


async def counts(call: Call) -> tuple[int, int, int]:
    """How many wait to be looked through, are open, and are closed."""
    is_waiting = (col(Hazard.publication) == Publication.WAITING) | _HAS_A_PHOTO_WAITING
    is_open = col(Hazard.state).in_(_OPEN)
    statement = select(
        func.count().filter(is_waiting).label("waiting"),
        func.count().filter(is_open).label("open"),
        func.count().filter(~is_open).label("closed"),
    ).select_from(Hazard)
    record = (await call.db.records(statement))[0]
    return record["waiting"], record["open"], record["closed"]


async def sheet(call: Call) -> bytes:
    """All hazards as CSV in the words that everybody may read, without anybody's contacts."""
    titles = {each.code: each.title for each in said(await settings_row(call)).categories}
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\r\n")
    lines.writerow(_HEADS)
    for each in await call.db.all(select(Hazard).order_by(col(Hazard.number)).limit(_MOST_IN_A_SHEET)):
        row = (
            each.number,
            kyiv_date(each.reported_at),
            titles.get(each.category, each.category),
            each.state.value,
            each.publication.value,
            "" if each.latitude is None else each.latitude,
            "" if each.longitude is None else each.longitude,
            each.public_address,
            each.public_text,
            each.body_title,
            each.confirmations,
            each.closed_on or "",
            each.note,
        )
        lines.writerow([rules.cell(value) for value in row])
    return written.getvalue().encode("utf-8-sig")
