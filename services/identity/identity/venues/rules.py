"""When residents may come to a venue."""

from datetime import date

from kit.days import is_within


def is_open(closed_on: date | None, today: date) -> bool:
    """A venue is open until the day on which nobody is met there any more."""
    return is_within(today, None, closed_on)
