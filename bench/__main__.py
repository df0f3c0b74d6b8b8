"""python -m bench: measures, prints the table and writes bench/results.json. `make bench NAME=… SCALE=full`."""

import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path

import uvloop

from bench import arriving, calling, cameras, desk, reading, registering, searching, telling, viewers, weighing
from bench.ground import Ground, standing
from bench.measuring import Result
from kit import telemetry

RESULTS = Path(__file__).with_name("results.json")
_ROWS = {"": 73_450, "full": 1_500_000}
"""How many rows the lists are read from."""
_APPEALS = {"": 20_000, "full": 200_000}
"""How many appeals one hromada has that are searched."""
_OF_ALL = {"": 50_000, "full": 1_000_000}
"""How many appeals all hromadas have, of which one's desk shows its own."""
_CAMERAS = {"": (4, 16), "full": (4, 16, 32, 64)}
"""How many cameras are read at once."""
_VIEWERS = {"": (50, 5), "full": (200, 20)}
"""How many look at a stream each, and how many at a wall of twelve."""

Row = Callable[[Ground], Awaitable[list[Result]]]


def rows() -> dict[str, Row]:
    """Everything that can be measured, by the name that `NAME` chooses."""
    many = _ROWS[os.environ.get("SCALE", "")]

    async def search(ground: Ground) -> list[Result]:
        return await searching.search(ground, _APPEALS[os.environ.get("SCALE", "")])

    async def first_page(ground: Ground) -> list[Result]:
        return await desk.desk(ground, _OF_ALL[os.environ.get("SCALE", "")])

    async def lists(ground: Ground) -> list[Result]:
        return await reading.lists(ground, many)

    async def read(ground: Ground) -> list[Result]:
        return await cameras.cameras(_CAMERAS[os.environ.get("SCALE", "")])

    async def watched(ground: Ground) -> list[Result]:
        return await viewers.viewers(ground, *_VIEWERS[os.environ.get("SCALE", "")])

    return {
        "insert": calling.insert,
        "create": calling.create_with_event,
        "register": registering.register,
        "handler": calling.handler,
        "lists": lists,
        "search": search,
        "desk": first_page,
        "weight": weighing.weight,
        "events": telling.events,
        "provisioning": arriving.provisioning,
        "revocation": arriving.revocation,
        "cameras": read,
        "viewers": watched,
    }


async def main() -> None:
    known, wanted = rows(), os.environ.get("NAME", "")
    if wanted and wanted not in known:
        sys.exit(f"NAME is one of {', '.join(known)}")
    telemetry.start("bench", "warning")
    results = list[Result]()
    async with standing() as ground:
        for name, row in known.items():
            if wanted in {"", name}:
                sys.stdout.write(f"measuring {name} …\n")
                sys.stdout.flush()
                results += await row(ground)
    sys.stdout.write(_table(results))
    if not wanted:
        RESULTS.write_text(json.dumps([_written(one) for one in results], ensure_ascii=False, indent=2) + "\n")


def _written(result: Result) -> dict[str, object]:
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(result).items()}


def _table(results: list[Result]) -> str:
    lines = [("", "ours", "reference", "ratio", "target", "")]
    for one in results:
        met = {True: "met", False: "MISSED", None: ""}[one.met]
        numbers = (f"{one.ours:,.1f} {one.unit}", f"{one.reference:,.1f} {one.unit}", f"{one.ratio:.2f}")
        lines.append((one.name, *numbers, one.target, met))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    beside = [f"{one.name}: beside {one.than}" for one in results]
    return "\n".join([*text, "", *beside, ""])


if __name__ == "__main__":
    uvloop.run(main())
