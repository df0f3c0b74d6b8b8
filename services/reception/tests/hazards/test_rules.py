"""What may be said of a hazard, and what is the same as another."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.errors import Refused, WrongState
from reception.hazards import rules
from reception.hazards.rules import Body, Category, Deed, DoubtKind, Draft, Known, Place, Publication, Settings, State

LAMP = Category("street-light", "Не світить ліхтар", "", "", "infrastructure", Body(None, "ЖКГ"), shown_at_once=True)
HERE = Place(45.8400, 29.6130)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("Дзвоніть 097 123-45-67 увечері", DoubtKind.PHONE, "097 123-45-67"),
        ("тел. +380971234567", DoubtKind.PHONE, "+380971234567"),
        ("пишіть на someone@example.org", DoubtKind.EMAIL, "someone@example.org"),
        ("авто ВН1234ІК на тротуарі", DoubtKind.PLATE, "ВН1234ІК"),
        ("сміття кидає Іван Вигаданий", DoubtKind.NAME, "Іван Вигаданий"),
        ("двір, де Вигаданий І. О.", DoubtKind.NAME, "Вигаданий І. О."),
        ("баба Ганна Петрівна каже", DoubtKind.NAME, "Ганна Петрівна"),
    ],
    ids=["phone", "phone-abroad", "mail", "plate", "name", "initials", "patronymic"],
)
def test_what_may_be_personal_is_shown_to_the_moderator(text: str, kind: DoubtKind, words: str) -> None:
    assert [(each.kind, each.words) for each in rules.doubts(text)] == [(kind, words)]
    assert words not in rules.without_doubts(text)


def test_a_street_is_nobody() -> None:
    assert rules.doubts("На вул. Зразкова біля будинку 12 не світить ліхтар, темно з 18:00") == []


def test_a_report_is_shown_at_once_only_where_the_settings_say_so_and_nobody_is_named() -> None:
    def shown(category: Category, text: str) -> bool:
        return rules.publication(category, text, "", by_staff=False) is Publication.SHOWN

    assert shown(LAMP, "Темно")
    assert not shown(LAMP, "Темно, тел. 0971234567")
    assert not shown(replace(LAMP, shown_at_once=False), "Темно")


@given(st.sampled_from(State), st.sampled_from(rules.allowed(State.FIXED) + rules.allowed(State.REPORTED)))
def test_a_deed_is_done_where_it_is_allowed_and_nowhere_else(state: State, deed: Deed) -> None:
    if deed in rules.allowed(state):
        assert rules.move(state, deed) is not state or deed is Deed.HANDED_OVER
    else:
        with pytest.raises(WrongState):
            rules.move(state, deed)


def test_only_what_is_done_with_is_reopened() -> None:
    assert [state for state in State if Deed.REOPENED in rules.allowed(state)] == [
        state for state in State if not state.is_open
    ]


@pytest.mark.parametrize(
    ("other", "is_alike"),
    [
        (Known(Place(45.8401, 29.6131), "Темно"), True),
        (Known(Place(45.8440, 29.6130), "Ліхтар на вул. Умовній не світить"), False),
        (Known(None, "вул. Умовна, не світить ліхтар"), True),
        (Known(None, "пров. Вигаданий, обрізати дерево"), False),
    ],
    ids=["some-metres-away", "half-a-kilometre-away", "no-point-like-words", "no-point-other-words"],
)
def test_what_is_near_or_told_in_like_words_may_be_the_same(other: Known, is_alike: bool) -> None:
    assert (rules.likeness(Known(HERE, "Ліхтар на вул. Умовній не світить"), other) is not None) is is_alike


def test_metres_are_metres() -> None:
    assert rules.metres(HERE, Place(45.8409, 29.6130)) == pytest.approx(100, abs=1)


@pytest.mark.parametrize("said", ["=1+1", "+380", "-x", "@cmd", "\tx"], ids=["is", "plus", "minus", "at", "tab"])
def test_a_cell_is_no_formula(said: str) -> None:
    assert rules.cell(said) == f"'{said}"


def test_a_coordinate_stays_a_number() -> None:
    assert rules.cell(-29.5) == "-29.5"


def test_direction_tricks_and_controls_are_taken_out() -> None:
    said = rules.clean(Draft("other", None, "вул.\u202e Умовна\u0007", "Пере\u2066вернуто\r\nдва рядки"))
    assert (said.address, said.text) == ("вул. Умовна", "Перевернуто\nдва рядки")


def test_a_category_that_hazards_are_told_by_is_closed_and_not_lost() -> None:
    with pytest.raises(Refused) as refused:
        rules.check_settings(Settings((LAMP,), False, 180), [LAMP, replace(LAMP, code="pit")])
    assert refused.value.field == "settings.categories"
    with pytest.raises(Refused) as twice:
        rules.check_settings(Settings((LAMP, LAMP), False, 180), ())
    assert twice.value.field == "settings.categories[1].code"
