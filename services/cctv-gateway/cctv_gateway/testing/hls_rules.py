"""The rules of low-latency HLS (RFC 8216bis), held against playlists as a viewer receives them, one after another."""

import re
from dataclasses import dataclass, field


@dataclass
class Read:
    """A playlist as it was understood."""

    tags: dict[str, str] = field(default_factory=dict)
    first: int = 0
    breaks: int = 0
    skipped: int = 0
    segments: dict[int, float] = field(default_factory=dict)
    parts: dict[tuple[int, int], float] = field(default_factory=dict)
    is_key: dict[tuple[int, int], bool] = field(default_factory=dict)
    broken_before: set[int] = field(default_factory=set)
    maps: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    hint: str = ""


def attributes(text: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in re.findall(r'([A-Z-]+)=("[^"]*"|[^,]*)', text)}


def read(text: str) -> Read:
    """Understands a playlist, and finds what breaks a rule by itself."""
    lines = text.splitlines()
    assert lines[0] == "#EXTM3U"
    found = Read()
    number = pending = -1
    duration: float | None = None
    for line in lines[1:]:
        tag, _, value = line.partition(":")
        match tag:
            case "#EXT-X-MEDIA-SEQUENCE":
                found.first = number = int(value)
            case "#EXT-X-DISCONTINUITY-SEQUENCE":
                found.breaks = int(value)
            case "#EXT-X-SKIP":
                found.skipped = int(attributes(value)["SKIPPED-SEGMENTS"])
                number += found.skipped
            case "#EXT-X-DISCONTINUITY":
                found.broken_before.add(number)
            case "#EXT-X-MAP":
                found.maps.append(attributes(value)["URI"])
            case "#EXT-X-PROGRAM-DATE-TIME":
                found.times.append(value)
            case "#EXT-X-PART":
                said = attributes(value)
                pending += 1
                assert said["URI"] == f"{number}.{pending}.m4s"
                found.parts[number, pending] = float(said["DURATION"])
                found.is_key[number, pending] = said.get("INDEPENDENT") == "YES"
            case "#EXTINF":
                duration = float(value.rstrip(","))
            case "#EXT-X-PRELOAD-HINT":
                found.hint = attributes(value)["URI"]
            case _ if line.startswith("#"):
                found.tags[tag] = value
            case _:
                assert duration is not None, "a segment without EXTINF"
                assert line == f"{number}.m4s"
                found.segments[number] = duration
                number, pending, duration = number + 1, -1, None
    _judge(found)
    return found


def _judge(found: Read) -> None:
    target = int(found.tags["#EXT-X-TARGETDURATION"])
    longest = float(attributes(found.tags["#EXT-X-PART-INF"])["PART-TARGET"])
    control = attributes(found.tags["#EXT-X-SERVER-CONTROL"])
    assert int(found.tags["#EXT-X-VERSION"]) >= 9
    assert control["CAN-BLOCK-RELOAD"] == "YES"
    assert float(control["PART-HOLD-BACK"]) >= 3 * longest - 0.001
    assert float(control["CAN-SKIP-UNTIL"]) >= 6 * target
    assert all(round(each) <= target for each in found.segments.values()), found.segments
    assert all(each <= longest + 0.00001 for each in found.parts.values()), found.parts
    assert found.times or found.skipped or not found.segments
    for segment, duration in found.segments.items():
        own = [length for (number, _), length in found.parts.items() if number == segment]
        assert not own or abs(sum(own) - duration) < 0.001, "the parts are not the segment"
    number, _, part = found.hint.removesuffix(".m4s").partition(".")
    newest = max((*((n, p) for n, p in found.parts), (max(found.segments, default=-1), -1)))
    expected = (newest[0] + 1, 0) if newest[0] in found.segments else (newest[0], newest[1] + 1)
    assert (int(number), int(part)) == expected, "the hint is not the next part"


def follows(earlier: Read, later: Read) -> None:
    """Holds a playlist against the one before."""
    for tag in ("#EXT-X-TARGETDURATION", "#EXT-X-VERSION"):
        assert earlier.tags[tag] == later.tags[tag]
    assert later.first >= earlier.first
    for number, duration in earlier.segments.items():
        assert number not in later.segments or later.segments[number] == duration, "a segment changed"
    for key, length in earlier.parts.items():
        assert key not in later.parts or later.parts[key] == length, "a part changed"
    gone = {each for each in earlier.broken_before if each < later.first}
    assert later.breaks >= earlier.breaks
    if not later.skipped:
        assert later.breaks <= earlier.breaks + len(gone) + len(earlier.broken_before)
        assert {each for each in earlier.broken_before if each >= later.first} <= later.broken_before
