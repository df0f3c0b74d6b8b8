"""The faults table: told at the end of a run, and, after the full series, kept in docs/faults.md."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
IS_FULL = os.environ.get("SPILNO_FAULTS") == "full"
"""`make faults`: each fault thrice and under a longer load, and those that take minutes."""
ROUNDS = 3 if IS_FULL else 1
_BETWEEN = re.compile(r"(<!-- series -->\n)(.*?)(?=<!-- end -->)", re.DOTALL)
_HEAD = "| fault | load | acknowledged | lost | doubled | refused meanwhile | recovered in, s | all told after, s |"


@dataclass(frozen=True)
class Row:
    """One fault, and what became of the work that it met."""

    fault: str
    load: str
    acknowledged: int
    lost: int
    """Acknowledged, and not in the register or never told."""
    doubled: int
    """In the register or told more than once."""
    refused: dict[str, int]
    """Requests that were told to come again, by the reason."""
    pages: dict[str, int]
    """The portal's answers, by their status."""
    recovered_in: float
    """Seconds from the fault until nobody was refused any more."""
    told_in: float
    """Seconds from the end of the load until the last event was heard."""

    @property
    def said(self) -> dict[str, Any]:
        """As a test's property: plain, so that it passes between processes."""
        return asdict(self)

    @property
    def written(self) -> str:
        meanwhile = [f"{count} × {reason}" for reason, count in sorted(self.refused.items())]
        meanwhile += [f"{count} pages {answer}" for answer, count in sorted(self.pages.items()) if answer != "200"]
        cells = (
            self.fault,
            self.load,
            self.acknowledged,
            self.lost,
            self.doubled,
            ", ".join(meanwhile) or "nothing",
            f"{self.recovered_in:.1f}" if self.refused else "–",
            f"{self.told_in:.1f}",
        )
        return f"| {' | '.join(str(cell) for cell in cells)} |"


def _together(rows: Sequence[Row]) -> Row:
    """The rounds of one fault: what became of all their work, and the slowest of them."""
    return Row(
        fault=rows[0].fault if len(rows) == 1 else f"{rows[0].fault} (× {len(rows)})",
        load=rows[0].load,
        acknowledged=sum(row.acknowledged for row in rows),
        lost=sum(row.lost for row in rows),
        doubled=sum(row.doubled for row in rows),
        refused=dict(sum((Counter(row.refused) for row in rows), Counter[str]())),
        pages=dict(sum((Counter(row.pages) for row in rows), Counter[str]())),
        recovered_in=max(row.recovered_in for row in rows),
        told_in=max(row.told_in for row in rows),
    )


def table(said: Iterable[dict[str, Any]]) -> list[str]:
    """The rows as Markdown, one a fault."""
    rounds: dict[str, list[Row]] = {}
    for each in said:
        rounds.setdefault(each["fault"], []).append(Row(**each))
    return [_HEAD, re.sub(r"[^|]+", "---", _HEAD), *(_together(rows).written for rows in rounds.values())]


def keep(said: Iterable[dict[str, Any]]) -> None:
    """Writes the table into the page."""
    rows = "\n".join(table(said)) + "\n"
    PAGE.write_text(_BETWEEN.sub(lambda found: found.group(1) + rows, PAGE.read_text()))
