"""A noun's history, as its events are made from it again."""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from kit.database import HromadaRow, table_of
from sqlmodel import select
from sqlmodel.sql.expression import SelectOfScalar

S = TypeVar("S", bound=HromadaRow)


def steps_since(model: type[S], since: datetime | None, after: UUID | None, most: int) -> SelectOfScalar[S]:
    """The steps from a moment on, and after one of them, oldest first.

    Args:
        model: has a column `at`; its ids grow with time.
        since: none: from the beginning.
        after: none: from the first.
        most: how many at once.
    """
    table = table_of(model)
    statement = select(model).order_by(table.c.id).limit(most)
    if since is not None:
        statement = statement.where(table.c.at >= since)
    if after is not None:
        statement = statement.where(table.c.id > after)
    return statement
