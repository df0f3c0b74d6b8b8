"""What reception gives a new hromada: an open register, and hours of reception."""

from collections.abc import Mapping
from datetime import date, time
from enum import StrEnum, auto
from typing import Annotated

from kit.call import Call
from kit.tenancy import Contents, Piece, Template
from pydantic import Field

from reception.appeals.model import Area
from reception.appeals.rules import Priority
from reception.clocks import actions as clocks
from reception.clocks import rules as clock_rules
from reception.clocks.calendar import Calendar, Week
from reception.clocks.rules import Terms
from reception.hazards import rules as hazard_rules
from reception.hazards import settings as hazards
from reception.receptions import rules, schedules
from reception.receptions.rules import Hours
from reception.register import rules as register_rules
from reception.register.actions import open_register
from reception.register.rules import IndexMode, Privilege


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


class WeekSince(Piece):
    """From a day on the office works so many days a week."""

    since: date
    week: Week


class MartialLaw(Piece):
    """It lasts, unless the first day after is written."""

    since: date
    until: date | None = None


class MovedDay(Piece):
    """A day that the office moved."""

    day: date
    working: bool


class TermsSince(Piece):
    """What the law gives, in days and months; with the limits of the contract."""

    since: date
    forward: Annotated[int, Field(ge=1, le=90)]
    missing: Annotated[int, Field(ge=1, le=90)]
    defect: Annotated[int, Field(ge=1, le=90)]
    simple: Annotated[int, Field(ge=1, le=90)]
    months: Annotated[int, Field(ge=1, le=3)]
    most: Annotated[int, Field(ge=1, le=180)]


class OfficeCalendar(Piece):
    """Which days count, and the terms of the law."""

    weeks: Annotated[tuple[WeekSince, ...], Field(min_length=1, max_length=20)]
    martial_law: Annotated[tuple[MartialLaw, ...], Field(max_length=20)] = ()
    moved: Annotated[tuple[MovedDay, ...], Field(max_length=400)] = ()
    terms: Annotated[tuple[TermsSince, ...], Field(min_length=1, max_length=20)]

    def said(self) -> tuple[Calendar, list[Terms]]:
        """The calendar as the rules know it."""
        return (
            Calendar(
                weeks=tuple((each.since, each.week) for each in self.weeks),
                martial_law=tuple((each.since, each.until) for each in self.martial_law),
                moved=tuple((each.day, each.working) for each in self.moved),
            ),
            [Terms(**each.model_dump()) for each in self.terms],
        )


class PrivilegeSince(Piece):
    """Whoever has a code of the classifier comes first, from a day on."""

    since: date
    code: Annotated[str, Field(pattern=r"^[478]\.[0-9]{1,2}$")]
    priority: Priority


class RegisterSettings(Piece):
    """How the register numbers, and who comes first."""

    index: IndexMode
    privileged: Annotated[tuple[PrivilegeSince, ...], Field(max_length=200)] = ()

    def said(self) -> register_rules.Settings:
        """The settings as the rules know them."""
        return register_rules.Settings(
            self.index, tuple(Privilege(each.since, each.code, each.priority) for each in self.privileged)
        )


class HazardCategory(Piece):
    """What residents may tell of, and who is in charge; with the limits of the contract."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
    title: Annotated[str, Field(min_length=2, max_length=80)]
    title_en: Annotated[str, Field(max_length=80)] = ""
    description: Annotated[str, Field(max_length=300)] = ""
    area: Area
    body: Annotated[str, Field(min_length=2, max_length=200)]
    shown_at_once: bool = False

    def said(self) -> hazard_rules.Category:
        body = hazard_rules.Body(None, self.body)
        return hazard_rules.Category(**{**self.model_dump(), "area": self.area.value, "body": body})


class HazardSettings(Piece):
    """How the hromada deals with hazards."""

    categories: Annotated[tuple[HazardCategory, ...], Field(min_length=1, max_length=50)]
    anyone_reopens: bool = False
    kept_days: Annotated[int, Field(ge=30, le=1095)] = 180

    def said(self) -> hazard_rules.Settings:
        """The settings as the rules know them."""
        return hazard_rules.Settings(
            tuple(each.said() for each in self.categories), self.anyone_reopens, self.kept_days
        )


class OfficeTemplate(Contents):
    """Reception's part of a template."""

    schedule: Schedule
    calendar: OfficeCalendar | None = None
    """A template that says nothing of it, of the register or of hazards, gives the platform's own."""
    register_settings: Annotated[RegisterSettings | None, Field(alias="register")] = None
    hazards: HazardSettings | None = None

    def check(self) -> None:
        rules.check(self.schedule.said())
        if self.calendar is not None:
            clock_rules.check(*self.calendar.said())
        if self.register_settings is not None:
            register_rules.check(self.register_settings.said())
        if self.hazards is not None:
            hazard_rules.check_settings(self.hazards.said(), ())


def _hours(one: DayHours, field: str) -> Hours:
    return rules.read_hours(f"{one.opens:%H:%M}", f"{one.closes:%H:%M}", field)


async def apply(call: Call, template: OfficeTemplate) -> Mapping[str, bool]:
    """Gives the hromada what it has not yet; tells each piece, and whether it was written now."""
    return {
        "register": await open_register(call, _register_of(template).said()),
        "schedule": await schedules.receive_schedule(call, template.schedule.said()),
        "calendar": await clocks.receive_calendar(call, *_calendar_of(template).said()),
        "hazards": await hazards.receive_settings(call, _hazards_of(template).said()),
    }


def _register_of(said: OfficeTemplate) -> RegisterSettings:
    """How the register of a template is kept.

    Raises:
        TypeError: neither it nor the platform's own says so.
    """
    settings = said.register_settings or template.own.register_settings
    if settings is None:
        raise TypeError("the platform's own template says nothing of the register")
    return settings


def _calendar_of(said: OfficeTemplate) -> OfficeCalendar:
    """The calendar of a template.

    Raises:
        TypeError: neither it nor the platform's own has one.
    """
    calendar = said.calendar or template.own.calendar
    if calendar is None:
        raise TypeError("the platform's own template has no calendar")
    return calendar


def _hazards_of(said: OfficeTemplate) -> HazardSettings:
    """How a template deals with hazards.

    Raises:
        TypeError: neither it nor the platform's own says so.
    """
    settings = said.hazards or template.own.hazards
    if settings is None:
        raise TypeError("the platform's own template says nothing of hazards")
    return settings


template = Template("reception", OfficeTemplate, apply)
