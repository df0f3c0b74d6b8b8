"""Translates: photos of signs."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

from kit.call import Call, Hromada
from kit.files import Declared
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.chain import StreamCall
from spilno.cctv.v1 import signs_pb2 as pb

from cctv_gateway.signs import actions
from cctv_gateway.signs.model import SignPhoto


class SignPhotos(Servicer, contract=pb.DESCRIPTOR.services_by_name["SignPhotos"]):
    @asynccontextmanager
    async def UploadSignPhoto(
        self, request: pb.UploadSignPhotoRequest, chunks: AsyncIterator[bytes], stream: StreamCall
    ) -> AsyncIterator[Callable[[Call], Awaitable[pb.SignPhoto]]]:
        declared = Declared(request.size, request.sha256, "chunk")
        async with actions.add(stream, uid(request.parent, "parent"), request.filename, declared, chunks) as keep:

            async def kept(call: Call) -> pb.SignPhoto:
                return _message(call.hromada, await keep(call))

            yield kept

    async def ListSignPhotos(self, request: pb.ListSignPhotosRequest, call: Call) -> pb.ListSignPhotosResponse:
        found = await actions.of_camera(call, uid(request.parent, "parent"))
        return pb.ListSignPhotosResponse(sign_photos=[_message(call.hromada, each) for each in found])

    async def DownloadSignPhoto(
        self, request: pb.DownloadSignPhotoRequest, stream: StreamCall
    ) -> AsyncIterator[pb.DownloadSignPhotoResponse]:
        is_thumbnail = request.view == pb.SIGN_PHOTO_VIEW_THUMBNAIL
        async with stream.open() as call:
            photo, chunks = await actions.opened(call, *_ids(request.name), thumbnail=is_thumbnail)
        yield pb.DownloadSignPhotoResponse(sign_photo=_message(stream.hromada, photo))
        async for chunk in chunks:
            yield pb.DownloadSignPhotoResponse(chunk=chunk)

    async def DeleteSignPhoto(self, request: pb.DeleteSignPhotoRequest, call: Call) -> pb.SignPhoto:
        return _message(call.hromada, await actions.take_away(call, *_ids(request.name), request.etag))


def _ids(name: str) -> tuple[UUID, UUID]:
    """Of the camera and of the photo."""
    return uid(name.rpartition("/signPhotos/")[0]), uid(name)


def _message(hromada: Hromada, photo: SignPhoto) -> pb.SignPhoto:
    message = pb.SignPhoto(
        name=f"{hromada.name}/cameras/{photo.camera_id}/signPhotos/{photo.id}",
        filename=photo.filename,
        media_type=photo.media_type,
        size=photo.size,
        sha256=photo.sha256,
        etag=photo.etag,
    )
    message.create_time.FromDatetime(photo.created_at)
    if photo.removed_at is not None:
        message.delete_time.FromDatetime(photo.removed_at)
    return message
