"""Footage when its hromada leaves: the rows go with it as a manifest, the files stay, and are erased with the rest."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

from kit.call import Call
from kit.errors import Missing, Refused
from kit.tenancy.blobs import Opens

from cctv_gateway.settings import Settings


class Footage:
    """The folder of recordings, as what a service keeps beside rows."""

    async def names(self, opens: Opens) -> list[str]:
        """None: days of video are no part of an archive."""
        return []

    async def read(self, opens: Opens, name: str) -> AsyncIterator[bytes]:
        """Nothing.

        Raises:
            Missing: always.
        """
        nothing: tuple[bytes, ...] = ()
        for piece in nothing:
            yield piece
        raise Missing

    async def write(self, call: Call, name: str, pieces: AsyncIterator[bytes]) -> None:
        """No archive brings footage.

        Raises:
            Refused: always.
        """
        raise Refused("part", "archive.unfit", part=name)

    async def room(self, hromada: UUID) -> tuple[int, int]:
        """How many files there are of a hromada, and how many bytes of the disk they take."""
        return await asyncio.to_thread(_room, _folder(hromada))

    async def erase(self, hromada: UUID) -> int:
        """Erases every file of the hromada, and tells how many there were."""
        return await asyncio.to_thread(_erased, _folder(hromada))


def _folder(hromada: UUID) -> Path:
    return Settings.from_environment().recordings / str(hromada)


def _room(folder: Path) -> tuple[int, int]:
    sizes = [path.stat().st_size for path in folder.glob("*/*/*.mp4")]
    return len(sizes), sum(sizes)


def _erased(folder: Path) -> int:
    count = sum(1 for _ in folder.glob("*/*/*.mp4"))
    if folder.is_dir():
        shutil.rmtree(folder)
    return count
