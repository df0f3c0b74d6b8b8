"""What proves a person beside a password."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity.factors import rules
from identity.members.rules import Role

NOW = datetime(2026, 11, 24, 10, 0, 5, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEP = int(NOW.timestamp()) // 30


def code(steps: int = 0) -> str:
    return pyotp.TOTP(SECRET).generate_otp(STEP + steps)


@pytest.mark.parametrize("environment", ["production", "development"])
def test_heads_and_operators_must_have_a_second_factor(environment: str) -> None:
    assert rules.is_required(environment, [Role.HEAD], is_operator=False)
    assert rules.is_required(environment, [], is_operator=True)


def test_others_may() -> None:
    assert not rules.is_required("production", [Role.DISTRICT_OFFICER, Role.ADMINISTRATOR], is_operator=False)


@pytest.mark.parametrize("environment", ["demo", "test"])
def test_in_the_demo_and_in_tests_everybody_may(environment: str) -> None:
    assert not rules.is_required(environment, [Role.HEAD], is_operator=True)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_may_be_half_a_minute_off(steps: int) -> None:
    assert rules.matching_step(SECRET, code(steps), NOW, 0) == STEP + steps


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_clock_may_not_be_a_minute_off(steps: int) -> None:
    assert rules.matching_step(SECRET, code(steps), NOW, 0) is None


def test_a_code_is_taken_once() -> None:
    assert rules.matching_step(SECRET, code(), NOW, STEP) is None


def test_a_code_older_than_the_last_one_is_not_taken() -> None:
    assert rules.matching_step(SECRET, code(-1), NOW, STEP) is None


@given(st.text())
def test_any_text_is_a_code_or_none(text: str) -> None:
    rules.matching_step(SECRET, rules.digits(text), NOW, 0)


@pytest.mark.parametrize("typed", ["1234 5678 9012", "1234-5678-9012", " 123456789012 "])
def test_spaces_and_dashes_in_a_code_do_not_matter(typed: str) -> None:
    assert rules.digits(typed) == "123456789012"


def test_ten_recovery_codes_differ() -> None:
    assert len(set(rules.new_codes())) == 10


@pytest.mark.parametrize(
    ("methods", "acr", "amr"),
    [
        (["pwd"], rules.ONE, ["pwd"]),
        (["pwd", "otp"], rules.TWO, ["pwd", "otp", "mfa"]),
        (["pop"], rules.TWO, ["pop", "mfa"]),
    ],
)
def test_tokens_say_how_surely_a_person_is_known(methods: list[str], acr: str, amr: list[str]) -> None:
    assert (rules.acr(methods), rules.amr(methods)) == (acr, amr)


@pytest.mark.parametrize(
    ("issuer", "name"),
    [
        ("https://id.spilno.example", "id.spilno.example"),
        ("http://localhost:7101", "localhost"),
        ("http://127.0.0.1:7101", ""),
        ("http://[::1]:7101", ""),
    ],
)
def test_passkeys_are_bound_to_a_name_and_not_to_a_network_address(issuer: str, name: str) -> None:
    assert rules.relying_party(issuer) == name


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox, Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("curl", ""),
    ],
)
def test_a_browser_is_named_as_its_owner_knows_it(agent: str, device: str) -> None:
    assert rules.device_of(agent) == device


def test_no_two_moments_share_a_step_beyond_the_window() -> None:
    later = NOW + timedelta(minutes=5)
    assert rules.matching_step(SECRET, code(), later, 0) is None
