"""What a service keeps of a hromada beside rows."""

from collections.abc import AsyncIterator
from typing import Protocol
from uuid import UUID


class Blobs(Protocol):
    """Files of hromadas, each under a name of its own, told open: sealing them is the store's affair."""

    def names(self, hromada: UUID) -> AsyncIterator[str]:
        """Every name, in order."""

    def read(self, hromada: UUID, name: str) -> AsyncIterator[bytes]:
        """A file, piece by piece."""

    async def write(self, hromada: UUID, name: str, pieces: AsyncIterator[bytes]) -> None:
        """Keeps a file under the name, in place of what was there."""

    async def erase(self, hromada: UUID) -> int:
        """Erases every file of the hromada, and tells how many there were."""
