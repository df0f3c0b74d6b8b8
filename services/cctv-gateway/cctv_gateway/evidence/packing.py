"""The package that is handed over: made while it is sent, so that nothing of it lies about."""

import asyncio
import tempfile
import zipfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from kit.errors import Away, WrongState
from kit.files.making import chunks_of

from cctv_gateway.engine.cutting import Cut, NotCut, Piece, cut
from cctv_gateway.evidence import rules
from cctv_gateway.evidence.rules import Clip

_CHUNK = 256 << 10
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""Every file of the package bears it: when each was filmed, the manifest says."""


@dataclass(frozen=True, slots=True)
class Filmed:
    """A camera and its recordings of the range."""

    camera: UUID
    name: str
    title: str
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Package:
    """What goes into a package."""

    start: datetime
    end: datetime
    filmed: Sequence[Filmed]
    said: Mapping[str, Any]
    """What the manifest says beside the files."""
    key: Ed25519PrivateKey
    pem: bytes


async def packed(package: Package) -> AsyncIterator[bytes]:
    """The package as a ZIP, in pieces of no more than a quarter of a mebibyte.

    Raises:
        WrongState: the footage is gone.
        Away: it cannot be read now.
    """
    poured = _Poured()
    clips = list[Clip]()
    missed = list[dict[str, str]]()
    with zipfile.ZipFile(poured, "w", zipfile.ZIP_STORED) as archive:
        for number, filmed in enumerate(package.filmed, 1):
            own = list[Clip]()
            with tempfile.TemporaryDirectory(prefix="evidence-") as folder:
                for made in await _cut(package, filmed, Path(folder)):
                    digest, name = sha256(), _name(number, made)
                    size = 0
                    with archive.open(_entry(name), "w", force_zip64=True) as entry:
                        async for chunk in _read(made.path):
                            digest.update(chunk)
                            size += len(chunk)
                            entry.write(chunk)
                            for piece in poured.taken():
                                yield piece
                    start, end = _moment(made.start), _moment(made.end)
                    own.append(Clip(name, filmed.name, start, end, size, digest.hexdigest()))
            clips += own
            missed += [
                {"camera": filmed.name, "start": rules.written(start), "end": rules.written(end)}
                for start, end in rules.gaps(package.start, package.end, own)
            ]
        if not clips:
            raise WrongState("evidence.footage-gone")
        manifest = rules.manifest({**package.said, "gaps": missed}, clips)
        sums = rules.sums(clips, manifest)
        signed = {rules.MANIFEST: manifest, rules.SUMS: sums}
        for name, text in signed.items():
            archive.writestr(_entry(name), text)
            archive.writestr(_entry(f"{name}.sig"), package.key.sign(text))
        archive.writestr(_entry(rules.KEY), package.pem)
    for piece in poured.taken():
        yield piece


async def _cut(package: Package, filmed: Filmed, folder: Path) -> list[Cut]:
    try:
        return await cut(filmed.pieces, package.start.timestamp(), package.end.timestamp(), folder, filmed.title)
    except NotCut:
        raise Away("evidence.not-readable") from None


async def _read(path: str) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(Path(path).open, "rb") as file:
        async for chunk in chunks_of(file):
            yield chunk


def _name(number: int, made: Cut) -> str:
    return f"camera-{number:02}_{_moment(made.start):%Y%m%dT%H%M%SZ}.mp4"


def _entry(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, _EARLIEST)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class _Poured:
    """What a ZIP is written to: it can only go on."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes, /) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """What was written is taken all the same."""

    def taken(self) -> list[bytes]:
        """What was written since."""
        held, self._held = bytes(self._held), bytearray()
        return [held[at : at + _CHUNK] for at in range(0, len(held), _CHUNK)]
