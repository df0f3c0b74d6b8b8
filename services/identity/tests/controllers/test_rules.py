"""Who may process whose personal data (L39)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity.controllers.rules import Body, check_record, in_force, is_processor_allowed
from kit.errors import Refused

AUTHORITIES = [Body.STATE, Body.MUNICIPAL]
DAY = date(2026, 1, 1)


@pytest.mark.parametrize("controller", AUTHORITIES)
@pytest.mark.parametrize("processor", [Body.NGO, Body.PRIVATE])
def test_what_an_authority_controls_no_ngo_and_no_firm_processes(controller: Body, processor: Body) -> None:
    assert not is_processor_allowed(controller, processor)
    with pytest.raises(Refused) as refusal:
        check_record(controller, processor, DAY, [])
    assert (refusal.value.field, refusal.value.reason) == ("processor", "controller.processor-not-allowed")


@pytest.mark.parametrize("controller", AUTHORITIES)
@pytest.mark.parametrize("processor", [*AUTHORITIES, Body.STATE_ENTERPRISE, Body.COMMUNAL_ENTERPRISE])
def test_what_an_authority_controls_its_like_and_public_enterprises_process(controller: Body, processor: Body) -> None:
    check_record(controller, processor, DAY, [])


@given(st.sampled_from([each for each in Body if each not in AUTHORITIES]), st.sampled_from(Body))
def test_other_controllers_choose_freely(controller: Body, processor: Body) -> None:
    assert is_processor_allowed(controller, processor)


@given(st.dates(), st.lists(st.dates(), max_size=5))
def test_a_record_comes_after_those_before_it(since: date, earlier: list[date]) -> None:
    field = ""
    try:
        check_record(Body.NGO, Body.NGO, since, earlier)
    except Refused as refusal:
        field = refusal.field
    assert field == ("since" if any(since <= each for each in earlier) else "")


@given(st.lists(st.dates(), max_size=5), st.dates())
def test_the_latest_record_whose_day_has_come_is_in_force(days: list[date], today: date) -> None:
    come = [each for each in days if each <= today]
    assert in_force(days, today) == (max(come) if come else None)
