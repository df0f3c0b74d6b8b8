"""What a refusal looks like to the caller: a code, a field by its name in their language, and never a bare key."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import grpc
import pytest
import spilno
from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import status_pb2
from kit.localisation import LOCALES, Catalogue
from kit.rpc.client import Failure
from kit.rpc.errors import Invalid, broken, check, code_of, label, status_of, violations_of
from spilno.feed.v1 import feed_pb2
from spilno.identity.v1 import hromadas_pb2
from spilno.reception.v1 import appeals_pb2 as pb
from spilno.reception.v1 import persons_pb2, wordings_pb2

from kit import errors

HOLDERS = ("google.protobuf.Timestamp", "google.protobuf.FieldMask")
SERVICES = ("identity", "reception")
THE_KITS = ("feed", "tenancy")
KIT = Catalogue(["kit"])


_PACKAGES = {"cctv": "cctv_gateway"}
"""Where the contract and the code call a service differently."""


@cache
def catalogue_of(service: str) -> Catalogue:
    return Catalogue(["kit", _PACKAGES.get(service, service)])


@dataclass(frozen=True)
class Field:
    """A field that a caller fills in, in a message of one of the service's requests."""

    service: str
    message: Descriptor
    field: FieldDescriptor

    @property
    def key(self) -> str:
        return f"{self.message.name}.{self.field.name}"

    def __str__(self) -> str:
        return f"{self.service} {self.key}"


def requests() -> Iterator[tuple[str, Descriptor]]:
    """Every request of the contract, with the services that answer it: everybody serves what the kit brings."""
    for file in (Path(folder) for root in spilno.__path__ for folder in Path(root).rglob("*_pb2.py")):
        module = importlib.import_module(".".join(["spilno", *file.parts[-3:-1], file.stem]))
        for service in module.DESCRIPTOR.services_by_name.values():
            owner = service.full_name.split(".")[1]
            for method in service.methods:
                yield from ((one, method.input_type) for one in (SERVICES if owner in THE_KITS else [owner]))


def fields_of(service: str, message: Descriptor) -> Iterator[Field]:
    for field in message.fields:
        yield Field(service, message, field)
        inner = field.message_type
        if inner is not None and inner.full_name.startswith("spilno."):
            yield from fields_of(service, inner)


REQUESTS = list(requests())
FIELDS = list({str(field): field for service, message in REQUESTS for field in fields_of(service, message)}.values())


def rules_of(field: FieldDescriptor) -> Any:
    return field.GetOptions().Extensions[validate_pb2.field]


def may_be_refused(field: Field) -> bool:
    """A text and a mask may hold a NUL and a time may be none; others are refused only by a rule of the contract."""
    kind = field.field
    holder = kind.message_type.full_name if kind.message_type is not None else ""
    return holder in HOLDERS or kind.type == FieldDescriptor.TYPE_STRING or bool(rules_of(kind).ListFields())


def rule_ids(rules: Any) -> Iterator[str]:
    """The ids of all the rules that protovalidate holds a value against."""
    if rules.required:
        yield "required"
    kind = rules.WhichOneof("type")
    if kind is None:
        return
    said = {field.name: (field, value) for field, value in getattr(rules, kind).ListFields()}
    bounds = [name for name in ("gt", "gte", "lt", "lte") if name in said]
    if bounds:
        yield f"{kind}.{'_'.join(bounds)}"
    for name, (field, value) in said.items():
        if name == "items":
            yield from rule_ids(value)
        elif name not in bounds:
            yield from {
                f"{kind}.{name}",
                *(cel.id for cel in field.GetOptions().Extensions[validate_pb2.predefined].cel),
            }


RULES = sorted({rule for field in FIELDS for rule in rule_ids(rules_of(field.field))})


def test_the_contract_has_requests_fields_and_rules() -> None:
    assert min(len(REQUESTS), len(FIELDS), len(RULES)) > 10


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("rule", [*RULES, "string.nul", "timestamp.invalid", "rule.broken"])
def test_every_rule_of_the_contract_has_a_text(rule: str, locale: str) -> None:
    assert KIT.has(rule, locale)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("field", [field for field in FIELDS if may_be_refused(field)], ids=str)
def test_every_field_that_may_be_refused_has_a_name(field: Field, locale: str) -> None:
    assert catalogue_of(field.service).has(field.key, locale)


