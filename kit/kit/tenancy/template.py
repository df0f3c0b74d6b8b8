"""A template: what a hromada copies of an office that works, as a YAML text. Never people, never secrets."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from importlib.resources import files
from typing import Annotated, Any, Generic, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kit.call import Call
from kit.errors import Refused

_REASONS = {
    "extra_forbidden": "template.unknown-key",
    "missing": "template.missing",
    "int_parsing": "template.not-a-number",
    "bool_parsing": "template.not-yes-or-no",
    "time_parsing": "template.not-a-time",
    "greater_than_equal": "template.too-small",
    "less_than_equal": "template.too-large",
    "string_too_short": "template.too-short",
    "string_too_long": "template.too-long",
    "too_short": "template.too-few",
    "too_long": "template.too-many",
    "string_type": "template.not-a-text",
    "tuple_type": "template.not-a-list",
    "model_type": "template.not-a-group",
    "model_attributes_type": "template.not-a-group",
    "enum": "template.not-one-of",
    "literal_error": "template.not-one-of",
}
_LIMITS = ("ge", "le", "min_length", "max_length", "expected")


class Piece(BaseModel):
    """A part of a template. A key that it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Contents(Piece):
    """What a template says, of which kind and version it is."""

    name: Annotated[str, Field(pattern="^[a-z][a-z0-9-]{1,28}[a-z0-9]$")]
    version: Annotated[int, Field(ge=1, le=9999)]

    def check(self) -> None:
        """The rules beyond the shape.

        Raises:
            Refused: names the path.
        """

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what is said, however it was written."""
        return sha256(json.dumps(self.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that cannot be read."""

    path: str
    """Such as "reception.week[0].opens"; empty for the text as a whole."""
    reason: str
    values: Mapping[str, object] = field(default_factory=dict)


class Faulty(Exception):
    """A text that is no template of this service."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("template.faulty")
        self.faults = faults


C = TypeVar("C", bound=Contents)


@dataclass(frozen=True)
class Template(Generic[C]):
    """What a service brings for a new hromada, and how it gives it."""

    package: str
    shape: type[C]
    apply: Callable[[Call, C], Awaitable[Mapping[str, bool]]]
    """Gives the hromada what it has not yet. Tells each piece, and whether it was written now."""
    file: str = "template.yaml"

    @cached_property
    def text(self) -> str:
        """The service's own template."""
        return (files(self.package) / self.file).read_text(encoding="utf-8")

    @cached_property
    def own(self) -> C:
        """What the service's own template says. A service whose template is faulty does not start."""
        return self.read(self.text)

    def read(self, text: str) -> C:
        """What a text says.

        Raises:
            Faulty: with every fault that was found.
        """
        said = _parsed(text)
        try:
            contents = self.shape.model_validate(said)
        except ValidationError as error:
            raise Faulty(*map(_fault, error.errors(include_url=False, include_input=False))) from None
        try:
            contents.check()
        except Refused as refused:
            raise Faulty(Fault(refused.field, refused.reason, refused.values)) from None
        return contents


def _fault(error: Any) -> Fault:
    reason = _REASONS.get(error["type"], "template.bad-value")
    limit = next((value for name, value in error.get("ctx", {}).items() if name in _LIMITS), "")
    return Fault(_path(error["loc"]), reason, {"limit": limit} if limit != "" else {})


def _path(parts: tuple[str | int, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).removeprefix(".")


class _Loader(yaml.BaseLoader):
    """Every value is text until the shape says otherwise: plain YAML takes 10:00 for the number 600, and no for false.
    An anchor could make a small text a large one, and of a key given twice the first would be lost: neither is read."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("alias")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        keys = [key.value for key, _ in node.value]
        twice = next((key for place, key in enumerate(keys) if key in keys[:place]), None)
        if twice is not None:
            raise Faulty(Fault("", "template.key-twice", {"name": str(twice)[:40]}))
        return super().construct_mapping(node, deep)


def _parsed(text: str) -> Any:
    try:
        return _Loader(text).get_single_data()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        raise Faulty(Fault("", "template.not-yaml", {"line": line})) from None
    except (yaml.YAMLError, RecursionError, ValueError, TypeError):
        raise Faulty(Fault("", "template.unreadable")) from None
