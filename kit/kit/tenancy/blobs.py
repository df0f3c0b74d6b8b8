"""What a service keeps of a hromada beside rows: its files, told open, as parts of rows that name them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import Protocol
from uuid import UUID

from kit.call import Call
from kit.errors import Missing, Refused
from kit.files import Files

PIECE = 256 * 1024
"""About how much goes in one message."""
Opens = Callable[[], AbstractAsyncContextManager[Call]]
"""Opens a call of the hromada, in a short transaction of its own."""


class Blobs(Protocol):
    """What a service keeps of hromadas beside rows."""

    async def names(self, opens: Opens) -> list[str]:
        """Every name that goes into an archive, in order."""

    def read(self, opens: Opens, name: str) -> AsyncIterator[bytes]:
        """One of them, piece by piece."""

    async def write(self, call: Call, name: str, pieces: AsyncIterator[bytes]) -> None:
        """Keeps one for a row that has come, in place of what was there.

        Raises:
            Refused: no row has such a one.
        """

    async def room(self, hromada: UUID) -> tuple[int, int]:
        """How many there are of a hromada, and how many bytes of the disk they take."""

    async def erase(self, hromada: UUID) -> int:
        """Erases every one of the hromada, and tells how many there were."""


class FilesOfRows:
    """The files of hromadas in one service, as its tables of files name them."""

    def __init__(self, files: Files) -> None:
        self._files = files

    async def names(self, opens: Opens) -> list[str]:
        """Every name, in order. A blob that no row names is nobody's, and has none."""
        async with opens() as call:
            return await self._files.parts(call.db)

    async def read(self, opens: Opens, name: str) -> AsyncIterator[bytes]:
        """A file, piece by piece; no transaction is open while one is on its way."""
        async with opens() as call:
            folder, part = await self._files.part(call, name)
        piece = bytearray()
        async for chunk in folder.get(part):
            piece += chunk
            if len(piece) >= PIECE:
                yield bytes(piece)
                piece.clear()
        if piece:
            yield bytes(piece)

    async def write(self, call: Call, name: str, pieces: AsyncIterator[bytes]) -> None:
        """Keeps a file for a row that has come, in place of what was there.

        Raises:
            Refused: no row has such a file.
        """
        try:
            folder, part = await self._files.part(call, name)
        except Missing as error:
            raise Refused("part", "archive.unfit", part=name) from error
        await folder.put(part, pieces)

    async def room(self, hromada: UUID) -> tuple[int, int]:
        """How many there are of a hromada, and how many bytes of the disk they take."""
        sizes = [blob.kept async for blob in self._files.of(hromada)]
        return len(sizes), sum(sizes)

    async def erase(self, hromada: UUID) -> int:
        """Erases every file of the hromada, and tells how many there were."""
        return await self._files.erase(hromada)


class Together:
    """Several things that a service keeps beside rows."""

    def __init__(self, *those: Blobs) -> None:
        self._those = those

    async def names(self, opens: Opens) -> list[str]:
        """Every name of each."""
        return [name for each in self._those for name in await each.names(opens)]

    async def read(self, opens: Opens, name: str) -> AsyncIterator[bytes]:
        """One of them, of the first that has it.

        Raises:
            Missing: none has.
        """
        for each in self._those:
            if name in await each.names(opens):
                async for piece in each.read(opens, name):
                    yield piece
                return
        raise Missing

    async def write(self, call: Call, name: str, pieces: AsyncIterator[bytes]) -> None:
        """Given to the first that has a row for it; one that refuses has read nothing.

        Raises:
            Refused: none has.
        """
        for each in self._those:
            with suppress(Refused):
                return await each.write(call, name, pieces)
        raise Refused("part", "archive.unfit", part=name)

    async def room(self, hromada: UUID) -> tuple[int, int]:
        """What all of it comes to."""
        rooms = [await each.room(hromada) for each in self._those]
        return sum(count for count, _ in rooms), sum(size for _, size in rooms)

    async def erase(self, hromada: UUID) -> int:
        """Erases all of it, and tells how many there were."""
        return sum([await each.erase(hromada) for each in self._those])
