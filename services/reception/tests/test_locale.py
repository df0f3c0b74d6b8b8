"""Everything that people read is there in both languages."""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from google.protobuf.descriptor import Descriptor
from kit.localisation import LOCALES, Catalogue
from reception.service import service

HERE = Path(str(files("reception")))
CODE = "\n".join(path.read_text() for path in HERE.rglob("*.py"))
NOUNS = (
    "appeal|attachment|register|officer|beat|schedule|slot|visit|reminder|notice|map|calendar|classifier|procedure|print"
    "|triage|duty|mediation|wording|person|case|hazard|referral"
)
REASON = re.compile(rf'"((?:{NOUNS})\.[a-z-]+)"')
FIELDS = re.compile(r'Refused\(\s*"([a-z_.]+)"')
CATALOGUE = Catalogue(["kit", "reception"])


def keys(locale: str) -> set[str]:
    with (HERE / "locale" / f"{locale}.po").open("rb") as file:
        return {str(message.id) for message in read_po(file) if message.id and message.string}


def reasons() -> set[str]:
    """What a verb or a rule may refuse with."""
    refusals = re.findall(r"(?:Refused|Denied|WrongState|Missing|AlreadyThere|Throttle)\(.*?\)", CODE, re.DOTALL)
    said = {reason for refusal in refusals for reason in REASON.findall(re.sub(r'field="[^"]*"', "", refusal))}
    return said - set(FIELDS.findall(CODE))


def fields(message: Descriptor, seen: set[str]) -> Iterator[str]:
    """The fields that a caller may be told of, as "Message.field"."""
    if message.full_name in seen or not message.full_name.startswith("spilno.reception"):
        return
    seen.add(message.full_name)
    for field in message.fields:
        yield f"{message.name}.{field.name}"
        if field.message_type is not None:
            yield from fields(field.message_type, seen)


def asked() -> list[str]:
    seen: set[str] = set()
    requests = [method.input_type for servicer in service.servicers for method in servicer.contract.methods]
    return [name for request in requests for name in fields(request, seen)]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_reason_has_words(locale: str) -> None:
    assert {reason for reason in reasons() if not CATALOGUE.has(reason, locale)} == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_every_field_has_a_name(locale: str) -> None:
    assert [field for field in asked() if not CATALOGUE.has(field, locale)] == []


def test_both_languages_say_the_same_things() -> None:
    assert keys("uk") == keys("en")
