"""Low-latency HLS (RFC 8216bis): the playlist of a live stream, written once for each part and served to everyone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cctv_gateway.engine.parts import SCALE, Part

SEGMENT_SECONDS = 2
SEGMENT = SEGMENT_SECONDS * SCALE
LONGEST_SEGMENT = SEGMENT + SCALE // 2 - 1
"""What still rounds to the target's seconds."""
SKIPPED_BEYOND = 6 * SEGMENT
_PARTS_WITHIN = 3 * SEGMENT
_HOLD_BACK = 1.5


@dataclass(slots=True)
class Segment:
    """Two seconds of parts."""

    number: int
    init: int
    at: float
    """When its first picture arrived: seconds of the Unix epoch."""
    is_break: bool
    """What came before has another reckoning of time."""
    parts: list[Part] = field(default_factory=list)
    serials: list[int] = field(default_factory=list)
    duration: int = 0
    is_whole: bool = False

    @property
    def body(self) -> bytes:
        return b"".join(part.body for part in self.parts)


def written(segments: Sequence[Segment], breaks: int, longest_part: int, *, is_brief: bool) -> bytes:
    """The playlist of these segments.

    Args:
        segments: the oldest first; the last may be under way.
        breaks: how many discontinuities went before the first.
        longest_part: ticks that a part is meant to last at most.
        is_brief: leaves out the segments that a returning viewer has.
    """
    return ("\n".join(_lines(segments, breaks, longest_part, is_brief)) + "\n").encode()


def _lines(segments: Sequence[Segment], breaks: int, longest_part: int, is_brief: bool) -> Iterator[str]:
    longest = max(longest_part, *(part.duration for each in segments for part in each.parts)) / SCALE
    hold_back = max(_HOLD_BACK, longest * 3)
    yield "#EXTM3U"
    yield "#EXT-X-VERSION:9"
    yield f"#EXT-X-TARGETDURATION:{SEGMENT_SECONDS}"
    yield f"#EXT-X-PART-INF:PART-TARGET={longest:.5f}"
    yield (
        "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,"
        f"PART-HOLD-BACK={hold_back:.5f},CAN-SKIP-UNTIL={SKIPPED_BEYOND / SCALE:.1f}"
    )
    yield f"#EXT-X-MEDIA-SEQUENCE:{segments[0].number}"
    yield f"#EXT-X-DISCONTINUITY-SEQUENCE:{breaks}"
    remaining = sum(each.duration for each in segments)
    skipped = _skippable(segments, remaining) if is_brief else 0
    if skipped:
        yield f"#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}"
    init = None
    for place, segment in enumerate(segments):
        is_old = remaining > _PARTS_WITHIN + segment.duration
        remaining -= segment.duration
        if place < skipped:
            init = segment.init
            continue
        if segment.is_break:
            yield "#EXT-X-DISCONTINUITY"
        if segment.init != init:
            yield f'#EXT-X-MAP:URI="{segment.init}.mp4"'
            init = segment.init
        yield f"#EXT-X-PROGRAM-DATE-TIME:{_moment(segment.at)}"
        if not is_old or not segment.is_whole:
            for number, part in enumerate(segment.parts):
                key = ",INDEPENDENT=YES" if part.is_key else ""
                yield f'#EXT-X-PART:DURATION={part.duration / SCALE:.5f},URI="{segment.number}.{number}.m4s"{key}'
        if segment.is_whole:
            yield f"#EXTINF:{segment.duration / SCALE:.5f},"
            yield f"{segment.number}.m4s"
    newest = segments[-1]
    upcoming = (newest.number + 1, 0) if newest.is_whole else (newest.number, len(newest.parts))
    yield f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{upcoming[0]}.{upcoming[1]}.m4s"'


def _skippable(segments: Sequence[Segment], total: int) -> int:
    """How many of the oldest segments lie further back than who returns needs."""
    count = 0
    for segment in segments:
        if total - segment.duration < SKIPPED_BEYOND:
            break
        total -= segment.duration
        count += 1
    return count


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
