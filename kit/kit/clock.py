"""One source of time. Rules and table defaults never ask for it: it is handed to them."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

KYIV = ZoneInfo("Europe/Kyiv")
"""Days begin and end in Ukraine, wherever the process runs."""


class Clock(Protocol):
    def now(self) -> datetime:
        """This moment, in UTC."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class MovedClock:
    """The system's clock moved by as many seconds as a file says, so that a test can move several processes at once."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        try:
            moved = float(self._file.read_text() or 0)
        except FileNotFoundError:
            moved = 0.0
        return datetime.now(UTC) + timedelta(seconds=moved)


def clock_for(environment: str, file: Path | None) -> Clock:
    """The clock of a process. Only tests, and a demo that is made up, may move it."""
    if file is None:
        return SystemClock()
    if environment not in {"test", "demo"}:
        raise ValueError("SPILNO_CLOCK_FILE is for tests and the demo only")
    return MovedClock(file)


def kyiv_date(moment: datetime) -> date:
    """The calendar day of a moment in Ukraine."""
    return moment.astimezone(KYIV).date()
