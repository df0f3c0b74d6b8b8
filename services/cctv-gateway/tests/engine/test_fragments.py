"""Fragments that any reader of ISO BMFF takes apart again."""

from cctv_gateway.engine.boxes import boxes, within
from cctv_gateway.engine.fragments import Sample, with_lengths, written
from hypothesis import given
from hypothesis import strategies as st

UNIT = st.binary(min_size=1, max_size=40).map(lambda it: it.replace(b"\0\0", b"\0\1").rstrip(b"\0") or b"\1")


@given(st.lists(st.tuples(st.sampled_from([b"\0\0\1", b"\0\0\0\1"]), UNIT), max_size=8))
def test_each_unit_stands_after_its_length(units: list[tuple[bytes, bytes]]) -> None:
    pieces = with_lengths(b"".join(start + unit for start, unit in units))
    assert pieces[1::2] == [unit for _, unit in units]
    assert [int.from_bytes(each, "big") for each in pieces[::2]] == [len(unit) for _, unit in units]


def test_what_stands_between_no_start_codes_is_nothing() -> None:
    assert with_lengths(b"no picture") == []


def test_a_fragment_says_where_each_picture_stands_and_how_long_it_is_shown() -> None:
    samples = [
        Sample([b"\0\0\0\2", b"ab"], 6, 900, 2700, is_key=True),
        Sample([b"\0\0\0\1", b"c"], 5, 1900, 1900, is_key=False),
    ]
    body = written(7, samples, 2800)
    assert [name for name, _ in boxes(body)] == ["moof", "mdat"]
    assert bytes(within(body, "mdat")) == b"\0\0\0\2ab\0\0\0\1c"
    assert bytes(within(body, "moof", "mfhd")) == (7).to_bytes(8, "big")
    assert bytes(within(body, "moof", "traf", "tfdt")) == b"\1\0\0\0" + (900).to_bytes(8, "big")
    run = within(body, "moof", "traf", "trun")
    numbers = [int.from_bytes(run[at : at + 4], "big", signed=at > 8) for at in range(4, len(run), 4)]
    moof = next(box for name, box in boxes(body) if name == "moof")
    assert numbers == [2, len(moof) + 8, 1000, 6, 0x02000000, 1800, 900, 5, 0x01010000, 0]
