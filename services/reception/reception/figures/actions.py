"""Counts of all appeals: of the sensitive too, which row-level security keeps from whoever is not named."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kit.call import Call
from sqlalchemy import Date, Integer, Text, cast, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from reception.appeals.model import Area
from reception.appeals.rules import State
from reception.figures import rules


@dataclass(frozen=True, slots=True)
class Figures:
    """A year as everybody may know it; None is what is not told."""

    total: int | None
    areas: dict[Area, int | None]
    states: dict[State, int | None]
    sensitive: int | None


async def counted(call: Call, first: date, last: date) -> Sequence[Any]:
    """What a count needs of each appeal of a period, and nothing else."""
    texts = [column(name, Text) for name in ("channel", "repeat", "kind", "outcome", "state", "area", "sensitivity")]
    found = func.counted_appeals(cast(first, Date), cast(last, Date)).table_valued(
        *texts, column("signatories", Integer), column("codes", ARRAY(Text))
    )
    return await call.db.records(select(found))


async def of_year(call: Call, year: int) -> Figures:
    """The counts of a year, small ones left out."""
    found = await counted(call, date(year, 1, 1), date(year, 12, 31))
    total = len(found)
    areas, states = Counter(each["area"] for each in found), Counter(each["state"] for each in found)
    sensitive = sum(each["sensitivity"] is not None for each in found)
    if rules.is_small(total):
        return Figures(None, dict.fromkeys(Area), dict.fromkeys(State), None)
    return Figures(
        total,
        rules.told({area: areas[area] for area in Area}),
        rules.told({state: states[state] for state in State}),
        rules.sensitive(sensitive, total),
    )
