"""What may be sent, when, and what is shown of it: pure functions."""

import re
import unicodedata
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum, auto
from zoneinfo import ZoneInfo

from kit.errors import WrongState

KYIV = ZoneInfo("Europe/Kyiv")
KEPT = timedelta(days=30)
"""How long the address and the words of a notice are kept after it was written: so long staff may send it again, and
say to somebody who asks what they were told."""
LASTS = timedelta(days=2)
"""How long sending is tried when nothing says otherwise, as mail servers do."""
_FIRST_PAUSE = timedelta(seconds=15)
_LONGEST_PAUSE = timedelta(hours=1)
_MORNING, _EVENING = time(8), time(21)
_MEANINGLESS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_ADDRESS = re.compile(r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-zA-Z0-9.-]{1,190}")
"""As browsers take one; a domain in another alphabet in its Latin form."""
_PHONE = re.compile(r"\+[1-9][0-9]{7,14}")


class Channel(StrEnum):
    """How somebody may be told."""

    SMS = auto()
    EMAIL = auto()


class State(StrEnum):
    """What became of a notice."""

    QUEUED = auto()
    SENT = auto()
    """The server has taken it: nobody says that it was read."""
    FAILED = auto()
    BOUNCED = auto()
    """The server had taken it, and it came back."""
    WITHDRAWN = auto()
    """It was not sent yet, and there is nothing to tell any more."""


class Trouble(StrEnum):
    """Why a notice waits, failed or came back."""

    SERVER_AWAY = auto()
    SERVER_BUSY = auto()
    LOGIN_REFUSED = auto()
    NO_SUCH_ADDRESS = auto()
    MAILBOX_FULL = auto()
    REFUSED = auto()
    TOO_LATE = auto()
    TOO_MANY = auto()


def is_address(channel: Channel, address: str) -> bool:
    """Whether something can be sent there: no second address, no header, hides in it."""
    return bool((_PHONE if channel is Channel.SMS else _ADDRESS).fullmatch(address))


def masked(channel: Channel, address: str) -> str:
    """What staff see of an address: enough to compare it with what somebody says on the phone."""
    if channel is Channel.SMS:
        return f"{address[:6]}*****{address[-2:]}"
    local, _, domain = address.rpartition("@")
    return f"{line(local)[:1]}***@{line(domain)}"


def sendable_at(channel: Channel, now: datetime) -> datetime:
    """The first moment from now on at which it may be sent: an SMS wakes nobody, it waits from 21:00 until 8:00."""
    wall = now.astimezone(KYIV)
    if channel is Channel.EMAIL or _MORNING <= wall.time() < _EVENING:
        return now
    day = wall.date() + timedelta(days=wall.time() >= _EVENING)
    return datetime.combine(day, _MORNING, KYIV).astimezone(UTC)


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries."""
    return min(_FIRST_PAUSE * (1 << min(tries - 1, 10)), _LONGEST_PAUSE)


def check_again(state: State, *, is_forgotten: bool, until: datetime, now: datetime) -> None:
    """What was sent, failed or came back can be sent again, for as long as it means something.

    Raises:
        WrongState: it is on its way, was withdrawn, is forgotten, or is too late.
    """
    if state is State.QUEUED:
        raise WrongState("notice.on-its-way")
    if state is State.WITHDRAWN:
        raise WrongState("notice.withdrawn")
    if is_forgotten:
        raise WrongState("notice.forgotten")
    if until <= now:
        raise WrongState("notice.too-late")


def line(text: str) -> str:
    """One line without what has no meaning in it: no break by which a header could begin, no trick of direction."""
    return " ".join(lines(text).split())


def lines(text: str) -> str:
    """The same, of several lines."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(sign for sign in plain if sign == "\n" or unicodedata.category(sign) not in _MEANINGLESS)
