"""What a hromada's code must look like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity.hromadas.rules import Katotth, katotth_of_hromada, parse_katotth
from kit.errors import Refused

HROMADA = "UA51040250000099866"
ITS_CITY = "UA51040250010015619"

digits = st.integers(min_value=1, max_value=99)
hromadas = st.builds(
    lambda oblast, raion, hromada, number: Katotth(f"{oblast:02}", f"{raion:02}", f"{hromada:03}", "000", "00", number),
    digits,
    digits,
    st.integers(1, 999),
    st.from_regex(r"[0-9]{5}", fullmatch=True),
)


def test_a_code_is_split_into_its_five_levels_and_its_number() -> None:
    assert parse_katotth(HROMADA) == Katotth("51", "04", "025", "000", "00", "99866")


def test_a_hromadas_own_code_is_taken() -> None:
    assert katotth_of_hromada(HROMADA) == HROMADA


def test_its_citys_code_is_refused_at_its_field() -> None:
    with pytest.raises(Refused) as refusal:
        katotth_of_hromada(ITS_CITY)
    assert (refusal.value.field, refusal.value.reason) == ("katotth", "katotth.below-hromada")


@pytest.mark.parametrize("code", ["UA51000000000030770", "UA51040000000031258"])
def test_an_oblasts_and_a_raions_code_are_refused(code: str) -> None:
    with pytest.raises(Refused) as refusal:
        katotth_of_hromada(code)
    assert refusal.value.reason == "katotth.above-hromada"


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("UA51000000000030770", 1),
        ("UA51040000000031258", 2),
        (HROMADA, 3),
        (ITS_CITY, 4),
        ("UA51100270010120737", 5),
    ],
)
def test_the_level_is_the_last_one_that_is_filled(code: str, level: int) -> None:
    assert parse_katotth(code).level == level


@pytest.mark.parametrize(
    "code", ["", "UA", HROMADA[:-1], HROMADA + "0", "UK51040250000099866", "UA5104025000009986O", "UA" + "٥" * 17]
)
def test_what_is_not_ua_and_seventeen_digits_is_malformed(code: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_katotth(code)
    assert refusal.value.reason == "katotth.malformed"


@given(hromadas)
def test_a_written_code_reads_as_itself(code: Katotth) -> None:
    assert parse_katotth(str(code)) == code


@given(hromadas, st.sampled_from(["UА", "uа", "ua", " UA ", "U\u00a0A"]))
def test_cyrillic_look_alikes_small_letters_and_spaces_make_no_difference(code: Katotth, start: str) -> None:
    assert katotth_of_hromada(start + str(code)[2:]) == str(code)


@given(st.text())
def test_no_text_makes_it_fail_otherwise_than_by_refusing(text: str) -> None:
    assert field_at_fault(text) in {"", "katotth"}


def field_at_fault(code: str) -> str:
    try:
        katotth_of_hromada(code)
    except Refused as refusal:
        return refusal.field
    return ""
