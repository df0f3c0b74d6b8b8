"""The classifier of CMU 858."""

from datetime import date

import pytest
from kit.errors import Refused
from reception.appeals.model import Area, Channel, Kind
from reception.appeals.rules import Outcome, Repeat
from reception.classifier import rules

DAY = date(2026, 1, 30)


@pytest.mark.law("L23")
def test_a_collective_complaint_said_at_the_reception_and_refused_by_its_codes() -> None:
    codes = rules.codes_of(
        channel=Channel.RECEPTION,
        repeat=Repeat.REPEATED,
        kind=Kind.COMPLAINT,
        signatories=12,
        outcome=Outcome.REFUSED,
        own=["7.4"],
    )
    assert codes == ["1.2", "2.2", "3.3", "5.2", "6.3", "7.4", "9.2"]


@pytest.mark.law("L23")
@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("kind", Kind)
def test_every_appeal_has_its_codes(channel: Channel, kind: Kind) -> None:
    for repeat in Repeat:
        for outcome in (None, *Outcome):
            codes = rules.codes_of(channel=channel, repeat=repeat, kind=kind, signatories=1, outcome=outcome, own=[])
            assert [code[0] for code in codes] == ["1", "2", "3", "5", "6", *(["9"] if outcome else [])]


@pytest.mark.law("L24")
@pytest.mark.parametrize("area", Area)
def test_every_area_of_safety_has_its_heading(area: Area) -> None:
    found = rules.subjects_of(area, [])
    rules.check([], found, DAY)
    assert rules.subjects_of(area, ["12", "10"]) == ["12", "10"]


def test_what_nobody_has_said_of_themselves_is_not_asked_for() -> None:
    rules.check([], [], DAY)


@pytest.mark.parametrize(
    ("codes", "subjects", "field"),
    [
        (["7.99"], [], "particulars.codes"),
        (["4.1", "4.2"], [], "particulars.codes"),
        (["8.1", "8.2"], [], "particulars.codes"),
        ([], ["26"], "particulars.subjects"),
    ],
)
def test_a_code_that_is_none_is_refused_at_its_field(codes: list[str], subjects: list[str], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        rules.check(codes, subjects, DAY)
    assert refusal.value.field == field
