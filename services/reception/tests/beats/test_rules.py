"""Whose house it is, however the address is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.errors import Refused
from reception.beats import rules
from reception.beats.rules import House, Houses, Side

BEATS = [
    rules.read_streets(
        [
            "вул. Центральна (Леніна) 1-25 непарні",
            "вул. Мар'яненка",
            "пров. Шевченка",
            "вул. 28 Червня 1-30",
            "вул. Тараса Шевченка 12-20",
            "проспект Миру",
        ]
    ),
    rules.read_streets(["вул. Центральна (Леніна) 2-40 парні, 27-99 непарні", "вул. Садова непарні", "вул. 1 Травня"]),
    rules.read_streets(["вул. Садова парні", "вул. Заводська 12/3-А", "вул. Степова 12а-20"]),
]


@pytest.mark.parametrize(
    ("address", "beats", "exact"),
    [
        ("вул. Центральна, 13", (0,), True),
        ("вулиця Центральна 14", (1,), True),
        ("ЦЕНТРАЛЬНА 25", (0,), True),
        ("центральна 25а", (0,), True),
        ("центральна, буд. 27", (1,), True),
        ("м. Татарбунари, вул. Центральна, 12/3-А", (1,), True),
        ("Татарбунари, Центральна вулиця, будинок 13", (0,), True),
        ("Центральна", (0, 1), False),
        ("вулиця Леніна 13", (0,), True),
        ("Леніна", (0, 1), False),
        ("Центральна 5000", (0, 1), False),
        ("мар'яненка", (0,), False),
        ("вул Мар’яненка 3", (0,), True),
        ("Марʼяненка, 3", (0,), True),
        ("Мар`яненка 3", (0,), True),
        ("Маряненка 3", (0,), True),
        ("провулок Шевченка, 4", (0,), True),
        ("вул. Шевченка 12", (0,), True),
        ("вул. Т. Шевченка, 12", (0,), True),
        ("вул. Тараса Шевченка, 13", (0,), True),
        ("28 червня 12", (0,), True),
        ("28-го Червня, 12", (0,), True),
        ("вулиця 28 Червня", (0,), False),
        ("1 травня 5", (1,), True),
        ("пр-т Миру 8", (0,), True),
        ("просп. Миру, 8", (0,), True),
        ("Cадова 7", (1,), True),  # a Latin C
        ("садова 8", (2,), True),
        ("садова 8-Б кв. 4", (2,), True),
        ("Заводська 12", (2,), False),
        ("Заводська 12-А", (2,), True),
        ("Степова 12", (2,), False),
        ("Степова 12а", (2,), True),
        ("Степова 20б", (2,), True),
        ("вул. Невідома, 1", (), False),
        ("12", (), False),
        ("   ", (), False),
        ("вулиця", (), False),
    ],
)
def test_an_address_finds_its_beat_however_it_is_spelt(address: str, beats: tuple[int, ...], exact: bool) -> None:
    found = rules.find(address, BEATS)
    assert (found.beats, found.exact) == (beats, exact)


@pytest.mark.parametrize(
    ("written", "houses"),
    [
        ("вул. Нова", Houses()),
        ("Нова непарні", Houses(side=Side.ODD)),
        ("вул. Нова, парні", Houses(side=Side.EVEN)),
        ("Нова 7", Houses(House(7), House(7, "\uffff"))),
        ("Нова 12а", Houses(House(12, "а"), House(12, "а"))),
        ("Нова 12-А", Houses(House(12, "а"), House(12, "а"))),
        ("Нова 12/3-А", Houses(House(12, "а"), House(12, "а"))),
        ("Нова 1–25 непарні", Houses(House(1), House(25, "\uffff"), Side.ODD)),
        ("Нова 1 - 25", Houses(House(1), House(25, "\uffff"))),
        ("Нова 12а-20б парні", Houses(House(12, "а"), House(20, "б"), Side.EVEN)),
    ],
)
def test_a_line_says_its_houses(written: str, houses: Houses) -> None:
    assert rules.read_street(written).houses == (houses,)


@pytest.mark.parametrize(
    "written", ["", "вул.", "12-20", "Нова 1-2-3", "Нова 5 праворуч", "Нова (", "Нова 12345", "Нова 1 2"]
)
def test_a_line_that_cannot_be_read_is_quoted_at_its_field(written: str) -> None:
    with pytest.raises(Refused) as refusal:
        rules.read_street(written)
    assert (refusal.value.field, refusal.value.values["line"]) == ("beat.streets", written)


def test_a_range_never_runs_backwards() -> None:
    with pytest.raises(Refused, match=r"beat\.range-backwards"):
        rules.read_street("Нова 25-1")


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("вул. Нова", "вул. Нова 5", True),
        ("вул. Нова", "Нова", True),
        ("вул. Нова", "пров. Нова", False),
        ("вул. Нова парні", "вул. Нова непарні", False),
        ("вул. Нова 1-9", "вул. Нова 10-20", False),
        ("вул. Нова 1-10", "вул. Нова 10а", True),
        ("вул. Нова 10-10 непарні", "вул. Нова 10", False),
        ("вул. Нова (Стара) 1", "вул. Стара 1-3", True),
    ],
)
def test_two_lines_share_a_house_or_not(one: str, other: str, meet: bool) -> None:
    assert rules.read_street(one).meets(rules.read_street(other)) is meet


HOUSES = st.builds(House, st.integers(1, 12), st.sampled_from(["", "а", "б", "\uffff"]))
RANGES = st.builds(
    lambda ends, side: Houses(min(ends), max(ends), side), st.tuples(HOUSES, HOUSES), st.sampled_from(Side)
)


@given(RANGES, RANGES)
def test_ranges_meet_exactly_when_some_house_is_in_both(one: Houses, other: Houses) -> None:
    houses = [House(number, letter) for number in range(14) for letter in ("", "а", "б", "\uffff")]
    assert one.meets(other) is any(one.has(house) and other.has(house) for house in houses)


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_none(text: str) -> None:
    rules.find(text, BEATS)


@given(st.text(max_size=60))
def test_any_line_is_read_or_refused(text: str) -> None:
    try:
        street = rules.read_street(text)
    except Refused:
        return
    assert street.names
    assert street.houses
