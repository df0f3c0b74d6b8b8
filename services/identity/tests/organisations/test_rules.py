"""EDRPOU codes, as the law's own notes have them (L63)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity.organisations.rules import CODE, Kind, edrpou, is_edrpou
from kit.errors import Refused
from spilno.identity.v1 import organisations_pb2 as pb

TRUE = ("40108578", "40075815", "00032684", "14360570")
digits = st.text("0123456789", min_size=7, max_size=7)


@pytest.mark.parametrize("code", TRUE)
def test_a_true_code_is_true(code: str) -> None:
    assert is_edrpou(code)


def test_a_code_with_a_wrong_digit_is_false() -> None:
    assert not is_edrpou("40108579")


@given(digits)
def test_exactly_one_last_digit_checks_the_seven_before_it(seven: str) -> None:
    assert sum(is_edrpou(seven + last) for last in "0123456789") == 1


@given(st.text(max_size=10))
def test_whatever_is_typed_is_a_true_code_or_nothing_or_refused_at_its_field(text: str) -> None:
    code, field = "", CODE
    try:
        code = edrpou(text)
    except Refused as refusal:
        field = refusal.field
    assert field == CODE
    assert code == "" or is_edrpou(code)


def test_leading_zeros_are_kept() -> None:
    assert edrpou(" 00032684 ") == "00032684"


@pytest.mark.parametrize("text", ["32684", "4010857", "401085780", "4010857O", "٤٠١٠٨٥٧٨"])
def test_what_is_not_eight_digits_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        edrpou(text)
    assert refusal.value.reason == "edrpou.malformed"


def test_a_wrong_digit_is_refused_at_the_code() -> None:
    with pytest.raises(Refused) as refusal:
        edrpou("40108579")
    assert (refusal.value.field, refusal.value.reason) == ("organisation.edrpou", "edrpou.wrong-digit")


def test_each_kind_of_the_contract_is_one_of_the_rules() -> None:
    assert {name.removeprefix("ORGANISATION_KIND_") for name in pb.OrganisationKind.DESCRIPTOR.values_by_name} == {
        "UNSPECIFIED",
        *(kind.name for kind in Kind),
    }
