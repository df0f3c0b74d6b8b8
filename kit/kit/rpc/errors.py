"""Refusals as google.rpc.Status, in the caller's language, with the field named."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import grpc
import protovalidate
from google.protobuf import any_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2, status_pb2

from kit import errors
from kit.localisation import Catalogue

DOMAIN = "spilno"
_TIME = "google.protobuf.Timestamp"
_MASK = "google.protobuf.FieldMask"
_PLACE = re.compile(r"\[\d+\]")

_CODES: dict[type[errors.Refusal], grpc.StatusCode] = {
    errors.Refused: grpc.StatusCode.INVALID_ARGUMENT,
    errors.WrongState: grpc.StatusCode.FAILED_PRECONDITION,
    errors.Missing: grpc.StatusCode.NOT_FOUND,
    errors.AlreadyThere: grpc.StatusCode.ALREADY_EXISTS,
    errors.Stale: grpc.StatusCode.ABORTED,
    errors.Denied: grpc.StatusCode.PERMISSION_DENIED,
    errors.Unknown: grpc.StatusCode.UNAUTHENTICATED,
    errors.TooMany: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.Expired: grpc.StatusCode.OUT_OF_RANGE,
    errors.TooLate: grpc.StatusCode.DEADLINE_EXCEEDED,
    errors.Away: grpc.StatusCode.UNAVAILABLE,
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One field that cannot be accepted."""

    field: str
    """The path in the request, such as "appeal.applicant.phone"."""
    reason: str
    text: str


class Invalid(Exception):
    """A request with fields that break the contract's rules."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__("request.invalid")
        self.violations = violations


class Unfit(Exception):
    """A change after which the resource would break the contract's rules: told as a request that says all of it."""

    def __init__(self, request: Message) -> None:
        super().__init__("request.invalid")
        self.request = request


def code_of(refusal: errors.Refusal) -> grpc.StatusCode:
    kinds = (_CODES.get(kind) for kind in type(refusal).__mro__)
    return next((code for code in kinds if code is not None), grpc.StatusCode.FAILED_PRECONDITION)


def status_of(error: errors.Refusal | Invalid, catalogue: Catalogue, locale: str) -> status_pb2.Status:
    """The rich status of a refusal."""
    if isinstance(error, Invalid):
        return _status(
            grpc.StatusCode.INVALID_ARGUMENT,
            "request.invalid",
            catalogue.text("request.invalid", locale),
            locale,
            violations=error.violations,
        )
    text = catalogue.text(error.reason, locale, **error.values)
    violations = [Violation(error.field, error.reason, text)] if error.field else []
    return _status(code_of(error), error.reason, text, locale, violations=violations, retry_after=error.retry_after)


def broken(catalogue: Catalogue, locale: str) -> status_pb2.Status:
    """The status of a defect of ours: no details leave the process."""
    return _status(grpc.StatusCode.INTERNAL, "service.broken", catalogue.text("service.broken", locale), locale)


def _status(
    code: grpc.StatusCode,
    reason: str,
    text: str,
    locale: str,
    *,
    violations: Iterable[Violation] = (),
    retry_after: timedelta | None = None,
) -> status_pb2.Status:
    status = status_pb2.Status(code=code.value[0], message=text)
    details: list[Message] = [
        error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN),
        error_details_pb2.LocalizedMessage(locale=locale, message=text),
    ]
    bad = error_details_pb2.BadRequest(
        field_violations=[
            error_details_pb2.BadRequest.FieldViolation(
                field=violation.field,
                reason=violation.reason,
                description=violation.text,
                localized_message=error_details_pb2.LocalizedMessage(locale=locale, message=violation.text),
            )
            for violation in violations
        ]
    )
    if bad.field_violations:
        details.append(bad)
    if retry_after is not None:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromTimedelta(retry_after)
        details.append(retry)
    for detail in details:
        packed = any_pb2.Any()
        packed.Pack(detail)
        status.details.append(packed)
    return status


