"""What the tables of a service have in common."""

from collections.abc import Callable, Mapping
from copy import copy
from functools import cache, partial
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
        constants, made = _defaults(type(self))
        held = constants | values | {name: make() for name, make in made.items() if name not in values}
        if len(held) > len(constants) + len(made):
            unknown = values.keys() - constants.keys() - made.keys()
            raise TypeError(f"{type(self).__name__} has no {', '.join(sorted(unknown))}")
        self._hold(held)

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
def _defaults(model: type[Row]) -> tuple[dict[str, Any], dict[str, Callable[[], Any]]]:
    """What each column holds when nothing is said: its default, or None if it has none; and what is made anew for each
    row, by a factory or by copying the default."""
    constants, made = dict[str, Any](), dict[str, Callable[[], Any]]()
    for name, field in model.model_fields.items():
        default = None if field.is_required() else field.default
        factory: Any = field.default_factory
        if factory is not None:
            made[name] = factory
        elif copy(default) is default:
            constants[name] = default
        else:
            made[name] = partial(copy, default)
    return constants, made


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
