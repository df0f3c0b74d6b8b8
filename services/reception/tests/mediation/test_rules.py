"""What mediation allows, whatever the names, days and counts."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.errors import Refused
from reception.mediation import rules
from reception.mediation.rules import SMALL, Alarm, Consent, Mediator, Outcome, State

MEDIATOR = Mediator("m-1", "Коваль О’льга")
TODAY = date(2026, 11, 26)
CONSENTS = st.lists(st.sampled_from(Consent), max_size=5)


@pytest.mark.parametrize(
    ("officers", "parties", "neutral", "field"),
    [
        ({"m-1"}, (), True, "mediator"),
        (set(), ("коваль  О'льга",), True, "mediator"),
        (set(), (), False, "neutral"),
    ],
    ids=["the officer of the case", "a party", "has not said that they are neutral"],
)
def test_nobody_with_a_side_is_the_mediator(officers: set[str], parties: tuple[str], neutral: bool, field: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.check_mediator(MEDIATOR, officers, parties, neutral=neutral)
    assert refused.value.field == field


def test_a_relative_of_the_mediator_is_no_party_of_their_case() -> None:
    with pytest.raises(Refused) as refused:
        rules.check_party("Коваль Ігор", MEDIATOR, (), related=True)
    assert refused.value.reason == "mediation.mediator-is-relative"


@given(CONSENTS)
def test_there_are_no_talks_unless_two_parties_and_all_of_them_are_willing(consents: list[Consent]) -> None:
    willing = consents.count(Consent.GIVEN)
    assert rules.may_meet(consents) is (willing >= 2 and willing == len(consents))
    assert (rules.state_of(consents, is_signed=True) is State.AGREED) is rules.may_meet(consents)


@given(CONSENTS, st.sampled_from([Consent.ASKED, Consent.REFUSED, Consent.WITHDRAWN]))
def test_one_who_does_not_consent_stops_it(consents: list[Consent], other: Consent) -> None:
    assert rules.state_of([*consents, other], is_signed=True) is State.PROPOSED


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)), st.integers(-60, 60))
def test_a_follow_up_warns_a_week_before_and_is_overdue_the_day_after(due_on: date, days: int) -> None:
    expected = Alarm.OVERDUE if days > 0 else Alarm.NEAR if days >= -7 else Alarm.NONE
    assert rules.alarm(due_on, None, due_on + timedelta(days=days)) is expected
    assert rules.alarm(due_on, due_on, due_on + timedelta(days=days)) is Alarm.NONE


@given(st.dictionaries(st.sampled_from(Outcome), st.integers(0, 40)))
def test_a_small_count_is_neither_told_nor_reckoned_from_the_others(counts: dict[Outcome, int]) -> None:
    quiet = rules.withheld(counts)
    assert all(key in quiet for key, count in counts.items() if 0 < count < SMALL)
    told = [key for key in counts if key not in quiet and counts[key]]
    assert len(quiet) != 1 or not told


@pytest.mark.parametrize("outcome", [Outcome.KEPT, Outcome.BROKEN], ids=str)
def test_no_agreement_is_kept_or_broken_that_nobody_signed(outcome: Outcome) -> None:
    with pytest.raises(Refused):
        rules.check_outcome(outcome, State.UNDER_WAY, [Consent.GIVEN] * 2)
    rules.check_outcome(outcome, State.AGREED, [Consent.GIVEN] * 2)


def test_nothing_is_withdrawn_that_was_not_given() -> None:
    with pytest.raises(Refused):
        rules.consent(Consent.ASKED, Consent.WITHDRAWN, TODAY, TODAY)
    assert rules.consent(Consent.GIVEN, Consent.WITHDRAWN, TODAY, TODAY) is Consent.WITHDRAWN
