"""When an alarm is raised and when it is cleared, whatever the looks are."""

import pytest
from cctv_gateway.engine.pictures import COLUMNS, ROWS, Grid
from cctv_gateway.engine.vitals import Vitals
from cctv_gateway.health.rules import PATIENCE, Change, Kind, Standing, Watch, is_dark, is_plain
from hypothesis import given, settings
from hypothesis import strategies as st

KINDS = st.sampled_from(sorted(PATIENCE))
CELLS = COLUMNS * ROWS
STREET, ELSEWHERE = (bytes(place * place * step // 7 % 200 + 20 for place in range(CELLS)) for step in (37, 101))


def looked(kind: Kind, looks: list[bool]) -> list[Watch]:
    """How the watch stands after each look."""
    watch, stood = Watch(kind), list[Watch]()
    for is_bad in looks:
        watch = watch.after(is_bad)
        stood.append(watch)
    return stood


@given(KINDS, st.lists(st.booleans(), max_size=80))
def test_an_alarm_turns_only_after_as_many_looks_in_a_row_as_its_patience(kind: Kind, looks: list[bool]) -> None:
    was, patience = False, PATIENCE[kind]
    for place, watch in enumerate(looked(kind, looks)):
        if watch.is_raised != was:
            needed = patience.raises if watch.is_raised else patience.clears
            assert looks[place + 1 - needed : place + 1] == [watch.is_raised] * needed
        was = watch.is_raised


@given(KINDS, st.lists(st.booleans(), max_size=40), st.booleans())
def test_what_goes_on_long_enough_is_told_whatever_went_before(kind: Kind, looks: list[bool], is_bad: bool) -> None:
    steady = looks + [is_bad] * max(PATIENCE[kind].raises, PATIENCE[kind].clears)
    assert looked(kind, steady)[-1].is_raised == is_bad


@given(KINDS, st.integers(1, 40))
def test_what_comes_and_goes_at_each_look_is_never_told(kind: Kind, count: int) -> None:
    assert not any(each.is_raised for each in looked(kind, [True, False] * count))


@given(st.lists(st.booleans(), max_size=60))
def test_changes_alternate(ups: list[bool]) -> None:
    standing = Standing()
    changes = [change.is_raised for is_up in ups for change in standing.present(is_up)]
    assert changes == [place % 2 == 0 for place in range(len(changes))]


def vitals(
    cells: bytes, *, rate: float = 20, between: float = 4000, drift: float | None = 0.1, pace: float = 1.01
) -> Vitals:
    return Vitals(10, round(rate * 10), 900_000, 1.0, between, False, drift, pace, Grid(cells, False))


def lit(cells: bytes, number: int) -> bytes:
    """The same scene, in which something passes."""
    return cells[:number] + bytes([255]) * 4 + cells[number + 4 :]


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        (Kind.FROZEN, [vitals(STREET, between=40)] * 4),
        (Kind.BLACK, [vitals(bytes([17]) * CELLS)] * 3),
        (Kind.COVERED, [vitals(bytes([90]) * CELLS)] * 3),
        (Kind.MOVED, [vitals(lit(ELSEWHERE, each)) for each in range(3)]),
        (Kind.SLOW, [vitals(lit(STREET, each * 9), rate=6) for each in range(3)]),
        (Kind.CLOCK, [vitals(lit(STREET, each * 9), drift=-7.5) for each in range(3)]),
        (Kind.PACE, [vitals(lit(STREET, each * 9), pace=2.0) for each in range(3)]),
    ],
    ids=lambda each: each.value if isinstance(each, Kind) else "looks",
)
def test_what_is_wrong_is_told_once_and_cleared_once(kind: Kind, bad: list[Vitals]) -> None:
    standing = Standing()
    good = [vitals(lit(STREET, each * 9)) for each in range(1, 9)]
    assert [change for each in good for change in standing.look(each, "main", 230_400)] == []
    assert [change for each in bad for change in standing.look(each, "main", 230_400)] == [Change(kind, True)]
    assert [change for each in good for change in standing.look(each, "main", 230_400)] == [Change(kind, False)]


def test_a_quiet_night_is_not_a_frozen_picture() -> None:
    standing = Standing()
    assert [change for _ in range(9) for change in standing.look(vitals(STREET), "main", 230_400)] == []


def test_a_turned_camera_is_right_once_somebody_says_so() -> None:
    standing = Standing()
    for each in range(8):
        standing.look(vitals(lit(STREET, each)), "main", 230_400)
    for each in range(3):
        standing.look(vitals(lit(ELSEWHERE, each)), "main", 230_400)
    assert standing.accept() == [Change(Kind.MOVED, False)]
    for each in range(8):
        assert standing.look(vitals(lit(ELSEWHERE, each)), "main", 230_400) == []


@settings(max_examples=20)
@given(st.binary(min_size=CELLS, max_size=CELLS))
def test_any_picture_can_be_judged(cells: bytes) -> None:
    standing = Standing()
    for _ in range(8):
        standing.look(vitals(cells), "main", 1)
    assert not (is_dark(cells) and max(cells[: CELLS // 2]) > 250 and min(cells) > 30)
    assert is_plain(bytes(CELLS))
