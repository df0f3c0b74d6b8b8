"""The faults table: told at the end of a run, and, after the full series, kept in docs/faults.md."""

import os
import re
from collections.abc import Iterable
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


def table(said: Iterable[dict[str, Any]]) -> list[str]:
    """The rows as Markdown."""
    return [_HEAD, re.sub(r"[^|]+", "---", _HEAD), *(Row(**each).written for each in said)]


def keep(said: Iterable[dict[str, Any]]) -> None:
    """Writes the table into the page."""
    rows = "\n".join(table(said)) + "\n"
    PAGE.write_text(_BETWEEN.sub(lambda found: found.group(1) + rows, PAGE.read_text()))
