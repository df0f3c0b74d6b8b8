"""How streets and houses are written, and whose they are: pure functions."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto

from kit.errors import Refused

NORM_RURAL, NORM_URBAN = 6000, 7000
"""MIA order 650: how many people a beat should have at most."""

_KINDS = {
    "вул": "вул", "вулиця": "вул", "вулиці": "вул", "вулицею": "вул", "ул": "вул",
    "пров": "пров", "провулок": "пров", "провулку": "пров",
    "просп": "просп", "проспект": "просп", "проспекту": "просп", "прт": "просп",
    "бул": "бул", "бульв": "бул", "бульвар": "бул", "бульвару": "бул",
    "пл": "пл", "площа": "пл", "площі": "пл",
    "узв": "узв", "узвіз": "узв", "шосе": "шосе", "тупик": "тупик", "туп": "тупик",
    "наб": "наб", "набережна": "наб", "проїзд": "проїзд", "майдан": "майдан",
}  # fmt: skip
_HOUSE_WORDS = frozenset({"буд", "будинок", "будинки", "б", "дім"})
_SETTLEMENT_KINDS = frozenset({"с", "село", "м", "місто", "смт", "селище", "с-ще", "хутір"})
_LAST_LETTER = "\uffff"
_APOSTROPHES = re.compile("['’ʼ`´‘ʹ′＇\"”]")
_LOOK_ALIKES = str.maketrans("aceiopxykmthb", "асеіорхукмтнв")
_ORDINAL = re.compile(r"(?<=\d)-?(?:го|ої|й|я|а|та|ті|ша|га)(?=\s+[^\W\d])")
_HOUSE = r"(\d{1,4})(?:/\d{1,4})?(?:\s?-?\s?([а-яґєії])(?![^\W\d_]))?"
_HOUSE_FOUND = re.compile(_HOUSE)
_RANGE = re.compile(rf"(?:{_HOUSE}(?:\s*[-–—]\s*{_HOUSE})?)?\s*(непарні|непарна|парні|парна|усі|всі)?")
_LINE = re.compile(r"(?P<name>[^()]*)(?:\((?P<old>[^()]*)\)(?P<houses>[^()]*))?")
_SIDES = frozenset({"непарні", "непарна", "парні", "парна", "усі", "всі"})


class Side(StrEnum):
    """Which houses of a range."""

    ALL = auto()
    ODD = auto()
    EVEN = auto()

    def has(self, number: int) -> bool:
        return self is Side.ALL or (number % 2 == 1) is (self is Side.ODD)


@dataclass(frozen=True, slots=True, order=True)
class House:
    """A house by number and letter: 12 and 12/3 are one; 12а stands after 12. A corner's second number is no other."""

    number: int
    letter: str = ""


