"""Who may see a sensitive case."""

from uuid import uuid4

import pytest
from kit.errors import Denied, Refused, WrongState
from reception.appeals.rules import Sensitivity
from reception.cases import rules
from reception.cases.rules import Person

VIOLENCE = Sensitivity.DOMESTIC_VIOLENCE
OFFICER = Person(str(uuid4()), "Дільничний офіцер")
LAWYER = Person(str(uuid4()), "Юристка")


@pytest.mark.law("L35")
def test_whoever_marks_a_case_is_in_its_circle_with_whom_they_name() -> None:
    assert rules.circle(OFFICER, [LAWYER, OFFICER, LAWYER]) == [OFFICER, LAWYER]


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        pytest.param([Person("усі", "Усі")], "case.person-unknown", id="nobody's id"),
        pytest.param([Person(str(uuid4()), " — ")], "case.person-unnamed", id="no name"),
        pytest.param(
            [Person(str(uuid4()), "Хтось") for _ in range(rules.MOST_NAMED)], "case.too-many-named", id="many"
        ),
    ],
)
def test_a_circle_is_of_people_and_small(named: list[Person], reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        rules.circle(OFFICER, named)
    assert (refusal.value.field, refusal.value.reason) == ("staff", reason)


def test_nobody_takes_themselves_out_so_a_case_is_never_left_to_none() -> None:
    named = rules.name([OFFICER.id], LAWYER)
    with pytest.raises(Denied):
        rules.remove(named, OFFICER.id, by=OFFICER.id)
    assert rules.remove(named, LAWYER.id, by=OFFICER.id) == [OFFICER.id]


def test_nobody_is_let_into_what_is_open_or_twice() -> None:
    with pytest.raises(WrongState, match=r"case\.not-sensitive"):
        rules.restricted(None)
    with pytest.raises(WrongState, match=r"case\.already-named"):
        rules.name([LAWYER.id], LAWYER)


@pytest.mark.law("L45")
def test_a_sensitive_case_opens_for_a_purpose_alone() -> None:
    rules.check_purpose(None, "")
    rules.check_purpose(VIOLENCE, "case-work")
    with pytest.raises(WrongState):
        rules.check_purpose(VIOLENCE, "")
