"""The form of an archive: a tar of JSON Lines, zipped, encrypted by age. Any computer has what opens it.

    age --decrypt --identity KEY archive.age | tar --extract --gzip

Tables stand in pieces, `reception/appeal/00001.jsonl`; what there is, and the digest of each piece and each table, says
`manifest.json`, the last of them.
"""

import asyncio
import io
import os
import re
import tarfile
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Generic, TypeVar

import pyrage
from kit.tenancy.holdings import BLOBS, Held, Holding
from pydantic import BaseModel, ConfigDict, Field, ValidationError

FORMAT = 1
PART = 512 * 1024
_MANIFEST = "manifest.json"
_PATH = re.compile(r"[a-z][a-z-]*/(?:[a-z_0-9]+/\d{5,}\.jsonl|blobs/[^/]+(?:/[^/]+)*/\d{5,})")
_LARGEST = 1024 * 1024
_UNREADABLE = (pyrage.DecryptError, tarfile.TarError, zlib.error, OSError, EOFError, ValueError)

T = TypeVar("T")


class Damaged(Exception):
    """What was to be read is no archive, or was changed; tells where."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


class NotForUs(Exception):
    """It was encrypted to somebody else."""


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TableSaid(_Said):
    name: str
    rows: Annotated[int, Field(ge=0)]
    bytes: Annotated[int, Field(ge=0)]
    digest: str


class ServiceSaid(_Said):
    schema_version: str
    trail: Annotated[int, Field(ge=0)]
    tables: tuple[TableSaid, ...]

    @property
    def holding(self) -> Holding:
        tables = [Held(each.name, each.rows, each.bytes, each.digest) for each in self.tables]
        return Holding(self.schema_version, tables, self.trail)

    @classmethod
    def of(cls, holding: Holding) -> "ServiceSaid":
        return cls(
            schema_version=holding.schema,
            trail=holding.trail,
            tables=tuple(
                TableSaid(name=each.name, rows=each.rows, bytes=each.bytes, digest=each.digest)
                for each in holding.tables
            ),
        )


class Manifest(_Said):
    """What an archive holds."""

    format: int
    hromada: str
    made_at: datetime
    digest: str
    services: dict[str, ServiceSaid]
    pieces: dict[str, str]
    """The SHA-256 of each, by its path."""


@dataclass(frozen=True, slots=True)
class Member:
    """A piece, where it stands in the archive."""

    service: str
    part: str
    number: int
    body: bytes

    @property
    def path(self) -> str:
        ending = "" if self.part.startswith(f"{BLOBS}/") else ".jsonl"
        return f"{self.service}/{self.part}/{self.number:05}{ending}"

    @classmethod
    def at(cls, path: str, body: bytes) -> "Member":
        service, _, rest = path.partition("/")
        part, _, number = rest.rpartition("/")
        return cls(service, part, int(number.removesuffix(".jsonl")), body)


Tells = Callable[[dict[str, str]], Coroutine[Any, Any, Manifest]]


async def written(members: AsyncIterator[Member], finish: Tells, recipient: str) -> AsyncGenerator[bytes, None]:
    """The archive of these members, in pieces; `finish` is told their digests and gives the manifest.

    Nothing of it is ever on a disk in the open.
    """
    way_out, way_in = os.pipe()
    found = _Passage[bytes]()

    def encrypt() -> None:
        key = pyrage.x25519.Recipient.from_str(recipient)
        with os.fdopen(way_out, "rb") as source:
            pyrage.encrypt_io(source, _Outlet(found), [key])

    async def fill() -> None:
        digests = dict[str, str]()
        with os.fdopen(way_in, "wb") as target, tarfile.open(fileobj=target, mode="w|gz") as tar:
            async for member in members:
                digests[member.path] = sha256(member.body).hexdigest()
                await asyncio.to_thread(_add, tar, member.path, member.body)
            manifest = await finish(digests)
            await asyncio.to_thread(_add, tar, _MANIFEST, manifest.model_dump_json(indent=1).encode())
            await asyncio.to_thread(tar.close)

    waiting = bytearray()
    async with aclosing(found.passing(asyncio.to_thread(encrypt), fill())) as pieces:
        async for piece in pieces:
            waiting += piece
            while len(waiting) >= PART:
                yield bytes(waiting[:PART])
                del waiting[:PART]
    if waiting:
        yield bytes(waiting)


async def read(parts: AsyncIterator[bytes], secret: str) -> AsyncGenerator[Member | Manifest, None]:
    """The members of an archive, as they come, and at the end its manifest.

    Raises:
        NotForUs: the key opens it not, or it is no archive.
        Damaged: a byte was changed, or something is missing; tells the last piece that was whole.
    """
    way_out, way_in = os.pipe()
    found = _Passage[tuple[str, bytes]]()
    inlet = _Inlet(parts)

    def decrypt() -> None:
        with os.fdopen(way_in, "wb") as target:
            pyrage.decrypt_io(inlet, target, [pyrage.x25519.Identity.from_str(secret)])

    def unpack() -> None:
        with os.fdopen(way_out, "rb") as source, tarfile.open(fileobj=source, mode="r|gz") as tar:
            for piece in _unpacked(tar):
                found.put(piece)
            while source.read(65536):
                pass

    last = ""
    try:
        async with aclosing(found.passing(asyncio.to_thread(decrypt), asyncio.to_thread(unpack))) as pieces:
            async for path, body in pieces:
                last = path
                yield _manifest(body) if path == _MANIFEST else Member.at(path, body)
    except _UNREADABLE as error:
        if inlet.failure is not None:
            raise inlet.failure from None
        if isinstance(error, pyrage.DecryptError) and not last:
            raise NotForUs from error
        raise Damaged(last) from error


def _manifest(body: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(body)
    except ValidationError as error:
        raise Damaged(_MANIFEST) from error


def _add(tar: tarfile.TarFile, path: str, body: bytes) -> None:
    head = tarfile.TarInfo(path)
    head.size, head.mode = len(body), 0o600
    tar.addfile(head, io.BytesIO(body))


def _unpacked(tar: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    """Plain files of the names that an archive has: nothing is ever written under them."""
    for head in tar:
        is_known = head.name == _MANIFEST or (_PATH.fullmatch(head.name) and head.size <= _LARGEST)
        file = tar.extractfile(head) if head.isreg() and is_known else None
        if file is None:
            raise ValueError("an archive has no such piece")
        yield head.name, file.read()


class _Passage(Generic[T]):
    """From a thread to the loop, a few things at a time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Queue[T | None] = asyncio.Queue(maxsize=4)
        self._is_shut = False

    def put(self, thing: T) -> None:
        """Called in the thread; waits until there is room."""
        asyncio.run_coroutine_threadsafe(self._take(thing), self._loop).result()

    async def passing(self, *work: Coroutine[Any, Any, None]) -> AsyncGenerator[T, None]:
        """What the work puts, until all of it has ended; then the first error of it, if there is one. Whoever stops
        listening ends the work."""
        running = asyncio.create_task(self._run(work))
        try:
            while (thing := await self._waiting.get()) is not None:
                yield thing
            if error := next(iter(await running), None):
                raise error
        finally:
            self._is_shut = True
            while not running.done():
                while not self._waiting.empty():
                    self._waiting.get_nowait()
                await asyncio.sleep(0.01)

    async def _take(self, thing: T) -> None:
        if self._is_shut:
            raise BrokenPipeError("nobody listens any more")
        await self._waiting.put(thing)

    async def _run(self, work: Sequence[Coroutine[Any, Any, None]]) -> list[BaseException]:
        outcomes = await asyncio.gather(*work, return_exceptions=True)
        await self._waiting.put(None)
        errors = [each for each in outcomes if each is not None]
        return sorted(errors, key=lambda error: isinstance(error, BrokenPipeError))  # which only follows from another


class _Outlet:
    """A file that a thread writes into."""

    def __init__(self, to: _Passage[bytes]) -> None:
        self._to = to

    def write(self, piece: bytes) -> int:
        self._to.put(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """What was written is on its way already."""


class _Inlet:
    """A file that a thread reads from, which the loop fills."""

    def __init__(self, parts: AsyncIterator[bytes]) -> None:
        self._parts = parts
        self._loop = asyncio.get_running_loop()
        self._left = b""
        self.failure: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        while not self._left or size < 0:
            try:
                piece = asyncio.run_coroutine_threadsafe(self._next(), self._loop).result()
            except Exception as error:
                self.failure = error
                raise OSError("the source is away") from error
            if not piece:
                break
            self._left += piece
        taken = self._left if size < 0 else self._left[:size]
        self._left = self._left[len(taken) :]
        return taken

    async def _next(self) -> bytes:
        return await anext(self._parts, b"")
