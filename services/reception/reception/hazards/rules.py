"""What may be said of a hazard, where it may be, what becomes of it: pure functions."""

import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum, auto
from uuid import UUID

from kit.errors import Refused, WrongState
from kit.notices.rules import Channel as NoticeChannel

from reception.appeals.rules import Wish, many_lines, one_line

NEAR_M = 200
"""So near two reports of one category may be of the same thing."""

_EARTH_M = 6_371_000
_DEGREE_M = 111_320
_ALIKE = 0.3
"""From this share of common trigrams on, words without a point are taken for alike."""
_LIKELY = 0.2
_LONGEST_SILENCE = timedelta(days=365)
_SHORTEST_REASON = 5
MOST_PHOTOS = 10
"""Of one hazard."""


class State(StrEnum):
    """Where a hazard stands."""

    REPORTED = auto()
    ACCEPTED = auto()
    WITH_BODY = auto()
    FIXED = auto()
    REJECTED = auto()
    DUPLICATE = auto()
    REOPENED = auto()

    @property
    def is_open(self) -> bool:
        return self not in {State.FIXED, State.REJECTED, State.DUPLICATE}


class Publication(StrEnum):
    """Whether everybody may see it."""

    WAITING = auto()
    SHOWN = auto()
    WITHHELD = auto()


class Channel(StrEnum):
    """How it came to the office."""

    PORTAL = auto()
    PHONE = auto()
    RECEPTION = auto()
    INTEGRATION = auto()


class Deed(StrEnum):
    """What may happen to a hazard."""

    REPORTED = auto()
    SHOWN = auto()
    WITHHELD = auto()
    ACCEPTED = auto()
    HANDED_OVER = auto()
    FIXED = auto()
    REJECTED = auto()
    MERGED = auto()
    REOPENED = auto()
    CONFIRMED = auto()


class DoubtKind(StrEnum):
    """What in a text may be somebody's personal data."""

    PHONE = auto()
    EMAIL = auto()
    NAME = auto()
    PLATE = auto()


@dataclass(frozen=True, slots=True)
class Body:
    """Who is in charge: an organisation as identity knows it, or a title alone."""

    id: UUID | None
    title: str


@dataclass(frozen=True, slots=True)
class Category:
    """What may be told of, and who is in charge."""

    code: str
    title: str
    title_en: str
    description: str
    area: str
    body: Body
    shown_at_once: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """How a hromada deals with hazards."""

    categories: tuple[Category, ...]
    anyone_reopens: bool
    kept_days: int


