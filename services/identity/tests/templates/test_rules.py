"""Parts that make one template, and parts that do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity.templates import rules
from kit.errors import Refused

NAMES = st.sampled_from(["a-service", "b-service", "c-service"])


@given(st.lists(NAMES, unique=True, min_size=1), st.text(min_size=1), st.integers(1, 99))
def test_parts_of_one_name_and_version_are_one_template(services: list[str], name: str, version: int) -> None:
    assert rules.one_template([(service, name, version) for service in services]) == (name, version)


@pytest.mark.parametrize(
    ("second", "field"),
    [
        (("passport", "summer", 1), "parts.passport.name"),
        (("passport", "winter", 2), "parts.passport.version"),
        (("reception", "winter", 1), "parts.reception"),
    ],
)
def test_a_part_that_does_not_belong_is_named(second: tuple[str, str, int], field: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.one_template([("reception", "winter", 1), second])
    assert refused.value.field == field
