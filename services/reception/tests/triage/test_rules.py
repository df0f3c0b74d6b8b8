"""What is no appeal takes its own track."""

from datetime import UTC, date, datetime

import pytest
from kit.errors import Refused
from reception.clocks.calendar import Calendar, Week
from reception.triage import rules
from reception.triage.rules import Track

WAR = Calendar(((date(2020, 1, 1), Week.FIVE_DAYS),), martial_law=((date(2022, 2, 24), None),))
FRIDAY = datetime(2026, 1, 30, 10, tzinfo=UTC)


@pytest.mark.law("L17")
@pytest.mark.parametrize(
    ("text", "tracks"),
    [
        ("Уночі в мене вкрали велосипед з двору.", [Track.CRIME]),
        ("Чоловік мене б’є при дітях.", [Track.DOMESTIC_VIOLENCE]),
        ("Прошу надати публічну інформацію про витрати на освітлення.", [Track.INFORMATION_REQUEST]),
        ("Потрібен адвокат, грошей не маю.", [Track.LEGAL_AID]),
        ("Прошу видати довідку про склад сім’ї.", [Track.ADMINISTRATIVE_PROCEDURE]),
        ("Директор бере хабарі.", [Track.CORRUPTION]),
        ("Видаліть мої персональні дані.", [Track.PERSONAL_DATA]),
        ("Подаю петицію про парк.", [Track.PETITION]),
        ("На вулиці не світять три ліхтарі.", []),
        ("Водії перевищують швидкість біля школи.", []),
    ],
)
def test_a_text_suggests_its_track_and_an_ordinary_appeal_none(text: str, tracks: list[Track]) -> None:
    assert rules.suggest(text) == tracks


@pytest.mark.law("L17")
def test_the_most_urgent_track_comes_first() -> None:
    assert rules.suggest("Чоловік мене б’є і вкрав гроші.") == [Track.DOMESTIC_VIOLENCE, Track.CRIME]


@pytest.mark.law("L33")
@pytest.mark.parametrize(
    ("track", "due"),
    [
        (Track.CRIME, datetime(2026, 1, 31, 10, tzinfo=UTC)),
        (Track.INFORMATION_REQUEST, datetime(2026, 2, 6, 21, 59, tzinfo=UTC)),
        (Track.ADMINISTRATIVE_PROCEDURE, datetime(2026, 3, 2, 21, 59, tzinfo=UTC)),
        (Track.PETITION, None),
    ],
)
def test_the_body_in_charge_has_its_own_clock(track: Track, due: datetime | None) -> None:
    found = rules.due_at(track, FRIDAY, WAR)
    assert (found.astimezone(UTC) if found else None) == due


@pytest.mark.parametrize("said", ["", " ", "—"])
def test_a_unit_without_a_name_took_nothing(said: str) -> None:
    with pytest.raises(Refused) as refusal:
        rules.unit(said)
    assert refusal.value.field == "unit"


def test_a_tip_of_spaces_says_nothing() -> None:
    with pytest.raises(Refused) as refusal:
        rules.tip_text(" " * 40)
    assert refusal.value.field == "text"
