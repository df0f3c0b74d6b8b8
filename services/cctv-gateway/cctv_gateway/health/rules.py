"""What is wrong with a camera, and when it is said: not at the first bad look, nor taken back at the first good one.

The picture is judged by its coarse grid alone: whether it stands still, is dark, is covered, or shows something else
than it used to.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from cctv_gateway.engine.pictures import COLUMNS, ROWS, Grid
from cctv_gateway.engine.vitals import Vitals, is_off_pace


class Kind(StrEnum):
    """What can be wrong."""

    AWAY = "away"
    FROZEN = "frozen"
    BLACK = "black"
    COVERED = "covered"
    MOVED = "moved"
    SLOW = "slow"
    RARE_KEYS = "rare_keys"
    CLOCK = "clock"
    PACE = "pace"
    """A second is not a second to it."""
    RETENTION = "retention"
    """Footage is still there that had to be deleted."""
    STORAGE = "storage"
    """There is no room for more footage, and what is there must be kept."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How many looks in a row it takes to raise an alarm, and to clear it."""

    raises: int
    clears: int


PATIENCE = MappingProxyType(
    {
        Kind.AWAY: Patience(15, 5),  # looked at once a second; the others at each picture that is decoded
        Kind.FROZEN: Patience(3, 2),
        Kind.BLACK: Patience(3, 2),
        Kind.COVERED: Patience(3, 2),
        Kind.MOVED: Patience(3, 2),
        Kind.SLOW: Patience(3, 3),
        Kind.RARE_KEYS: Patience(3, 3),
        Kind.CLOCK: Patience(3, 3),
        Kind.PACE: Patience(3, 3),
    }
)

_STILL = 2
"""A cell that is brighter or darker by no more has not changed."""
_STILL_BYTES, _STILL_BYTES_EACH = 100, 1 / 5000
"""What a picture takes in which nothing has changed: so much, and this for each of its dots."""
_DARK, _DARK_AT_MOST = 30, 60
_PLAIN = 1.5
"""Where neighbouring cells differ by less on average, there is nothing to be seen."""
_SLOW = 0.5
_RARE = 10.0
_WRONG_CLOCK = 5.0
_LIKE, _UNLIKE = 0.6, 0.35
_FIRST_LOOKS, _ADAPTS = 6, 1 / 50
_FORGETS = 0.999


@dataclass(frozen=True, slots=True)
class Watch:
    """One kind of trouble, and how often in a row it was seen, or not seen any more."""

    kind: Kind
    is_raised: bool = False
    against: int = 0
    """Looks in a row that speak against how it stands."""

    def after(self, is_bad: bool) -> "Watch":
        """How it stands after one more look."""
        if is_bad == self.is_raised:
            return Watch(self.kind, self.is_raised)
        patience = PATIENCE[self.kind]
        needed = patience.clears if self.is_raised else patience.raises
        if self.against + 1 >= needed:
            return Watch(self.kind, not self.is_raised)
        return Watch(self.kind, self.is_raised, self.against + 1)


@dataclass(frozen=True, slots=True)
class Change:
    """An alarm is raised, or cleared."""

    kind: Kind
    is_raised: bool


@dataclass(slots=True)
class Usual:
    """What a camera usually shows in one light. It follows what changes slowly."""

    cells: list[float] = field(default_factory=list)
    looks: int = 0

    @classmethod
    def kept(cls, cells: bytes | None) -> "Usual":
        """As it was kept."""
        return cls([float(each) for each in cells], _FIRST_LOOKS) if cells else cls()

    @property
    def is_known(self) -> bool:
        return self.looks >= _FIRST_LOOKS

    def to_keep(self) -> bytes | None:
        return bytes(round(each) for each in self.cells) if self.is_known else None

    def likeness(self, cells: bytes) -> float:
        """From -1 to 1: how far the edges of a picture lie where they usually do."""
        return _correlation(_edges(self.cells), _edges(cells))

    def learn(self, cells: bytes) -> None:
        """Takes a picture as usual."""
        self.looks += 1
        weight = max(1 / self.looks, _ADAPTS)
        if not self.cells:
            self.cells = [float(each) for each in cells]
            return
        self.cells = [old + (new - old) * weight for old, new in zip(self.cells, cells, strict=True)]


