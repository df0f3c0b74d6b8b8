"""Streams and their playlists, held against the rules of low-latency HLS."""

import asyncio
import re

import pytest
from cctv_gateway.engine.parts import SCALE, Init, Part
from cctv_gateway.engine.playlist import LONGEST_SEGMENT
from cctv_gateway.engine.streams import Stream
from cctv_gateway.testing import hls_rules
from hypothesis import given, settings
from hypothesis import strategies as st

HALF = SCALE // 2
INIT = Init(b"init", "avc1.64001f", 1280, 720, round(HALF * 1.05))


def part(*, key: bool = False, duration: int = HALF, body: bytes = b"x", at: float = 0.0) -> Part:
    return Part(body, duration, key, at)


def airing(parts: int = 0, group: int = 4) -> Stream:
    """A stream with a key picture at each so-many-th part."""
    stream = Stream()
    stream.on_init(INIT)
    for number in range(parts):
        stream.on_part(part(key=number % group == 0, at=1_000.0 + number / 2))
    return stream


def test_before_the_first_part_there_is_no_playlist() -> None:
    assert airing().listed == b""


def test_a_playlist_keeps_the_rules_from_the_first_part_to_the_hundredth() -> None:
    stream = Stream()
    stream.on_init(INIT)
    earlier: hls_rules.Read | None = None
    for number in range(100):
        stream.on_part(part(key=number % 4 == 0, at=number / 2))
        found = hls_rules.read(stream.listed.decode())
        brief = hls_rules.read(stream.listed_briefly.decode())
        if earlier is not None:
            hls_rules.follows(earlier, found)
        assert brief.hint == found.hint
        assert set(brief.segments) == {each for each in found.segments if each >= found.first + brief.skipped}
        earlier = found
    assert earlier is not None
    assert all(each == 2.0 for each in earlier.segments.values())
    assert 14 <= sum(earlier.segments.values()) <= 17
    assert hls_rules.read(stream.listed_briefly.decode()).skipped > 0


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(st.tuples(st.booleans(), st.integers(1, HALF)), st.none()),
        min_size=1,
        max_size=150,
    )
)
def test_whatever_a_camera_sends_the_playlist_keeps_the_rules(events: list[tuple[bool, int] | None]) -> None:
    stream = Stream()
    stream.on_init(INIT)
    earlier: hls_rules.Read | None = None
    for event in events:
        if event is None:
            stream.on_init(INIT)
            continue
        stream.on_part(part(key=event[0], duration=event[1]))
        found = hls_rules.read(stream.listed.decode())
        hls_rules.read(stream.listed_briefly.decode())
        if earlier is not None:
            hls_rules.follows(earlier, found)
        earlier = found


def test_a_long_group_of_pictures_is_cut_where_the_target_says() -> None:
    stream = airing(40, group=20)
    assert all(each.duration <= LONGEST_SEGMENT for each in stream.segments)


def test_segments_begin_with_a_key_picture_once_the_rhythm_is_known() -> None:
    for group in (1, 2, 4):
        stream = airing(60, group=group)
        assert all(each.parts[0].is_key for each in stream.segments if each.number > 2)


def test_the_first_segment_ends_with_the_first_key_picture_after_a_second() -> None:
    stream = airing(12, group=2)
    assert [each.duration / SCALE for each in stream.segments] == [1.0, 2.0, 2.0, 1.0]
    assert [each.is_whole for each in stream.segments] == [True, True, True, False]


async def test_who_may_play_nothing_before_a_segment_is_whole_waits_for_one() -> None:
    stream = airing(2, group=2)
    waiting = asyncio.create_task(stream.becomes_playable(60))
    await asyncio.sleep(0)
    assert not waiting.done()
    stream.on_part(part(key=True))
    await waiting
    assert stream.segments[0].is_whole


def test_a_new_reckoning_is_told_with_its_init_and_counted_when_it_is_gone() -> None:
    stream = airing(4)
    stream.on_init(INIT)
    stream.on_part(part(key=True))
    text = stream.listed.decode()
    assert re.search(r'#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="1.mp4"', text)
    for number in range(100):
        stream.on_part(part(key=number % 4 == 3))
    text = stream.listed.decode()
    assert "#EXT-X-DISCONTINUITY-SEQUENCE:1" in text
    assert "#EXT-X-DISCONTINUITY\n" not in text
    assert set(stream.inits) == {1}


def test_a_slow_viewer_finds_one_segment_more_than_is_listed() -> None:
    stream = airing(100)
    first = hls_rules.read(stream.listed.decode()).first
    assert stream.segment(first - 1) is not None
    assert stream.segment(first - 2) is None


def test_who_joins_begins_with_the_newest_key_picture() -> None:
    stream = airing(11)
    joined = stream.after(-1)
    assert [each.serial for each in joined] == [8, 9, 10]
    assert joined[0].part.is_key
    stream.on_part(part())
    assert [each.serial for each in stream.after(joined[-1].serial)] == [11]


def test_who_fell_behind_jumps_to_the_newest_key_picture() -> None:
    stream = airing(3)
    for number in range(200):
        stream.on_part(part(key=number % 4 == 0))
    assert stream.after(2)[0].part.is_key
    assert len(stream.after(2)) <= 4


async def test_who_waits_is_woken_by_the_next_part() -> None:
    stream = airing(4)
    waiting = asyncio.ensure_future(stream.change(60))
    await asyncio.sleep(0)
    assert not stream.has(1, 0)
    stream.on_part(part(key=True))
    await asyncio.wait_for(waiting, 20)
    assert stream.has(1, 0)
    assert not stream.has(1, None)
    assert stream.has(0, None)
    assert stream.is_far(9)


async def test_who_waits_for_nothing_is_sent_away() -> None:
    await asyncio.wait_for(airing(1).change(0.05), 20)


@pytest.mark.parametrize("at", [1_790_000_000.5])
def test_a_segment_says_when_it_was_filmed(at: float) -> None:
    stream = Stream()
    stream.on_init(INIT)
    stream.on_part(part(key=True, at=at))
    assert "#EXT-X-PROGRAM-DATE-TIME:2026-09-21T" in stream.listed.decode()
    assert ".500Z" in stream.listed.decode()
