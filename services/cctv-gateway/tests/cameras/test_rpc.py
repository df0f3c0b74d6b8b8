"""Cameras over gRPC: the dossier first, then the picture."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import grpc
import pytest
import pytest_asyncio
from cctv_gateway.cameras.model import CameraSource
from cctv_gateway.testing.papers import creating, draft, lit, private
from google.protobuf.field_mask_pb2 import FieldMask
from kit.clock import kyiv_date
from kit.rpc.client import Acting, Failure, acting
from kit.testing.ground import Ground
from spilno.cctv.v1 import cameras_pb2 as pb
from spilno.cctv.v1.cameras_pb2_grpc import CamerasStub
from sqlmodel import col, select
from uuid_utils.compat import UUID

FILM = "film.mp4"


@contextmanager
def as_head(ground: Ground, slug: str) -> Any:
    _, token = ground.staff(slug, "cameras.read", "cameras.write", "cameras.activate")
    before = acting.set(Acting(token))
    try:
        yield
    finally:
        acting.reset(before)


@pytest_asyncio.fixture
async def stub(gateway: Ground) -> AsyncIterator[Any]:
    async with gateway.channel() as channel:
        yield CamerasStub(channel)


def connecting(camera: pb.Camera, url: str, **changes: Any) -> pb.ConnectCameraRequest:
    said: dict[str, Any] = {"main_url": url, "kind": pb.SOURCE_KIND_RTSP, **changes}
    return pb.ConnectCameraRequest(name=camera.name, etag=camera.etag, **said)


async def test_a_camera_walks_from_draft_to_active_and_back(gateway: Ground, stub: Any, slug: str) -> None:
    with as_head(gateway, slug):
        made = await stub.CreateCamera(creating(slug, draft()))
        assert (made.state, made.lit) == (pb.CAMERA_STATE_DRAFT, False)
        assert [each.text for each in made.missing] == ["Не підключено: не сказано, звідки береться картинка."]
        active = await lit(stub, slug, FILM)
        assert (active.state, active.lit, list(active.missing)) == (pb.CAMERA_STATE_ACTIVE, True, [])
        dark = await stub.SuspendCamera(
            pb.SuspendCameraRequest(name=active.name, etag=active.etag, reason="Ремонт опори")
        )
        assert (dark.state, dark.lit, dark.suspended_because) == (pb.CAMERA_STATE_SUSPENDED, False, "Ремонт опори")
        again = await stub.ActivateCamera(pb.ActivateCameraRequest(name=dark.name, etag=dark.etag))
        assert (again.lit, again.suspended_because) == (True, "")
        listed = await stub.ListCameras(pb.ListCamerasRequest(parent=f"hromadas/{slug}"))
        assert [each.name for each in listed.cameras] == [made.name, active.name]
        assert await stub.GetCamera(pb.GetCameraRequest(name=again.name)) == again


async def test_an_undocumented_camera_is_told_what_is_missing_and_cannot_start(
    gateway: Ground, stub: Any, slug: str
) -> None:
    with as_head(gateway, slug):
        made = await stub.CreateCamera(creating(slug, draft(purpose="", sign_posted_on="")))
        assert {each.field for each in made.missing} == {"purpose", "sign_posted_on", ""}
        for verb, request in (
            (stub.DocumentCamera, pb.DocumentCameraRequest(name=made.name, etag=made.etag)),
            (stub.ActivateCamera, pb.ActivateCameraRequest(name=made.name, etag=made.etag)),
        ):
            with pytest.raises(Failure) as refused:
                await verb(request)
            assert refused.value.code is grpc.StatusCode.FAILED_PRECONDITION


async def test_a_merchant_s_camera_stays_dark_until_there_is_an_agreement(
    gateway: Ground, stub: Any, slug: str
) -> None:
    today = kyiv_date(gateway.kit.clock.now())
    with as_head(gateway, slug):
        made = await stub.CreateCamera(creating(slug, draft(owner=pb.CAMERA_OWNER_PRIVATE)))
        assert made.owner_standing == pb.OWNER_STANDING_UNDER_NEGOTIATION
        made = await stub.ConnectCamera(connecting(made, FILM, kind=pb.SOURCE_KIND_FILM))
        made = await stub.DocumentCamera(pb.DocumentCameraRequest(name=made.name, etag=made.etag))
        with pytest.raises(Failure):
            await stub.ActivateCamera(pb.ActivateCameraRequest(name=made.name, etag=made.etag))
        active = await lit(stub, slug, FILM, private(today))
        assert (active.lit, active.owner_standing) == (True, pb.OWNER_STANDING_CONNECTED)
        ended = pb.OwnerAgreement(number="7", valid_from="2019-01-01", valid_until=str(today))
        dark = await stub.UpdateCamera(
            pb.UpdateCameraRequest(
                name=active.name,
                etag=active.etag,
                camera=pb.CameraDraft(agreement=ended),
                update_mask=FieldMask(paths=["agreement"]),
            )
        )
        assert (dark.state, dark.lit, dark.owner_standing) == (
            pb.CAMERA_STATE_ACTIVE,
            False,
            pb.OWNER_STANDING_ENDED,
        )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"angle": 400}, "camera.angle"),
        ({"direction": 360}, "camera.direction"),
        ({"retention_hours": 73}, "camera.retention_hours"),
        ({"title": ""}, "camera.title"),
        ({"owner": 0}, "camera.owner"),
        ({"sign_posted_on": "7.11.2019"}, "camera.sign_posted_on"),
    ],
)
async def test_bad_input_is_refused_at_its_field(
    gateway: Ground, stub: Any, slug: str, changes: dict[str, Any], field: str
) -> None:
    with as_head(gateway, slug), pytest.raises(Failure) as refused:
        await stub.CreateCamera(creating(slug, draft(**changes)))
    assert refused.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(refused.value.fields) == {field}


@pytest.mark.parametrize("field", ["main_url", "sub_url"])
@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "http://cam.example.org/", "rtsp://127.0.0.1/", "rtsp://169.254.169.254/", "rtsp://[::1]/"],
)
async def test_a_camera_is_not_where_the_platform_must_not_be_led(
    gateway: Ground, stub: Any, slug: str, url: str, field: str
) -> None:
    with as_head(gateway, slug):
        made = await stub.CreateCamera(creating(slug, draft()))
        with pytest.raises(Failure) as refused:
            await stub.ConnectCamera(connecting(made, **{"url": "rtsp://cam.example.org/", field: url}))
        assert await stub.GetCamera(pb.GetCameraRequest(name=made.name)) == made
    assert set(refused.value.fields) == {field}


async def test_a_film_is_taken_only_by_a_name_that_there_is(gateway: Ground, stub: Any, slug: str) -> None:
    with as_head(gateway, slug):
        made = await stub.CreateCamera(creating(slug, draft()))
        for name in ("../film.mp4", "/etc/passwd", "other.mp4"):
            with pytest.raises(Failure) as refused:
                await stub.ConnectCamera(connecting(made, name, kind=pb.SOURCE_KIND_FILM))
            assert set(refused.value.fields) == {"main_url"}


async def test_a_hromada_reaches_its_own_network_and_its_credentials_are_never_shown(
    gateway: Ground, stub: Any
) -> None:
    slug = "led-home"
    with as_head(gateway, slug):
        made = await stub.CreateCamera(creating(slug, draft()))
        told = await stub.ConnectCamera(connecting(made, "rtsp://admin:verysecret@127.0.0.1:8554/main?token=hidden"))
        assert (told.source_host, told.has_login, told.has_sub_stream) == ("127.0.0.1", True, False)
    for secret in ("verysecret", "hidden", "admin"):
        assert secret not in str(told)
    async with gateway.call(slug) as call:
        wanted = select(CameraSource).where(col(CameraSource.camera_id) == UUID(told.name.rpartition("/")[2]))
        source = await call.db.one_or_none(wanted)
        assert source is not None
        assert b"verysecret" not in source.sealed
        assert b"hidden" not in source.sealed


async def test_who_watches_may_not_write_and_who_writes_may_not_activate(gateway: Ground, stub: Any, slug: str) -> None:
    for permissions in (("cameras.read", "cameras.view"), ("cameras.read",)):
        _, token = gateway.staff(slug, *permissions)
        before = acting.set(Acting(token))
        with pytest.raises(Failure) as refused:
            await stub.CreateCamera(creating(slug, draft()))
        acting.reset(before)
        assert refused.value.code is grpc.StatusCode.PERMISSION_DENIED


async def test_pages_of_cameras_hold_together(gateway: Ground, stub: Any, slug: str) -> None:
    with as_head(gateway, slug):
        names = [(await stub.CreateCamera(creating(slug, draft()))).name for _ in range(3)]
        first = await stub.ListCameras(pb.ListCamerasRequest(parent=f"hromadas/{slug}", page_size=2))
        rest = await stub.ListCameras(
            pb.ListCamerasRequest(parent=f"hromadas/{slug}", page_size=2, page_token=first.next_page_token)
        )
    assert [each.name for each in [*first.cameras, *rest.cameras]] == names
    assert rest.next_page_token == ""


async def test_a_private_agreement_of_one_day_is_kept(gateway: Ground, stub: Any, slug: str) -> None:
    today = kyiv_date(gateway.kit.clock.now())
    with as_head(gateway, slug):
        made = await stub.CreateCamera(creating(slug, private(today)))
    assert made.dossier.agreement.valid_until == str(today + timedelta(days=1))
    assert made.owner_standing == pb.OWNER_STANDING_AGREED


async def test_the_others_are_told_what_happens_to_a_camera_and_nothing_by_which_it_is_found(
    gateway: Ground, stub: Any, slug: str
) -> None:
    with as_head(gateway, slug):
        active = await lit(stub, slug, FILM)
        await stub.SuspendCamera(pb.SuspendCameraRequest(name=active.name, etag=active.etag, reason="Ремонт опори"))
    connection = await asyncpg.connect(f"{gateway.postgres.url().rpartition('/')[0]}/cctv")
    try:
        async with asyncio.timeout(60):
            told = "SELECT subject, body, published_at FROM outbox WHERE subject LIKE $1 ORDER BY seq"
            rows = await connection.fetch(told, f"ev.cctv.{slug}.%")
            while any(row["published_at"] is None for row in rows):
                await asyncio.sleep(0.1)
                rows = await connection.fetch(told, f"ev.cctv.{slug}.%")
    finally:
        await connection.close()
    assert [row["subject"].rpartition(".")[2] for row in rows] == [
        "entered",
        "changed",
        "changed",
        "activated",
        "suspended",
    ]
    assert all(FILM.encode() not in row["body"] and "Зразкова".encode() not in row["body"] for row in rows)
