"""What a camera needs before it may be watched, and when it goes dark.

No statute governs the cameras of a hromada: each stands on a regulation of its council, and on a purpose of its own.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from kit.days import check_order, is_within
from kit.errors import Refused, WrongState
from kit.networks import Network

from cctv_gateway.engine.addresses import Address, Kind, Misfit, UnfitAddress, is_closed, read

_SHORTEST_PURPOSE = 20


class State(StrEnum):
    DRAFT = "draft"
    DOCUMENTED = "documented"
    ACTIVE = "active"
    SUSPENDED = "suspended"


class Owner(StrEnum):
    MUNICIPAL = "municipal"
    PRIVATE = "private"


class Standing(StrEnum):
    """How far one is with the owner of a private camera."""

    UNDER_NEGOTIATION = "under_negotiation"
    AGREED = "agreed"
    CONNECTED = "connected"
    ENDED = "ended"


class Recognition(StrEnum):
    FACES = "faces"
    SPEED = "speed"
    NUMBERS = "numbers"
    VIOLATIONS = "violations"


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is known of a camera, beside its picture."""

    title: str
    address: str
    latitude: float | None
    longitude: float | None
    direction: int | None
    angle: int | None
    range: int | None
    owner: Owner
    owner_name: str
    agreement_number: str
    agreement_from: date | None
    agreement_until: date | None
    purpose: str
    regulation_act: str
    regulation_number: str
    regulation_adopted_on: date | None
    regulation_until: date | None
    retention_limit_hours: int
    sign_posted_on: date | None
    retention_hours: int | None
    masks: Sequence[Sequence[Sequence[int]]]
    masks_itself: bool
    unmasked_ground: str
    recognises: Sequence[Recognition]
    recognition_ground: str
    inventory_number: str
    model: str
    installed_on: date | None
    always_on: bool

    @property
    def masks_to_paint(self) -> Sequence[Sequence[Sequence[int]]]:
        """What we paint over: nothing where the camera does, or where the dossier says why it may be seen."""
        return () if self.masks_itself or self.unmasked_ground else self.masks


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that is missing: where it is to be entered, and what is said of it."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Login:
    """What opens a camera."""

    username: str
    password: str


def check(dossier: Dossier, today: date) -> None:
    """What contradicts itself, or the calendar, is refused whether the dossier is whole or not.

    Raises:
        Refused: at the field that is wrong.
    """
    check_order(dossier.agreement_from, dossier.agreement_until, "camera.agreement.valid_until")
    check_order(dossier.regulation_adopted_on, dossier.regulation_until, "camera.regulation.valid_until")
    days = {
        "camera.sign_posted_on": dossier.sign_posted_on,
        "camera.installed_on": dossier.installed_on,
        "camera.regulation.adopted_on": dossier.regulation_adopted_on,
    }
    for field, day in days.items():
        if day is not None and day > today:
            raise Refused(field, "camera.not-yet")
    half = "camera.longitude" if dossier.longitude is None else "camera.latitude"
    if (dossier.latitude is None) != (dossier.longitude is None):
        raise Refused(half, "camera.half-a-place")
    if any(_area(mask) == 0 for mask in dossier.masks):
        raise Refused("camera.masks", "camera.flat-mask")
    limit = dossier.retention_limit_hours
    if limit and dossier.retention_hours is not None and dossier.retention_hours > limit:
        raise Refused("camera.retention_hours", "camera.kept-longer-than-allowed", hours=limit)


def missing(dossier: Dossier) -> list[Lack]:
    """What the dossier lacks before the camera counts as documented."""
    return list(_missing(dossier))


def _missing(dossier: Dossier) -> Iterator[Lack]:
    needed = (
        (dossier.address, "address", "camera.lacks-address"),
        (dossier.latitude is not None, "latitude", "camera.lacks-place"),
        (dossier.direction is not None or dossier.angle == 360, "direction", "camera.lacks-direction"),
        (dossier.angle is not None, "angle", "camera.lacks-angle"),
        (dossier.range is not None, "range", "camera.lacks-range"),
        (dossier.owner_name, "owner_name", "camera.lacks-owner"),
        (len(dossier.purpose) >= _SHORTEST_PURPOSE, "purpose", "camera.lacks-purpose"),
        (dossier.regulation_act, "regulation.act", "camera.lacks-regulation"),
        (dossier.regulation_number, "regulation.number", "camera.lacks-regulation-number"),
        (dossier.regulation_adopted_on is not None, "regulation.adopted_on", "camera.lacks-regulation-day"),
        (dossier.sign_posted_on is not None, "sign_posted_on", "camera.lacks-sign"),
        (dossier.retention_hours is not None, "retention_hours", "camera.lacks-retention"),
        (not dossier.recognises or dossier.recognition_ground, "recognition_ground", "camera.lacks-recognition-ground"),
    )
    for is_there, field, reason in needed:
        if not is_there:
            yield Lack(field, reason)


