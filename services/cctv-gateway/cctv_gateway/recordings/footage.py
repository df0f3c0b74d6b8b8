"""Footage when its hromada leaves: the rows go with it as a manifest, the files stay, and are erased with the rest."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

from kit.errors import Missing

from cctv_gateway.settings import Settings


class Footage:
    """The folder of recordings, as what a service keeps beside rows."""

    async def names(self, hromada: UUID) -> AsyncIterator[str]:
        """None: days of video are no part of an archive."""
        nothing: tuple[str, ...] = ()
        for name in nothing:
            yield name

    async def read(self, hromada: UUID, name: str) -> AsyncIterator[bytes]:
        """Nothing.

        Raises:
            Missing: always.
        """
        nothing: tuple[bytes, ...] = ()
        for piece in nothing:
            yield piece
        raise Missing

    async def write(self, hromada: UUID, name: str, pieces: AsyncIterator[bytes]) -> None:
        """No archive brings footage.

        Raises:
            Missing: always.
        """
        raise Missing

    async def erase(self, hromada: UUID) -> int:
        """Erases every file of the hromada, and tells how many there were."""
        return await asyncio.to_thread(_erased, Settings.from_environment().recordings / str(hromada))


def _erased(folder: Path) -> int:
    count = sum(1 for _ in folder.glob("*/*/*.mp4"))
    if folder.is_dir():
        shutil.rmtree(folder)
    return count
