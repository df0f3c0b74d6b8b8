"""When a project runs."""

from datetime import date

from kit.days import check_order


def check_project(starts_on: date, ends_on: date | None) -> None:
    """A project ends after it starts.

    Raises:
        Refused: at its end.
    """
    check_order(starts_on, ends_on, "project.ends_on")
