"""Enumerations of the domain as the contract spells them: Kind.COMPLAINT is APPEAL_KIND_COMPLAINT."""

from enum import StrEnum
from typing import Any, TypeVar

E = TypeVar("E", bound=StrEnum)


def _prefix(wrapper: Any) -> str:
    first: str = wrapper.DESCRIPTOR.values_by_number[0].name
    return first.removesuffix("UNSPECIFIED")


def to_contract(wrapper: Any, value: StrEnum) -> Any:
    """The contract's number of a value."""
    return wrapper.Value(_prefix(wrapper) + value.name)


def from_contract(kind: type[E], wrapper: Any, number: int) -> E:
    """The domain's value of a number that validation has let through."""
    return kind[wrapper.Name(number).removeprefix(_prefix(wrapper))]
