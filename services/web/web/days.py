"""Days as people here write them, 31.12.2026, and as the contract does, 2026-12-31."""

import re
from datetime import date

_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


def day_of(said: str) -> date | None:
    """The day of 31.12.2026 or 2026-12-31."""
    found = _DAY.fullmatch(said)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else date.fromisoformat(said)
    except ValueError:
        return None


def written(day: str) -> str:
    """The contract's day as people write it; empty for none."""
    return f"{date.fromisoformat(day):%d.%m.%Y}" if day else ""