@dataclass(frozen=True, slots=True)
class Place:
    """A point, WGS 84."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Contact:
    """Who tells it; all of it empty if they wish to stay unknown."""

    name: str = ""
    phone: str = ""
    email: str = ""


NOBODY = Contact()


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody tells."""

    category: str
    place: Place | None
    address: str
    text: str
    contact: Contact = NOBODY
    wish: Wish | None = None
    photos: tuple[str, ...] = ()
    """The tickets of photos that were sent for it."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Words of a text that may be personal data."""

    kind: DoubtKind
    words: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the rules need to know of a hazard to tell whether another is the same."""

    place: Place | None
    words: str


_MOVES: dict[Deed, tuple[frozenset[State], State]] = {
    Deed.ACCEPTED: (frozenset({State.REPORTED, State.REOPENED}), State.ACCEPTED),
    Deed.HANDED_OVER: (
        frozenset({State.REPORTED, State.ACCEPTED, State.WITH_BODY, State.REOPENED}),
        State.WITH_BODY,
    ),
    Deed.FIXED: (frozenset(state for state in State if state.is_open), State.FIXED),
    Deed.REJECTED: (frozenset(state for state in State if state.is_open), State.REJECTED),
    Deed.MERGED: (frozenset(state for state in State if state.is_open), State.DUPLICATE),
    Deed.REOPENED: (frozenset({State.FIXED, State.REJECTED, State.DUPLICATE}), State.REOPENED),
}


def allowed(state: State) -> list[Deed]:
    """What may be done with a hazard as it stands."""
    return [deed for deed, (sources, _) in _MOVES.items() if state in sources]


def move(state: State, deed: Deed) -> State:
    """The state that a deed leads to.

    Raises:
        WrongState: it cannot be done as the hazard stands.
    """
    sources, target = _MOVES[deed]
    if state not in sources:
        raise WrongState("hazard.not-so-now")
    return target


def clean(draft: Draft) -> Draft:
    """The draft without controls, direction tricks and stray spaces."""
    contact = replace(draft.contact, name=one_line(draft.contact.name))
    return replace(draft, address=one_line(draft.address), text=many_lines(draft.text), contact=contact)


def check(draft: Draft, categories: Iterable[Category], field: str = "hazard") -> Category:
    """It is of an open category and somewhere; tells the category.

    Raises:
        Refused: the category is none or is closed, or nobody can tell where it is; names the field.
    """
    category = next((each for each in categories if each.code == draft.category and not each.closed), None)
    if category is None:
        raise Refused(f"{field}.category", "hazard.category-unknown")
    if draft.place is None and not any(letter.isalnum() for letter in draft.address):
        raise Refused(f"{field}.address", "hazard.place-missing")
    return category


def told_at(wish: Wish | None, contact: Contact, offered: Collection[NoticeChannel], field: str) -> str:
    """The address at which somebody wishes to be told; empty if they do not.

    Raises:
        Refused: the platform cannot send that way, or the address is missing; names the field.
    """
    if wish is None:
        return ""
    if wish.channel not in offered:
        raise Refused(f"{field}notices.channel", "reminder.not-offered")
    is_mail = wish.channel is NoticeChannel.EMAIL
    if is_mail and not contact.email:
        raise Refused(f"{field}contact.email", "hazard.notice-email-missing")
    if not is_mail and not contact.phone:
        raise Refused(f"{field}contact.phone", "hazard.notice-phone-missing")
    return contact.email if is_mail else contact.phone


_CAPITAL, _SMALL = "[А-ЯІЇЄҐ]", "[а-яіїєґ’'ʼ-]"
_WORD = f"{_CAPITAL}{_SMALL}+"
_FINDS = (
    (DoubtKind.EMAIL, re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    (DoubtKind.PHONE, re.compile(r"(?<![\d+])(?:\+?3?8[ (.-]*)?\(?0\d{2}[ ).-]*\d{3}[ .-]*\d{2}[ .-]*\d{2}(?!\d)")),
    (DoubtKind.PLATE, re.compile(r"\b[А-ЯІЇЄҐA-Z]{2} ?\d{4} ?[А-ЯІЇЄҐA-Z]{2}\b")),
    (DoubtKind.NAME, re.compile(rf"\b{_WORD} {_CAPITAL}\. ?{_CAPITAL}\.")),
    (
        DoubtKind.NAME,
        re.compile(rf"\b(?:{_WORD} ){{0,2}}{_CAPITAL}{_SMALL}*(?:ович|йович|івн|ївн)(?:а|у|ем|ем|и|і|ою|ові)?\b"),
    ),
    (DoubtKind.NAME, re.compile(rf"\b{_WORD}(?: {_WORD}){{1,2}}\b")),
)
_OF_PLACES = re.compile(
    r"(?:вул|вулиц|просп|пров|провул|площ|бульв|шосе|міст|сел|парк|школ|ринк|рин|зупинк|кварт|мікрорайон)",
    re.IGNORECASE,
)


def doubts(text: str) -> list[Doubt]:
    """What in a text may be personal data, each once. It may be mistaken either way: a moderator decides."""
    found = list[Doubt]()
    rest = text
    for kind, pattern in _FINDS:
        for match in pattern.finditer(rest):
            words = match[0].strip()
            if kind is DoubtKind.NAME and _is_place(rest, match):
                continue
            found.append(Doubt(kind, words))
        rest = pattern.sub(lambda match: " " * len(match[0]), rest) if kind is not DoubtKind.NAME else rest
    return _each_once(found)


def _is_place(text: str, match: re.Match[str]) -> bool:
    before = text[: match.start()].split()[-1:] if match.start() else []
    return any(_OF_PLACES.match(word) for word in (*before, *match[0].split()))


def _each_once(found: Sequence[Doubt]) -> list[Doubt]:
    kept = list[Doubt]()
    for one in found:
        if not any(one.words in other.words for other in kept):
            kept.append(one)
    return kept


def without_doubts(text: str) -> str:
    """The text with what may be personal data taken out: what a moderator begins with."""
    for doubt in doubts(text):
        text = text.replace(doubt.words, "[…]")
    return text


def publication(category: Category, text: str, address: str, *, by_staff: bool) -> Publication:
    """A report waits for somebody to look through it, unless the hromada's settings let its category pass and nothing
    in it may be personal data."""
    passes = category.shown_at_once and not by_staff and not doubts(text) and not doubts(address)
    return Publication.SHOWN if passes else Publication.WAITING


def metres(one: Place, other: Place) -> float:
    """How far two points are apart."""
    middle = math.radians((one.latitude + other.latitude) / 2)
    across = math.radians(one.longitude - other.longitude) * math.cos(middle)
    return _EARTH_M * math.hypot(math.radians(one.latitude - other.latitude), across)


def around(place: Place) -> tuple[Place, Place]:
    """The south-western and north-eastern corners of what is near a point."""
    up = NEAR_M / _DEGREE_M
    aside = up / max(0.01, math.cos(math.radians(place.latitude)))
    return (
        Place(place.latitude - up, place.longitude - aside),
        Place(place.latitude + up, place.longitude + aside),
    )


def likeness(one: Known, other: Known) -> float | None:
    """How likely two hazards of one category are the same thing, 0 to 1; None if they are not alike at all.

    Near each other they are; where one has no point, if their words are alike.
    """
    words = _common(one.words, other.words)
    if one.place is not None and other.place is not None:
        apart = metres(one.place, other.place)
        return (1 - apart / NEAR_M) * (1 - _LIKELY) + words * _LIKELY if apart <= NEAR_M else None
    return words if words >= _ALIKE else None


def _common(one: str, other: str) -> float:
    first, second = _trigrams(one), _trigrams(other)
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0


def _trigrams(text: str) -> set[str]:
    words = re.findall(r"[^\W_]+", text.casefold())
    return {f"  {word} "[at : at + 3] for word in words for at in range(len(word) + 1)}


def seen_since(today: date) -> date:
    """What was closed before this day is no duplicate of anything new."""
    return today - _LONGEST_SILENCE


def check_photos(count: int) -> None:
    """As many as one report may bring, and the office's own.

    Raises:
        Refused: there would be more.
    """
    if count > MOST_PHOTOS:
        raise Refused("photos", "hazard.too-many-of-one", most=MOST_PHOTOS)


def reason(text: str, field: str) -> str:
    """Why, as it is kept.

    Raises:
        Refused: nothing is left of it without the spaces; names the field.
    """
    kept = many_lines(text)
    if len(kept) < _SHORTEST_REASON:
        raise Refused(field, "hazard.reason-missing")
    return kept


def happened(said: date | None, today: date, not_before: date, field: str = "date") -> date:
    """The day on which something happened.

    Raises:
        Refused: it is to come, or before what happened last.
    """
    day = said or today
    if day > today:
        raise Refused(field, "hazard.date-to-come")
    if day < not_before:
        raise Refused(field, "hazard.date-before-the-last")
    return day


def check_settings(settings: Settings, before: Iterable[Category]) -> Settings:
    """Each code once, each with somebody in charge; no code is lost, because hazards are told by it.

    Raises:
        Refused: a code stands twice or is gone, it has no title, or nobody is in charge; names the field.
    """
    codes = [each.code for each in settings.categories]
    kept = list[Category]()
    for place, each in enumerate(settings.categories):
        field = f"settings.categories[{place}]"
        if each.code in codes[:place]:
            raise Refused(f"{field}.code", "hazard.category-twice")
        body = replace(each.body, title=one_line(each.body.title))
        if not any(letter.isalnum() for letter in body.title):
            raise Refused(f"{field}.body.title", "hazard.body-missing")
        title = one_line(each.title)
        if not any(letter.isalnum() for letter in title):
            raise Refused(f"{field}.title", "hazard.title-missing")
        described = one_line(each.description)
        kept.append(replace(each, title=title, title_en=one_line(each.title_en), description=described, body=body))
    gone = next((each.code for each in before if each.code not in codes), None)
    if gone is not None:
        raise Refused("settings.categories", "hazard.category-gone", category=gone)
    return replace(settings, categories=tuple(kept))


_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: object) -> str:
    """A cell of a sheet that no program takes for a formula."""
    said = str(value)
    return f"'{said}" if said.startswith(_FORMULA) and not _is_number(said) else said


def _is_number(said: str) -> bool:
    return re.fullmatch(r"-?\d+(?:\.\d+)?", said) is not None
