"""What is kept of a file that came: a picture made anew with its thumbnail, a document as it is."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from subprocess import DEVNULL, Popen
from typing import IO
from weakref import WeakKeyDictionary

import structlog

from kit import processes
from kit.errors import Refused
from kit.files import workshop
from kit.files.kinds import Kind
from kit.files.receiving import Received

log = structlog.get_logger("files")

_SECONDS = 45.0
_CHUNK = 64 * 1024
_AT_ONCE = 2
_PACKED = {Kind.DOCX: "docx", Kind.ODT: "odt"}
_WHY = {
    workshop.UNREADABLE: "files.damaged",
    workshop.TOO_MANY_PIXELS: "files.too-many-pixels",
    workshop.MACROS: "files.macros",
    workshop.OTHER_KIND: "files.unknown-kind",
}
_gates: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Made:
    """What is to be kept."""

    kind: Kind
    whole: IO[bytes]
    thumbnail: IO[bytes] | None
    """Of a picture: a JPEG of 640 pixels at most."""


@asynccontextmanager
async def make(came: Received, field: str) -> AsyncIterator[Made]:
    """What is to be kept of a file; gone when the block ends.

    Raises:
        Refused: the file is damaged, has too many pixels, holds macros, or is made to do harm.
    """
    if came.kind is Kind.PDF:
        yield Made(came.kind, came.file, None)
    elif came.kind in _PACKED:
        await _work(_PACKED[came.kind], came.file, None, field)
        yield Made(came.kind, came.file, None)
    else:
        with tempfile.TemporaryFile() as whole, tempfile.TemporaryFile() as thumbnail:
            await _work("picture", came.file, (whole, thumbnail), field)
            yield Made(Kind.JPEG if came.kind is Kind.HEIC else came.kind, whole, thumbnail)


async def chunks_of(file: IO[bytes]) -> AsyncIterator[bytes]:
    """A file from its beginning."""
    await asyncio.to_thread(file.seek, 0)
    while chunk := await asyncio.to_thread(file.read, _CHUNK):
        yield chunk


async def _work(kind: str, source: IO[bytes], made: tuple[IO[bytes], IO[bytes]] | None, field: str) -> None:
    """Has the workshop look at a file. It gets that file, what it is to write, and nothing else of this process."""
    await asyncio.to_thread(source.seek, 0)
    gate = _gates.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(_AT_ONCE))
    async with (
        gate,
        processes.running(
            [sys.executable, "-I", workshop.__file__, kind, *([str(made[1].fileno())] if made else [])],
            stdin=source,
            stdout=made[0] if made else DEVNULL,
            stderr=DEVNULL,
            pass_fds=[made[1].fileno()] if made else [],
            env={},
            cwd="/",
            start_new_session=True,
        ) as process,
    ):
        code = await _code_of(process)
    if code != workshop.DONE:
        reason = _WHY.get(code, "files.too-costly")
        log.info("files.unfit", kind=kind, reason=reason, code=code)
        raise Refused(field, reason)


async def _code_of(process: "Popen[bytes]") -> int:
    """The code with which the process ends: of its own, or because it took too long."""
    try:
        return await processes.ended(process, _SECONDS)
    except TimeoutError:
        return workshop.TOO_COSTLY
