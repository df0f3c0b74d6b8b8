"""The demo's two months."""

from datetime import timedelta
from pathlib import Path

import pytest
from machine import demo_life
from machine.demo_life import BEGAN, Story, stories
from machine.house import House
from machine.services import Ports
from spilno.reception.v1 import appeals_pb2, particulars_pb2


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, Ports(7000), "demo")


@pytest.mark.parametrize("story", stories(), ids=[str(place) for place in range(len(stories()))])
def test_a_story_goes_forwards_and_is_told_in_words_of_the_contract(story: Story) -> None:
    days = [each for each in (BEGAN.days, story.came, story.taken, story.answered) if each is not None]
    assert days == sorted(days, reverse=True)
    assert appeals_pb2.AppealKind.Value(f"APPEAL_KIND_{story.kind.upper()}")
    assert appeals_pb2.SafetyArea.Value(f"SAFETY_AREA_{story.area.upper()}")
    assert appeals_pb2.AppealChannel.Value(f"APPEAL_CHANNEL_{story.channel.upper()}")
    assert particulars_pb2.AppealOutcome.Value(f"APPEAL_OUTCOME_{story.outcome.upper()}")
    assert len(story.text) >= 10
    assert (len(story.answer) >= 10) == (story.answered is not None)


def test_of_the_referrals_one_is_replied_to_one_is_overdue_and_one_waits() -> None:
    told = [each.referral for each in stories() if each.referral is not None]
    assert all(each.made >= (each.replied or 0) and -90 <= each.due - each.made < 0 for each in told)
    assert [(each.replied is not None, each.replied is None and each.due > 0) for each in told] == [
        (True, False),
        (False, True),
        (False, False),
    ]


def test_the_clock_is_set_back_before_the_first_start_alone(house: House) -> None:
    (house.folder / "nats").mkdir()
    demo_life.begin(house)
    assert not house.clock_file.exists()


def test_the_clock_never_goes_backwards(house: House) -> None:
    demo_life.begin(house)
    demo_life.set_back(house, timedelta(days=3))
    demo_life.set_back(house, timedelta(days=30))
    assert float(house.clock_file.read_text()) == -timedelta(days=3).total_seconds()


def test_in_the_end_the_clock_is_the_machines(house: House) -> None:
    demo_life.begin(house)
    demo_life.end(house)
    assert not house.clock_file.exists()
