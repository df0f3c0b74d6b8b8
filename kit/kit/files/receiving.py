"""Takes a file in: into one that has no name, so that it is gone with whoever held it, however they end."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import IO

from kit.errors import Away, Refused
from kit.files.kinds import LARGEST, MEGABYTE, Kind, ends_of, kind_of


@dataclass(frozen=True, slots=True)
class Declared:
    """What its sender says of a file before it comes."""

    size: int
    sha256: bytes
    field: str
    """The field of the request at which a refusal stands."""

    def check(self) -> None:
        """Refuses what would be too much, or nothing, before any of it has come.

        Raises:
            Refused: it is empty, or larger than any file may be.
        """
        if self.size == 0:
            raise Refused(self.field, "files.empty")
        if self.size > LARGEST:
            raise Refused(self.field, "files.too-large", limit=LARGEST // MEGABYTE)


@dataclass(frozen=True, slots=True)
class Received:
    """A file that has come whole."""

    file: IO[bytes]
    kind: Kind
    size: int


@asynccontextmanager
async def received(declared: Declared, chunks: AsyncIterator[bytes]) -> AsyncIterator[Received]:
    """The file that the chunks are; it is gone when the block ends.

    Raises:
        Refused: it is not what was declared, or of no kind that is taken, or too large for its kind.
        Away: there is no room to put it down.
    """
    declared.check()
    with tempfile.TemporaryFile() as file:
        try:
            await _fill(file, declared, chunks)
        except OSError as error:
            raise Away("files.full") from error
        kind = await asyncio.to_thread(judged, file, declared.size, declared.field)
        yield Received(file, kind, declared.size)


def judged(file: IO[bytes], size: int, field: str) -> Kind:
    """The kind of a file that lies there whole.

    Raises:
        Refused: it is empty, of no kind that is taken, or too large for its kind.
    """
    if size == 0:
        raise Refused(field, "files.empty")
    if size > LARGEST:
        raise Refused(field, "files.too-large", limit=LARGEST // MEGABYTE)
    head, tail = ends_of(size)
    file.seek(0)
    first = file.read(head)
    file.seek(tail)
    kind = kind_of(first, file.read(), field)
    file.seek(0)
    if size > kind.largest:
        raise Refused(field, "files.too-large", limit=kind.largest // MEGABYTE)
    return kind


async def _fill(file: IO[bytes], declared: Declared, chunks: AsyncIterator[bytes]) -> None:
    size, digest = 0, sha256()
    async for chunk in chunks:
        size += len(chunk)
        if size > declared.size:
            raise Refused(declared.field, "files.not-as-declared")
        digest.update(chunk)
        await asyncio.to_thread(file.write, chunk)
    if size != declared.size or digest.digest() != declared.sha256:
        raise Refused(declared.field, "files.not-as-declared")
    await asyncio.to_thread(file.flush)
