"""A disk that is full: appeals wait at the door or are told later, and nothing acknowledged is lost."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.faults.load import cursor_of_now, judged, judged_files, under_load, under_load_with_files
from tests.faults.table import IS_FULL, ROUNDS
from tests.world import World, living

FULL_SECONDS = 6.0 if IS_FULL else 2.0
DISKS = {"nats": 48, "postgres": 320, "files": 128}
"""Megabytes that each server, and the store of files, has of its own."""


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
    with ExitStack() as disks:
        for name, megabytes in DISKS.items():
            disks.enter_context(disk(folder / name, megabytes))
        async with living(folder, durable=True) as world:
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


@pytest.mark.parametrize("_", range(ROUNDS))
async def test_a_full_disk_of_files_costs_no_appeal_and_leaves_nothing_half_written(
    world: World, _: int, record_property: Any
) -> None:
    folder = world.house.folder / "files"

    async def files_have_no_room() -> None:
        with full(folder):
            await asyncio.sleep(FULL_SECONDS)

    cursor = await cursor_of_now(world)
    load, files = await under_load_with_files(world, files_have_no_room)
    appeals = await judged(world, "the files' disk is full: appeals", load, cursor)
    added = await judged_files(world, "the files' disk is full: files", files)
    for row in (appeals, added):
        record_property("fault", row.said)
        assert row.acknowledged, row
        assert (row.lost, row.doubled) == (0, 0), row
    assert (load.unexpected, appeals.refused) == ([], {}), appeals
    assert (files.unexpected, set(added.refused)) == ([], {"files.full"}), added
    kept = {blob.parent.name for blob in folder.rglob("*") if blob.is_file()}
    assert kept >= {name.rpartition("/")[2] for name in files.acknowledged}
    assert not list(folder.rglob("*#*"))