@dataclass(slots=True)
class Standing:
    """How one camera stands, from look to look."""

    watches: dict[Kind, Watch] = field(default_factory=lambda: {kind: Watch(kind) for kind in PATIENCE})
    by_day: Usual = field(default_factory=Usual)
    by_night: Usual = field(default_factory=Usual)
    _last: Grid | None = None
    _usual_rate: dict[str, float] = field(default_factory=dict)

    def present(self, is_up: bool) -> list[Change]:
        """A look once a second: it plays, or does not."""
        return list(self._seen([(Kind.AWAY, not is_up)]))

    def look(self, vitals: Vitals, rendition: str, dots: int) -> list[Change]:
        """A look at how a stream fares.

        Args:
            vitals: as told.
            rendition: which stream it is.
            dots: how large its picture is.
        """
        return list(self._seen([*self._of_flow(vitals, rendition), *self._of_picture(vitals, dots)]))

    def accept(self) -> list[Change]:
        """What it shows now is what it is to show."""
        self.by_day, self.by_night = Usual(), Usual()
        was, self.watches[Kind.MOVED] = self.watches[Kind.MOVED], Watch(Kind.MOVED)
        return [Change(Kind.MOVED, False)] if was.is_raised else []

    def _seen(self, looks: Sequence[tuple[Kind, bool]]) -> Iterator[Change]:
        for kind, is_bad in looks:
            before = self.watches[kind]
            after = self.watches[kind] = before.after(is_bad)
            if after.is_raised != before.is_raised:
                yield Change(kind, after.is_raised)

    def _of_flow(self, vitals: Vitals, rendition: str) -> Iterator[tuple[Kind, bool]]:
        rate = vitals.frames_per_second
        if rate is not None:
            usual = max(self._usual_rate.get(rendition, 0.0) * _FORGETS, rate)
            self._usual_rate[rendition] = usual
            yield Kind.SLOW, rate < usual * _SLOW
        if vitals.key_interval:
            yield Kind.RARE_KEYS, vitals.key_interval > _RARE
        if vitals.clock_drift is not None:
            yield Kind.CLOCK, abs(vitals.clock_drift) > _WRONG_CLOCK
        if vitals.pace is not None:
            yield Kind.PACE, is_off_pace(vitals.pace)

    def _of_picture(self, vitals: Vitals, dots: int) -> Iterator[tuple[Kind, bool]]:
        grid, last = vitals.grid, self._last
        if grid is None:
            return
        self._last = grid
        if last is not None:
            yield Kind.FROZEN, is_still(last.cells, grid.cells) and _says_nothing_new(vitals, dots)
        dark, plain = is_dark(grid.cells), is_plain(grid.cells)
        yield Kind.BLACK, dark
        yield Kind.COVERED, plain and not dark
        if dark or plain:
            return
        usual = self.by_night if grid.is_grey else self.by_day
        likeness = usual.likeness(grid.cells) if usual.is_known else 1.0
        if likeness >= _LIKE and not self.watches[Kind.MOVED].is_raised:
            usual.learn(grid.cells)
        is_bad = likeness < (_LIKE if self.watches[Kind.MOVED].is_raised else _UNLIKE)
        yield Kind.MOVED, is_bad


def is_still(before: bytes, after: bytes) -> bool:
    """Whether no cell has changed."""
    return all(abs(one - other) <= _STILL for one, other in zip(before, after, strict=True))


def is_dark(cells: bytes) -> bool:
    """Whether there is no light in the picture, nor a lamp."""
    return sum(cells) / len(cells) <= _DARK and sorted(cells)[len(cells) * 98 // 100] <= _DARK_AT_MOST


def is_plain(cells: bytes) -> bool:
    """Whether there is nothing to be told apart: a hand, a bag, paint."""
    edges = _edges(cells)
    return sum(edges) / len(edges) < _PLAIN


def _says_nothing_new(vitals: Vitals, dots: int) -> bool:
    """A scene in which nothing moves still has noise, which takes its bytes; a picture that stands has none."""
    if vitals.is_repeated:
        return True
    return 0 < vitals.bytes_between <= _STILL_BYTES + dots * _STILL_BYTES_EACH


def _edges(cells: Sequence[float]) -> list[float]:
    """By how much each cell differs from those to its right and below."""
    return [
        abs(cells[at + 1] - cells[at]) + abs(cells[at + COLUMNS] - cells[at])
        for row in range(ROWS - 1)
        for at in range(row * COLUMNS, row * COLUMNS + COLUMNS - 1)
    ]


def _correlation(one: Sequence[float], other: Sequence[float]) -> float:
    count = len(one)
    mean, other_mean = sum(one) / count, sum(other) / count
    varies = sum((each - mean) ** 2 for each in one)
    other_varies = sum((each - other_mean) ** 2 for each in other)
    if not varies or not other_varies:
        return 0.0
    together = sum((a - mean) * (b - other_mean) for a, b in zip(one, other, strict=True))
    return float(together / (varies * other_varies) ** 0.5)