def hostile(message: Descriptor, depth: int = 0) -> Iterator[Message]:
    """Requests in which one field after another is left out, too short, too long, out of bounds or strange."""
    strings = ["", "a", "я" * 6000, "a\x00b", "00000000-0000-0000-0000-000000000000", "office"]
    values: dict[int, list[Any]] = {
        FieldDescriptor.TYPE_STRING: strings,
        FieldDescriptor.TYPE_INT32: [-1, 2**31 - 1],
        FieldDescriptor.TYPE_INT64: [-1, 2**63 - 1],
        FieldDescriptor.TYPE_ENUM: [0, 1, 99],
    }
    kind: type[Message] = GetMessageClass(message)
    yield kind()
    for field in message.fields:
        for value in values.get(field.type, []):
            for count in (1, 2, 20) if field.is_repeated else (0,):
                made = kind()
                if field.is_repeated:
                    getattr(made, field.name).extend([value] * count)
                else:
                    setattr(made, field.name, value)
                yield made
        if field.message_type is not None and not field.is_repeated and depth < 3:
            if field.message_type.full_name == "google.protobuf.Timestamp":
                inner: Iterator[Message] = iter([Timestamp(seconds=10**15), Timestamp(nanos=-1)])
            else:
                inner = hostile(field.message_type, depth + 1)
            for one in inner:
                made = kind()
                getattr(made, field.name).CopyFrom(one)
                getattr(made, field.name).SetInParent()
                yield made


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    ("service", "message"), [(s, m) for s, m in REQUESTS if m.fields], ids=lambda value: getattr(value, "name", value)
)
def test_whatever_is_sent_no_caller_ever_reads_a_bare_key(service: str, message: Descriptor, locale: str) -> None:
    catalogue = catalogue_of(service)
    general = catalogue.text("rule.broken", locale)
    found = []
    for request in hostile(message):
        try:
            check(request, catalogue, locale)
        except Invalid as invalid:
            found += invalid.violations
    assert found
    for violation in found:
        assert violation.reason not in violation.text
        assert general not in violation.text
        assert "%(" not in violation.text
        assert label(GetMessageClass(message)(), violation.field) not in violation.text


def violations(request: Message, locale: str = "en") -> dict[str, str]:
    with pytest.raises(Invalid) as invalid:
        check(request, catalogue_of("reception"), locale)
    return {violation.field: violation.text for violation in invalid.value.violations}


