"""A process that makes clips of recordings: the same pictures in another wrapping, none of them encoded anew.

python -m cctv_gateway.engine.cutting: told on its input what to cut, it says on its output which clips it made.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import av.logging

from cctv_gateway.engine.parts import SCALE
from kit import processes

SECONDS = 900.0
_LONGEST_GAP = 1.5
_TICK = Fraction(1, SCALE)

av.logging.set_level(None)


@dataclass(frozen=True, slots=True)
class Piece:
    """A recording."""

    path: str
    bytes: int
    start: float
    """When its first picture was taken: seconds of the Unix epoch."""
    ticks: int
    """How long it lasts."""
    is_break: bool
    """What came before has another reckoning of time."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A clip that was made."""

    path: str
    start: float
    end: float


class NotCut(Exception):
    """The recordings cannot be read, or it took too long."""


async def cut(pieces: Sequence[Piece], start: float, end: float, folder: Path, title: str) -> list[Cut]:
    """Makes clips of what recordings hold of a range; a new one wherever the recording was broken off.

    A clip begins at the key picture at or before the range's beginning: without it nothing after could be shown.

    Raises:
        NotCut: it could not be done.
    """
    told = {
        "pieces": [asdict(each) for each in pieces],
        "start": start,
        "end": end,
        "folder": str(folder),
        "title": title,
    }
    try:
        made = await processes.answer("cctv_gateway.engine.cutting", told, within=SECONDS)
    except (TimeoutError, ValueError):
        raise NotCut from None
    return [Cut(**each) for each in made]


class _Clip:
    """A clip that is being written."""

    def __init__(self, path: Path, template: Any, title: str, start: float) -> None:
        self.path = path
        self.start = self.end = start
        self.parameters: bytes = template.codec_context.extradata or b""
        self._container: Any = av.open(str(path), "w", format="mp4", options={"fflags": "+bitexact"})
        self._container.metadata["title"] = title
        self._stream = self._container.add_stream_from_template(template)
        if template.codec_context.name == "hevc":
            self._stream.codec_context.codec_tag = "hvc1"
        self._origin: int | None = None
        self._last = -1

    def write(self, packet: Any, place: int, at: float, lasts: int) -> None:
        """Takes a picture: where it stands in ticks, and when it was taken."""
        if self._origin is None:
            self._origin, self.start = place, at
        shown = packet.pts - packet.dts if packet.pts is not None else 0
        dts = max(place - self._origin, self._last + 1)
        packet.time_base, packet.stream = _TICK, self._stream
        packet.dts, packet.pts, packet.duration = dts, dts + shown, lasts
        self._container.mux_one(packet)
        self._last = dts
        self.end = at + lasts / SCALE

    def close(self) -> Cut:
        self._container.close()
        return Cut(str(self.path), self.start, self.end)


def clips(pieces: Sequence[Piece], start: float, end: float, folder: Path, title: str) -> Iterator[Cut]:
    """The clips of a range, one after another."""
    clip: _Clip | None = None
    base, number = 0, 0
    for piece in pieces:
        if not Path(piece.path).is_file():  # what is missing shows as a gap
            base += piece.ticks
            continue
        with Path(piece.path).open("rb") as file:
            recorded: Any = av.open(BytesIO(file.read(piece.bytes)))
        stream = recorded.streams.video[0]
        if clip is not None and (
            piece.is_break
            or piece.start - clip.end > _LONGEST_GAP
            or (stream.codec_context.extradata or b"") != clip.parameters
        ):
            yield clip.close()
            clip = None
        waiting = list[tuple[Any, int, float, int]]()
        for packet, offset, lasts in _packets(recorded, stream):
            at = piece.start + offset / SCALE
            if at >= end:
                break
            if packet.is_keyframe and (at <= start or clip is None):
                waiting.clear()
            waiting.append((packet, base + offset, at, lasts))
            if at + lasts / SCALE <= start:
                continue
            if clip is None:
                if not waiting[0][0].is_keyframe:
                    continue
                number += 1
                clip = _Clip(folder / f"{number}.mp4", stream, title, at)
            for each in waiting:
                clip.write(*each)
            waiting.clear()
        base += piece.ticks
    if clip is not None:
        yield clip.close()


def _packets(recorded: Any, stream: Any) -> Iterator[tuple[Any, int, int]]:
    """The pictures with their places from the recording's beginning, and how long each lasts, in ticks."""
    scale = stream.time_base * SCALE
    first: int | None = None
    for packet in recorded.demux(stream):
        if packet.dts is None or not packet.size:
            continue
        dts = round(packet.dts * scale)
        packet.pts = dts if packet.pts is None else round(packet.pts * scale)
        lasts = round((packet.duration or 0) * scale)
        packet.dts = dts
        first = dts if first is None else first
        yield packet, dts - first, lasts


def main() -> None:
    """The process."""
    told = json.load(sys.stdin)
    pieces = [Piece(**each) for each in told["pieces"]]
    made = clips(pieces, told["start"], told["end"], Path(told["folder"]), told["title"])
    json.dump([asdict(each) for each in made], sys.stdout)


if __name__ == "__main__":
    main()
