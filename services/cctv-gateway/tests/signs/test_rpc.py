"""Photos of a camera's sign over gRPC, and what an archive and an erasure make of them beside footage."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest
import pytest_asyncio
from cctv_gateway.service import service
from cctv_gateway.signs.rules import MOST
from cctv_gateway.testing.papers import creating, draft
from kit.call import Call
from kit.rpc.client import Acting, Failure, acting
from kit.testing.ground import Ground
from kit.testing.pictures import PDF, photo_with_a_place
from PIL import Image
from spilno.cctv.v1 import signs_pb2 as pb
from spilno.cctv.v1.cameras_pb2_grpc import CamerasStub
from spilno.cctv.v1.signs_pb2_grpc import SignPhotosStub


class Office:
    """An office with a camera."""

    def __init__(self, ground: Ground, slug: str, stub: Any, camera: str) -> None:
        self.ground, self.slug, self.stub, self.camera = ground, slug, stub, camera

    async def upload(self, data: bytes, request_id: str = "") -> pb.SignPhoto:
        async def messages() -> AsyncIterator[pb.UploadSignPhotoRequest]:
            yield pb.UploadSignPhotoRequest(
                parent=self.camera,
                request_id=request_id or str(uuid4()),
                filename="C:\\фото\\табличка.jpg",
                size=len(data),
                sha256=sha256(data).digest(),
            )
            yield pb.UploadSignPhotoRequest(chunk=data)

        photo: pb.SignPhoto = await self.stub.UploadSignPhoto(messages())
        return photo

    async def download(
        self, photo: pb.SignPhoto, view: pb.SignPhotoView.ValueType = pb.SIGN_PHOTO_VIEW_UNSPECIFIED
    ) -> bytes:
        asked = pb.DownloadSignPhotoRequest(name=photo.name, view=view)
        return b"".join([each.chunk async for each in self.stub.DownloadSignPhoto(asked)])

    async def listed(self) -> list[pb.SignPhoto]:
        return list((await self.stub.ListSignPhotos(pb.ListSignPhotosRequest(parent=self.camera))).sign_photos)

    async def refused(self, data: bytes) -> Failure:
        with pytest.raises(Failure) as refused:
            await self.upload(data)
        return refused.value


@pytest_asyncio.fixture
async def office(gateway: Ground, slug: str) -> AsyncIterator[Office]:
    _, token = gateway.staff(slug, "cameras.read", "cameras.write")
    before = acting.set(Acting(token))
    async with gateway.channel() as channel:
        camera = await CamerasStub(channel).CreateCamera(creating(slug, draft()))
        yield Office(gateway, slug, SignPhotosStub(channel), camera.name)
    acting.reset(before)


async def test_a_sign_s_photo_is_made_anew_kept_once_shown_and_taken_away_for_good(office: Office) -> None:
    sent, request_id = photo_with_a_place(), str(uuid4())
    photo = await office.upload(sent, request_id)
    assert (photo.filename, photo.media_type) == ("табличка.jpg", "image/jpeg")
    assert await office.upload(sent, request_id) == photo
    assert await office.listed() == [photo]
    kept = await office.download(photo)
    assert sha256(kept).digest() == photo.sha256
    assert not Image.open(BytesIO(kept)).getexif()
    assert max(Image.open(BytesIO(await office.download(photo, pb.SIGN_PHOTO_VIEW_THUMBNAIL))).size) <= 640
    gone = await office.stub.DeleteSignPhoto(pb.DeleteSignPhotoRequest(name=photo.name, etag=photo.etag))
    assert (gone.filename, gone.HasField("delete_time")) == ("", True)
    assert await office.listed() == []
    with pytest.raises(Failure) as missing:
        await office.download(photo)
    assert missing.value.code is grpc.StatusCode.NOT_FOUND


async def test_a_document_is_no_photo_and_one_camera_has_only_so_many(office: Office) -> None:
    assert "табличк" in (await office.refused(PDF)).fields["chunk"]
    for _ in range(MOST):
        await office.upload(photo_with_a_place())
    assert str(MOST) in (await office.refused(photo_with_a_place())).fields["chunk"]


async def test_photos_leave_in_an_archive_and_are_erased_beside_the_hromada_s_footage(
    office: Office, recordings: Path
) -> None:
    photo = await office.upload(photo_with_a_place())
    hromada = office.ground.hromada(office.slug)
    footage = recordings / str(hromada.id) / "camera" / "2026-01-30" / "1.mp4"
    footage.parent.mkdir(parents=True)
    footage.write_bytes(b"footage")
    blobs = service.holdings(office.ground.kit).blobs
    assert blobs is not None

    @asynccontextmanager
    async def opens() -> AsyncIterator[Call]:
        async with office.ground.call(office.slug) as call:
            yield call

    whole = await office.download(photo)
    [name] = [each for each in await blobs.names(opens) if each.endswith("/whole")]
    assert b"".join([piece async for piece in blobs.read(opens, name)]) == whole
    files, size = await blobs.room(hromada.id)
    assert (files, size > len(whole)) == (3, True)
    assert await blobs.erase(hromada.id) == 3
    assert not footage.exists()
