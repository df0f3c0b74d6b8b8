"""The verbs of signs' photos."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

from kit.call import Call
from kit.database import table_of
from kit.errors import Missing
from kit.files import Declared, make, received, remove
from kit.files.kinds import shown_name
from kit.files.making import chunks_of
from kit.rpc.chain import StreamCall
from spilno.cctv.v1 import events_pb2 as events
from sqlmodel import col, select

from cctv_gateway.cameras import actions as cameras
from cctv_gateway.cameras.model import Camera
from cctv_gateway.signs import rules
from cctv_gateway.signs.model import SignPhoto

WHOLE, THUMBNAIL = "whole", "thumbnail"
Keep = Callable[[Call], Awaitable[SignPhoto]]


@asynccontextmanager
async def add(
    stream: StreamCall, camera: UUID, filename: str, declared: Declared, chunks: AsyncIterator[bytes]
) -> AsyncIterator[Keep]:
    """Takes a photo in and puts what is kept of it into the store; what is yielded enters it in the dossier.

    Raises:
        Missing: there is no such camera.
        Refused, TooMany: it is no photo that is taken, or the camera may have no more.
        Away: the store does not answer, or is full.
    """
    async with stream.open() as call:
        await _check(call, camera)
        await call.files.check_room(call.db, declared.size, "chunk")
    async with received(declared, chunks) as came, make(came, "chunk") as made:
        rules.check_kind(made.kind)
        folder = stream.files.fresh(stream.hromada.id, SignPhoto)
        whole = await folder.put(WHOLE, chunks_of(made.whole))
        thumbnail = await folder.put(THUMBNAIL, chunks_of(made.thumbnail or made.whole))

        async def keep(call: Call) -> SignPhoto:
            await _hold(call, camera)
            await _check(call, camera)
            await call.files.take_room(call.db, whole.size + thumbnail.size, "chunk")
            photo = SignPhoto(
                id=folder.row,
                sealed_key=await call.files.seal(call, folder),
                kept=whole.size + thumbnail.size,
                camera_id=camera,
                filename=shown_name(filename, made.kind),
                media_type=made.kind.value,
                size=whole.size,
                sha256=whole.sha256,
                uploaded_by=_who(call),
                created_at=call.now,
            )
            call.db.add(photo)
            await call.db.flush()
            call.emit(events.SignPhotoAdded(sign_photo=_event(call, photo)))
            return photo

        yield keep


async def of_camera(call: Call, camera: UUID) -> list[SignPhoto]:
    """The photos of a camera's sign that are there, the oldest first.

    Raises:
        Missing: there is no such camera.
    """
    await cameras.find(call, camera)
    its = (col(SignPhoto.camera_id) == camera, col(SignPhoto.removed_at).is_(None))
    return await call.db.all(select(SignPhoto).where(*its).order_by(col(SignPhoto.id)))


async def opened(call: Call, camera: UUID, id: UUID, *, thumbnail: bool) -> tuple[SignPhoto, AsyncIterator[bytes]]:
    """A photo and its bytes, which may be read after the call.

    Raises:
        Missing: there is none, or it was taken away.
    """
    photo = _of(camera, await call.db.get(SignPhoto, id))
    folder = await call.files.folder(call, photo)
    return photo, folder.get(THUMBNAIL if thumbnail else WHOLE)


async def take_away(call: Call, camera: UUID, id: UUID, etag: str) -> SignPhoto:
    """Takes a photo away: what is left is that it was there."""
    photo = _of(camera, await call.db.lock(SignPhoto, id, etag))
    rules.take_away(is_kept=photo.removed_at is None)
    photo.filename = ""
    photo.removed_by, photo.removed_at = _who(call), call.now
    await remove(call, photo)
    call.emit(events.SignPhotoRemoved(sign_photo=_event(call, photo)))
    return photo


async def _hold(call: Call, camera: UUID) -> None:
    """Of two who add a photo to one camera at once, one waits for the other."""
    table = table_of(Camera)
    await call.db.records(select(table.c.id).where(table.c.id == camera).with_for_update(key_share=True))


async def _check(call: Call, camera: UUID) -> None:
    rules.add(len(await of_camera(call, camera)))


def _of(camera: UUID, photo: SignPhoto) -> SignPhoto:
    if photo.camera_id != camera:
        raise Missing
    return photo


def _who(call: Call) -> str:
    return call.caller.pseudonym or call.caller.subject


def _event(call: Call, photo: SignPhoto) -> events.SignPhotoEvent:
    name = f"{call.hromada.name}/cameras/{photo.camera_id}/signPhotos/{photo.id}"
    return events.SignPhotoEvent(name=name, version=photo.version)
