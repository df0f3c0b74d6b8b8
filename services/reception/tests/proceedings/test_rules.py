"""What may be decided of an appeal, and until when: the law's own numbers."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.errors import Denied, Refused, WrongState
from reception.appeals.rules import Body, Requisite, State, Term
from reception.clocks import rules as clocks
from reception.clocks.calendar import Calendar, Week
from reception.clocks.rules import Terms
from reception.proceedings import rules
from reception.proceedings.rules import Earlier, Ground

WAR = Calendar(((date(2020, 1, 1), Week.FIVE_DAYS),), martial_law=((date(2022, 2, 24), None),))
TERMS = Terms(since=date(1996, 10, 2), forward=5, missing=5, defect=10, simple=15, months=1, most=45)
ARRIVED = date(2026, 1, 30)
CLOCKS = clocks.deadlines(ARRIVED, TERMS, WAR)
COUNCIL = Body(UUID(int=1), "Татарбунарська міська рада")
POLICE = Body(UUID(int=2), "Відділення поліції")


def refused(act: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.field, refusal.value.reason


@pytest.mark.law("L6")
def test_a_complaint_is_never_forwarded_to_the_body_that_it_complains_of() -> None:
    field, reason = refused(lambda: rules.forward(POLICE, POLICE.id, CLOCKS, today=ARRIVED))
    assert (field, reason) == ("to", "appeal.forward-to-the-body-complained-of")
    assert not rules.forward(COUNCIL, POLICE.id, CLOCKS, today=ARRIVED)


@pytest.mark.law("L6")
@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("parent", "appeal.forward-to-the-parent"),
        ("unit", "appeal.forward-to-a-unit"),
        ("unit of a unit", "appeal.forward-to-a-unit"),
        ("above the parent", None),
        ("beside it", None),
        ("another", None),
    ],
)
def test_nor_to_what_it_is_a_unit_of_nor_to_its_units(to: str, reason: str | None) -> None:
    bodies = {
        each: Body(uuid4(), each) for each in ("parent", "unit", "unit of a unit", "above the parent", "beside it")
    }
    units = {bodies["unit"].id, bodies["unit of a unit"].id}
    target = bodies.get(to, COUNCIL)
    if reason is None:
        rules.check_kin(target, POLICE, bodies["parent"].id, units)
    else:
        assert refused(lambda: rules.check_kin(target, POLICE, bodies["parent"].id, units)) == ("to", reason)


@pytest.mark.law("L6")
@given(st.uuids(), st.uuids())
def test_whatever_the_body_complained_of_is_it_gets_nothing(to: UUID, complained_of: UUID) -> None:
    try:
        rules.forward(Body(to, "Рада"), complained_of, CLOCKS, today=ARRIVED)
    except Refused:
        assert to == complained_of
    else:
        assert to != complained_of


@pytest.mark.law("L6")
@pytest.mark.parametrize(("day", "is_late"), [(date(2026, 2, 4), False), (date(2026, 2, 5), True)])
def test_a_forwarding_after_five_days_is_late(day: date, is_late: bool) -> None:
    assert rules.forward(COUNCIL, None, CLOCKS, today=day) is is_late


@pytest.mark.law("L5")
@pytest.mark.parametrize(
    ("ground", "day", "is_late"),
    [
        (Ground.DEFECT, date(2026, 2, 9), False),
        (Ground.DEFECT, date(2026, 2, 10), True),
        (Ground.INSUFFICIENT, date(2026, 2, 4), False),
        (Ground.INSUFFICIENT, date(2026, 2, 5), True),
    ],
)
def test_the_two_returns_have_clocks_of_their_own(ground: Ground, day: date, is_late: bool) -> None:
    assert rules.send_back(ground, [Requisite.SIGNATURE], CLOCKS, today=day) is is_late


@pytest.mark.law("L5")
def test_what_goes_back_for_its_form_is_told_what_it_lacks() -> None:
    assert refused(lambda: rules.send_back(Ground.DEFECT, [], CLOCKS, today=ARRIVED))[0] == "missing"
    rules.send_back(Ground.INSUFFICIENT, [], CLOCKS, today=ARRIVED)


@pytest.mark.law("L8")
@pytest.mark.parametrize(
    ("until", "reason"),
    [
        (date(2026, 2, 27), "appeal.extension-shortens"),
        (date(2026, 2, 28), "appeal.extension-shortens"),
        (date(2026, 3, 1), None),
        (date(2026, 3, 16), None),
        (date(2026, 3, 17), "appeal.extension-too-long"),
    ],
)
def test_an_extension_is_later_than_the_month_and_within_forty_five_days(until: date, reason: str | None) -> None:
    def ask() -> None:
        rules.ask_extension(until, CLOCKS.month, CLOCKS, today=date(2026, 2, 20), is_asked=False)

    if reason is None:
        ask()
    else:
        assert refused(ask) == ("until", reason)


@pytest.mark.law("L8")
def test_after_its_end_a_term_is_not_extended() -> None:
    with pytest.raises(WrongState, match="term-is-over"):
        rules.ask_extension(date(2026, 3, 16), CLOCKS.month, CLOCKS, today=date(2026, 3, 3), is_asked=False)
    with pytest.raises(WrongState, match="term-is-over"):
        rules.decide_extension("officer", "head", CLOCKS.month, today=date(2026, 3, 3))


@pytest.mark.law("L8")
def test_nobody_grants_what_they_have_asked_for() -> None:
    with pytest.raises(Denied):
        rules.decide_extension("head", "head", CLOCKS.month, today=date(2026, 2, 20))
    rules.decide_extension("officer", "head", CLOCKS.month, today=date(2026, 2, 20))
    with pytest.raises(WrongState):
        rules.decide_extension(None, "head", CLOCKS.month, today=date(2026, 2, 20))


@pytest.mark.law("L8")
@given(st.integers(-60, 90), st.integers(0, 40))
def test_whatever_is_asked_the_whole_takes_no_more_than_forty_five_days(days: int, asked_after: int) -> None:
    until = ARRIVED + timedelta(days=days)
    today = ARRIVED + timedelta(days=asked_after)
    try:
        rules.ask_extension(until, CLOCKS.month, CLOCKS, today=today, is_asked=False)
    except (Refused, WrongState):
        return
    assert CLOCKS.month.raw < until <= ARRIVED + timedelta(days=45)


@pytest.mark.law("L8")
@pytest.mark.parametrize(
    ("until", "reason"),
    [
        (date(2026, 2, 9), "appeal.shortened-to-the-past"),
        (date(2026, 2, 10), None),
        (date(2026, 2, 27), None),
        (date(2026, 2, 28), "appeal.shortening-extends"),
    ],
)
def test_a_term_is_shortened_to_a_day_that_is_to_come(until: date, reason: str | None) -> None:
    def act() -> None:
        rules.shorten(until, CLOCKS.month, today=date(2026, 2, 10))

    if reason is None:
        act()
    else:
        assert refused(act) == ("until", reason)


@pytest.mark.law("L8")
def test_what_needs_no_study_is_due_in_fifteen_days_and_is_said_before() -> None:
    rules.mark_simple(Term.GENERAL, CLOCKS, today=date(2026, 2, 16))
    with pytest.raises(WrongState):
        rules.mark_simple(Term.GENERAL, CLOCKS, today=date(2026, 2, 17))
    with pytest.raises(WrongState):
        rules.mark_simple(Term.EXTENDED, CLOCKS, today=ARRIVED)
    assert rules.due(Term.SIMPLE, None, ARRIVED, CLOCKS, WAR) == CLOCKS.simple


def test_an_extended_term_ends_like_any_other() -> None:
    due = rules.due(Term.EXTENDED, date(2026, 3, 14), ARRIVED, CLOCKS, WAR)
    assert (due.raw, due.legal, due.safe) == (date(2026, 3, 14), date(2026, 3, 16), date(2026, 3, 13))


@pytest.mark.law("L7")
@pytest.mark.parametrize(
    ("earlier", "is_repeat"),
    [
        (Earlier(State.ANSWERED, is_same_matter=True), True),
        (Earlier(State.ANSWERED, is_same_matter=False), False),
        (Earlier(State.IN_WORK, is_same_matter=True), False),
        (Earlier(State.FORWARDED, is_same_matter=True), False),
        (Earlier(State.RETURNED, is_same_matter=True), False),
    ],
)
def test_only_what_was_resolved_on_its_merits_makes_a_repeat(earlier: Earlier, is_repeat: bool) -> None:
    assert rules.is_answered_already(earlier) is is_repeat
    if not is_repeat:
        assert refused(lambda: rules.check_repeated(earlier))[0] == "ground"
    assert refused(lambda: rules.check_repeated(None))[0] == "ground"


@pytest.mark.law("L12")
@pytest.mark.parametrize(
    ("adopted", "known", "filed", "is_in_time"),
    [
        (date(2025, 6, 2), date(2026, 1, 5), date(2026, 2, 5), True),
        (date(2025, 6, 2), date(2026, 1, 5), date(2026, 2, 6), False),
        (date(2025, 1, 30), date(2026, 1, 29), ARRIVED, True),
        (date(2025, 1, 29), date(2026, 1, 29), ARRIVED, False),
    ],
)
def test_a_complaint_comes_within_a_year_and_a_month_of_knowing(
    adopted: date, known: date, filed: date, is_in_time: bool
) -> None:
    assert rules.is_in_time(adopted, known, filed, WAR) is is_in_time
    assert rules.is_in_time(adopted, known, filed, WAR, has_good_reason=True)


@pytest.mark.law("L12")
def test_days_in_the_wrong_order_are_told_at_their_field() -> None:
    early, late = date(2026, 1, 5), date(2026, 1, 6)
    assert refused(lambda: rules.is_in_time(late, early, ARRIVED, WAR))[1] == "appeal.known-before-adopted"
    assert refused(lambda: rules.is_in_time(early, ARRIVED, late, WAR))[1] == "appeal.filed-before-known"


def test_a_body_without_a_name_gets_nothing() -> None:
    assert refused(lambda: rules.forward(Body(uuid4(), " "), None, CLOCKS, today=ARRIVED))[0] == "to"
