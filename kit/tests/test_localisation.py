"""Texts in the person's language: the same in both, and none with a hole in it."""

import re
from functools import cache
from importlib.resources import files

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from kit.localisation import LOCALES, Catalogue, best_locale

from kit import errors

PACKAGES = ("kit", "identity", "reception", "sample")


@cache
def texts(package: str, locale: str) -> dict[str, Message]:
    with (files(package) / "locale" / f"{locale}.po").open("rb") as file:
        return {str(message.id): message for message in read_po(file, locale=locale) if message.id}


def holes(text: object) -> set[str]:
    return set(re.findall(r"%\((\w+)\)", str(text)))


@pytest.mark.parametrize("package", PACKAGES)
def test_ukrainian_and_english_have_the_same_keys(package: str) -> None:
    assert set(texts(package, "uk")) == set(texts(package, "en"))


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("locale", LOCALES)
def test_no_key_is_without_its_text(package: str, locale: str) -> None:
    assert [key for key, message in texts(package, locale).items() if not message.string or message.fuzzy] == []


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("locale", LOCALES)
def test_no_key_is_there_twice(package: str, locale: str) -> None:
    lines = (files(package) / "locale" / f"{locale}.po").read_text().splitlines()
    keys = [line for line in lines if line.startswith("msgid ")]
    assert sorted(keys) == sorted(set(keys))


@pytest.mark.parametrize("package", PACKAGES)
def test_both_languages_ask_for_the_same_values(package: str) -> None:
    ukrainian, english = texts(package, "uk"), texts(package, "en")
    assert {key: holes(message.string) for key, message in ukrainian.items()} == {
        key: holes(message.string) for key, message in english.items()
    }


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_can_be_filled(package: str, locale: str) -> None:
    catalogue = Catalogue([package])
    for key, message in texts(package, locale).items():
        values = dict.fromkeys(holes(message.string), 7)
        assert "%(" not in catalogue.text(key, locale, **values)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "refusal",
    [errors.Missing(), errors.Stale(), errors.Denied(), errors.Unknown(), errors.TooLate(), errors.Away()],
    ids=str,
)
def test_every_refusal_of_the_kit_has_a_text(refusal: errors.Refusal, locale: str) -> None:
    assert Catalogue(["kit"]).has(refusal.reason, locale)


def test_a_later_package_has_the_last_word() -> None:
    assert Catalogue(["kit", "sample"]).has("note.unreadable", "uk")


def test_a_key_without_a_text_is_returned_as_it_is() -> None:
    assert Catalogue(["kit"]).text("no.such-key", "uk", limit=7) == "no.such-key"


@pytest.mark.parametrize(
    ("asked", "locale"),
    [
        ("", "uk"),
        ("uk", "uk"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("uk-UA,uk;q=0.9,en;q=0.8", "uk"),
        ("de,en;q=0.5", "en"),
        ("de", "uk"),
        ("EN-us", "en"),
        ("en;q=0.3,uk;q=0.9", "uk"),
        ("de;q=0.9, en;q=0.5, uk;q=0.4", "en"),
        ("en;q=0,uk;q=0.1", "uk"),
        ("en;q=0", "uk"),
        ("eng", "uk"),
        ("*", "uk"),
        (",;q=,en;q=x", "uk"),
        ("en;q=" + "9" * 5000, "uk"),
    ],
)
def test_the_language_is_the_one_that_is_liked_best_and_Ukrainian_when_none_is(asked: str, locale: str) -> None:
    assert best_locale(asked) == locale
