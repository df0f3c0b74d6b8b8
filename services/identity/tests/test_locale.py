"""Everything that people read is there in both languages."""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from google.protobuf.descriptor import Descriptor
from identity.members.rules import ALL
from identity.service import service
from jinja2.ext import babel_extract
from kit.localisation import LOCALES, Catalogue

HERE = Path(str(files("identity")))
CODE = "\n".join(path.read_text() for path in HERE.rglob("*.py"))
REASON = re.compile(r'"([a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*)"')
SAID = re.compile(r'(?:say|gettext)\(\s*"([^"]+)"')
CATALOGUE = Catalogue(["kit", "identity"])


def keys(locale: str) -> set[str]:
    with (HERE / "locale" / f"{locale}.po").open("rb") as file:
        return {str(message.id) for message in read_po(file) if message.id and message.string}


def reasons() -> set[str]:
    """What a verb or a rule may refuse with."""
    refusals = re.findall(r"(?:Refused|Denied|WrongState|Missing|AlreadyThere|Unknown|told)\(.*?\)", CODE, re.DOTALL)
    return {reason for refusal in refusals for reason in REASON.findall(re.sub(r'field="[^"]*"', "", refusal))}


def sentences() -> set[str]:
    """What the pages say."""
    found = set(SAID.findall(CODE))
    for path in (HERE / "issuer" / "templates").glob("*.html"):
        with path.open("rb") as template:
            found |= {_singular(message) for _, _, message, _ in babel_extract(template, ["_"], [], {})}
    return found


def _singular(message: object) -> str:
    return str(message[0] if isinstance(message, tuple) else message)


def fields(message: Descriptor, seen: set[str]) -> Iterator[str]:
    """The fields that a caller may be told of, as "Message.field"."""
    if message.full_name in seen or not message.full_name.startswith("spilno.identity"):
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


def abilities() -> set[str]:
    return {f"may {permission}" for permission in ALL}


@pytest.mark.parametrize("ability", sorted(abilities()))
def test_what_one_may_do_is_a_sentence(ability: str) -> None:
    assert all(CATALOGUE.has(ability, locale) for locale in LOCALES)


def test_both_languages_have_the_same_keys() -> None:
    assert keys("uk") == keys("en")


@pytest.mark.parametrize("reason", sorted(reasons()))
def test_a_refusal_has_a_text(reason: str) -> None:
    assert all(CATALOGUE.has(reason, locale) for locale in LOCALES)


@pytest.mark.parametrize("sentence", sorted(sentences()))
def test_a_sentence_of_the_pages_is_translated(sentence: str) -> None:
    assert sentence in keys("en")


@pytest.mark.parametrize("field", asked())
def test_a_field_has_a_name_that_people_read(field: str) -> None:
    assert all(CATALOGUE.has(field, locale) for locale in LOCALES)


def test_no_text_is_left_over() -> None:
    texts = keys("uk")
    used = reasons() | sentences() | set(asked()) | abilities()
    assert {text for text in texts if text not in used and text.split(" ")[0] not in used} == set()
