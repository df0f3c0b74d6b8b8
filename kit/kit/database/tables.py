"""What the tables of a service have in common."""

from collections.abc import Callable, Mapping
from copy import copy
from functools import cache
from typing import Any, Self
from uuid import UUID

from sqlalchemy import DateTime
from sqlalchemy.orm.attributes import manager_of_class
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

_set = object.__setattr__


def moment(**options: Any) -> Any:
    """A column that holds a moment in time."""
    return Field(sa_type=DateTime(timezone=True), **options)


class Row(SQLModel):
    """A row, made without pydantic: a table's model validates nothing, and its constructor cost a third of a write."""

    def __init__(self, **values: Any) -> None:
        defaults = _defaults(type(self))
        if not values.keys() <= defaults.keys():
            raise TypeError(f"{type(self).__name__} has no {', '.join(sorted(values.keys() - defaults.keys()))}")
        missing = {name: default() for name, default in defaults.items() if name not in values}
        self._hold({**missing, **values})

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """A row of the table, as it was read."""
        row: Self = manager_of_class(cls).new_instance()
        row._hold(values)
        return row

    def _hold(self, values: Mapping[str, Any]) -> None:
        self.__dict__.update(values)
        _set(self, "__pydantic_fields_set__", set(values))
        _set(self, "__pydantic_extra__", None)
        _set(self, "__pydantic_private__", None)


@cache
def _defaults(model: type[Row]) -> dict[str, Callable[[], Any]]:
    """What each column holds when nothing is said: its factory's, or a copy of its default; None if it has neither."""
    return {name: _default_of(field) for name, field in model.model_fields.items()}


def _default_of(field: Any) -> Callable[[], Any]:
    if field.default_factory is not None:
        made: Callable[[], Any] = field.default_factory
        return made
    default = None if field.is_required() else field.default
    return lambda: copy(default)


class PlatformRow(Row):
    """A row of the platform itself, in a table that is listed with a reason."""

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    version: int = 1

    @property
    def etag(self) -> str:
        return str(self.version)


class HromadaRow(Row):
    """A row that belongs to a hromada. The session fills `hromada_id`; the database enforces it."""

    hromada_id: UUID = Field(default=None, primary_key=True)
    id: UUID = Field(default_factory=uuid7, primary_key=True)
    version: int = 1
    """Grows with each change: the etag, and the aggregate's version in its events."""

    @property
    def etag(self) -> str:
        return str(self.version)
