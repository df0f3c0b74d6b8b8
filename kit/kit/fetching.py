"""Fetches a file from an address that somebody else has written, and is led nowhere by it.

A name is resolved once, every connection goes to the address that was judged, no answer leads to another, and what
comes has a limit in size and in time.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from enum import StrEnum, auto
from typing import IO
from urllib.parse import urlsplit

import httpcore

from kit.networks import Network, first_reachable

_WAIT_SECONDS = 5.0
_PORTS = {"http": 80, "https": 443}


class Hindrance(StrEnum):
    """Why nothing was fetched."""

    NOT_ALLOWED = auto()
    UNREACHABLE = auto()
    REDIRECTED = auto()
    TOO_LARGE = auto()


class Hindered(Exception):
    """Nothing was fetched."""

    def __init__(self, hindrance: Hindrance) -> None:
        super().__init__(hindrance)
        self.hindrance = hindrance


async def fetch(url: str, into: IO[bytes], *, most: int, seconds: float, allowed: Sequence[Network] = ()) -> int:
    """Writes what lies at an address into a file, and tells its size.

    Args:
        url: of http or https, without a name and a password in it.
        into: what is written to.
        most: how many bytes it may have.
        seconds: how long all of it may take.
        allowed: networks beside the public internet.

    Raises:
        Hindered: the address may not be reached, or does not answer as it must.
    """
    _check(url)
    try:
        async with asyncio.timeout(seconds), _answered(url, allowed) as answer:
            size = 0
            async for chunk in answer.aiter_stream():
                size += len(chunk)
                if size > most:
                    raise Hindered(Hindrance.TOO_LARGE)
                into.write(chunk)
            return size
    except (TimeoutError, OSError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
        raise Hindered(Hindrance.UNREACHABLE) from None


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_plain = bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        is_plain = False
    if not is_plain or not url.isascii() or not url.isprintable() or parts.scheme not in {"http", "https"}:
        raise Hindered(Hindrance.NOT_ALLOWED)


@asynccontextmanager
async def _answered(url: str, allowed: Sequence[Network]) -> AsyncIterator[httpcore.Response]:
    """The answer of the judged address, which is asked in the name that stands in the URL, by TLS too."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or _PORTS[parts.scheme]
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    there = httpcore.URL(scheme=parts.scheme, host=await _judged(host, port, allowed), port=port, target=target)
    headers: dict[bytes | str, bytes | str] = {
        "host": parts.netloc,
        "accept": "image/*",
        "accept-encoding": "identity",
        "user-agent": "Spilno",
    }
    extensions = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), _WAIT_SECONDS), "sni_hostname": host}
    async with (
        httpcore.AsyncConnectionPool() as pool,
        pool.stream("GET", there, headers=headers, extensions=extensions) as answer,
    ):
        if 300 <= answer.status < 400:
            raise Hindered(Hindrance.REDIRECTED)
        if answer.status != 200:
            raise Hindered(Hindrance.UNREACHABLE)
        yield answer


async def _judged(host: str, port: int, allowed: Sequence[Network]) -> str:
    """The one address, in numbers, that is connected to."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Hindered(Hindrance.UNREACHABLE) from None
    judged = first_reachable([str(each[4][0]) for each in found], allowed)
    if judged is None:
        raise Hindered(Hindrance.NOT_ALLOWED)
    return judged
