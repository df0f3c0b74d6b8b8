"""Probes over gRPC: a camera is asked, offers streams, and is connected to two of them."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import grpc
import pytest
import pytest_asyncio
from cctv_gateway.testing.onvif import PASSWORD, USERNAME, speaking
from cctv_gateway.testing.papers import creating, draft
from kit.rpc.client import Acting, Failure, acting
from kit.testing.ground import Ground
from spilno.cctv.v1 import cameras_pb2
from spilno.cctv.v1 import probes_pb2 as pb
from spilno.cctv.v1.cameras_pb2_grpc import CamerasStub
from spilno.cctv.v1.probes_pb2_grpc import ProbesStub

HOME = "led-home"
"""The hromada that may lead the platform to the loopback."""


@pytest.fixture(scope="module")
def device() -> Iterator[str]:
    with speaking() as port:
        yield f"127.0.0.1:{port}"


@pytest_asyncio.fixture
async def room(gateway: Ground) -> AsyncIterator[tuple[Any, Any]]:
    _, token = gateway.staff(HOME, "cameras.read", "cameras.write")
    before = acting.set(Acting(token))
    async with gateway.channel() as channel:
        yield CamerasStub(channel), ProbesStub(channel)
    acting.reset(before)


def probing(name: str, address: str, **changes: Any) -> pb.ProbeCameraRequest:
    said: dict[str, Any] = {"username": USERNAME, "password": PASSWORD, **changes}
    return pb.ProbeCameraRequest(name=name, address=address, request_id=str(uuid4()), **said)


async def test_a_camera_is_asked_and_connected_to_streams_that_it_offers(room: Any, device: str) -> None:
    cameras, probes = room
    made = await cameras.CreateCamera(creating(HOME, draft()))
    told = await probes.ProbeCamera(probing(made.name, device))
    assert [(each.token, each.encoding, each.width) for each in told.profiles] == [
        ("main", "H264", 1920),
        ("sub", "H264", 640),
    ]
    assert 88 < told.seconds_ahead < 92
    assert PASSWORD not in str(told)
    assert await probes.GetCameraProbe(pb.GetCameraProbeRequest(name=made.name)) == told

    asked_again = await probes.ProbeCamera(probing(made.name, f"http://{device}/", username="", password=""))
    assert asked_again.serial_number == "00017"

    adopting = pb.AdoptProfilesRequest(name=made.name, etag=made.etag, main_profile="main", sub_profile="other")
    with pytest.raises(Failure) as refused:
        await probes.AdoptProfiles(adopting)
    assert set(refused.value.fields) == {"sub_profile"}
    adopting.sub_profile = "sub"
    connected = await probes.AdoptProfiles(adopting)
    assert (connected.source_kind, connected.source_host) == (cameras_pb2.SOURCE_KIND_RTSP, "127.0.0.1")
    assert (connected.has_sub_stream, connected.has_login, connected.dossier.model) == (True, True, "Зразок Z-2")
    assert not connected.missing
    with pytest.raises(Failure) as stale:
        await probes.AdoptProfiles(adopting)
    assert stale.value.code is grpc.StatusCode.ABORTED


async def test_cameras_are_looked_for_in_the_hromada_s_networks_and_who_lies_is_not_believed(
    room: Any, device: str, slug: str, gateway: Ground
) -> None:
    cameras, probes = room
    found = (await probes.DiscoverCameras(looking(HOME))).devices
    assert all(each.address.startswith("http://127.0.0.1:") for each in found)  # also of the tests beside this one
    assert {(each.title, each.model) for each in found} == {("Біля школи", "Z-2")}
    here = next(each for each in found if each.address == f"http://{device}/onvif/device_service")
    made = await cameras.CreateCamera(creating(HOME, draft()))
    assert (await probes.ProbeCamera(probing(made.name, here.address))).serial_number == "00017"
    made = await probes.AdoptProfiles(pb.AdoptProfilesRequest(name=made.name, etag=made.etag, main_profile="main"))
    assert all(each.entered for each in (await probes.DiscoverCameras(looking(HOME))).devices)

    acting.set(Acting(gateway.staff(slug, "cameras.write")[1]))
    with pytest.raises(Failure) as nowhere:
        await probes.DiscoverCameras(looking(slug))
    assert nowhere.value.reason == "discovery.no-networks"


def looking(slug: str) -> pb.DiscoverCamerasRequest:
    return pb.DiscoverCamerasRequest(parent=f"hromadas/{slug}", request_id=str(uuid4()))


async def test_a_device_that_leads_elsewhere_is_refused_at_its_address(room: Any) -> None:
    cameras, probes = room
    made = await cameras.CreateCamera(creating(HOME, draft()))
    with speaking("redirecting") as port, pytest.raises(Failure) as refused:
        await probes.ProbeCamera(probing(made.name, f"127.0.0.1:{port}"))
    assert set(refused.value.fields) == {"address"}
    assert refused.value.reason == "probe.leads-away"


@pytest.mark.parametrize(
    ("address", "changes", "field"),
    [
        ("", {}, "address"),
        ("ftp://192.0.2.10", {}, "address"),
        ("http://admin:12345@192.0.2.10", {}, "address"),
        ("169.254.169.254", {}, "address"),
        ("10.0.0.1", {}, "address"),
        ("there", {"password": "another"}, "password"),
    ],
)
async def test_what_cannot_be_asked_is_refused_at_its_field(
    room: Any, device: str, address: str, changes: dict[str, Any], field: str
) -> None:
    cameras, probes = room
    made = await cameras.CreateCamera(creating(HOME, draft()))
    with pytest.raises(Failure) as refused:
        await probes.ProbeCamera(probing(made.name, device if address == "there" else address, **changes))
    assert refused.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(refused.value.fields) == {field}
    with pytest.raises(Failure) as missing:
        await probes.GetCameraProbe(pb.GetCameraProbeRequest(name=made.name))
    assert missing.value.code is grpc.StatusCode.NOT_FOUND
