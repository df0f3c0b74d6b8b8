"""Where a camera may be."""

from ipaddress import ip_address, ip_network

import pytest
from cctv_gateway.engine.addresses import Kind, Misfit, UnfitAddress, is_closed, read
from kit.networks import first_reachable, may_reach

LAN = ip_network("10.20.0.0/16")


def misfit_of(url: str, kind: Kind = Kind.RTSP) -> Misfit:
    with pytest.raises(UnfitAddress) as refused:
        read(url, kind)
    return refused.value.misfit


def test_an_address_is_taken_apart() -> None:
    address = read("rtsp://cam.example.org/Streaming/101?profile=1", Kind.RTSP)
    assert (address.host, address.port, address.rest) == ("cam.example.org", 554, "/Streaming/101?profile=1")
    assert address.url == "rtsp://cam.example.org:554/Streaming/101?profile=1"
    assert read("http://[2001:db8::1]:8080", Kind.MJPEG).authority == "[2001:db8::1]:8080"


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "http://cam.example.org/", "concat:rtsp://a|file:/b", "rtsps://cam.example.org/", "//cam/"],
)
def test_a_foreign_scheme_is_refused(url: str) -> None:
    assert misfit_of(url) in (Misfit.SCHEME, Misfit.UNREADABLE)


def test_a_film_is_no_address() -> None:
    assert misfit_of("file:///tmp/film.mp4", Kind.FILM) is Misfit.SCHEME


def test_credentials_do_not_belong_into_an_address() -> None:
    assert misfit_of("rtsp://admin:12345@10.20.0.5/") is Misfit.CREDENTIALS
    assert misfit_of("rtsp://admin@10.20.0.5/") is Misfit.CREDENTIALS


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://cam.example.org/a\r\nTEARDOWN /",
        "rtsp://cam.example.org/a b",
        "rtsp://cam.example.org\\@10.0.0.1/",
        "rtsp://камера.example.org/",
        "rtsp://cam.example.org/#part",
        "rtsp://[::1/",
        "rtsp://cam.example.org:port/",
        "rtsp://cam.example.org:70000/",
    ],
)
def test_what_different_readers_would_read_differently_is_refused(url: str) -> None:
    assert misfit_of(url) is Misfit.UNREADABLE


def test_an_address_without_a_host_or_too_long_is_refused() -> None:
    assert misfit_of("rtsp:///101") is Misfit.HOST
    assert misfit_of("rtsp://cam.example.org:0/") is Misfit.HOST
    assert misfit_of("rtsp://cam.example.org/" + "a" * 500) is Misfit.TOO_LONG


@pytest.mark.parametrize(
    "inner",
    [
        "127.0.0.1",
        "0.0.0.1",
        "10.0.0.1",
        "192.168.1.10",
        "172.16.0.1",
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
    ],
)
def test_the_platform_s_own_surroundings_are_closed(inner: str) -> None:
    assert not may_reach(ip_address(inner), ())


def test_a_hromada_is_led_into_its_own_networks_and_the_public_internet() -> None:
    assert may_reach(ip_address("10.20.3.4"), [LAN])
    assert may_reach(ip_address("::ffff:10.20.3.4"), [LAN])
    assert not may_reach(ip_address("10.21.0.1"), [LAN])
    assert may_reach(ip_address("91.198.36.14"), [LAN])
    assert may_reach(ip_address("127.0.0.1"), [ip_network("127.0.0.0/8")])


def test_an_address_in_numbers_is_judged_before_it_is_kept() -> None:
    assert is_closed(read("rtsp://169.254.169.254/latest", Kind.RTSP), [LAN])
    assert not is_closed(read("rtsp://10.20.0.7/", Kind.RTSP), [LAN])
    assert not is_closed(read("rtsp://cam.example.org/", Kind.RTSP), [LAN])


def test_of_several_addresses_the_first_open_one_is_taken() -> None:
    assert first_reachable(["127.0.0.1", "fe80::1%eth0", "91.198.36.14"], []) == "91.198.36.14"
    assert first_reachable(["127.0.0.1"], []) is None
