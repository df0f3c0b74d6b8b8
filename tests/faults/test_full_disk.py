"""A disk that is full: appeals wait at the door or are told later, and nothing acknowledged is lost."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.faults.load import cursor_of_now, judged, under_load
from tests.faults.table import IS_FULL, ROUNDS
from tests.world import World, living

FULL_SECONDS = 6.0 if IS_FULL else 2.0
DISKS = {"nats": 48, "postgres": 320}
"""Megabytes that each server has of its own."""


@contextmanager
def disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A folder with a small disk of its own, in memory."""
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=777", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a full disk: only root may give a server a small disk of its own")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


@pytest_asyncio.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("full-disk")
    with disk(folder / "nats", DISKS["nats"]), disk(folder / "postgres", DISKS["postgres"]):
        async with living(folder) as world:
            yield world


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """While inside, nothing more fits."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(64 * 1024))
        except OSError:
            pass
    try:
        yield
    finally:
        ballast.unlink()


async def nats_has_no_room(world: World) -> None:
    """When there is room again an operator starts it anew: it gives its streams up when it cannot write."""
    with full(world.house.folder / "nats"):
        await asyncio.sleep(FULL_SECONDS)
    await world.house.nats.restart()


async def postgres_has_no_room(world: World) -> None:
    with full(world.house.folder / "postgres"):
        await asyncio.sleep(FULL_SECONDS)


@pytest.mark.parametrize("_", range(ROUNDS))
@pytest.mark.parametrize(
    ("name", "happens"),
    [("the bus's disk is full", nats_has_no_room), ("the database's disk is full", postgres_has_no_room)],
    ids=["NATS", "PostgreSQL"],
)
async def test_a_full_disk_loses_nothing_acknowledged(
    world: World, name: str, happens: Any, _: int, record_property: Any
) -> None:
    cursor = await cursor_of_now(world)
    load = await under_load(world, lambda: happens(world))
    row = await judged(world, name, load, cursor)
    record_property("fault", row.said)
    assert load.acknowledged, row
    assert (load.unexpected, row.lost, row.doubled) == ([], 0, 0), row
