"""Organisations as a hromada's office knows them."""

from datetime import date, datetime
from uuid import UUID

from kit.database import HromadaRow, moment
from sqlalchemy import ARRAY, Column, Text
from sqlmodel import Field

from identity.organisations.rules import Kind


class Organisation(HromadaRow, table=True):
    """A body, an institution, an association, from the day it exists until it does so no more."""

    title: str
    short_title: str = ""
    kind: Kind = Field(sa_type=Text)
    edrpou: str = ""
    address: str = ""
    phones: list[str] = Field(sa_column=Column(ARRAY(Text)))
    existed_from: date | None = None
    existed_until: date | None = None
    """The first day on which it existed no more."""
    created_at: datetime = moment()
    parent_id: UUID | None = None
    """What it is a unit of."""
