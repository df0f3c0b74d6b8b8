"""When the reception is open, and what may be done with a visit: pure functions.

Hours are kept as the clock on the wall shows them in Ukraine. Twice a year that clock jumps: a time that it skips has
no slot; of a time that it shows twice, the first is the slot.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum, auto
from itertools import pairwise
from zoneinfo import ZoneInfo

from kit.errors import Refused, WrongState
from kit.notices.rules import Channel

from reception.clocks.calendar import days_off

KYIV = ZoneInfo("Europe/Kyiv")
HORIZON_DAYS = 60
"""How far ahead a visit may be booked."""
MOST_VISITS_AHEAD = 2
"""How many visits one phone may have booked at a time, so that nobody takes all the slots."""
FORGOTTEN_AFTER = timedelta(days=30)
"""How long after a visit its visitor stays known. Data are kept no longer than what they were given for asks (Law
2297-VI, art. 6, part 8): a visit, and the month in which somebody may come back to it."""
_REMINDED_AT = time(10)


class State(StrEnum):
    """Where a visit stands."""

    BOOKED = auto()
    ARRIVED = auto()
    HELD = auto()
    CANCELLED = auto()
    MISSED = auto()


class Outcome(StrEnum):
    """What came of a visit."""

    RESOLVED = auto()
    ADVISED = auto()
    APPEAL = auto()
    REFERRED = auto()
    ABSENT = auto()


@dataclass(frozen=True, slots=True)
class Reminder:
    """How a visitor has agreed to be reminded."""

    channel: Channel
    email: str
    """Empty for SMS, which goes to the visit's phone."""
    language: str


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """From one time of the wall clock to another."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the reception is open."""

    week: tuple[tuple[int, Hours], ...]
    """ISO weekday and hours."""
    slot_minutes: int
    hosts: tuple[str, ...]
    exceptions: tuple[tuple[date, tuple[Hours, ...], str], ...] = ()
    """A date with hours of its own, closed without any, and a note."""
    holidays_are_working: bool = True
    """Under martial law art. 73 does not apply (Law 2136-IX, art. 6)."""


def read_hours(opens: str, closes: str, field: str) -> Hours:
    """Hours of a form.

    Raises:
        Refused: they end before they begin.
    """
    hours = Hours(time.fromisoformat(opens), time.fromisoformat(closes))
    if hours.closes <= hours.opens:
        raise Refused(field, "schedule.hours-backwards", opens=opens, closes=closes)
    return hours


def read_date(text: str, field: str) -> date:
    """A date of a form.

    Raises:
        Refused: there is no such day.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(field, "schedule.no-such-date", date=text) from None


def check(schedule: Schedule) -> None:
    """A schedule that can be kept.

    Raises:
        Refused: hours of a day overlap or hold no whole slot; a date stands twice.
    """
    weekdays = {weekday for weekday, _ in schedule.week}
    for weekday in weekdays:
        _check_day([hours for day, hours in schedule.week if day == weekday], schedule, "schedule.week")
    dates = [day for day, _, _ in schedule.exceptions]
    for day, hours, _ in schedule.exceptions:
        if dates.count(day) > 1:
            raise Refused("schedule.exceptions", "schedule.date-twice", date=day.isoformat())
        _check_day(hours, schedule, "schedule.exceptions")


def _check_day(hours: Sequence[Hours], schedule: Schedule, field: str) -> None:
    ordered = sorted(hours)
    for before, after in pairwise(ordered):
        if after.opens < before.closes:
            raise Refused(field, "schedule.hours-overlap", opens=f"{after.opens:%H:%M}")
    for one in ordered:
        if _minutes(one.closes) - _minutes(one.opens) < schedule.slot_minutes:
            raise Refused(field, "schedule.hours-too-short", opens=f"{one.opens:%H:%M}")


def hours_of(schedule: Schedule, day: date) -> tuple[Hours, ...]:
    """The hours of a day: its own if it has them, none on a holiday that is kept, else its week's."""
    for exception, hours, _ in schedule.exceptions:
        if exception == day:
            return tuple(sorted(hours))
    if not schedule.holidays_are_working and day in days_off(day.year):
        return ()
    return tuple(sorted(hours for weekday, hours in schedule.week if weekday == day.isoweekday()))


def slots_of(schedule: Schedule, day: date) -> list[datetime]:
    """When the visits of a day begin, in UTC and in order."""
    length = timedelta(minutes=schedule.slot_minutes)
    starts = list[datetime]()
    for hours in hours_of(schedule, day):
        for minute in range(_minutes(hours.opens), _minutes(hours.closes), schedule.slot_minutes):
            if minute + schedule.slot_minutes > _minutes(hours.closes):
                break
            start = _moment(day, minute)
            if start is not None and (not starts or start - starts[-1] >= length):  # the clock may jump over a visit
                starts.append(start)
    return starts