def missing_to_start(dossier: Dossier, *, has_source: bool, today: date) -> list[Lack]:
    """What a documented camera lacks before it may be watched today."""
    found = missing(dossier)
    if not has_source:
        found.append(Lack("", "camera.lacks-source"))
    if dossier.owner is Owner.PRIVATE and not _is_agreed(dossier, today):
        found.append(Lack("agreement.valid_from", "camera.lacks-agreement"))
    if dossier.regulation_adopted_on is not None and not _is_regulated(dossier, today):
        found.append(Lack("regulation.valid_until", "camera.regulation-has-ended"))
    return found


def check_documented(state: State, dossier: Dossier) -> None:
    """A draft is documented once nothing is missing.

    Raises:
        WrongState: it is no draft, or something is missing.
    """
    if state is not State.DRAFT:
        raise WrongState("camera.is-documented")
    if missing(dossier):
        raise WrongState("camera.something-missing")


def check_start(state: State, dossier: Dossier, *, has_source: bool, today: date) -> None:
    """An undocumented camera cannot start, nor a private one before its agreement is in force.

    Raises:
        WrongState: it is watched already, is a draft, or something is missing.
    """
    if state is State.ACTIVE:
        raise WrongState("camera.is-active")
    if state is State.DRAFT:
        raise WrongState("camera.not-documented")
    if missing_to_start(dossier, has_source=has_source, today=today):
        raise WrongState("camera.something-missing")


def check_suspension(state: State) -> None:
    """Only what is watched can be suspended.

    Raises:
        WrongState: it is not.
    """
    if state is not State.ACTIVE:
        raise WrongState("camera.not-active")


def after_change(state: State, dossier: Dossier) -> State:
    """What a camera is once its dossier has changed.

    Raises:
        WrongState: it is watched, and would lack something.
    """
    if not missing(dossier):
        return state
    if state is State.ACTIVE:
        raise WrongState("camera.suspend-first")
    return State.DRAFT


def is_lit(state: State, dossier: Dossier, *, has_source: bool, today: date) -> bool:
    """Whether it may be watched today: a private one goes dark on the day on which its agreement ends."""
    return state is State.ACTIVE and not missing_to_start(dossier, has_source=has_source, today=today)


def standing(dossier: Dossier, *, is_connected: bool, today: date) -> Standing | None:
    """How far one is with the owner; nothing of a camera of the hromada's own."""
    if dossier.owner is Owner.MUNICIPAL:
        return None
    if dossier.agreement_until is not None and dossier.agreement_until <= today:
        return Standing.ENDED
    if not dossier.agreement_number or dossier.agreement_from is None:
        return Standing.UNDER_NEGOTIATION
    return Standing.CONNECTED if is_connected and dossier.agreement_from <= today else Standing.AGREED


def without_login(url: str, login: Login, field: str) -> tuple[str, Login]:
    """An address without the name and password that somebody wrote into it, and those.

    Raises:
        Refused: it cannot be read, or names another login than the one that is said beside it.
    """
    try:
        parts = urlsplit(url)
        written = Login(unquote(parts.username or ""), unquote(parts.password or ""))
        netloc = parts.netloc.rpartition("@")[2]
    except ValueError:
        raise Refused(field, "camera.url-unreadable") from None
    if "@" not in parts.netloc:
        return url, login
    if login.username and written != login:
        raise Refused(field, "camera.two-logins")
    return parts._replace(netloc=netloc).geturl(), written


def check_address(url: str, kind: Kind, networks: Iterable[Network], field: str) -> Address:
    """The address, if a camera of this kind may have it.

    Raises:
        Refused: names the field.
    """
    try:
        address = read(url, kind)
    except UnfitAddress as unfit:
        raise Refused(field, _WORDS[unfit.misfit]) from None
    if is_closed(address, networks):
        raise Refused(field, "camera.url-network")
    return address


_WORDS = {
    Misfit.TOO_LONG: "camera.url-unreadable",
    Misfit.UNREADABLE: "camera.url-unreadable",
    Misfit.SCHEME: "camera.url-scheme",
    Misfit.CREDENTIALS: "camera.url-unreadable",
    Misfit.HOST: "camera.url-host",
}


def _area(mask: Sequence[Sequence[int]]) -> int:
    """Twice what a mask covers."""
    sides = zip(mask, [*mask[1:], mask[0]], strict=True)
    return abs(sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in sides))


def _is_agreed(dossier: Dossier, today: date) -> bool:
    is_concluded = bool(dossier.agreement_number) and dossier.agreement_from is not None
    return is_concluded and is_within(today, dossier.agreement_from, dossier.agreement_until)


def _is_regulated(dossier: Dossier, today: date) -> bool:
    return is_within(today, dossier.regulation_adopted_on, dossier.regulation_until)
