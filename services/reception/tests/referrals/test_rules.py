"""When somebody may be asked to help."""

from datetime import date, timedelta

import pytest
from kit.errors import Refused, WrongState
from reception.referrals import rules
from reception.referrals.rules import State

TODAY = date(2026, 11, 26)


@pytest.mark.law("L43")
@pytest.mark.parametrize("consented_on", [None, TODAY + timedelta(days=1)], ids=["never", "tomorrow"])
def test_nobody_is_asked_before_the_person_has_agreed(consented_on: date | None) -> None:
    with pytest.raises(Refused) as refusal:
        rules.check_consent(consented_on, TODAY)
    assert refusal.value.field == "consented_on"
    assert rules.check_consent(TODAY, TODAY) == TODAY


@pytest.mark.parametrize("days", [-1, 0, 91])
def test_an_answer_is_expected_after_today_and_within_a_quarter(days: int) -> None:
    with pytest.raises(Refused) as refusal:
        rules.check_due(TODAY + timedelta(days=days), TODAY)
    assert refusal.value.field == "due_on"


def test_a_referral_is_accepted_once_and_ends_once() -> None:
    assert rules.end(rules.accept(State.SENT), declined=False) is State.REPLIED
    assert rules.end(State.SENT, declined=True) is State.DECLINED
    with pytest.raises(WrongState):
        rules.accept(State.ACCEPTED)
    with pytest.raises(WrongState):
        rules.end(State.REPLIED, declined=True)


def test_only_what_is_open_is_overdue_and_only_after_its_day() -> None:
    yesterday = TODAY - timedelta(days=1)
    assert rules.is_overdue(State.ACCEPTED, yesterday, TODAY)
    assert not rules.is_overdue(State.SENT, TODAY, TODAY)
    assert not rules.is_overdue(State.REPLIED, yesterday, TODAY)
