"""Parts out of access units: changed parameters, set clocks, damaged bytes."""

import random
from collections.abc import Callable
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import pytest
from cctv_gateway.engine.boxes import boxes, within
from cctv_gateway.engine.formats import Format
from cctv_gateway.engine.packaging import AccessUnit, Packager
from cctv_gateway.engine.parts import SCALE, Init, Part
from cctv_gateway.engine.streams import Stream
from cctv_gateway.engine.troubles import Trouble
from cctv_gateway.testing import hls_rules
from cctv_gateway.testing.filming import RATE, film, pictures
from hypothesis import given, settings
from hypothesis import strategies as st

STEP = SCALE // RATE


def encoded(
    count: int, *, width: int = 320, height: int = 240, group: int = RATE, is_reordered: bool = False
) -> list[Any]:
    """Access units with start codes, a key picture each second or each so many pictures."""
    encoder: Any = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate, encoder.gop_size = Fraction(1, RATE), Fraction(RATE), group
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency"}
    if is_reordered:
        encoder.options, encoder.max_b_frames = {"preset": "veryfast", "x264-params": "b-adapt=0"}, 2
    return list(pictures(encoder, count))


class Bench:
    """A packager, and what it has published."""

    def __init__(self) -> None:
        self.published = list[Init | Part]()
        self.packager = Packager(self.published.append)
        self._arrived = 1_000.0

    def begin(self, first: Any) -> None:
        self.packager.on_format(Format("h264", RATE, is_annex_b=True).after(bytes(first)))

    def take(self, packet: Any, dts: int, pts: int | None = None) -> None:
        self._arrived += 1 / RATE
        shown = dts if pts is None else pts
        self.packager.on_access_unit(AccessUnit(packet, dts, shown, packet.is_keyframe, self._arrived))

    @property
    def inits(self) -> list[Init]:
        return [each for each in self.published if isinstance(each, Init)]

    @property
    def parts(self) -> list[Part]:
        return [each for each in self.published if isinstance(each, Part)]

    def decoded(self, reckoning: int) -> int:
        """The pictures of one reckoning that libav finds."""
        starts = [place for place, each in enumerate(self.published) if isinstance(each, Init)]
        end = starts[reckoning + 1] if reckoning + 1 < len(starts) else None
        body = b"".join(each.body for each in self.published[starts[reckoning] : end])
        container: Any = av.open(BytesIO(body))
        return sum(1 for _ in container.decode(video=0))


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_parts_last_half_a_second_and_lose_nothing(bench: Bench) -> None:
    units = encoded(50)
    bench.begin(units[0])
    for number, packet in enumerate(units):
        bench.take(packet, number * STEP)
    bench.packager.close()
    assert [each.duration for each in bench.parts] == [SCALE // 2] * 5
    assert [each.is_key for each in bench.parts] == [True, False, True, False, True]
    assert bench.decoded(0) == 50
    assert bench.inits[0].codecs == "avc1.42c00c"
    assert (bench.inits[0].width, bench.inits[0].height) == (320, 240)


def test_each_part_goes_on_where_the_one_before_ended(bench: Bench) -> None:
    units = encoded(40)
    bench.begin(units[0])
    for number, packet in enumerate(units):
        bench.take(packet, number * STEP)
    bench.packager.close()
    starts = [int.from_bytes(within(each.body, "moof", "traf", "tfdt")[4:12], "big") for each in bench.parts]
    assert starts == [0, SCALE // 2, SCALE, SCALE * 3 // 2]
    assert [name for name, _ in boxes(bench.parts[0].body)] == ["moof", "mdat"]


def test_new_parameters_begin_a_new_reckoning(bench: Bench) -> None:
    units = [*encoded(20), *encoded(20, width=640, height=480)]
    bench.begin(units[0])
    for number, packet in enumerate(units):
        bench.take(packet, number * STEP)
    bench.packager.close()
    assert [(each.width, each.height) for each in bench.inits] == [(320, 240), (640, 480)]
    assert (bench.decoded(0), bench.decoded(1)) == (20, 20)


@pytest.mark.parametrize("jump", [3600 * SCALE, -3600 * SCALE])
def test_a_clock_that_is_set_begins_a_new_reckoning_at_the_next_key_picture(bench: Bench, jump: int) -> None:
    units = encoded(60)
    bench.begin(units[0])
    for number, packet in enumerate(units):
        bench.take(packet, number * STEP + (jump if number >= 30 else 0))
    bench.packager.close()
    assert len(bench.inits) == 2
    assert (bench.decoded(0), bench.decoded(1)) == (30, 20)


def test_repeated_and_backward_stamps_never_reach_the_muxer(bench: Bench) -> None:
    units = encoded(40)
    bench.begin(units[0])
    for number, packet in enumerate(units):
        bench.take(packet, number * STEP - (STEP * 2 if number % 7 == 6 else 0))
    bench.packager.close()
    assert len(bench.inits) == 1
    assert bench.parts


def played(units: list[Any]) -> list[tuple[Any, int, int]]:
    """Access units with the times that the encoder gave them."""
    return [(each, each.dts * STEP, each.pts * STEP) for each in units]


def in_order(units: list[Any], jump: int = 0) -> list[tuple[Any, int, int]]:
    """Access units at an even pace; a clock may be set amidst them."""
    times = [place * STEP + (jump if place >= len(units) // 2 else 0) for place in range(len(units))]
    return [(each, time, time) for each, time in zip(units, times, strict=True)]


@pytest.mark.parametrize(
    "sent",
    [
        lambda: in_order(encoded(240, group=240)),
        lambda: played(encoded(200, is_reordered=True)),
        lambda: in_order([*encoded(100), *encoded(100, width=640, height=480)]),
        lambda: in_order(encoded(200), jump=3600 * SCALE),
        lambda: in_order(encoded(200), jump=-3600 * SCALE),
    ],
    ids=["long group", "reordered", "new parameters", "clock set forward", "clock set back"],
)
def test_libav_reads_the_playlist_of_whatever_a_camera_sends(
    bench: Bench, tmp_path: Path, sent: Callable[[], list[tuple[Any, int, int]]]
) -> None:
    stream, units = Stream(), sent()
    bench.begin(units[0][0])
    for packet, dts, pts in units:
        bench.take(packet, dts, pts)
    bench.packager.close()
    for each in bench.published:
        stream.on_init(each) if isinstance(each, Init) else stream.on_part(each)
        if stream.listed:
            hls_rules.read(stream.listed.decode())
    for number, init in stream.inits.items():
        (tmp_path / f"{number}.mp4").write_bytes(init.body)
    whole = [each for each in stream.segments if each.is_whole and f"\n{each.number}.m4s" in stream.listed.decode()]
    for segment in whole:
        (tmp_path / f"{segment.number}.m4s").write_bytes(segment.body)
    (tmp_path / "index.m3u8").write_bytes(stream.listed + b"#EXT-X-ENDLIST\n")
    container: Any = av.open(str(tmp_path / "index.m3u8"), format="hls", options={"allowed_extensions": "ALL"})
    shown = [picture for picture in container.decode(video=0) if not picture.is_corrupt]
    sent_whole, breaks = sum(each.duration for each in whole) // STEP, len(stream.inits) - 1
    assert sent_whole > len(units) // 2
    assert sent_whole - breaks * RATE <= len(shown) <= sent_whole  # libav begins a little late after a break


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_damaged_pictures_end_in_a_trouble_or_in_parts_and_in_nothing_else(chance: random.Random) -> None:
    bench, units = Bench(), encoded(40)
    bench.begin(units[0])
    for number, packet in enumerate(units):
        body = bytearray(bytes(packet))
        match chance.randrange(4):
            case 0:
                body = body[: chance.randrange(1, len(body) + 1)]
            case 1:
                for _ in range(10):
                    body[chance.randrange(len(body))] = chance.randrange(256)
            case 2:
                body += bytes(chance.randrange(256) for _ in range(chance.randrange(200)))
        damaged = av.Packet(bytes(body))
        damaged.is_keyframe = packet.is_keyframe
        try:
            bench.take(damaged, number * STEP + chance.randrange(-STEP, STEP))
        except Trouble:
            break
    bench.packager.close()
    for part in bench.parts:
        assert [name for name, _ in boxes(part.body)] == ["moof", "mdat"]


def test_a_box_that_is_cut_short_is_told(tmp_path: Path) -> None:
    film(tmp_path / "film.mp4", seconds=1)
    body = (tmp_path / "film.mp4").read_bytes()
    with pytest.raises(ValueError, match="cut short"):
        list(boxes(body[:-1]))
