"""What a camera says of its picture."""

import pytest
from cctv_gateway.engine.rtsp.described import read
from cctv_gateway.engine.troubles import Unsuited
from hypothesis import given
from hypothesis import strategies as st

BASE = "rtsp://192.0.2.7/live/"
H264 = (
    "v=0\r\na=control:*\r\nm=audio 0 RTP/AVP 0\r\na=control:audio\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHw==,aM48gA==;profile-level-id=42c01f\r\n"
    "a=control:{control}\r\n"
)
H265 = (
    "v=0\nm=video 0 RTP/AVP 98\na=rtpmap:98 H265/90000\n"
    "a=fmtp:98 sprop-vps=QAE=; sprop-sps=QgE=; sprop-pps=RAE=\na=control:rtsp://192.0.2.7/live/trackID=1\n"
)


def test_the_track_of_h264_is_read_past_the_sound() -> None:
    track = read(H264.format(control="stream=0"), BASE)
    assert (track.codec, track.payload_type, track.clock_rate) == ("h264", 96, 90_000)
    assert track.parameter_sets == (bytes.fromhex("6742c01f"), bytes.fromhex("68ce3c80"))


def test_the_track_of_h265_has_three_kinds_of_parameters() -> None:
    track = read(H265, BASE)
    assert (track.codec, track.payload_type) == ("hevc", 98)
    assert [each[0] >> 1 for each in track.parameter_sets] == [32, 33, 34]


@pytest.mark.parametrize(
    ("control", "address"),
    [
        ("stream=0", "rtsp://192.0.2.7/live/stream=0"),
        ("/other/1", "rtsp://192.0.2.7/other/1"),
        ("rtsp://192.0.2.7/live/trackID=1", "rtsp://192.0.2.7/live/trackID=1"),
        ("*", BASE),
    ],
)
def test_a_track_is_set_up_by_its_own_address(control: str, address: str) -> None:
    track = read(H264.format(control=control), BASE)
    assert (track.control, track.aggregate) == (address, BASE)


@pytest.mark.parametrize(
    "description",
    [
        "",
        "v=0\r\nm=audio 0 RTP/AVP 0\r\n",
        H264.replace("H264/90000", "JPEG/90000"),
        H264.replace("H264/90000", "H264/0"),
        H264.replace("H264/90000", "H264"),
        H264.replace("RTP/AVP 96", "RTP/AVP x"),
        H264.replace("m=video 0 RTP/AVP 96", "m=video 0"),
        H264.replace("packetization-mode=1", "packetization-mode=2"),
        H265.replace("sprop-vps", "sprop-max-don-diff=2; sprop-vps"),
    ],
)
def test_what_we_do_not_receive_is_left_to_libav(description: str) -> None:
    with pytest.raises(Unsuited):
        read(description, BASE)


def test_parameters_that_cannot_be_read_are_waited_for() -> None:
    assert read(H264.replace("Z0LAHw==", "???"), BASE).parameter_sets == (bytes.fromhex("68ce3c80"),)


@given(
    st.lists(st.sampled_from([*H264.splitlines(), *H265.splitlines(), "m=video", "a=rtpmap:", "=", "a=fmtp:96 ;;=,"]))
)
def test_however_it_is_described_it_is_a_track_or_left_to_libav(lines: list[str]) -> None:
    try:
        assert read("\r\n".join(lines), BASE).codec in ("h264", "hevc")
    except Unsuited:
        return
