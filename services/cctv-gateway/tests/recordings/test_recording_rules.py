"""What goes and what stays, whatever there is."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from cctv_gateway.recordings import rules
from cctv_gateway.recordings.rules import Kept, Span
from hypothesis import given
from hypothesis import strategies as st
from kit.errors import Refused
from uuid_utils.compat import uuid7

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@st.composite
def footage(draw: st.DrawFn) -> Kept:
    start = NOW - timedelta(minutes=draw(st.integers(1, 10_000)))
    span = Span(start, start + timedelta(minutes=1))
    until = span.end + timedelta(hours=draw(st.integers(0, 100)))
    return Kept(uuid7(), span, draw(st.integers(1, 1000)), until, draw(st.booleans()))


@given(st.lists(footage(), max_size=30), st.integers(0, 10_000))
def test_only_what_must_go_goes_and_the_oldest_first(kept: list[Kept], quota: int) -> None:
    going = rules.to_go(kept, NOW, quota)
    gone = {each.id for each in going}
    staying = [each for each in kept if each.id not in gone]
    assert not any(each.is_held for each in going)
    assert all(each.is_held or each.keep_until > NOW for each in staying)
    early = [each for each in going if each.keep_until > NOW]
    free = [each for each in staying if not each.is_held]
    assert all(each.span.start <= other.span.start for each in early for other in free)
    if free:
        assert sum(each.bytes for each in staying) <= quota
    if early:
        assert sum(each.bytes for each in staying) + early[-1].bytes > quota


@given(st.lists(footage(), max_size=30))
def test_stretches_neither_overlap_nor_lose_anything(kept: list[Kept]) -> None:
    spans = [each.span for each in kept]
    joined = rules.stretches(spans)
    assert all(one.end < other.start for one, other in pairwise(joined))
    assert all(any(each.start <= one.start and one.end <= each.end for each in joined) for one in spans)


@given(st.integers(0, 9000), st.integers(0, 9000))
def test_nothing_is_kept_beyond_the_council_s_limit(hours: int, limit: int) -> None:
    assert rules.keep_until(NOW, hours, limit) <= NOW + timedelta(hours=limit or hours)


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (timedelta(hours=-1), timedelta(hours=-2), "end"),
        (timedelta(hours=1), timedelta(hours=2), "start"),
        (timedelta(hours=-1), timedelta(hours=1), "end"),
        (timedelta(hours=-30), timedelta(hours=-1), "end"),
    ],
    ids=["backwards", "not-begun", "goes-on", "too-long"],
)
def test_a_range_in_which_there_can_be_no_footage_is_refused_at_its_field(
    start: timedelta, end: timedelta, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        rules.check_span(Span(NOW + start, NOW + end), NOW)
    assert refused.value.field == field


def test_footage_that_had_to_go_long_ago_is_told() -> None:
    one = Kept(uuid7(), Span(NOW - timedelta(hours=5), NOW - timedelta(hours=4)), 1, NOW - timedelta(hours=2), False)
    assert rules.is_overdue([one], NOW)
    assert not rules.is_overdue([one], NOW - timedelta(hours=1, minutes=30))
