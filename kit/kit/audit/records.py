"""Which records a message shows, found by its descriptor: each `name` that the contract says is a resource's."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from spilno.contract.v1 import contract_pb2

from kit.audit.acts import Record

_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where the records stand in messages of one type."""

    has_name: bool
    has_number: bool
    inside: tuple[tuple[str, bool, "_Shape"], ...]
    """Fields that lead to records: (name, whether repeated, their shape)."""

    @property
    def leads_to_records(self) -> bool:
        return self.has_name or bool(self.inside)


def records_in(message: Message) -> Iterator[Record]:
    """Every record that a message shows."""
    yield from _found(message, _shape(message.DESCRIPTOR))


def _found(message: Any, shape: _Shape) -> Iterator[Record]:
    if shape.has_name and message.name:
        yield Record(message.name, message.number if shape.has_number else "")
    for field, repeated, inner in shape.inside:
        if repeated:
            for each in getattr(message, field):
                yield from _found(each, inner)
        elif message.HasField(field):
            yield from _found(getattr(message, field), inner)


@cache
def _shape(descriptor: Descriptor, depth: int = 0) -> _Shape:
    name, number = (descriptor.fields_by_name.get(field) for field in ("name", "number"))
    inside = tuple(
        (str(field.name), bool(field.is_repeated), inner)
        for field in descriptor.fields
        if field.message_type is not None
        and depth < _DEEPEST
        and (inner := _shape(field.message_type, depth + 1)).leads_to_records
    )
    return _Shape(
        has_name=name is not None and bool(name.GetOptions().Extensions[contract_pb2.resource]),
        has_number=number is not None and number.type == FieldDescriptor.TYPE_STRING,
        inside=inside,
    )
