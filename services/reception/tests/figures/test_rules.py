"""Which counts may be told to everybody."""

from hypothesis import given
from hypothesis import strategies as st
from reception.figures import rules
from reception.figures.rules import SMALLEST


@given(st.dictionaries(st.integers(0, 9), st.integers(0, 30), min_size=2))
def test_whatever_is_told_no_small_count_can_be_read_or_reckoned_from_the_whole(counts: dict[int, int]) -> None:
    told = rules.told(counts)
    hidden = [key for key, count in told.items() if count is None]
    assert not any(rules.is_small(count) for count in told.values() if count is not None)
    assert len(hidden) != 1 or not any(count >= SMALLEST for count in counts.values())


def test_of_a_whole_neither_the_sensitive_nor_the_rest_may_be_few() -> None:
    assert [rules.sensitive(*each) for each in ((3, 40), (38, 40), (0, 40), (12, 40))] == [None, None, 0, 12]
