"""A house's databases and streams, made once for a run of the tests and copied for each house in it."""

import asyncio
import fcntl
import os
import shutil
from pathlib import Path

from machine.house import House
from machine.services import Ports

RUN = "SPILNO_TEST_RUN"
"""Names the folder that all workers of one run share; it goes with the run."""


class CopiedHouse(House):
    """A house whose folder came with everything that a preparation makes."""

    async def prepare(self) -> None:
        """It is there."""

    async def stop(self) -> None:
        """Nobody needs what it holds: nothing is drained."""
        self.hasten()
        await super().stop()


async def copied(folder: Path, *, durable: bool) -> House:
    """A house in which nothing has happened yet; only the first of a run waits for its migrations."""
    await asyncio.to_thread(shutil.copytree, await _made(), folder, dirs_exist_ok=True)
    return CopiedHouse(folder, Ports.free(), "test", durable=durable)


async def _made() -> Path:
    """The folder that is copied. Who asks while another worker makes it waits."""
    run = Path(os.environ[RUN])
    made, unfinished = run / "house", run / "unfinished"
    with (run / "house.lock").open("w") as lock:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(unfinished, ignore_errors=True)
            house = House(unfinished, Ports.free(), "test", durable=False)
            try:
                await house.found()
            finally:
                await house.stop()
            shutil.rmtree(house.logs)
            unfinished.rename(made)
    return made