def check(request: Message, catalogue: Catalogue, locale: str) -> None:
    """Holds a request against the rules of the contract.

    Raises:
        Invalid: with every field that breaks one, named in the locale; each field once, for an answer has little room.
    """
    found = violations_of(request, catalogue, locale)
    if found:
        raise Invalid(found)


def violations_of(request: Message, catalogue: Catalogue, locale: str) -> list[Violation]:
    """Every field of a request that breaks a rule of the contract, named in the locale, each once."""
    found: dict[str, Violation] = {}
    for path, rule in _unstorable(request):
        found.setdefault(path, _violation(request, path, rule, None, catalogue, locale))
    for violation in protovalidate.collect_violations(request):
        proto: Any = violation.proto
        path = _path(proto.field.elements)
        if path not in found:
            found[path] = _violation(request, path, proto.rule_id, violation.rule_value, catalogue, locale)
    return list(found.values())


def _path(elements: Sequence[Any]) -> str:
    """Of many messages the one that is wrong is told by its place: "wordings[2].title"."""
    *outer, last = elements
    return ".".join([*(f"{each.field_name}{_place(each.subscript)}" for each in outer), last.field_name])


def _place(subscript: Any) -> str:
    return f"[{subscript.value}]" if subscript is not None and subscript.field == "index" else ""


def label(request: Message, path: str) -> str:
    """The catalogue's key for the name of a field, such as "Applicant.phone"."""
    descriptor: Any = request.DESCRIPTOR
    key = path
    for part in _PLACE.sub("", path).split("."):
        if descriptor is not None and part in descriptor.oneofs_by_name:
            return f"{descriptor.name}.{part}"
        if descriptor is None or part not in descriptor.fields_by_name:
            return path
        key = f"{descriptor.name}.{part}"
        descriptor = descriptor.fields_by_name[part].message_type
    return key


def _violation(request: Message, path: str, rule: str, limit: Any, catalogue: Catalogue, locale: str) -> Violation:
    key = label(request, path)
    own = f"{key} {rule}"
    if catalogue.has(own, locale):
        return Violation(path, rule, catalogue.text(own, locale, limit=limit))
    name = catalogue.text(key, locale)
    told = "required" if (rule, limit) == ("string.min_len", 1) else rule  # nothing is there
    general = told if catalogue.has(told, locale) else "rule.broken"
    return Violation(path, rule, f"{name}: {catalogue.text(general, locale, limit=limit)}")


def _unstorable(request: Message) -> Iterable[tuple[str, str]]:
    """Paths of what the contract's rules let through and no table holds, each with its rule: a NUL, a time that is
    none."""
    if b"\x00" in request.SerializeToString() or _holds_times(request.DESCRIPTOR):
        yield from _unstorable_in(request, "")


def _unstorable_in(message: Message, prefix: str) -> Iterable[tuple[str, str]]:
    for field, value in message.ListFields():
        path = f"{prefix}{field.name}"
        values = value if field.is_repeated else [value]
        if field.type == FieldDescriptor.TYPE_STRING and any("\x00" in text for text in values):
            yield path, "string.nul"
        elif field.message_type is not None and field.message_type.full_name == _TIME:
            if not all(_is_time(time) for time in values):
                yield path, "timestamp.invalid"
        elif field.message_type is not None and field.message_type.full_name == _MASK:
            if any("\x00" in name for mask in values for name in mask.paths):
                yield path, "string.nul"
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            for place, inner in enumerate(values):
                yield from _unstorable_in(inner, f"{path}[{place}]." if field.is_repeated else f"{path}.")


@cache
def _holds_times(message: Descriptor) -> bool:
    return any(
        field.message_type is not None and (field.message_type.full_name == _TIME or _holds_times(field.message_type))
        for field in message.fields
    )


def _is_time(time: Timestamp) -> bool:
    try:
        time.ToDatetime()
    except ValueError:
        return False
    return True
