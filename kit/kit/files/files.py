"""The room itself: which blob belongs to which row, under which key, and which belong to none."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from kit.database import HromadaRow, Session, table_of
from kit.errors import Missing, WrongState
from kit.files import frames
from kit.files.store import Blob, Store
from kit.vault.ring import new_key
from kit.vault.vault import Vault, Within

log = structlog.get_logger("files")

_BATCH = 1000

GRACE = timedelta(days=1)
"""How long a blob may stand without a row: the call that wrote it may still be on its way to its commit."""


class FileRow(HromadaRow):
    """A row with blobs: what a service's table of files has at least. `sealed_key` is a column that the vault writes;
    without it the blobs cannot be read any more, from no backup of the store either."""

    sealed_key: bytes | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A part as it is kept."""

    size: int
    sha256: bytes


class Folder:
    """The blobs of one row: a part by its name, each under a key of its own made of the row's."""

    def __init__(self, store: Store, hromada: UUID, model: Any, row: UUID, key: bytes) -> None:
        self._store = store
        self._model = model
        self._prefix = f"{hromada}/{table_of(model).name}/{row}/"
        self._key = key
        self.row = row

    async def put(self, part: str, chunks: AsyncIterator[bytes]) -> Written:
        """Keeps a part, which is written once.

        Raises:
            Away: the store does not answer, or is full.
        """
        size, digest = 0, sha256()

        async def counted() -> AsyncIterator[bytes]:
            nonlocal size
            async for chunk in chunks:
                size += len(chunk)
                digest.update(chunk)
                yield chunk

        path = self._prefix + part
        await self._store.put(path, frames.sealed(self._key_of(path), counted(), path.encode()))
        return Written(size, digest.digest())

    async def get(self, part: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """A part's bytes from a place to another, or to its end.

        Raises:
            Missing: the store does not have it.
            WrongState: it was altered, or cut.
            Away: the store does not answer.
        """
        path = self._prefix + part
        first, after = frames.around(start, start if stop is None else stop)
        kept, stream = await self._store.get(
            path, frames.place_of(first), None if stop is None else frames.place_of(after)
        )
        count = frames.count_of(kept)
        expected = count if stop is None else min(count, after)
        left = None if stop is None else max(0, stop - start)
        skip, seen = start - first * frames.FRAME, first
        try:
            async for plain in frames.opened(self._key_of(path), stream, path.encode(), first=first, count=count):
                piece = plain[skip:] if left is None else plain[skip : skip + left]
                skip, left, seen = 0, None if left is None else left - len(piece), seen + 1
                if piece:
                    yield piece
        except ValueError as error:
            raise _altered(path) from error
        if seen == 0 or seen < expected:
            raise _altered(path)

    async def sealed_key(self, call: Within, vault: Vault) -> bytes:
        """The key, as its row may hold it."""
        return await vault.seal(call, self._key, self._model, self.row)

    def _key_of(self, path: str) -> bytes:
        return HKDF(SHA256(), 32, None, path.encode()).derive(self._key)


class Files:
    """Files of every hromada, each hromada's under a prefix of its own."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    def fresh(self, hromada: UUID, model: type[FileRow]) -> Folder:
        """A folder for a row that is still to be written."""
        return Folder(self._store, hromada, model, uuid7(), new_key())

    async def seal(self, call: Within, folder: Folder) -> bytes:
        """The folder's key, as its row may hold it."""
        return await folder.sealed_key(call, self._vault)

    async def folder(self, call: Within, row: FileRow) -> Folder:
        """The folder of a row of the call's hromada.

        Raises:
            Missing: what it held is gone.
        """
        if row.sealed_key is None:
            raise Missing("files.lost")
        key = await self._vault.open(call, row.sealed_key, type(row), row.id)
        return Folder(self._store, row.hromada_id, type(row), row.id, key)

    def of(self, hromada: UUID) -> AsyncIterator[Blob]:
        """Every blob of a hromada; its path is `hromada/table/row/part`."""
        return self._store.blobs(f"{hromada}/")

    async def erase(self, hromada: UUID) -> int:
        """Removes every blob of a hromada, and tells how many. Safe to repeat."""
        return await self._remove([blob.path async for blob in self.of(hromada)], f"{hromada}/")

    async def remove(self, hromada: UUID, model: type[FileRow], row: UUID) -> int:
        """Removes the blobs of a row, and tells how many. Safe to repeat."""
        prefix = f"{hromada}/{table_of(model).name}/{row}/"
        return await self._remove([blob.path async for blob in self._store.blobs(prefix)], prefix)

    async def collect(self, db: Session, model: type[FileRow], now: datetime) -> int:
        """Removes blobs of the transaction's hromada that have no row, or one that holds none any more; tells how many.

        What was written since a day ago is left to the call that may be writing it.
        """
        prefix = f"{db.hromada}/{table_of(model).name}/"
        old = [blob.path async for blob in self._store.blobs(prefix) if blob.at < now - GRACE]
        known = set[str]()
        for some in _batches(sorted({_row_in(path) for path in old})):
            kept = select(col(model.id)).where(col(model.id).in_(map(UUID, some)), col(model.sealed_key).is_not(None))
            known |= {str(record["id"]) for record in await db.records(kept)}
        orphans = [path for path in old if _row_in(path) not in known]
        return await self._remove(orphans, prefix, GRACE)

    async def _remove(self, paths: list[str], prefix: str, staged_since: timedelta = timedelta()) -> int:
        await self._store.delete(paths)
        return len(paths) + await asyncio.to_thread(self._store.sweep_staged, prefix, staged_since)


def _altered(path: str) -> WrongState:
    log.error("files.altered", path=path)
    return WrongState("files.altered")


def _row_in(path: str) -> str:
    return path.split("/")[2]


def _batches(rows: list[str]) -> Iterator[list[str]]:
    return (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH))
