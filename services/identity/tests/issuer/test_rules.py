"""What the issuer reads, and what it does not."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity.issuer import rules
from identity.issuer.rules import Scope, Unreadable, parse_scope


def test_a_scope_names_one_hromada() -> None:
    assert parse_scope("openid organization:tatarbunary") == Scope(True, "tatarbunary")


def test_an_operators_scope_names_none() -> None:
    assert parse_scope("openid") == Scope(True, "")


@pytest.mark.parametrize(
    "scope",
    [
        "openid organization:one organization:two",
        "openid organization:*",
        "openid organization:",
        "openid organization",
        "openid profile",
        "openid organization:Tatarbunary",
    ],
)
def test_a_scope_with_several_hromadas_or_unknown_words_means_nothing(scope: str) -> None:
    assert parse_scope(scope) is None


@given(st.text())
def test_any_text_is_a_scope_or_none(text: str) -> None:
    parse_scope(text)


@given(st.uuids(), st.from_regex(r"[A-Za-z0-9_-]{43}", fullmatch=True))
def test_a_refresh_token_tells_its_family(family: UUID, secret: str) -> None:
    assert rules.parse_refresh_token(rules.refresh_token(family, secret)) == (family, secret)


@given(st.text())
def test_any_text_is_a_refresh_token_or_none(text: str) -> None:
    rules.parse_refresh_token(text)


@pytest.mark.parametrize(
    "pair", [("client_id", "a\0b"), ("client_id", "ґ"), ("redirect_uri", 'http://"'), ("x", "y" * 5000), ("с", "value")]
)
def test_a_parameter_that_no_client_sends_is_unreadable(pair: tuple[str, str]) -> None:
    with pytest.raises(Unreadable):
        rules.parameters([pair])


def test_a_parameter_is_said_once() -> None:
    with pytest.raises(Unreadable):
        rules.parameters([("client_id", "web"), ("client_id", "web")])


def test_a_state_is_the_clients_own_affair() -> None:
    assert rules.parameters([("state", '"\\')]) == {"state": '"\\'}


@pytest.mark.parametrize(
    ("address", "is_below"),
    [
        ("https://spilno.example", True),
        ("https://spilno.example/signed-out", True),
        ("https://spilno.example.evil", False),
        ("https://spilno.example@evil", False),
        ("http://spilno.example/", False),
    ],
)
def test_only_the_portals_own_pages_are_below_it(address: str, is_below: bool) -> None:
    assert rules.is_below(address, "https://spilno.example") is is_below


@pytest.mark.parametrize("claim", [None, 7, "", "not an id", ["x"]])
def test_what_is_no_id_is_none(claim: object) -> None:
    assert rules.parse_id(claim) is None


def test_an_id_in_a_claim_is_read() -> None:
    one = uuid4()
    assert rules.parse_id(str(one)) == one
