"""The verbs of photos."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from kit.call import Call
from kit.database import table_of
from kit.errors import Missing, Refused
from kit.files import Declared, Folder, Kind, Received, make, received
from kit.files.files import Written
from kit.files.making import chunks_of
from kit.rpc.chain import StreamCall
from kit.throttle import Throttle
from sqlalchemy import delete, update
from sqlmodel import col, select

from reception.codes import actions as codes
from reception.photos import rules
from reception.photos.model import Photo
from reception.photos.rules import State

WHOLE, THUMBNAIL = "whole", "thumbnail"
_FIELD = "chunk"
_WAITS_FOR_ITS_REPORT = timedelta(days=1)
_SENT = Throttle("hazard-photo", most=30, window=timedelta(hours=1), reason="hazard.too-many-photos")

Keep = Callable[[Call], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Laid:
    """A photo in the store, whose row is still to be written."""

    folder: Folder
    kind: Kind
    whole: Written
    kept: int
    """Of the photo and its thumbnail together."""


@asynccontextmanager
async def submit(stream: StreamCall, size: int, sha256: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[Keep]:
    """Takes a photo in; what is yielded keeps it for a report, and tells the ticket by which that names it.

    Raises:
        Refused: it is no photo that is taken.
        TooMany: too many from the same place, or the hromada has no room.
        Away: the store does not answer, or is full.
    """
    async with stream.open() as call:
        await _SENT.attempt(call, call.hromada.slug, call.caller.subject or call.caller.address)
        await call.files.check_room(call.db, size, _FIELD)
    async with (
        received(Declared(size, sha256, _FIELD), chunks) as came,
        stream.files.writing(stream.hromada.id, Photo) as folder,
    ):
        laid = await lay(folder, came, _FIELD)

        async def keep(call: Call) -> str:
            await call.files.take_room(call.db, laid.kept, _FIELD)
            ticket = secrets.token_urlsafe(24)
            photo = Photo(
                id=folder.row,
                ticket=await _digest(call, ticket),
                state=State.WAITING,
                created_at=call.now,
            )
            await enter(call, photo, laid)
            call.db.add(photo)
            return ticket

        yield keep


async def lay(folder: Folder, came: Received, field: str) -> Laid:
    """Puts what is kept of a photo into the store.

    Raises:
        Refused: it is no photo that is taken; names the field.
        Away: the store does not answer, or is full.
    """
    rules.check_kind(came.kind, field)
    async with make(came, field) as made:
        whole = await folder.put(WHOLE, chunks_of(made.whole))
        if made.thumbnail is None:
            raise Refused(field, "hazard.no-photo")
        thumbnail = await folder.put(THUMBNAIL, chunks_of(made.thumbnail))
        return Laid(folder, made.kind, whole, whole.size + thumbnail.size)


async def enter(call: Call, photo: Photo, laid: Laid) -> None:
    """Writes what lies in the store into its row."""
    photo.sealed_key = await call.files.seal(call, laid.folder)
    photo.kept, photo.size, photo.media_type = laid.kept, laid.whole.size, laid.kind.value


async def name_for(call: Call, hazard: UUID, tickets: Iterable[str], field: str) -> None:
    """The photos of some tickets are of the hazard.

    Raises:
        Refused: a ticket is none, or was named by another report; names the field.
    """
    for place, ticket in enumerate(tickets):
        digest = await _digest(call, ticket)
        found = await call.db.one_or_none(select(Photo).where(col(Photo.ticket) == digest))
        if found is None:
            raise Refused(f"{field}[{place}]", "hazard.photo-gone")
        photo = await call.db.lock(Photo, found.id)
        photo.hazard_id, photo.ticket = hazard, None


async def of_hazards(call: Call, hazards: Collection[UUID]) -> dict[UUID, list[Photo]]:
    """The photos of hazards, in the order in which they came."""
    photos: dict[UUID, list[Photo]] = {each: [] for each in hazards}
    found = await call.db.all(select(Photo).where(col(Photo.hazard_id).in_(photos)).order_by(col(Photo.id)))
    for each in found:
        if each.hazard_id is not None:
            photos[each.hazard_id].append(each)
    return photos


async def show(call: Call, hazard: UUID, shown: Collection[UUID], field: str) -> None:
    """Everybody sees these of a hazard's photos with it; its others stay with the office.

    Raises:
        Refused: one of them is no photo of it; names the field.
    """
    there = [each for each in (await of_hazards(call, [hazard]))[hazard] if each.sealed_key is not None]
    if not {each.id for each in there}.issuperset(shown):
        raise Refused(field, "hazard.photo-gone")
    for each in there:
        state = State.SHOWN if each.id in shown else State.WITHHELD
        if each.state is not state:
            (await call.db.lock(Photo, each.id)).state = state


async def opened(
    call: Call, hazard: UUID, photo_id: UUID, *, thumbnail: bool, public_only: bool = False
) -> tuple[Photo, AsyncIterator[bytes]]:
    """A photo and its bytes, which may be read after the call.

    Raises:
        Missing: there is none for the caller.
    """
    photo = await call.db.get(Photo, photo_id)
    if photo.hazard_id != hazard or (public_only and photo.state is not State.SHOWN):
        raise Missing
    folder = await call.files.folder(call, photo)
    return photo, folder.get(THUMBNAIL if thumbnail else WHOLE)


async def forget_unnamed(call: Call) -> None:
    """Forgets the photos that no report has named within a day. With their rows go their keys; the blobs, which are
    noise without them, are collected soon after."""
    table = table_of(Photo)
    is_old = table.c.created_at < call.now - _WAITS_FOR_ITS_REPORT
    await call.db.records(delete(table).where(table.c.hazard_id.is_(None), is_old))


async def forget_of(call: Call, hazards: Collection[UUID]) -> None:
    """Forgets the photos of some hazards that only the office has seen, and from where the others came."""
    table = table_of(Photo)
    its = table.c.hazard_id.in_(hazards)
    await call.db.records(delete(table).where(its, table.c.state != State.SHOWN))
    await call.db.records(update(table).where(its).values(source=""))


async def _digest(call: Call, ticket: str) -> bytes:
    return await codes.digest(call, "hazard-photo", ticket)
