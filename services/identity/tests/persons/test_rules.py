"""What an address and a password must be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity.persons import passwords
from identity.persons.rules import check_password, normalised_email
from kit.errors import Refused

EMAIL = "officer@tatarbunary.example.org"


def objection(password: str, again: str | None = None) -> tuple[str, str]:
    with pytest.raises(Refused) as refusal:
        check_password(password, password if again is None else again, EMAIL)
    return refusal.value.field, refusal.value.reason


def test_a_few_words_will_do() -> None:
    check_password("нам своє робить", "нам своє робить", EMAIL)


def test_eleven_characters_are_too_few() -> None:
    assert objection("abcd efgh i") == ("password", "password.too-short")


def test_a_password_has_an_end() -> None:
    assert objection("word " * 41) == ("password", "password.too-long")


@pytest.mark.parametrize("password", [EMAIL, EMAIL.upper(), "officer@tatarbunary", "my officer password"])
def test_the_address_is_no_password(password: str) -> None:
    assert objection(password) == ("password", "password.is-the-address")


@pytest.mark.parametrize("password", ["aaaaaaaaaaaa", "121212121212", "123456789012", "abcdefghijkl", "zyxwvutsrqpo"])
def test_what_is_tried_first_is_no_password(password: str) -> None:
    assert objection(password) == ("password", "password.too-plain")


def test_a_slip_of_the_finger_is_seen_at_the_second_field() -> None:
    assert objection("нам своє робить", "нам своє робити") == ("again_password", "password.differs")


@given(st.text(), st.text())
def test_no_password_makes_it_fail_otherwise_than_by_refusing(password: str, again: str) -> None:
    assert field_at_fault(password, again) in {"", "password", "again_password"}


def field_at_fault(password: str, again: str) -> str:
    try:
        check_password(password, again, EMAIL)
    except Refused as refusal:
        return refusal.field
    return ""


@given(st.emails())
def test_an_address_has_one_form(email: str) -> None:
    assert normalised_email(normalised_email(email)) == normalised_email(email)


def test_capitals_and_spaces_around_make_no_other_address() -> None:
    assert normalised_email(" Officer@Example.ORG ") == "officer@example.org"


def test_a_password_matches_its_hash_and_no_other_does() -> None:
    kept = passwords.hashed("a few plain words")
    assert passwords.matches(kept, "a few plain words")
    assert not passwords.matches(kept, "a few plain word")


def test_nobody_has_no_password() -> None:
    assert not passwords.matches(None, "nobody's password")


def test_a_hash_is_argon2id_with_nineteen_mebibytes() -> None:
    assert passwords.hashed("a few plain words").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
