"""What becomes of a camera's timestamps."""

import random

from cctv_gateway.engine.parts import SCALE
from cctv_gateway.engine.timeline import Fate, Placed, Timeline
from hypothesis import given
from hypothesis import strategies as st

STEP = SCALE // 20


def played(*stamps: int | None, step: int = STEP) -> list[Placed]:
    """Pictures that bear these stamps and arrive in even steps."""
    timeline = Timeline(step)
    return [timeline.place(each, each, place * step / SCALE) for place, each in enumerate(stamps)]


def test_a_reckoning_begins_at_nought() -> None:
    assert [(each.fate, each.dts) for each in played(900_000, 904_500)] == [
        (Fate.BEGINS_ANEW, 0),
        (Fate.KEPT, STEP),
    ]


def test_a_picture_at_the_same_time_or_a_little_earlier_is_left_out() -> None:
    assert [each.fate for each in played(0, STEP, STEP, STEP - 100, STEP * 2)] == [
        Fate.BEGINS_ANEW,
        Fate.KEPT,
        Fate.LEFT_OUT,
        Fate.LEFT_OUT,
        Fate.KEPT,
    ]


def test_a_clock_that_is_set_begins_anew_forwards_and_backwards() -> None:
    hour = 3600 * SCALE
    assert [each.fate for each in played(0, STEP, hour, hour + STEP, STEP * 4)] == [
        Fate.BEGINS_ANEW,
        Fate.KEPT,
        Fate.BEGINS_ANEW,
        Fate.KEPT,
        Fate.BEGINS_ANEW,
    ]


def test_a_first_picture_without_a_time_stands_one_step_before_the_next() -> None:
    assert [each.dts for each in played(None, 70_000, 70_000 + STEP)] == [0, STEP, STEP * 2]


def test_a_picture_without_a_time_follows_the_one_before() -> None:
    assert [each.dts for each in played(0, None, STEP * 2)] == [0, STEP, STEP * 2]


def test_a_picture_is_shown_when_the_camera_says_and_never_before_it_is_decoded() -> None:
    timeline = Timeline(STEP)
    assert timeline.place(0, STEP, 0).pts == STEP
    assert timeline.place(STEP, STEP * 3, 0.05).pts == STEP * 3
    assert timeline.place(STEP * 2, 0, 0.1).pts == STEP * 2
    assert timeline.place(STEP * 3, STEP * 300, 0.15).pts == STEP * 3


def test_after_silence_begins_a_new_reckoning() -> None:
    timeline = Timeline(STEP)
    timeline.place(0, 0, 100.0)
    assert timeline.place(STEP, STEP, 130.0).fate is Fate.BEGINS_ANEW


@given(st.lists(st.one_of(st.none(), st.integers(-(2**40), 2**40)), max_size=60), st.randoms())
def test_whatever_comes_kept_pictures_go_forward(stamps: list[int | None], chance: random.Random) -> None:
    timeline, last, arrived = Timeline(STEP), -1, 0.0
    for each in stamps:
        arrived += chance.random()
        placed = timeline.place(each, None if each is None else each + chance.randint(-SCALE, SCALE), arrived)
        if placed.fate is Fate.LEFT_OUT:
            continue
        if placed.fate is Fate.BEGINS_ANEW:
            last = -1
        assert placed.dts > last
        assert placed.pts >= placed.dts
        last = placed.dts
