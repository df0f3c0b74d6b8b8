"""Who is a party to an agreement, and from when until when."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity.agreements import rules
from identity.agreements.rules import Term
from kit.errors import Refused

DAY = timedelta(days=1)
CONCLUDED = date(2017, 2, 1)
MEMORANDUM = Term(CONCLUDED, None)
ALWAYS = Term(None, None)
days = st.dates(date(2015, 1, 1), date(2030, 1, 1))


@st.composite
def terms(draw: st.DrawFn) -> Term:
    first = draw(days)
    return Term(first, draw(st.none() | st.integers(1, 900).map(lambda more: first + more * DAY)))


def refusal(rule: Callable[[], None]) -> tuple[str, str]:
    try:
        rule()
    except Refused as refused:
        return refused.field, refused.reason
    return "", ""


@given(terms(), terms())
def test_two_terms_meet_exactly_when_a_day_lies_in_both(one: Term, other: Term) -> None:
    assert one.first
    assert other.first
    shared = max(one.first, other.first)
    assert one.meets(other) == other.meets(one) == (one.holds(shared) and other.holds(shared))


def test_joining_before_the_agreement_is_refused_at_its_day() -> None:
    told = refusal(lambda: rules.check_joining(MEMORANDUM, ALWAYS, CONCLUDED - DAY, None, []))
    assert told == ("joined_on", "signatory.joins-before-the-agreement")


def test_joining_on_the_day_of_conclusion_is_fine() -> None:
    rules.check_joining(MEMORANDUM, ALWAYS, CONCLUDED, None, [])


def test_joining_what_is_no_longer_in_force_is_refused() -> None:
    over = Term(CONCLUDED, date(2018, 1, 1))
    told = refusal(lambda: rules.check_joining(over, ALWAYS, date(2018, 1, 1), None, []))
    assert told == ("joined_on", "signatory.joins-after-the-agreement")


@pytest.mark.parametrize("left_on", [CONCLUDED - DAY, CONCLUDED])
def test_leaving_before_joining_is_refused_at_its_day(left_on: date) -> None:
    told = refusal(lambda: rules.check_leaving(CONCLUDED, left_on))
    assert told == ("left_on", "signatory.leaves-before-it-joins")


def test_an_organisation_that_was_abolished_joins_no_more() -> None:
    raion_council = Term(None, date(2020, 11, 15))
    told = refusal(lambda: rules.check_joining(MEMORANDUM, raion_council, date(2021, 1, 1), None, []))
    assert told == ("organisation", "signatory.does-not-exist-then")


@given(days, st.none() | st.integers(1, 900), st.lists(terms(), max_size=4))
def test_nobody_is_a_party_twice_on_one_day(joined_on: date, lasting: int | None, earlier: list[Term]) -> None:
    left_on = joined_on + lasting * DAY if lasting else None
    told = refusal(lambda: rules.check_joining(ALWAYS, ALWAYS, joined_on, left_on, earlier))
    twice = any(Term(joined_on, left_on).meets(each) for each in earlier)
    assert told == (("organisation", "signatory.is-party-already") if twice else ("", ""))


def test_who_has_left_may_join_anew_on_that_very_day() -> None:
    rules.check_joining(MEMORANDUM, ALWAYS, date(2018, 1, 1), None, [Term(CONCLUDED, date(2018, 1, 1))])


@given(days, terms(), terms(), terms())
def test_a_party_is_one_only_while_everything_holds(on: date, agreement: Term, organisation: Term, party: Term) -> None:
    is_one = rules.is_party(on, agreement, organisation, party)
    assert is_one == all(each.holds(on) for each in (agreement, organisation, party))


def test_an_agreement_of_tomorrow_is_not_concluded() -> None:
    told = refusal(lambda: rules.check_agreement(CONCLUDED + DAY, None, [], CONCLUDED))
    assert told == ("agreement.concluded_on", "agreement.not-concluded-yet")


def test_an_agreement_is_not_concluded_after_somebody_joined_it() -> None:
    told = refusal(lambda: rules.check_agreement(CONCLUDED + DAY, None, [CONCLUDED], date(2018, 1, 1)))
    assert told == ("agreement.concluded_on", "agreement.somebody-joined-before")


def test_an_agreement_ends_after_it_was_concluded() -> None:
    told = refusal(lambda: rules.check_agreement(CONCLUDED, CONCLUDED, [], date(2018, 1, 1)))
    assert told == ("agreement.valid_until", "day.ends-before-it-starts")
