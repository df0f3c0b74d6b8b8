"""Where blobs lie: a folder of this machine, or any S3, by one setting."""

import json
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import obstore
from obstore.exceptions import BaseError
from obstore.store import from_url

from kit.errors import Away, Missing

_FULL = ("No space left on device", "Disk quota exceeded", "QuotaExceeded", "XMinioStorageFull")
_PATIENCE = {"retry_config": {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}}
"""Of a store over the network: a caller waits, and may come again."""
_STAGED = re.compile(r".+#\d+")
"""What a process that died while it wrote leaves beside the blob that it never became."""


@dataclass(frozen=True, slots=True)
class Blob:
    """One kept blob: whose, which, and how much of the store it takes."""

    path: str
    kept: int
    at: datetime


class Store:
    """Blobs by their paths. A blob is there whole, or not at all."""

    def __init__(self, url: str, options: str = "{}") -> None:
        """Opens the store; nothing is asked of it yet.

        Args:
            url: `file:///…` or `s3://bucket/prefix`; empty for a service that has none.
            options: JSON: an S3's `config` (endpoint, region, access_key_id, secret_access_key) and `client_options`
                (allow_http), as obstore knows them.

        Raises:
            ValueError: no such store can be.
        """
        self._url = url
        self._folder = Path(url2pathname(urlsplit(url).path)) if url.startswith("file:") else None
        self._options: dict[str, Any] = {} if self._folder is not None else {**_PATIENCE, **json.loads(options)}
        self._opened: Any = None

    @property
    def _store(self) -> Any:
        if not self._url:
            raise Away("files.away")
        if self._opened is None:
            if self._folder is not None:
                self._folder.mkdir(parents=True, exist_ok=True)
            self._opened = from_url(self._url, **self._options)
        return self._opened

    async def put(self, path: str, chunks: AsyncIterator[bytes]) -> None:
        """Keeps what comes, in place of nothing: a path is written once.

        Raises:
            Away: the store does not answer, or is full.
        """
        with _translated():
            await obstore.put_async(self._store, path, chunks)

    async def get(self, path: str, start: int = 0, stop: int | None = None) -> tuple[int, AsyncIterator[bytes]]:
        """How long a blob is, and the bytes from a place within it to another.

        Raises:
            Missing: it is not there.
            Away: the store does not answer.
        """
        with _translated():
            wanted: Any = (start, stop) if stop is not None else {"offset": start}
            is_part = start > 0 or stop is not None
            got = await obstore.get_async(self._store, path, options={"range": wanted} if is_part else None)
            return got.meta["size"], _read(got)

    async def blobs(self, prefix: str) -> AsyncIterator[Blob]:
        """Every blob under a prefix, which ends with a slash."""
        with _translated():
            async for part in obstore.list(self._store, prefix):
                for each in part:
                    yield Blob(each["path"], each["size"], each["last_modified"])

    async def folders(self) -> list[str]:
        """The first folders of every path."""
        with _translated():
            found = await obstore.list_with_delimiter_async(self._store)
            return sorted(each.strip("/") for each in found["common_prefixes"])

    async def delete(self, paths: list[str]) -> None:
        """Removes blobs; one that is not there is removed already."""
        for path in paths:
            with _translated():
                try:
                    await obstore.delete_async(self._store, path)
                except FileNotFoundError:
                    continue

    def sweep_staged(self, prefix: str, older_than: timedelta) -> int:
        """Removes what dead processes left half written; of an S3 that is a rule of the bucket's life cycle."""
        if self._folder is None or not (self._folder / prefix).is_dir():
            return 0
        before = time.time() - older_than.total_seconds()
        staged = [each for each in (self._folder / prefix).rglob("*#*") if _STAGED.fullmatch(each.name)]
        old = [each for each in staged if each.stat().st_mtime < before]
        for each in old:
            each.unlink(missing_ok=True)
        return len(old)


async def _read(got: Any) -> AsyncIterator[bytes]:
    with _translated():
        async for chunk in got.stream(min_chunk_size=64 * 1024):
            yield bytes(chunk)


@contextmanager
def _translated() -> Iterator[None]:
    """Says in the kit's words what a store answers."""
    try:
        yield
    except FileNotFoundError as error:
        raise Missing("files.lost") from error
    except (BaseError, OSError) as error:
        raise Away("files.full" if any(words in str(error) for words in _FULL) else "files.away") from error
