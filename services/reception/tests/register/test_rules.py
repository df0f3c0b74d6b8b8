"""How the register numbers, and who comes first."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.errors import Refused
from reception.appeals.rules import Priority
from reception.register import rules
from reception.register.rules import IndexMode, Privilege, Settings

DECREE = date(2008, 2, 7)


@pytest.mark.law("L26")
@pytest.mark.parametrize(
    ("name", "signatories", "is_signed", "mark"),
    [
        ("Дорошенко Ганна", 1, True, "Д"),
        ("дорошенко", 1, True, "Д"),
        ("Дорошенко Ганна", 12, True, "КО"),
        ("Дорошенко Ганна", 12, False, "КО"),
        ("Дорошенко Ганна", 1, False, "БП"),
        ("’Яковлів", 1, True, "Я"),
    ],
)
def test_an_appeal_is_marked_by_its_author(name: str, signatories: int, is_signed: bool, mark: str) -> None:
    assert rules.mark_of(name, signatories=signatories, is_signed=is_signed) == mark


@pytest.mark.law("L27")
def test_an_index_goes_by_the_first_letter_or_one_after_the_other() -> None:
    assert rules.index(IndexMode.ALPHABETICAL, "Д", 2026, 401) == "Д-401/2026"
    assert rules.index(IndexMode.SEQUENTIAL, "Д", 2026, 401) == "401/2026"


@pytest.mark.law("L27")
@given(st.lists(st.tuples(st.sampled_from(IndexMode), st.sampled_from(["Д", "КО", "БП"])), max_size=30))
def test_no_index_is_used_twice_and_none_is_missing_however_the_mode_changes(
    given_out: list[tuple[IndexMode, str]],
) -> None:
    numbers = [rules.index(mode, mark, 2026, place) for place, (mode, mark) in enumerate(given_out, 1)]
    assert len(set(numbers)) == len(numbers)
    assert rules.gaps(numbers, 2026, len(numbers)) == []


@pytest.mark.law("L27")
def test_a_number_that_is_gone_shows() -> None:
    assert rules.gaps(["1/2026", "Д-3/2026", "2/2025"], 2026, 4) == [2, 4]


@pytest.mark.law("L10")
def test_who_comes_first_is_the_list_of_the_day() -> None:
    privileges = [
        Privilege(DECREE, "7.5", Priority.FIRST),
        Privilege(date(2026, 1, 1), "7.5", Priority.NORMAL),
        Privilege(date(1996, 10, 2), "7.4", Priority.HEAD),
    ]
    assert rules.privileged_on(privileges, date(2025, 12, 31)) == {"7.5": Priority.FIRST, "7.4": Priority.HEAD}
    assert rules.privileged_on(privileges, date(2026, 1, 1))["7.5"] is Priority.NORMAL
    assert rules.privileged_on(privileges, date(2000, 1, 1)) == {"7.4": Priority.HEAD}


@pytest.mark.parametrize(
    ("privileged", "reason"),
    [
        ((Privilege(DECREE, "7.99", Priority.FIRST),), "classifier.unknown-code"),
        ((Privilege(DECREE, "7.5", Priority.FIRST),) * 2, "register.privilege-twice"),
    ],
)
def test_a_privilege_of_no_code_or_said_twice_is_refused(privileged: tuple[Privilege, ...], reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        rules.check(Settings(IndexMode.SEQUENTIAL, privileged))
    assert (refusal.value.field, refusal.value.reason) == ("register.privileged", reason)
