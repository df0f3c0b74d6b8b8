"""RTP made pictures again."""

import struct
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest
from cctv_gateway.engine.rtsp.assembling import Assembler
from cctv_gateway.engine.troubles import Unsuited
from hypothesis import given
from hypothesis import strategies as st

RATE = 90_000
STEP = 4_500
SETS = {"h264": (b"\x67sps", b"\x68pps"), "hevc": (b"\x40\1vps", b"\x42\1sps", b"\x44\1pps")}
KEY = {"h264": b"\x65", "hevc": b"\x26\1"}
BETWEEN = {"h264": b"\x41", "hevc": b"\x02\1"}
OF_TWO = {"h264": 1, "hevc": 2}
"""Bytes of a unit's head."""


def packet(payload: bytes, sequence: int, time: int, *, is_last: bool, payload_type: int = 96) -> bytes:
    head = struct.pack(">BBHII", 0x80, payload_type | is_last << 7, sequence & 0xFFFF, time % (1 << 32), 7)
    return head + payload


def fragments(unit: bytes, codec: str, size: int) -> Iterator[bytes]:
    head, body = unit[: OF_TWO[codec]], unit[OF_TWO[codec] :]
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    for number, piece in enumerate(pieces):
        bounds = (number == 0) << 7 | (number == len(pieces) - 1) << 6
        if codec == "h264":
            yield bytes((head[0] & 0xE0 | 28, bounds | head[0] & 31)) + piece
        else:
            yield bytes((head[0] & 0x81 | 49 << 1, head[1], bounds | head[0] >> 1 & 63)) + piece


def aggregate(units: Sequence[bytes], codec: str) -> bytes:
    head = b"\x78" if codec == "h264" else b"\x60\1"
    return head + b"".join(len(each).to_bytes(2, "big") + each for each in units)


class Camera:
    """Sends pictures, in packets of at most so many bytes."""

    def __init__(self, codec: str, size: int = 1000, sequence: int = 65_530, time: int = (1 << 32) - 3 * STEP) -> None:
        self.codec = codec
        self.size = size
        self.sequence = sequence
        self.time = time
        self.has_marks = True

    def sends(self, units: Sequence[bytes]) -> list[bytes]:
        """A picture as packets."""
        payloads = list[bytes]()
        small = [each for each in units if len(each) * 2 < self.size]
        if len(small) > 1:
            payloads.append(aggregate(small, self.codec))
            units = [each for each in units if each not in small]
        for each in units:
            payloads += [each] if len(each) <= self.size else fragments(each, self.codec, self.size)
        packets = list[bytes]()
        for number, payload in enumerate(payloads):
            is_last = self.has_marks and number == len(payloads) - 1
            packets.append(packet(payload, self.sequence, self.time, is_last=is_last))
            self.sequence += 1
        self.time += STEP
        return packets


def assembler(codec: str, sets: tuple[bytes, ...] = ()) -> Assembler:
    return Assembler(codec, 96, RATE, sets)


def take(into: Assembler, packets: Sequence[bytes]) -> None:
    for each in packets:
        into.take(memoryview(each))


def joined(units: Sequence[bytes]) -> bytes:
    return b"".join(b"\0\0\0\1" + each for each in units)


CODECS = pytest.mark.parametrize("codec", ["h264", "hevc"])


@CODECS
@given(lengths=st.lists(st.integers(1, 5_000), min_size=1, max_size=12), size=st.integers(20, 1_400))
def test_however_a_camera_packs_them_the_same_pictures_come_out(codec: str, lengths: list[int], size: int) -> None:
    camera, ours = Camera(codec, size), assembler(codec)
    sent = list[bytes]()
    for number, length in enumerate(lengths):
        head = KEY[codec] if number == 0 else BETWEEN[codec]
        units = [*(SETS[codec] if number == 0 else ()), head + bytes([number + 1]) * length]
        take(ours, camera.sends(units))
        small = [each for each in units if len(each) * 2 < size]
        sent.append(joined(small + [each for each in units if each not in small] if len(small) > 1 else units))
    assert [bytes(each) for each in ours.done] == sent
    assert [each.is_key for each in ours.done] == [True] + [False] * (len(lengths) - 1)
    times = [each.time for each in ours.done]
    assert times == [times[0] + STEP * number for number in range(len(times))]


@CODECS
def test_its_pieces_are_the_units_after_their_lengths(codec: str) -> None:
    camera, ours = Camera(codec), assembler(codec)
    unit = BETWEEN[codec] + bytes(5_000)
    take(ours, camera.sends([unit]))
    (picture,) = ours.done
    assert b"".join(picture.pieces) == len(unit).to_bytes(4, "big") + unit
    assert picture.size == 4 + len(unit)


@CODECS
def test_a_picture_of_which_a_packet_is_missing_is_left_out_and_no_other(codec: str) -> None:
    for missing in range(5):
        camera, ours = Camera(codec), assembler(codec)
        whole = [BETWEEN[codec] + bytes([number]) * 5_000 for number in range(3)]
        before, cut, after = (camera.sends([unit]) for unit in whole)
        take(ours, [*before, *(each for number, each in enumerate(cut) if number != missing), *after])
        assert [bytes(each) for each in ours.done] == [joined([whole[0]]), joined([whole[2]])]


@CODECS
def test_parameters_that_were_told_ahead_are_put_before_a_key_picture_without_any(codec: str) -> None:
    camera, ours = Camera(codec), assembler(codec, SETS[codec])
    key = KEY[codec] + bytes(5_000)
    take(ours, camera.sends([key]))
    take(ours, camera.sends([*SETS[codec], key]))
    bare, with_own = ours.done
    assert bytes(bare) == bytes(with_own) == joined([*SETS[codec], key])