class TestCheck:
    def test_a_valid_request_passes(self) -> None:
        check(pb.GetAppealRequest(name="hromadas/a/appeals/b"), KIT, "uk")

    def test_every_field_that_breaks_a_rule_is_named_at_once(self) -> None:
        assert set(violations(pb.ListAppealsRequest(page_size=101))) == {"parent", "page_size"}

    def test_an_inner_field_is_named_by_its_path(self) -> None:
        draft = pb.AppealDraft(applicant=pb.Applicant(phone="0971234567"))
        assert "appeal.applicant.phone" in violations(pb.SubmitAppealRequest(appeal=draft))

    @pytest.mark.parametrize(
        ("title", "rule"), [("я", "string.min_len"), ("як\x00", "string.nul")], ids=["short", "nul"]
    )
    def test_of_many_messages_the_wrong_one_is_named_by_its_place(self, title: str, rule: str) -> None:
        right = wordings_pb2.Wording(title="Ліхтар", text="Ліхтар замінять.")
        wrong = wordings_pb2.Wording(title=title, text="Ліхтар замінять.")
        request = wordings_pb2.UpdateWordingsRequest(parent="hromadas/a", wordings=[right, wrong], etag="1")
        found = violations_of(request, KIT, "en")
        assert [(one.field, one.reason) for one in found] == [("wordings[1].title", rule)]

    def test_a_limit_is_told(self) -> None:
        assert "at most 32 characters" in violations(pb.FollowAppealRequest(code="1" * 33))["code"]

    def test_of_a_field_in_which_nothing_stands_nobody_is_told_how_many_characters_are_too_few(self) -> None:
        found = violations(persons_pb2.EraseRecordRequest(parent="hromadas/a", record="a", etag="1"), "uk")
        assert found["reason"].endswith(": заповніть це поле")

    def test_a_text_of_the_services_own_is_told_instead_of_the_general_one(self) -> None:
        draft = pb.AppealDraft(applicant=pb.Applicant(name="я"))
        texts = violations(pb.SubmitAppealRequest(appeal=draft))
        assert texts["appeal.applicant.name"] == "Write your surname and name"

    def test_the_texts_are_in_the_callers_language(self) -> None:
        assert violations(pb.GetAppealRequest(), "uk")["name"] == "Звернення: заповніть це поле"

    @pytest.mark.parametrize("broken", ["я\x00", "\x00", "я" * 20 + "\x00"])
    def test_a_nul_is_found_wherever_it_stands(self, broken: str) -> None:
        draft = pb.AppealDraft(applicant=pb.Applicant(residence=broken))
        assert "appeal.applicant.residence" in violations(pb.SubmitAppealRequest(appeal=draft))

    def test_a_nul_is_found_in_a_repeated_field(self) -> None:
        office = hromadas_pb2.Office(phones=["+380971234567", "\x00"])
        with pytest.raises(Invalid) as invalid:
            check(hromadas_pb2.CreateHromadaRequest(office=office), KIT, "en")
        assert "office.phones" in {violation.field for violation in invalid.value.violations}

    @pytest.mark.parametrize("time", [Timestamp(seconds=10**15), Timestamp(seconds=-(10**15)), Timestamp(nanos=-1)])
    def test_a_time_that_is_none_is_named_at_its_field(self, time: Timestamp) -> None:
        request = feed_pb2.BackfillRequest(parent="hromadas/a", since=time)
        assert set(violations(request)) == {"since"}

    @pytest.mark.parametrize("time", [Timestamp(), Timestamp(seconds=-62135596800), Timestamp(seconds=253402300799)])
    def test_a_time_from_the_first_year_to_the_last_passes(self, time: Timestamp) -> None:
        check(feed_pb2.BackfillRequest(parent="hromadas/a", since=time), KIT, "en")

    @pytest.mark.parametrize("path", ["", "nothing", "appeal.nothing", "appeal.text.deeper"])
    def test_a_path_that_leads_nowhere_is_its_own_name(self, path: str) -> None:
        assert label(pb.SubmitAppealRequest(), path) == path


KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.Refusal)][1:]


def failure(status: status_pb2.Status) -> Failure:
    return Failure(next(code for code in grpc.StatusCode if code.value[0] == status.code), status)


class TestStatus:
    def test_every_refusal_has_a_code_of_its_own(self) -> None:
        codes = {code_of(kind.__new__(kind)) for kind in KINDS}
        assert len(codes) == len(KINDS) > 10

    def test_a_services_own_refusal_has_the_code_of_its_kind(self) -> None:
        class TooEarly(errors.WrongState):
            """A refusal that a service made for itself."""

        assert code_of(TooEarly("appeal.too-early")) is grpc.StatusCode.FAILED_PRECONDITION

    def test_a_refused_value_comes_back_with_its_field_reason_and_text(self) -> None:
        said = failure(status_of(errors.Refused("parent", "name.malformed"), KIT, "en"))
        text = "The resource name is malformed."
        assert (said.code, said.reason, said.fields) == (
            grpc.StatusCode.INVALID_ARGUMENT,
            "name.malformed",
            {"parent": text},
        )

    def test_the_message_is_in_the_callers_language(self) -> None:
        assert failure(status_of(errors.Missing(), KIT, "uk")).message == "Такого запису немає."

    def test_values_fill_the_text(self) -> None:
        status = status_of(errors.TooMany("access.too-many", minutes=7), KIT, "en")
        assert failure(status).message == "Too many attempts. Try again in 7 min."

    def test_a_caller_is_told_when_to_come_again(self) -> None:
        assert failure(status_of(errors.Away(), KIT, "en")).retry_after == timedelta(seconds=2)

    def test_several_broken_fields_come_back_together(self) -> None:
        with pytest.raises(Invalid) as invalid:
            check(pb.ListAppealsRequest(page_size=101), KIT, "en")
        said = failure(status_of(invalid.value, KIT, "en"))
        assert (said.reason, set(said.fields)) == ("request.invalid", {"parent", "page_size"})

    def test_a_defect_of_ours_says_nothing_of_itself(self) -> None:
        said = failure(broken(KIT, "en"))
        assert (said.code, said.reason, said.fields) == (grpc.StatusCode.INTERNAL, "service.broken", {})
