"""What a camera tells of itself, and what one that lies can do: nothing but be refused."""

from collections.abc import Iterator
from ipaddress import ip_network

import pytest
from cctv_gateway.engine.addresses import OVER_HTTP, Address, taken_apart
from cctv_gateway.engine.prober import probe
from cctv_gateway.engine.troubles import Cause, Trouble
from cctv_gateway.testing.onvif import AHEAD, PASSWORD, USERNAME, speaking

HOME = [ip_network("127.0.0.0/8")]


def device(port: int) -> Address:
    return taken_apart(f"http://127.0.0.1:{port}/onvif/device_service", OVER_HTTP)


@pytest.fixture(scope="module")
def honest() -> Iterator[int]:
    with speaking() as port:
        yield port


@pytest.mark.parametrize(
    ("behaviour", "encoding"),
    [("honest", "H264"), ("digest", "H264"), ("old", "H264"), ("newer", "H265"), ("half-newer", "H264")],
)
async def test_a_camera_says_what_it_is_and_which_streams_it_has(behaviour: str, encoding: str) -> None:
    with speaking(behaviour) as port:
        told = await probe(device(port), HOME, USERNAME, PASSWORD)
    assert (told.manufacturer, told.model, told.serial_number, told.firmware) == ("Зразок", "Z-2", "00017", "1.4")
    assert told.seconds_ahead is not None
    assert abs(told.seconds_ahead - AHEAD.total_seconds()) < 2
    assert [(each.token, each.encoding, each.width, each.height, each.frames_per_second) for each in told.profiles] == [
        ("main", encoding, 1920, 1080, 25),
        ("sub", encoding, 640, 360, 10),
    ]
    assert [each.url for each in told.profiles] == ["rtsp://127.0.0.1:554/main", "rtsp://127.0.0.1:554/sub"]
    assert told.profiles[0].snapshot_url == f"http://127.0.0.1:{port}/main.jpg"


@pytest.mark.parametrize(
    ("behaviour", "cause"),
    [
        ("service-elsewhere", Cause.LEADS_AWAY),
        ("stream-elsewhere", Cause.LEADS_AWAY),
        ("redirecting", Cause.REDIRECTS),
        ("endless", Cause.FLOODS),
        ("bomb", Cause.BROKEN),
        ("trickling", Cause.STALLS),
    ],
)
async def test_a_camera_that_lies_is_found_out(behaviour: str, cause: Cause) -> None:
    with speaking(behaviour) as port, pytest.raises(Trouble) as trouble:
        await probe(device(port), HOME, USERNAME, PASSWORD, within=3 if cause is Cause.STALLS else 60)
    assert trouble.value.cause is cause


async def test_another_password_is_told_from_a_camera_that_is_away(honest: int) -> None:
    with pytest.raises(Trouble) as trouble:
        await probe(device(honest), HOME, USERNAME, "another")
    assert trouble.value.cause is Cause.UNAUTHORIZED


async def test_where_the_hromada_may_not_be_led_nobody_is_asked(honest: int) -> None:
    with pytest.raises(Trouble) as trouble:
        await probe(device(honest), [], USERNAME, PASSWORD)
    assert trouble.value.cause is Cause.NOT_ALLOWED