@dataclass(frozen=True, slots=True)
class Houses:
    """Houses of a street from one to another, both included. 12 as an end has 12а too."""

    first: House = House(0)
    last: House = House(9999, _LAST_LETTER)
    side: Side = Side.ALL

    def has(self, house: House) -> bool:
        return self.side.has(house.number) and self.first <= house <= self.last

    def meets(self, other: "Houses") -> bool:
        """Whether some house is in both."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return first <= last and any(
            self.side.has(number) and other.side.has(number)
            for number in range(first.number, min(last.number, first.number + 2) + 1)
        )


@dataclass(frozen=True, slots=True)
class Street:
    """One line of a beat: a street by its names, new and old, and the houses that belong."""

    kind: str
    names: tuple[tuple[str, ...], ...]
    houses: tuple[Houses, ...]

    def is_same(self, other: "Street") -> bool:
        """Шевченка street is not Шевченка lane; what has no kind may be either."""
        kinds_agree = not self.kind or not other.kind or self.kind == other.kind
        return kinds_agree and not set(self.names).isdisjoint(other.names)

    def meets(self, other: "Street") -> bool:
        return self.is_same(other) and any(one.meets(another) for one in self.houses for another in other.houses)

    def has(self, house: House) -> bool:
        return any(range_.has(house) for range_ in self.houses)


@dataclass(frozen=True, slots=True)
class Found:
    """Which of the beats may serve an address."""

    beats: tuple[int, ...]
    """Their places in what was asked."""
    exact: bool


def lines(written: Iterable[str]) -> list[str]:
    """The lines of a beat without stray spaces and empty ones."""
    return [line for line in (" ".join(one.split()) for one in written) if line]


def read_streets(written: Sequence[str]) -> list[Street]:
    """The streets of a beat's lines.

    Raises:
        Refused: a line that cannot be read, quoted.
    """
    return [read_street(line) for line in written]


def read_street(line: str) -> Street:
    """A street of a line such as "вул. Центральна (Леніна) 1-25 непарні, 30-40".

    Raises:
        Refused: it cannot be read, or a range runs backwards.
    """
    plain = _ORDINAL.sub("", _folded(line))
    found = _LINE.fullmatch(plain)
    if found is None:
        raise Refused("beat.streets", "beat.street-unreadable", line=line)
    name, old, houses = found["name"], found["old"] or "", found["houses"]
    if houses is None:
        name, houses = _parted(name)
    kind, words = _named(name)
    names = [words, *(_named(alias)[1] for alias in re.split(r"[,;]", old))]
    known = tuple(dict.fromkeys(each for each in names if each))
    if not any(word[0].isalpha() for word in words):
        raise Refused("beat.streets", "beat.street-unreadable", line=line)
    return Street(kind, known, _ranges(houses, line))


def _parted(plain: str) -> tuple[str, str]:
    """A street's name, which may begin with a number, and its houses, which begin with one or with a side."""
    is_named = False
    for found in re.finditer(r"[^\s,;:]+", plain):
        word = found[0].strip(".")
        if is_named and (word[0:1].isdigit() or word in _SIDES or word in _HOUSE_WORDS or word.startswith("№")):
            return plain[: found.start()], plain[found.start() :]
        is_named = is_named or (word[0:1].isalpha() and word not in _KINDS)
    return plain, ""


def _ranges(written: str, line: str) -> tuple[Houses, ...]:
    parts = [part.strip() for part in re.split(r"[,;:]", written) if part.strip()]
    return tuple(_range(part, line) for part in parts) or (Houses(),)


def _range(written: str, line: str) -> Houses:
    found = _RANGE.fullmatch(re.sub(r"^(?:будинки|будинок|буд|№)\.?\s*", "", written))
    if found is None or not found[0]:
        raise Refused("beat.streets", "beat.street-unreadable", line=line)
    number, letter, last_number, last_letter, side = found.groups()
    sides = {"н": Side.ODD, "п": Side.EVEN}.get((side or " ")[0], Side.ALL)
    if number is None:
        return Houses(side=sides)
    first = House(int(number), letter or "")
    if last_number is None:
        return Houses(first, House(first.number, letter or _LAST_LETTER), sides)
    last = House(int(last_number), last_letter or _LAST_LETTER)
    if last < first:
        raise Refused("beat.streets", "beat.range-backwards", line=line)
    return Houses(first, last, sides)


def check_overlaps(streets: Sequence[Street], written: Sequence[str], others: Iterable[tuple[str, Street]]) -> None:
    """A house has one beat.

    Raises:
        Refused: a line that has houses of another beat, which is named.
    """
    for beat, theirs in others:
        for line, own in zip(written, streets, strict=True):
            if own.meets(theirs):
                raise Refused("beat.streets", "beat.overlap", line=line, beat=beat)


