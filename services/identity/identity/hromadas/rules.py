"""What a hromada's code must look like."""

import re
from dataclasses import dataclass

from kit.errors import Refused

_LOOK_ALIKES = str.maketrans("АВЕІКМНОРСТХ", "ABEIKMHOPCTX")
_SHAPE = re.compile(r"UA(\d{2})(\d{2})(\d{3})(\d{3})(\d{2})(\d{5})", re.ASCII)
_HROMADA_LEVEL = 3


@dataclass(frozen=True, slots=True)
class Katotth:
    """A code of the classifier of administrative units: five levels, and a number of its own at the end."""

    oblast: str
    raion: str
    hromada: str
    settlement: str
    district: str
    number: str

    @property
    def level(self) -> int:
        """How deep the unit lies: 1 oblast or special city, 2 raion, 3 hromada, 4 settlement, 5 district of a city."""
        levels = (self.oblast, self.raion, self.hromada, self.settlement, self.district)
        return max((depth for depth, digits in enumerate(levels, 1) if int(digits)), default=0)

    def __str__(self) -> str:
        return f"UA{self.oblast}{self.raion}{self.hromada}{self.settlement}{self.district}{self.number}"


def parse_katotth(code: str) -> Katotth:
    """Reads a code as people copy it: with spaces, in lower case, with Cyrillic letters that look Latin.

    Raises:
        Refused: it is not UA and 17 digits.
    """
    tidy = re.sub(r"\s", "", code).upper().translate(_LOOK_ALIKES)
    match = _SHAPE.fullmatch(tidy)
    if match is None:
        raise Refused("katotth", "katotth.malformed")
    return Katotth(*match.groups())


def katotth_of_hromada(code: str) -> str:
    """The code of a hromada, in its one written form.

    Raises:
        Refused: malformed, or the code of something else than a hromada, such as its city.
    """
    parsed = parse_katotth(code)
    if parsed.level > _HROMADA_LEVEL:
        raise Refused("katotth", "katotth.below-hromada")
    if parsed.level < _HROMADA_LEVEL:
        raise Refused("katotth", "katotth.above-hromada")
    return str(parsed)
