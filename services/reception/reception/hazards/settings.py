"""What a hromada's settings of hazards are, and who changes them."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from kit.call import Call
from kit.database import table_of
from kit.errors import WrongState
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select
from uuid_utils.compat import uuid7

from reception.hazards import rules
from reception.hazards.model import HazardSettings
from reception.hazards.rules import Body, Category, Settings


async def receive_settings(call: Call, settings: Settings) -> bool:
    """Gives the hromada its first settings, unless it has some; tells whether they were written now."""
    table = table_of(HazardSettings)
    values = {
        "hromada_id": call.hromada.id,
        "id": uuid7(),
        "version": 1,
        "last_number": 0,
        **_columns(rules.check_settings(settings, ())),
    }
    unless_there = insert(table).values(values).on_conflict_do_nothing(index_elements=[table.c.hromada_id])
    return bool(await call.db.records(unless_there.returning(table.c.id)))


async def settings_row(call: Call) -> HazardSettings:
    """The hromada's settings.

    Raises:
        WrongState: it has none yet: its provisioning is under way.
    """
    found = await call.db.one_or_none(select(HazardSettings))
    if found is None:
        raise WrongState("hazard.not-open", retry_after=timedelta(seconds=2))
    return found


def said(row: HazardSettings) -> Settings:
    """The settings as the rules know them."""
    return Settings(
        tuple(
            Category(**{**each, "body": Body(UUID(body["id"]) if body["id"] else None, body["title"])})
            for each in row.categories
            for body in (each["body"],)
        ),
        row.anyone_reopens,
        row.kept_days,
    )


async def update_settings(call: Call, etag: str, settings: Settings) -> HazardSettings:
    """How the hromada deals with hazards from now on.

    Raises:
        Refused: a category stands twice or is gone, or has nobody in charge.
    """
    row = await call.db.lock(HazardSettings, (await settings_row(call)).id, etag)
    for name, value in _columns(rules.check_settings(settings, said(row).categories)).items():
        setattr(row, name, value)
    return row


def _columns(settings: Settings) -> dict[str, Any]:
    return {
        "categories": [
            {**asdict(each), "body": {"id": str(each.body.id or ""), "title": each.body.title}}
            for each in settings.categories
        ],
        "anyone_reopens": settings.anyone_reopens,
        "kept_days": settings.kept_days,
    }
