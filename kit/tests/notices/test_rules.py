"""What may be sent, when, and what is shown of it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.errors import WrongState
from kit.notices import rules
from kit.notices.rules import Channel, State
from kit.testing.ground import at

EMAIL, SMS = Channel.EMAIL, Channel.SMS


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-01-15 12:00", "2026-01-15 12:00"),
        ("2026-01-15 06:00", "2026-01-15 06:00"),
        ("2026-01-15 05:59", "2026-01-15 06:00"),
        ("2026-01-15 19:00", "2026-01-16 06:00"),
        ("2026-01-15 23:30", "2026-01-16 06:00"),
        ("2026-07-15 18:00", "2026-07-16 05:00"),
        ("2026-03-28 20:00", "2026-03-29 05:00"),
        ("2026-10-24 19:00", "2026-10-25 06:00"),
    ],
)
def test_an_sms_waits_for_the_morning_of_the_clock_on_the_wall(now: str, then: str) -> None:
    assert rules.sendable_at(SMS, at(now)) == at(then)
    assert rules.sendable_at(EMAIL, at(now)) == at(now)


@given(st.datetimes(min_value=at("2026-01-01 00:00").replace(tzinfo=None)))
def test_an_sms_waits_at_most_until_the_next_morning(moment: object) -> None:
    now = at(str(moment))
    then = rules.sendable_at(SMS, now)
    assert timedelta(0) <= then - now <= timedelta(hours=12)
    assert rules.sendable_at(SMS, then) == then


def test_each_pause_is_longer_up_to_an_hour() -> None:
    pauses = [rules.pause(tries) for tries in range(1, 60)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(seconds=15), timedelta(hours=1))


@pytest.mark.parametrize(
    ("channel", "address", "is_one"),
    [
        (EMAIL, "olena@example.org", True),
        (EMAIL, "олена@example.org", False),
        (EMAIL, "o.'connor+1@xn--80aikifvh.xn--j1amh", True),
        (EMAIL, "olena", False),
        (EMAIL, "a@b@c", False),
        (EMAIL, "olena@example.org\r\nBcc: x@example.org", False),
        (EMAIL, "olena@example.org, petro@example.org", False),
        (EMAIL, "Olena <olena@example.org>", False),
        (SMS, "+380971234567", True),
        (SMS, "0971234567", False),
        (SMS, "+380971234567\n", False),
    ],
)
def test_an_address_is_one_address(channel: Channel, address: str, is_one: bool) -> None:
    assert rules.is_address(channel, address) == is_one


def test_of_an_address_little_is_shown() -> None:
    assert rules.masked(EMAIL, "olena@example.org") == "o***@example.org"
    assert rules.masked(SMS, "+380971234567") == "+38097*****67"


@pytest.mark.parametrize(
    ("state", "forgotten", "hours", "reason"),
    [
        (State.QUEUED, False, 1, "notice.on-its-way"),
        (State.WITHDRAWN, False, 1, "notice.withdrawn"),
        (State.SENT, True, 1, "notice.forgotten"),
        (State.FAILED, False, 0, "notice.too-late"),
    ],
)
def test_what_cannot_be_sent_again_says_why(state: State, forgotten: bool, hours: int, reason: str) -> None:
    now = at("2026-01-15 12:00")
    until = now + timedelta(hours=hours)
    with pytest.raises(WrongState, match=reason):
        rules.check_again(state, is_forgotten=forgotten, until=until, now=now)


@pytest.mark.parametrize("state", [State.SENT, State.FAILED, State.BOUNCED])
def test_what_was_sent_failed_or_came_back_can_be_sent_again(state: State) -> None:
    now = at("2026-01-15 12:00")
    rules.check_again(state, is_forgotten=False, until=now + timedelta(hours=1), now=now)
