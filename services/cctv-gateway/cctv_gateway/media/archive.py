"""Footage over HTTP: a playlist of everything between two moments, and the pieces of files that it names."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path
from uuid import UUID

from kit.call import Caller, Hromada
from kit.errors import Missing
from kit.service import Kit

from cctv_gateway.engine.parts import SCALE
from cctv_gateway.recordings import actions
from cctv_gateway.recordings.model import Recording
from cctv_gateway.recordings.rules import Span

Answer = tuple[int, str, bytes, str]
_FILE = re.compile(r"([0-9a-f-]{36})\.(?:(\d{1,4})\.m4s|mp4)")
_GATEWAY = Caller("svc.cctv", pseudonym="svc.cctv")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A segment of a file."""

    number: int
    start: datetime
    ticks: int


class Archive:
    """What is read of the folder of recordings."""

    def __init__(self, kit: Kit, folder: Path) -> None:
        self._kit = kit
        self._folder = folder

    async def answer(self, hromada: Hromada, camera: UUID, span: Span, file: str) -> Answer:
        """The playlist of a span, or a file that it names."""
        if file == "index.m3u8":
            return await self._playlist(hromada, camera, span)
        found = _FILE.fullmatch(file)
        try:
            recording = await self._recording(hromada, UUID(found[1] if found else ""))
        except (Missing, ValueError):
            return _gone("no longer kept")
        pieces = {each.number for each in _pieces(recording, span)}
        number = int(found[2] or -1) if found else -1
        if recording.camera_id != camera or not pieces or number not in pieces | {-1}:
            return _gone("nothing here")
        if number < 0:
            return await self._read(recording, 0, recording.cuts[0], "video/mp4")
        return await self._read(recording, recording.cuts[number], recording.cuts[number + 1], "video/iso.segment")

    async def _playlist(self, hromada: Hromada, camera: UUID, span: Span) -> Answer:
        async with self._kit.call(_GATEWAY, hromada) as call:
            recordings = [each async for each in actions.between(call, camera, span.start, span.end)]
        lines = list(_lines(recordings, span))
        if not lines:
            return _gone("no footage")
        return 200, "application/vnd.apple.mpegurl", ("\n".join(lines) + "\n").encode(), "no-store"

    async def _recording(self, hromada: Hromada, id: UUID) -> Recording:
        async with self._kit.call(_GATEWAY, hromada) as call:
            return await call.db.get(Recording, id)

    async def _read(self, recording: Recording, start: int, end: int, kind: str) -> Answer:
        try:
            body = await asyncio.to_thread(_slice, self._folder / recording.path, start, end - start)
        except OSError:
            return _gone("no longer kept")
        return 200, kind, body, "private, max-age=60"


def _lines(recordings: Sequence[Recording], span: Span) -> Iterator[str]:
    held = [(each, list(_pieces(each, span))) for each in recordings]
    held = [(each, pieces) for each, pieces in held if pieces]
    if not held:
        return
    longest = max(piece.ticks for _, pieces in held for piece in pieces)
    yield "#EXTM3U"
    yield "#EXT-X-VERSION:7"
    yield f"#EXT-X-TARGETDURATION:{ceil(longest / SCALE)}"
    yield "#EXT-X-PLAYLIST-TYPE:VOD"
    yield "#EXT-X-MEDIA-SEQUENCE:0"
    for place, (recording, pieces) in enumerate(held):
        if place == 0 or recording.is_break:
            if place:
                yield "#EXT-X-DISCONTINUITY"
            yield f'#EXT-X-MAP:URI="{recording.id}.mp4"'
        yield f"#EXT-X-PROGRAM-DATE-TIME:{pieces[0].start.isoformat(timespec='milliseconds').replace('+00:00', 'Z')}"
        for piece in pieces:
            yield f"#EXTINF:{piece.ticks / SCALE:.5f},"
            yield f"{recording.id}.{piece.number}.m4s"
    yield "#EXT-X-ENDLIST"


def _pieces(recording: Recording, span: Span) -> Iterator[_Piece]:
    """The segments of a recording that lie in a span."""
    start = recording.from_at
    for number, ticks in enumerate(recording.ticks):
        end = start + timedelta(seconds=ticks / SCALE)
        if Span(start, end).meets(span):
            yield _Piece(number, start, ticks)
        start = end


def _slice(path: Path, start: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        body = file.read(length)
    if len(body) != length:
        raise OSError
    return body


def _gone(text: str) -> Answer:
    return 404, "text/plain", text.encode(), "no-store"