def find(address: str, beats: Sequence[Sequence[Street]]) -> Found:
    """Which beats may serve an address as somebody wrote it. A house that no beat has finds the street's beats."""
    plain = _ORDINAL.sub("", _folded(address))
    words = _words(plain)
    kinds = {word for word in (_KINDS.get(word, "") for word in words) if word}
    said = tuple(word for word in words if word not in _KINDS and len(word) > 1)
    best, candidates = 0, list[tuple[int, Street, int]]()
    for place, streets in enumerate(beats):
        for street in streets:
            if kinds and street.kind and street.kind not in kinds:
                continue
            strength, after = max((_strength(name, said, words) for name in street.names), default=(0, 0))
            if strength and strength >= best:
                candidates = candidates if strength == best else []
                best = strength
                candidates.append((place, street, after))
    exact = set()
    for place, street, after in candidates:
        house = _house_in(" ".join(words[after:]))
        if house is not None and street.has(house):
            exact.add(place)
    if exact:
        return Found(tuple(sorted(exact)), exact=True)
    return Found(tuple(sorted({place for place, _, _ in candidates})), exact=False)


def of_settlement(address: str, settlements: Sequence[Sequence[str]]) -> list[int]:
    """The places of the beats that lie in the settlement that an address names; all of them if it names none."""
    words = _words(_folded(address))
    named = [
        place
        for place, own in enumerate(settlements)
        if any(_follows(words, _settlement(each)) for each in own if _settlement(each))
    ]
    return named or list(range(len(settlements)))


def is_near(own: Iterable[str], others: Iterable[str]) -> bool:
    """Whether two beats may share a street: they lie in one settlement, or one of them anywhere."""
    here, there = {_settlement(each) for each in own}, {_settlement(each) for each in others}
    return not here or not there or not here.isdisjoint(there)


def _settlement(written: str) -> tuple[str, ...]:
    """Білолісся and с. Білолісся are one."""
    return tuple(word for word in _words(_folded(written)) if word not in _SETTLEMENT_KINDS)


def _follows(words: tuple[str, ...], name: tuple[str, ...]) -> bool:
    return any(words[start : start + len(name)] == name for start in range(len(words) - len(name) + 1))


def _strength(name: tuple[str, ...], said: tuple[str, ...], words: tuple[str, ...]) -> tuple[int, int]:
    """How much of a street's name an address says, and at which word its house may follow; 0 if it says another."""
    for start in range(len(words) - len(name) + 1):
        if words[start : start + len(name)] == name:
            return 2 * len(name), start + len(name)
    letters = tuple(word for word in said if not word[0].isdigit() and word not in _HOUSE_WORDS)
    surname = name[-1]
    if len(name) > 1 and surname in letters and not surname[0].isdigit():  # Шевченка for Тараса Шевченка
        return 1, words.index(surname) + 1
    return 0, 0


def _house_in(rest: str) -> House | None:
    found = _HOUSE_FOUND.search(rest)
    return House(int(found[1]), found[2] or "") if found else None


def norm(*, rural: bool) -> int:
    """How many people a beat should have at most."""
    return NORM_RURAL if rural else NORM_URBAN


def _folded(text: str) -> str:
    """One spelling of many: small letters, no apostrophes, Cyrillic letters where Latin ones look the same."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = _APOSTROPHES.sub("", unicodedata.normalize("NFC", plain))
    return plain.translate(_LOOK_ALIKES).replace("пр-т", "прт").replace("вулю", "вул")


def _words(plain: str) -> tuple[str, ...]:
    """Words and houses; "12/3-а" stays one word."""
    return tuple(re.findall(r"\d+(?:/\d+)?(?:-?[^\W\d_](?![^\W\d_]))?|[^\W\d_]+(?:-[^\W\d_]+)*", plain))


def _named(text: str) -> tuple[str, tuple[str, ...]]:
    """The kind of a street and the words of its name, initials left out."""
    words = _words(text)
    kind = next((_KINDS[word] for word in words if word in _KINDS), "")
    return kind, tuple(word for word in words if word not in _KINDS and (len(word) > 1 or word[0].isdigit()))