@CODECS
def test_parameters_that_came_with_a_picture_are_believed_rather_than_those_told_ahead(codec: str) -> None:
    wrong = tuple(each + b" of another camera" for each in SETS[codec])
    camera, ours = Camera(codec), assembler(codec, wrong)
    key = KEY[codec] + bytes(5_000)
    take(ours, camera.sends([*SETS[codec], key]))
    take(ours, camera.sends([key]))
    assert [bytes(each) for each in ours.done] == [joined([*SETS[codec], key])] * 2


def test_without_marks_a_picture_ends_with_the_next_one_s_beginning() -> None:
    camera, ours = Camera("h264"), assembler("h264")
    camera.has_marks = False
    for _ in range(3):
        take(ours, camera.sends([b"\x41" + bytes(3_000)]))
    assert [each.size for each in ours.done] == [3_005, 3_005]


def test_a_camera_that_marks_each_unit_is_found_out_and_its_pictures_are_whole_from_then_on() -> None:
    camera, ours = Camera("h264"), assembler("h264")
    for number in range(4):
        first, second = (b"\x41" + bytes([number]) * 500, b"\x41" + bytes([number + 100]) * 500)
        for unit in (first, second):
            time = camera.time
            take(ours, camera.sends([unit]))
            camera.time = time
        camera.time += STEP
    assert ours.goes_by_time
    assert [each.size for each in ours.done][1:] == [1_010, 1_010]


def test_what_is_not_the_picture_s_is_passed_over() -> None:
    ours = assembler("h264")
    take(ours, [packet(b"\x41x", 1, 0, is_last=True, payload_type=97), b"", b"\x80", b"\x40" + bytes(20)])
    assert not ours.done


def test_extensions_sources_and_padding_are_no_part_of_it() -> None:
    head = struct.pack(">BBHII", 0x80 | 0x30 | 2, 0xE0, 1, 0, 7) + bytes(8) + b"\xbe\xde\0\1" + bytes(4)
    ours = assembler("h264")
    take(ours, [head + b"\x41picture" + b"\0\0\3"])
    assert bytes(ours.done[0]) == joined([b"\x41picture"])


def test_pictures_that_are_shown_in_another_order_are_left_to_libav() -> None:
    camera, ours = Camera("h264"), assembler("h264")
    packets = list[bytes]()
    for shown in (0, 3, 1, 2, 6, 4, 5):
        camera.time = RATE + shown * STEP
        packets += camera.sends([b"\x41" + bytes(9)])
    with pytest.raises(Unsuited):
        take(ours, packets)


def test_a_camera_that_counts_anew_as_somebody_else_looks_goes_on() -> None:
    camera, ours = Camera("h264"), assembler("h264")
    for number in range(12):
        take(ours, camera.sends([b"\x41" + bytes(9)]))
        if number in (3, 5, 9):
            camera.time -= 11 * STEP
    times = [each.time for each in ours.done]
    assert [after - before for before, after in pairwise(times)] == [STEP] * 11


def test_a_clock_that_is_set_back_is_followed() -> None:
    camera, ours = Camera("h264"), assembler("h264")
    take(ours, camera.sends([b"\x65" + bytes(9)]))
    camera.time -= 10 * RATE
    take(ours, camera.sends([b"\x41" + bytes(9)]))
    first, second = ours.done
    assert second.time - first.time == STEP - 10 * RATE


def test_a_picture_without_an_end_is_left_to_libav() -> None:
    camera, ours = Camera("h264"), assembler("h264")
    camera.has_marks = False
    packets = list[bytes]()
    for _ in range(200):
        packets += camera.sends([b"\x41" + bytes(60_000)])
        camera.time -= STEP
    with pytest.raises(Unsuited):
        take(ours, packets)


def test_the_camera_s_clock_is_what_its_report_says_at_the_picture() -> None:
    camera, ours = Camera("h264", time=RATE * 10), assembler("h264")
    seconds = 1_790_000_000
    report = struct.pack(">BBHIIIIII", 0x80, 200, 6, 7, seconds + 2_208_988_800, 1 << 31, RATE * 9, 0, 0)
    ours.take_report(memoryview(report))
    take(ours, camera.sends([b"\x65" + bytes(9)]))
    assert ours.done[0].clock == pytest.approx(seconds + 1.5)


@pytest.mark.parametrize("report", [b"", b"\x80\xc8\0\1", struct.pack(">BBHIIIIII", 0x80, 200, 6, 7, 12, 0, 0, 0, 0)])
def test_a_camera_that_knows_no_time_has_none(report: bytes) -> None:
    camera, ours = Camera("h264"), assembler("h264")
    ours.take_report(memoryview(report))
    take(ours, camera.sends([b"\x65" + bytes(9)]))
    assert ours.done[0].clock is None


@CODECS
@given(packets=st.lists(st.binary(max_size=60), max_size=40))
def test_whatever_comes_nothing_but_pictures_comes_of_it(codec: str, packets: list[bytes]) -> None:
    ours = assembler(codec)
    try:
        for number, each in enumerate(packets):
            ours.take(memoryview(packet(each, number, number // 3 * STEP, is_last=number % 3 == 2)))
            ours.take(memoryview(each))
    except Unsuited:
        return
    for picture in ours.done:
        assert picture.size == sum(map(len, picture.pieces)) > 4
        assert bytes(picture).startswith(b"\0\0\0\1")
