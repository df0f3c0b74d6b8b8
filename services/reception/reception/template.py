"""What reception gives a new hromada: an open register, and hours of reception."""

from collections.abc import Mapping
from datetime import time
from enum import StrEnum, auto
from typing import Annotated

from kit.call import Call
from kit.tenancy import Contents, Piece, Template
from pydantic import Field

from reception.receptions import actions as receptions
from reception.receptions import rules
from reception.receptions.rules import Hours
from reception.register.actions import open_register


class Day(StrEnum):
    """In the order of ISO weekdays."""

    MONDAY = auto()
    TUESDAY = auto()
    WEDNESDAY = auto()
    THURSDAY = auto()
    FRIDAY = auto()
    SATURDAY = auto()
    SUNDAY = auto()


class DayHours(Piece):
    """Hours of one weekday, as the clock on the wall shows them."""

    day: Day
    opens: time
    closes: time


class Schedule(Piece):
    """When the reception is open, and who holds it; with the limits that a schedule has in the contract."""

    week: Annotated[tuple[DayHours, ...], Field(min_length=1, max_length=21)]
    slot_minutes: Annotated[int, Field(ge=5, le=120)]
    hosts: Annotated[tuple[Annotated[str, Field(min_length=2, max_length=120)], ...], Field(min_length=1, max_length=6)]
    holidays_are_working: bool = True

    def said(self) -> rules.Schedule:
        """The schedule as the rules know it.

        Raises:
            Refused: hours end before they begin.
        """
        return rules.Schedule(
            week=tuple(
                (list(Day).index(one.day) + 1, _hours(one, f"schedule.week[{place}]"))
                for place, one in enumerate(self.week)
            ),
            slot_minutes=self.slot_minutes,
            hosts=self.hosts,
            holidays_are_working=self.holidays_are_working,
        )


class OfficeTemplate(Contents):
    """Reception's part of a template."""

    schedule: Schedule

    def check(self) -> None:
        rules.check(self.schedule.said())


def _hours(one: DayHours, field: str) -> Hours:
    return rules.read_hours(f"{one.opens:%H:%M}", f"{one.closes:%H:%M}", field)


async def apply(call: Call, template: OfficeTemplate) -> Mapping[str, bool]:
    """Gives the hromada what it has not yet; tells each piece, and whether it was written now."""
    return {
        "register": await open_register(call),
        "schedule": await receptions.receive_schedule(call, template.schedule.said()),
    }


template = Template("reception", OfficeTemplate, apply)
