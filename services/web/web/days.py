"""Days as people here write them, 31.12.2026, and as the contract does, 2026-12-31."""

import re
from datetime import UTC, date, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from kit.clock import KYIV

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


def moment_of(said: datetime) -> Timestamp | None:
    """The contract's moment of what the wall clock in Ukraine shows, or of one that names its zone; none of a year that
    the contract does not know."""
    stamp = Timestamp()
    try:
        stamp.FromDatetime((said if said.tzinfo else said.replace(tzinfo=KYIV)).astimezone(UTC))
    except (ValueError, OverflowError):
        return None
    return stamp
