"""Translates the contract's photos of hazards."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from kit.call import Call, Hromada
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.chain import StreamCall
from kit.rpc.enums import to_contract
from spilno.reception.v1 import photos_pb2 as pb

from reception.hazards import lists as hazards
from reception.photos import actions
from reception.photos.model import Photo


class HazardPhotos(Servicer, contract=pb.DESCRIPTOR.services_by_name["HazardPhotos"]):
    @asynccontextmanager
    async def SubmitHazardPhoto(
        self, request: pb.SubmitHazardPhotoRequest, chunks: AsyncIterator[bytes], stream: StreamCall
    ) -> AsyncIterator[Callable[[Call], Awaitable[pb.SubmittedHazardPhoto]]]:
        async with actions.submit(stream, request.size, request.sha256, chunks) as keep:

            async def kept(call: Call) -> pb.SubmittedHazardPhoto:
                return pb.SubmittedHazardPhoto(ticket=await keep(call))

            yield kept

    async def DownloadHazardPhoto(
        self, request: pb.DownloadHazardPhotoRequest, stream: StreamCall
    ) -> AsyncIterator[pb.DownloadHazardPhotoResponse]:
        hazard, is_small = uid(request.name.rpartition("/photos/")[0]), _is_small(request.view)
        async with stream.open() as call:
            photo, chunks = await actions.opened(call, hazard, uid(request.name), thumbnail=is_small)
        async for message in _given(photo, chunks, is_small=is_small):
            yield message

    async def DownloadPublicHazardPhoto(
        self, request: pb.DownloadPublicHazardPhotoRequest, stream: StreamCall
    ) -> AsyncIterator[pb.DownloadHazardPhotoResponse]:
        is_small = _is_small(request.view)
        async with stream.open() as call:
            hazard = await hazards.public(call, request.number)
            photo, chunks = await actions.opened(
                call, hazard.id, UUID(request.photo), thumbnail=is_small, public_only=True
            )
        async for message in _given(photo, chunks, is_small=is_small):
            yield message


def message(hromada: Hromada, photo: Photo) -> pb.HazardPhoto:
    """A photo as the office sees it."""
    stamp = Timestamp()
    stamp.FromDatetime(photo.created_at)
    return pb.HazardPhoto(
        name=f"{hromada.name}/hazards/{photo.hazard_id}/photos/{photo.id}",
        state=to_contract(pb.HazardPhotoState, photo.state),
        objection=to_contract(pb.HazardPhotoObjection, photo.objection)
        if photo.objection
        else pb.HAZARD_PHOTO_OBJECTION_UNSPECIFIED,
        source=photo.source,
        create_time=stamp,
    )


async def _given(
    photo: Photo, chunks: AsyncIterator[bytes], *, is_small: bool
) -> AsyncIterator[pb.DownloadHazardPhotoResponse]:
    if is_small:
        yield pb.DownloadHazardPhotoResponse(media_type="image/jpeg")
    else:
        yield pb.DownloadHazardPhotoResponse(media_type=photo.media_type, size=photo.size)
    async for chunk in chunks:
        yield pb.DownloadHazardPhotoResponse(chunk=chunk)


def _is_small(view: "pb.HazardPhotoView.ValueType") -> bool:
    return view == pb.HAZARD_PHOTO_VIEW_THUMBNAIL
