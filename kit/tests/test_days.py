"""Days as the contract writes them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.days import check_order, day, day_or_none, is_within, written
from kit.errors import Refused


@given(st.dates())
def test_a_day_that_was_written_is_read_again(when: date) -> None:
    assert day(written(when), "as_of") == when


@pytest.mark.parametrize(
    "text", ["28.02.2017", "2017-2-28", "20170228", "2017-W09-2", "2017-02-28T00:00", "٢٠١٧-02-28"]
)
def test_what_is_written_otherwise_is_no_day(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        day(text, "as_of")
    assert (refusal.value.field, refusal.value.reason) == ("as_of", "day.malformed")


@pytest.mark.parametrize("text", ["2017-02-29", "2017-13-01", "0000-01-01"])
def test_a_day_that_no_calendar_has_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        day(text, "as_of")
    assert refusal.value.reason == "day.does-not-exist"


@given(st.text(max_size=12))
def test_whatever_is_written_is_a_day_or_refused(text: str) -> None:
    try:
        read = day_or_none(text, "as_of")
    except Refused as refusal:
        field = refusal.field
    else:
        field = "as_of" if written(read) == text else "misread"
    assert field == "as_of"


@given(st.dates(), st.dates())
def test_an_end_comes_after_its_beginning(first: date, end: date) -> None:
    refused = False
    try:
        check_order(first, end, "until")
    except Refused:
        refused = True
    assert refused == (end <= first)


@given(st.dates(), st.none() | st.dates(), st.none() | st.dates())
def test_a_term_holds_its_first_day_and_not_its_end(when: date, first: date | None, end: date | None) -> None:
    assert is_within(when, first, end) == (not (first and when < first) and not (end and when >= end))
