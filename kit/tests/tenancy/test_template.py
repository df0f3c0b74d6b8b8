"""Templates are read strictly: what is not understood is told by its path, and nothing makes the reader fall over."""

from collections.abc import Mapping
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.call import Call
from kit.errors import Refused
from kit.tenancy import Contents, Faulty, Piece, Template


class Hours(Piece):
    opens: time
    minutes: int = 20


class Sample(Contents):
    hours: tuple[Hours, ...]
    festive: bool = False

    def check(self) -> None:
        if not self.hours:
            raise Refused("hours", "sample.no-hours", least=1)


async def nothing(call: Call, contents: Sample) -> Mapping[str, bool]:
    return {}


TEMPLATE = Template("sample", Sample, nothing)
GOOD = "name: sample\nversion: 3\nhours:\n  - {opens: 10:00}\n  - opens: 14:30\n    minutes: 5\nfestive: no\n"


def faults(text: str) -> dict[str, str]:
    with pytest.raises(Faulty) as faulty:
        TEMPLATE.read(text)
    return {fault.path: fault.reason for fault in faulty.value.faults}


def test_times_and_noes_mean_what_people_mean_by_them() -> None:
    read = TEMPLATE.read(GOOD)
    assert [(one.opens, one.minutes) for one in read.hours] == [(time(10), 20), (time(14, 30), 5)]
    assert (read.name, read.version, read.festive) == ("sample", 3, False)


def test_the_same_said_otherwise_has_the_same_digest() -> None:
    otherwise = (
        "festive: false\nversion: 3\nname: sample\nhours: [{opens: '10:00', minutes: 20}, {opens: 14:30, minutes: 5}]"
    )
    assert TEMPLATE.read(GOOD).digest == TEMPLATE.read(otherwise).digest
    assert TEMPLATE.read(GOOD.replace("version: 3", "version: 4")).digest != TEMPLATE.read(GOOD).digest


@pytest.mark.parametrize(
    ("text", "path", "reason"),
    [
        (GOOD + "lunch: 13:00\n", "lunch", "template.unknown-key"),
        (GOOD.replace("minutes: 5", "minuts: 5"), "hours[1].minuts", "template.unknown-key"),
        (GOOD.replace("minutes: 5", "minutes: five"), "hours[1].minutes", "template.not-a-number"),
        (GOOD.replace("10:00", "ten"), "hours[0].opens", "template.not-a-time"),
        (GOOD.replace("version: 3\n", ""), "version", "template.missing"),
        (GOOD.replace("version: 3", "version: 0"), "version", "template.too-small"),
        (GOOD.replace("name: sample", "name: Зразок"), "name", "template.bad-value"),
        ("name: sample\nversion: 3\nhours: []\n", "hours", "sample.no-hours"),
        ("just words", "", "template.not-a-group"),
        ("", "", "template.not-a-group"),
        ("name: [", "", "template.not-yaml"),
        (GOOD + "name: other\n", "", "template.key-twice"),
        ("name: &a sample\nversion: *a\n", "", "template.unreadable"),
        ("[" * 5000, "", "template.unreadable"),
        ("name: \x07", "", "template.unreadable"),
        ("? [a]\n: b\n", "", "template.not-yaml"),
        ("!!python/object/apply:os.system [ls]", "", "template.not-a-group"),
    ],
)
def test_a_fault_is_told_by_its_path(text: str, path: str, reason: str) -> None:
    assert faults(text).get(path) == reason


def test_every_fault_is_told_at_once() -> None:
    assert set(faults("name: sample\nhours:\n  - {opens: x, minutes: y}\n")) == {
        "version",
        "hours[0].opens",
        "hours[0].minutes",
    }


def is_read_or_told(text: str) -> bool:
    try:
        return bool(TEMPLATE.read(text).name)
    except Faulty as faulty:
        return bool(faulty.faults)


@given(st.text(max_size=300))
def test_whatever_is_typed_is_read_or_told(text: str) -> None:
    assert is_read_or_told(text)