def _moment(day: date, minute: int) -> datetime | None:
    """A time of the wall clock; None if the clock skips it, the first if it shows it twice."""
    wall = datetime.combine(day, time(minute // 60, minute % 60), KYIV)
    moment = wall.astimezone(UTC)
    return moment if moment.astimezone(KYIV).replace(tzinfo=None) == wall.replace(tzinfo=None) else None


def _minutes(of_day: time) -> int:
    return of_day.hour * 60 + of_day.minute


def days_ahead(schedule: Schedule, today: date, now: datetime, count: int) -> list[tuple[date, list[datetime]]]:
    """The next days on which the reception still has a slot to come."""
    found = []
    for distance in range(HORIZON_DAYS + 1):
        day = today + timedelta(days=distance)
        slots = slots_of(schedule, day)
        if slots and slots[-1] > now:
            found.append((day, slots))
        if len(found) == count:
            break
    return found


def check_slot(schedule: Schedule, start: datetime, now: datetime, field: str = "visit.start_time") -> None:
    """A visit may be booked.

    Raises:
        Refused: it would be in the past, too far ahead, or when there is no reception.
    """
    if start <= now:
        raise Refused(field, "slot.past")
    if start > now + timedelta(days=HORIZON_DAYS + 1):
        raise Refused(field, "slot.too-far", days=HORIZON_DAYS)
    if not is_scheduled(schedule, start):
        raise Refused(field, "slot.none")


def is_scheduled(schedule: Schedule, start: datetime) -> bool:
    """Whether a visit may begin then, as the schedule stands now."""
    return start in slots_of(schedule, start.astimezone(KYIV).date())


def next_free(
    schedule: Schedule, after: datetime, now: datetime, taken: Collection[datetime], today: date
) -> datetime | None:
    """The first free slot after one; if there is none, the first free at all."""
    every = [slot for _, slots in days_ahead(schedule, today, now, HORIZON_DAYS) for slot in slots]
    free = [slot for slot in every if slot > now and slot not in taken]
    return next((slot for slot in free if slot > after), free[0] if free else None)


def check_visits_ahead(count: int) -> None:
    """One phone does not take all the slots.

    Raises:
        Refused: it has as many visits booked as it may.
    """
    if count >= MOST_VISITS_AHEAD:
        raise Refused("visit.phone", "visit.too-many-of-phone", most=MOST_VISITS_AHEAD)


def remind(asked: Reminder, offered: Collection[Channel]) -> Reminder:
    """What may be kept to remind a visitor: no more than the channel needs (Law 2297-VI, art. 6, part 3).

    Raises:
        Refused: the platform cannot send that way, or an e-mail has no address.
    """
    if asked.channel not in offered:
        raise Refused("visit.reminder.channel", "reminder.not-offered")
    if asked.channel is Channel.SMS:
        return replace(asked, email="")
    if not asked.email:
        raise Refused("visit.reminder.email", "reminder.email-missing")
    return asked


def remind_at(start: datetime) -> datetime:
    """When somebody is reminded of a visit: the day before, with time left to change plans."""
    day_before = start.astimezone(KYIV).date() - timedelta(days=1)
    return datetime.combine(day_before, _REMINDED_AT, KYIV).astimezone(UTC)


def cancel(state: State) -> State:
    """A visit that was not held yet can be cancelled, once.

    Raises:
        WrongState: it is cancelled, or over.
    """
    if state is State.CANCELLED:
        raise WrongState("visit.already-cancelled")
    if state in {State.HELD, State.MISSED}:
        raise WrongState("visit.already-held")
    return State.CANCELLED


def move(state: State) -> State:
    """A visit that waits for its hour can have another.

    Raises:
        WrongState: it is cancelled or over, or its visitor has come.
    """
    cancel(state)
    if state is State.ARRIVED:
        raise WrongState("visit.already-arrived")
    return State.BOOKED


def check_cancelled_in_time(start: datetime, now: datetime) -> None:
    """A resident cancels before the visit begins.

    Raises:
        WrongState: it has begun.
    """
    if start <= now:
        raise WrongState("visit.past")


def check_in(state: State) -> State:
    """Who has come waits.

    Raises:
        WrongState: the visit does not wait for anybody.
    """
    if state is State.ARRIVED:
        raise WrongState("visit.already-arrived")
    cancel(state)
    return State.ARRIVED


def record(state: State, outcome: Outcome, hosts: Sequence[str], known: Collection[str]) -> State:
    """What came of a visit, held by somebody of the schedule's hosts.

    Raises:
        WrongState: it is cancelled or was recorded.
        Refused: nobody held it, somebody did who holds no receptions, or who came is said not to have come.
    """
    cancel(state)
    if outcome is Outcome.ABSENT:
        if state is State.ARRIVED:
            raise Refused("outcome", "visit.absent-but-arrived")
        return State.MISSED
    if not hosts:
        raise Refused("hosts", "visit.hosts-missing")
    stranger = next((host for host in hosts if host not in known), None)
    if stranger is not None:
        raise Refused("hosts", "visit.host-unknown", host=stranger)
    return State.HELD


def become_appeal(state: State, *, has_appeal: bool) -> State:
    """An appeal may come of a visit, one of each.

    Raises:
        Refused: the visitor did not come or cancelled, or the visit has an appeal.
    """
    if state in {State.CANCELLED, State.MISSED}:
        raise Refused("visit", "visit.nobody-came")
    if has_appeal:
        raise Refused("visit", "visit.has-appeal")
    return state


def waiting_since(start: datetime, arrived: datetime | None, slot_minutes: int) -> datetime:
    """Whoever comes in their time is heard at it; who comes later waits from when they came."""
    is_late = arrived is not None and arrived >= start + timedelta(minutes=slot_minutes)
    return arrived if is_late and arrived is not None else start
