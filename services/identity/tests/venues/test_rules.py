from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from identity.venues.rules import is_open


@given(st.none() | st.dates(), st.dates())
def test_a_venue_is_open_until_the_day_it_is_given_up(closed_on: date | None, today: date) -> None:
    assert is_open(closed_on, today) == (closed_on is None or today < closed_on)
