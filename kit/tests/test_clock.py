"""One source of time, moved only by tests; and the day in Ukraine."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from kit.clock import MovedClock, SystemClock, clock_for, kyiv_date


def is_now(moment: datetime, moved: timedelta = timedelta()) -> bool:
    return abs(moment - moved - datetime.now(UTC)) < timedelta(seconds=5)


def test_the_systems_clock_tells_this_moment_in_utc() -> None:
    assert is_now(SystemClock().now())
    assert SystemClock().now().tzinfo is UTC


@pytest.mark.parametrize("environment", ["production", "development"])
def test_only_tests_and_the_demo_move_the_clock(environment: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="tests and the demo only"):
        clock_for(environment, tmp_path / "clock")


@pytest.mark.parametrize("environment", ["production", "development", "test"])
def test_nobody_moves_the_clock_without_a_file(environment: str) -> None:
    assert isinstance(clock_for(environment, None), SystemClock)


@pytest.mark.parametrize("seconds", ["86400", "-3600", "0.5\n", "", None])
def test_a_moved_clock_is_ahead_by_what_its_file_says(tmp_path: Path, seconds: str | None) -> None:
    file = tmp_path / "clock"
    if seconds is not None:
        file.write_text(seconds)
    assert is_now(clock_for("test", file).now(), timedelta(seconds=float(seconds or 0)))


def test_several_clocks_are_moved_at_once_by_one_file(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    clocks = [MovedClock(file), MovedClock(file)]
    file.write_text("3600")
    assert all(is_now(clock.now(), timedelta(hours=1)) for clock in clocks)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-01-01 21:59:59", date(2026, 1, 1)),  # winter: two hours ahead of Greenwich
        ("2026-01-01 22:00:00", date(2026, 1, 2)),
        ("2026-07-01 20:59:59", date(2026, 7, 1)),  # summer: three
        ("2026-07-01 21:00:00", date(2026, 7, 2)),
        ("2026-03-28 22:00:00", date(2026, 3, 29)),  # the night of 29 March is an hour shorter
        ("2026-03-29 20:59:59", date(2026, 3, 29)),
        ("2026-03-29 21:00:00", date(2026, 3, 30)),
        ("2026-10-24 20:59:59", date(2026, 10, 24)),  # the night of 25 October is an hour longer
        ("2026-10-24 21:00:00", date(2026, 10, 25)),
        ("2026-10-25 21:59:59", date(2026, 10, 25)),
        ("2026-10-25 22:00:00", date(2026, 10, 26)),
        ("2026-12-31 22:00:00", date(2027, 1, 1)),
    ],
)
def test_a_day_begins_at_midnight_in_kyiv(moment: str, day: date) -> None:
    assert kyiv_date(datetime.fromisoformat(moment).replace(tzinfo=UTC)) == day
